package themes

import "time"

// CodeUsedNotice tells the owner that one of the recovery codes was used to sign in.
type CodeUsedNotice struct {
	Name string
	At   time.Time
	From string // client address
	Left int    // codes that still work
}

// Template names the letter.
func (CodeUsedNotice) Template() string { return "code_used" }
