package themes

import "time"

// LookPage is /console/look: every value of the theme with its bounds, as a draft.
type LookPage struct {
	Parts
	Draft     DraftState
	Theme     Theme             // as typed
	Typed     map[string]string // what was typed and is no value, by token
	Contrasts []Contrast        // none where a colour does not parse
	Changes   []ChangeRow       // what the draft changes
	Tab       string            // the address of this view
}

// DraftState is where a draft of the look or of the words stands.
type DraftState struct {
	Exists, Stale bool
	By            string // a name; "" is the operator
	At            time.Time
	Stamp         string // of its last save; forms carry it
	Base, Newest  int64  // versions: that it began from, and that is in force
	CanEdit       bool
	CanPublish    bool
	Path          string // where its forms post: /console/look, /console/words
}

// ChangeRow is one value before and after. Key is the word that names it; where that is "", Name does.
type ChangeRow struct{ Key, Scheme, Name, Before, After string }

// LookConflictPage is the answer to a draft that somebody else saved meanwhile.
type LookConflictPage struct {
	Parts
	Draft  DraftState // as it stands now
	Rows   []ChangeRow
	Fields []Hidden // of the form that saves one's own over it
	Action string
	Back   string
}

// Hidden is a field of a form that nobody sees.
type Hidden struct{ Name, Value string }

// LookHistoryPage is what was published, the newest first.
type LookHistoryPage struct {
	Parts
	Draft    DraftState
	Subject  string // theme, words
	Versions []VersionRow
}

// VersionRow is one published version.
type VersionRow struct {
	Number  int64
	At      time.Time
	By      string
	Current bool
	Changes []ChangeRow
}

// Template names the file.
func (LookPage) Template() string { return "look" }

// Template names the file.
func (LookConflictPage) Template() string { return "look_conflict" }

// Template names the file.
func (LookHistoryPage) Template() string { return "look_history" }
