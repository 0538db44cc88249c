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

// RolePage is one role: what it allows; with Edit, the form of a role of the tenant's own.
type RolePage struct {
	Parts
	Role      RoleName
	Own       bool
	Edit      bool
	New       bool
	Base      int64 // version of the roles that the form was made from
	Label     string
	Note      string
	Resources []ResourceChoice
	Holders   int
	Delete    bool // it can be deleted
}

// ResourceChoice is the permissions of one resource.
type ResourceChoice struct {
	Resource    string
	Permissions []PermissionChoice
}

// PermissionChoice is one permission of a role.
type PermissionChoice struct {
	Permission string
	Held       bool
	Beyond     bool // whoever looks does not hold it and may not give it
}

// PersonRolesPage is what somebody holds, with the form that gives them more.
type PersonRolesPage struct {
	Parts
	ID     string
	Name   string
	Given  []GivenRole
	Assign bool
	Roles  []RoleName    // that may be given
	Groups []GroupOption // where; the zero ID is the whole tenant
	Role   string        // as chosen
	Group  string
	Until  string // YYYY-MM-DD as typed; "" is without an end
}

// GivenRole is one assignment.
type GivenRole struct {
	ID    string
	Role  RoleName
	Group string // "" is everywhere
	Ends  time.Time
	Since time.Time
	May   bool // it can be taken
}

// GroupOption is a location or department by its path.
type GroupOption struct {
	ID   string // "" is everywhere
	Path []string
}

// RequestsPage is /console/requests: who asks for access.
type RequestsPage struct {
	Parts
	Open    []AccessRequest
	Decided []AccessRequest
}

// AccessRequest is one request for access, with the ways to say yes while it is open.
type AccessRequest struct {
	ID         string
	Who        string
	WhoID      string
	Permission string
	Reason     string
	At         time.Time
	Ways       []RequestWay
	Approved   bool
	Role       RoleName
	Note       string
	DecidedAt  time.Time
}

// RequestWay is a role, in the tenant or in a group; Value is what the form sends.
type RequestWay struct {
	Value string
	Role  RoleName
	Group string
}

// MayPage answers "What may this person do?".
type MayPage struct {
	Parts
	ID      string
	Name    string
	Holds   []RoleName
	Answers []MayAnswer
}

// MayAnswer is the decision about one permission, with why.
type MayAnswer struct {
	Permission string
	Allowed    bool
	Everywhere bool
	Groups     []string
	By         []RoleName
	Would      []RoleName
	Grantors   []RoleName
}

// Template names the file.
func (DeniedPage) Template() string { return "denied" }

// Template names the file.
func (RolesPage) Template() string { return "roles" }

// Template names the file.
func (RolePage) Template() string { return "role" }

// Template names the file.
func (PersonRolesPage) Template() string { return "person_roles" }

// Template names the file.
func (RequestsPage) Template() string { return "requests" }

// Template names the file.
func (MayPage) Template() string { return "may" }
