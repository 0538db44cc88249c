package themes

import "time"

// StaffSignInPage is /platform/login: the first of the two steps in which the platform's staff sign in.
type StaffSignInPage struct {
	Parts
	Typed string
}

// StaffVerifyPage is /platform/verify: the code of the app, at sign-in or once more before what weighs.
type StaffVerifyPage struct {
	Parts
	Again bool   // somebody who is in shows who they are anew
	To    string // where they were going then
}

// StaffStartPage is /platform/start: with a link, staff set a password and register their app in one step.
type StaffStartPage struct {
	Parts
	Name, Email  string
	Secret, Link string // of the app: base32, and an otpauth address
	Min          int    // of the password
	EndsAt       time.Time
}

// CustomersPage is /platform/customers: all customers, with search and state.
type CustomersPage struct {
	Parts
	Typed, State  string
	Rows          []CustomerRow
	Count         int
	More          bool // there are more than Count
	Before, After string
	Anybody       bool // there is a customer, whatever the search says
	Create        bool
}

// CustomerRow is one customer of the list.
type CustomerRow struct {
	Slug, Name, State, Address string
	Waiting, Lost              int // addresses of its own that are not shown to be, or no longer
	CreatedAt, LeavesAt        time.Time
}

// CustomerNewPage is /platform/customers/new.
type CustomerNewPage struct {
	Parts
	Name, Slug, Preset string
	Zone               string // what follows the slug in its address: ".portico.example"; "" is a path
	Presets            []string
}

// CustomerPage is /platform/customers/:slug: the checklist with its live states, and what can be done.
type CustomerPage struct {
	Parts
	Customer CustomerRow
	Steps    []CustomerStep
	Owners   []string
	Edit     bool // steps can be taken
	Ready    bool // all that must be is done: it can go live
	Moves    []string
	Access   bool
	Events   []PlatformEvent
}

// CustomerStep is one line of the checklist; Name and State are words of the families platform.step_ and
// platform.state_, Note of platform.note_.
type CustomerStep struct {
	Name, State, Note, Path, By string
	At                          time.Time
}

// CustomerPresetPage is the step "preset".
type CustomerPresetPage struct {
	Parts
	Customer CustomerRow
	Preset   string
	Presets  []string
}

// CustomerLookPage is the step "look".
type CustomerLookPage struct {
	Parts
	Customer                     CustomerRow
	Name, Title, Accent, Layouts string // Layouts: the chosen one
	Faults                       []string
}

// CustomerSignInPage is the step "signin".
type CustomerSignInPage struct {
	Parts
	Customer   CustomerRow
	Identifier string
	Factor     bool
	Faults     []string
}

// CustomerAdminPage is the step "admin".
type CustomerAdminPage struct {
	Parts
	Customer                CustomerRow
	Owners                  []string
	Name, Email, Identifier string
	Kind                    string // of the identifier, where people do not sign in by address; "" is the address
}

// CustomerTrialPage is the step "trial".
type CustomerTrialPage struct {
	Parts
	Customer         CustomerRow
	Address          string // typed, or of the run
	Begun            bool
	SignsIn          string
	Invites          bool // the letter is an invitation
	Enter            string
	Reset, SignedIn  bool
	BegunAt, DoneFor time.Time
}

// CustomerStatePage asks before a customer's state changes.
type CustomerStatePage struct {
	Parts
	Customer CustomerRow
	To       string // live, suspended, leaving
	Reason   string
	Missing  []CustomerStep // of one that is to go live
	LeavesAt time.Time
}

// CustomerAccessPage is /platform/customers/:slug/access.
type CustomerAccessPage struct {
	Parts
	Customer             CustomerRow
	Rows                 []AccessGrant
	Level, Reason, Hours string
	Approval             bool // the customer approves first
}

// AccessGrant is one access of staff to a customer's console.
type AccessGrant struct {
	ID, Who, Level, Reason string
	State                  string // asked, open, ended, refused
	AskedAt, EndsAt        time.Time
	Mine                   bool // of who looks: it can be used
	MayEnd                 bool
}

// StaffPage is /platform/staff.
type StaffPage struct {
	Parts
	Rows              []StaffRow
	Edit              bool
	Name, Email, Role string // of the form
	Roles             []string
}

// StaffRow is one of the staff.
type StaffRow struct {
	ID, Name, Email, Role string
	Disabled, Begun, Self bool
	SignedInAt, LinkEnds  time.Time
}

// PlatformAuditPage is /platform/audit.
type PlatformAuditPage struct {
	Parts
	Rows          []PlatformEvent
	Before, After string
}

// PlatformEvent is one thing that staff, or the platform, did.
type PlatformEvent struct {
	At                                 time.Time
	Kind, Outcome, Reason, Who, Tenant string
	From                               string // client address
}

// Template names.
func (StaffSignInPage) Template() string    { return "staff_signin" }
func (StaffVerifyPage) Template() string    { return "staff_verify" }
func (StaffStartPage) Template() string     { return "staff_start" }
func (CustomersPage) Template() string      { return "customers" }
func (CustomerNewPage) Template() string    { return "customer_new" }
func (CustomerPage) Template() string       { return "customer" }
func (CustomerPresetPage) Template() string { return "customer_preset" }
func (CustomerLookPage) Template() string   { return "customer_look" }
func (CustomerSignInPage) Template() string { return "customer_signin" }
func (CustomerAdminPage) Template() string  { return "customer_admin" }
func (CustomerTrialPage) Template() string  { return "customer_trial" }
func (CustomerStatePage) Template() string  { return "customer_state" }
func (CustomerAccessPage) Template() string { return "customer_access" }
func (StaffPage) Template() string          { return "staff_list" }
func (PlatformAuditPage) Template() string  { return "platform_audit" }

// StaffLetter carries the link with which one of the staff begins.
type StaffLetter struct {
	Name   string
	Path   string // on the platform's own host
	EndsAt time.Time
}

// Template names the letter.
func (StaffLetter) Template() string { return "staff" }

// Message is the sentence.
func (n Note) Message() Message { return Message{Key: n.Key, Args: n.Args} }

// StaffAccessPage is /console/staff: what the tenant's people see of the access of the platform's staff.
type StaffAccessPage struct {
	Parts
	Rows     []AccessGrant
	Approval bool // staff must ask first
}

// Template names the file.
func (StaffAccessPage) Template() string { return "staff_access" }
