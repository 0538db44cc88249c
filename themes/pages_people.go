package themes

import "time"

// PeoplePage is /console/people: the people within reach, with search and filters.
type PeoplePage struct {
	Parts
	Filter        PeopleFilter
	Roles         []RoleName // to choose from
	Groups        []GroupBox
	Rows          []PersonRow
	Count         int
	More          bool // there are more than Count
	Before, After string
	Anybody       bool   // there is somebody, whatever the filter says
	Invite        bool   // who looks may invite
	Export        bool   // who looks may take the list out as a file
	SignsIn       string // email, username, user_id: with it as an address the list needs no second column
}

// PeopleFilter is what the list is narrowed and ordered by; it stands in the page's address.
type PeopleFilter struct{ Typed, State, Role, Group, Order string }

// Narrowed tells whether anything is left out.
func (f PeopleFilter) Narrowed() bool {
	return f.Typed != "" || f.State != "" || f.Role != "" || f.Group != ""
}

// PersonRow is one person of the list.
type PersonRow struct {
	ID, Name, SignsInWith, Address string
	State                          string // active, disabled, locked, invited
	LockedUntil                    time.Time
	ForGood                        bool // locked until somebody unlocks it
	NoPassword                     bool
	Elsewhere                      bool
	Roles                          []HeldRole
	Groups                         []string
	SignedInAt                     time.Time // zero: never
	Bounced                        string    // nothing arrives at an address of theirs: bounced, complained
}

// InvitePage is /console/people/invite: one person, or many lines.
type InvitePage struct {
	Parts
	Many          bool // the form for many is the one that was sent
	Name, Address string
	Identifiers   []InviteIdentifier // beside the address, where the policy signs in with another kind
	Lines         string
	Roles         []RoleName // that may be granted, somewhere
	Role, Scope   string     // chosen
	Scopes        []GroupBox // groups in which a role may be granted
	Everywhere    bool       // a role may be granted in the whole tenant
	Groups        []GroupBox // to put them into
	Group         string
	GroupNeeded   bool // who invites reaches some groups alone
	Days          int  // the links work so long; 0: not a whole number of days
	Life          time.Duration
	MostLines     int
	TakesNone     bool // the policy takes nobody new by invitation
}

// InviteIdentifier is a further identifier of somebody who is invited.
type InviteIdentifier struct{ Kind, Value string }

// InviteDonePage says what came of many invitations.
type InviteDonePage struct {
	Parts
	Sent int
	Bad  []BadLine
}

// BadLine is one line that was left out, and why.
type BadLine struct {
	Number int
	Text   string // as typed, shortened
	Why    Message
}

// InvitationsPage is /console/people/invitations.
type InvitationsPage struct {
	Parts
	State         string // pending, accepted, expired, revoked; "" is all
	Rows          []InvitationRow
	Before, After string
	Invite        bool
}

// InvitationRow is one invitation: the newest to a person.
type InvitationRow struct {
	Link, Account, Name, Address string
	State                        string
	SentAt, EndedAt              time.Time // ended: accepted, expired or revoked then; of a pending one, when it will
	Roles                        []HeldRole
	Again, Revoke                bool // can be done now
}

// Template names the file.
func (PeoplePage) Template() string { return "people" }

// Template names the file.
func (InvitePage) Template() string { return "people_invite" }

// Template names the file.
func (InviteDonePage) Template() string { return "people_invited" }

// Template names the file.
func (InvitationsPage) Template() string { return "people_invitations" }
