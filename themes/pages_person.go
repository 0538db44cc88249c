package themes

import "time"

// PersonPage is /console/people/:id: one person, why they cannot sign in, and what can be done.
type PersonPage struct {
	Parts
	Person   PersonHead
	Why      []WhyLine
	Actions  []PersonAction // what can be done to them now
	Facts    PersonFacts
	Events   []EventLine
	Problem  *Message // why what was just tried was not done
	Higher   bool
	Self     bool
	CanRoles bool
}

// PersonHead names somebody on the pages about them.
type PersonHead struct {
	ID   string
	Name string // as shown: the name, or else what they are known by
}

// WhyLine is one thing that keeps somebody out, with what mends it.
type WhyLine struct {
	Key  string // of the sentence
	At   time.Time
	Text string   // what the sentence names
	Role RoleName // when it names a role
	Stop bool
	Mend *PersonAction // nil: nothing here mends it
	Hint string        // a key: what to do instead; "" is nothing
}

// PersonAction is one thing that can be done: a link to its page, or a form of one button.
type PersonAction struct {
	Path   string // below the console: /console/people/<id>/…
	Key    string // of the button
	Post   bool   // done at once; else the page at Path asks
	Danger bool
	Pass   string // id of the pass that the form names
}

// PersonFacts is what is known of somebody.
type PersonFacts struct {
	Disabled      bool
	Elsewhere     bool
	CreatedAt     time.Time
	PasswordSetAt time.Time
	RegisterAsked bool
	External      string
	Identifiers   []IdentifierLine
	NewAddress    string
	NewUntil      time.Time
	Groups        []string
	Roles         []HeldRole
	Proofs        []HeldProof
	Sessions      int
	Pass          *PassLine
	Blocks        []BlockLine
}

// IdentifierLine is what somebody is known by.
type IdentifierLine struct {
	Kind, Value string
	Confirmed   bool
}

// HeldRole is a role with where and until when it is held.
type HeldRole struct {
	Role   RoleName
	Within string // a group; "" is everywhere
	EndsAt time.Time
	Ended  bool
}

// HeldProof is a registered proof; its contact is masked.
type HeldProof struct {
	Kind, Contact, By string
	Since             time.Time
	CodesLeft         int
	Counts            bool
}

// PassLine is the newest one-time pass.
type PassLine struct {
	State string // unapproved, waiting, ready, expired, used, revoked
	By    string // who issued it
	At    time.Time
	From  time.Time // when it begins to work
	Until time.Time
}

// BlockLine is a block of somebody's recovery.
type BlockLine struct {
	From  string // client address
	Until time.Time
}

// EventLine is one event of the audit, in words.
type EventLine struct {
	Kind   string // of the audit
	Failed bool
	Reason string
	By     string // a name; "" says nothing of who
	Gone   bool   // who did it was erased since
	From   string
	At     time.Time
}

// PersonAskPage asks once more before something is done to somebody.
type PersonAskPage struct {
	Parts
	Person PersonHead
	Act    string // disable, sessions, register, erase
	Typed  string // of the name, where it is asked for
	Name   bool   // asks for the name
}

// PersonEditPage changes name, identifiers and groups.
type PersonEditPage struct {
	Parts
	Person                 PersonHead
	Version                int64
	Name, Username, UserID string
	Groups                 []GroupBox
	More                   bool   // there are groups beside those; Sought finds them
	Sought                 string // a part of their names
}

// GroupBox is one group to tick.
type GroupBox struct {
	ID, Name string
	Depth    int
	In       bool
}

// PersonAddressPage gives a new mail address, which is confirmed there.
type PersonAddressPage struct {
	Parts
	Person PersonHead
	Now    string
	New    string // waits
	Until  time.Time
	Typed  string
}

// PersonPhonePage sets the office phone.
type PersonPhonePage struct {
	Parts
	Person PersonHead
	Has    string // masked; "" is none
	Typed  string
}

// PersonPassPage issues a one-time pass, and shows it once.
type PersonPassPage struct {
	Parts
	Person   PersonHead
	Standing *PassLine
	ID       string // of the pass that stands
	Proofing string
	Plain    string // the pass; "" before it was issued
	Told     int
	Second   bool // it waits for a second person
	Works    time.Time
	Where    string // the address at which it is used
}

// GroupsPage is /console/groups: the tree.
type GroupsPage struct {
	Parts
	Groups []GroupLine
	Edit   bool // groups can be added
	Brand  string
	New    GroupForm
}

// GroupLine is one group of the tree.
type GroupLine struct {
	ID, Name, Kind string
	Depth, People  int
	Edit           bool
}

// GroupForm is what a group's form holds.
type GroupForm struct {
	Name, Kind, Above string
	Places            []GroupBox // where it may stand
	Top               bool       // it may stand topmost
	Fixed             bool       // it stays where it is
}

// GroupPage renames, moves and deletes one group.
type GroupPage struct {
	Parts
	ID      string
	Name    string
	Path    []string
	Form    GroupForm
	Delete  bool // it may be deleted
	Below   int
	People  int
	Members []string
	Roles   []GroupRoleLine
	Policy  bool // the rules name it
	Typed   string
	Problem *Message
}

// GroupRoleLine is a role that somebody holds within a group.
type GroupRoleLine struct {
	Name string
	Role RoleName
}

// AddressConfirmPage asks whoever opened the link to a new address to confirm it.
type AddressConfirmPage struct{ Parts }

// AddressDonePage says that a new address counts, or that it belongs to somebody else by now.
type AddressDonePage struct {
	Parts
	Taken bool
}

// Template names.
func (PersonPage) Template() string         { return "person" }
func (PersonAskPage) Template() string      { return "person_ask" }
func (PersonEditPage) Template() string     { return "person_edit" }
func (PersonAddressPage) Template() string  { return "person_address" }
func (PersonPhonePage) Template() string    { return "person_phone" }
func (PersonPassPage) Template() string     { return "person_pass" }
func (GroupsPage) Template() string         { return "groups" }
func (GroupPage) Template() string          { return "group" }
func (AddressConfirmPage) Template() string { return "person_address_confirm" }
func (AddressDonePage) Template() string    { return "person_address_done" }
