package themes

import "time"

// InvitationLetter carries the link to a first password.
type InvitationLetter struct {
	Name       string
	Link       string // a path below the base: /invite/<token>
	Identifier string // what the person will sign in with, as shown
	ExpiresAt  time.Time
}

// Template names the letter.
func (InvitationLetter) Template() string { return "invitation" }
