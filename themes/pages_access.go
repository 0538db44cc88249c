package themes

import "time"

// RoleName is how a role is shown: a built-in one by the word role.<Name>, a tenant's own by its Label.
type RoleName struct{ Name, Label string }

// DeniedPage is the answer 403 of a console page: why, what would open it, and whom to ask.
type DeniedPage struct {
	Parts
	Permission string     // "people.read"; "" is any of the console
	Higher     bool       // refused because of whom it was about
	Holds      []RoleName // of who is signed in
	Would      []RoleName // least first
	Grantors   []RoleName
	CanAsk     bool      // a request for access can be made here
	AskedAt    time.Time // of the open request; zero: none
	Reason     string    // as typed
}

// RolesPage is /console/roles: the roles that the tenant offers.
type RolesPage struct {
	Parts
	Roles []RoleRow
	All   int  // permissions of the catalogue
	Edit  bool // roles of one's own can be made
}

// RoleRow is one role in the list.
type RoleRow struct {
	Role        RoleName
	Own         bool
	Permissions int
	Holders     int // in the reach of who looks
}

// Template names the file.
func (DeniedPage) Template() string { return "denied" }

// Template names the file.
func (RolesPage) Template() string { return "roles" }
