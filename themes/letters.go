package themes

import "time"

// Letter is one kind of message; each is a struct of the values that it shows, drawn from
// letters/<Template>.html and .txt. Values arrive opened from the sealed row, as JSON.
type Letter interface{ Template() string }

// RecoveryLetter carries the link to a new password.
type RecoveryLetter struct {
	Name      string
	Link      string // a path below the base: /recover/<token>; the renderer puts the origin before it
	ExpiresAt time.Time
	TTL       time.Duration
	NewTab    bool
}

// SSOLetter tells somebody who asked for a link that they sign in through their organisation.
type SSOLetter struct {
	Name string
	Mode string // message, contact_admin, generic
}

// UnlockLetter says that the account was locked and offers to open it.
type UnlockLetter struct {
	Name        string
	Link        string // /unlock/<token>
	ExpiresAt   time.Time
	LockedUntil time.Time // zero: until unlocked or reset
	FailedFrom  string    // client address of the last failure
}

// ResetNotice says that the password was set anew.
type ResetNotice struct {
	Name string
	At   time.Time
	From string // client address
}

// UnlockNotice says that the account was unlocked.
type UnlockNotice struct {
	Name string
	At   time.Time
	From string
}

// PortalsLetter answers "Find your sign-in page". It belongs to the platform, not to a tenant.
type PortalsLetter struct {
	Portals []Link // absolute addresses
}

// Template names.
func (RecoveryLetter) Template() string { return "recovery" }
func (SSOLetter) Template() string      { return "sso" }
func (UnlockLetter) Template() string   { return "unlock" }
func (ResetNotice) Template() string    { return "reset_notice" }
func (UnlockNotice) Template() string   { return "unlock_notice" }
func (PortalsLetter) Template() string  { return "portals" }
