package themes

import "time"

// KeysPage is /console/keys: the keys that let programs in at the API, with the form of a new one.
type KeysPage struct {
	Parts
	Keys      []KeyRow
	Edit      bool // keys can be made and revoked
	KeyName   string
	Days      string // "7", "30", "90", "365"
	Resources []ResourceChoice
}

// KeyRow is one key.
type KeyRow struct {
	ID          string
	Name        string
	For         string // whose account it acts for
	Permissions []string
	Ends, Used  time.Time
	State       string // stands, asleep, ended, revoked
}

// KeyMadePage shows a new key, once.
type KeyMadePage struct {
	Parts
	KeyName string
	Text    string
}

// KeyDays are the times that a key may be made for.
func (v *view) KeyDays(chosen string) []Option {
	var options []Option
	for _, days := range []string{"7", "30", "90", "365"} {
		options = append(options, Option{Value: days, Text: v.worded("keys.days_", days), Chosen: days == chosen})
	}
	return options
}

// KeyState is a key's state in words.
func (v *view) KeyState(state string) string { return v.worded("keys.state_", state) }

// Template names the file.
func (KeysPage) Template() string { return "keys" }

// Template names the file.
func (KeyMadePage) Template() string { return "key_made" }
