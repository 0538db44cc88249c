package themes

import "time"

// InvitationLetter carries the link to a first password.
type InvitationLetter struct {
	Name       string
	Link       string // a path below the base: /invite/<token>
	Identifier string // what the person will sign in with, as shown
	ExpiresAt  time.Time
}

// Template names the letter; the others stand below.
func (InvitationLetter) Template() string { return "invitation" }

// PassIssuedNotice tells the owner that a one-time pass to their account was issued, and lets them object.
type PassIssuedNotice struct {
	Name      string
	At        time.Time
	Stop      string    // a path below the base: /recover/stop/<token>
	WorksFrom time.Time // zero: once a second person has approved it
}

// PassUsedNotice tells the owner that a one-time pass set a new password.
type PassUsedNotice struct {
	Name string
	At   time.Time
	From string // client address
}

// ContactAdminLetter tells those who can help that somebody cannot get back in. It never holds a link that
// signs in.
type ContactAdminLetter struct {
	Name       string // of who asks, as the account has it
	Identifier string // what they are known by
	At         time.Time
	From       string // client address
	Code       string // in groups
	Note       string // what was written; anybody may have
}

// AdminResetNotice tells administrators that another administrator's password was set anew.
type AdminResetNotice struct {
	Name       string // of that administrator
	Identifier string
	At         time.Time
	From       string // client address
}

// Template names.
func (PassIssuedNotice) Template() string   { return "pass_issued" }
func (PassUsedNotice) Template() string     { return "pass_used" }
func (ContactAdminLetter) Template() string { return "contact_admin" }
func (AdminResetNotice) Template() string   { return "admin_reset" }

// Soon says that a pass does not wait for a day, but for a second person.
func (v letterView) Soon() bool { return v.L.(PassIssuedNotice).WorksFrom.IsZero() }
