package themes

import "time"

// Parts are what most pages of a flow have: the progress, what is wrong with the fields, whom to ask. A
// page that embeds it needs no line of its own where the view looks for them.
type Parts struct {
	Steps  Steps
	Errors FieldErrors
	Help   Help
}

func (p Parts) parts() Parts { return p }

// ChooserPage is /recover/account-type: which kind of account the person cannot reach.
type ChooserPage struct {
	Parts
	Types    []string // as the tenant names them
	ReturnTo string   // sealed
}

// GoalPage asks whether the password is forgotten, or known while the account is locked.
type GoalPage struct {
	Parts
	Chosen string // reset, unlock, or "" for none yet
}

// ProvePage offers the ways to prove who one is, at the first or second gate.
type ProvePage struct {
	Parts
	Gate     int // 1, 2
	Required int
	Ways     []Way
	Chosen   string
	Notice   *Message // a way that cannot be used now
	Contact  bool     // offer "Contact your administrator"
	Unlock   bool     // there is a choice to go back to
}

// Way is one proof that can be chosen: its words are gate.<Name>.
type Way struct {
	Name    string
	Contact string // masked; "" where there is none
}

// RetypePage asks for the full number or address before a code goes there.
type RetypePage struct {
	Parts
	Gate    int
	Way     Way
	Email   bool // an address, else a telephone number
	Typed   string
	Contact bool
}

// AnswerPage asks for the code that was sent, the code of an app, a saved code, or answers.
type AnswerPage struct {
	Parts
	Gate      int
	Way       Way
	Questions []AskedQuestion // of security questions
	Sent      bool            // something is on its way: a code or a link
	TTL       time.Duration   // of what was sent
	ResendAt  time.Time
	Digits    int
	Contact   bool
	Action    string // where the form posts: /recover/answer; another flow has its own
}

// AskedQuestion is a question of the catalogue (Key) or the tenant's own (Text).
type AskedQuestion struct {
	ID   string
	Key  string
	Text string
}

// UnablePage tells somebody who proved what there is that it is not enough.
type UnablePage struct {
	Parts
	Contact bool
}

// BlockedPage tells until when codes and answers are refused, and who can lift it.
type BlockedPage struct {
	Parts
	Until   time.Time
	Contact bool
}

// FlowEndedPage answers a recovery that is over, somebody else's, or out of order, all alike.
type FlowEndedPage struct{ Parts }

// GateLinkPage asks to confirm that the mailed link was opened by the person who began.
type GateLinkPage struct{ Parts }

// UnlockedPage says that the account is open and the password unchanged.
type UnlockedPage struct {
	Parts
	Next string // /login, with where they wanted to go
}

// Template names.
func (ChooserPage) Template() string   { return "chooser" }
func (GoalPage) Template() string      { return "goal" }
func (ProvePage) Template() string     { return "prove" }
func (RetypePage) Template() string    { return "retype" }
func (AnswerPage) Template() string    { return "answer" }
func (UnablePage) Template() string    { return "unable" }
func (BlockedPage) Template() string   { return "blocked" }
func (FlowEndedPage) Template() string { return "flow_ended" }
func (GateLinkPage) Template() string  { return "gate_link" }
func (UnlockedPage) Template() string  { return "unlocked" }
