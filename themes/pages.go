package themes

import "time"

// Page is one kind of page; each is a struct of the values that it shows. Template names the file in
// pages/ that draws it.
type Page interface{ Template() string }

// Chrome is what stands around every page: who is signed in, which message to show, and the two
// values that are new with every response.
type Chrome struct {
	Nonce     string // of this response's Content-Security-Policy
	Token     string // form token; every form of a page carries it as the hidden field "token"
	Path      string // of this page, below the base path: "/login"
	Base      string // "" or "/t/<slug>": stands before every address of a page
	Person    string // display name of who is signed in; "" is nobody
	RequestID string
	Flash     *Flash
	ToConsole bool           // the menu leads to the console
	Console   []ConsoleEntry // a page of the console: its subjects; empty elsewhere
	Notes     []Note         // above each page of the console
	Frame     *Frame         // the page is a picture of itself; nil: it is meant
}

// Note is a sentence above the pages of a console, and where more of it stands.
type Note struct {
	Key  string
	Args map[string]any
	Path string
}

// ConsoleEntry is one subject of the console's navigation.
type ConsoleEntry struct{ Path, Key, Icon string }

// Flash is one message at the top of a page: good is role="status", bad and warn are role="alert".
type Flash struct {
	Kind string // good, warn, bad, info
	Key  string // of the catalogue
	Args map[string]any
}

// FieldErrors maps a field's name to the key of the sentence beside it.
type FieldErrors map[string]Message

// Message is a key of the catalogue with its values.
type Message struct {
	Key  string
	Args map[string]any
}

// Help is whom to ask, from the tenant's policy.
type Help struct {
	Escalation, Phone, PhoneLink, Email, URL string
	SecurityNote                             bool
	Panel                                    []string
}

// SignInPage is /login. In layout two_step the password is asked on a second page (Identifier set,
// AskPassword true).
type SignInPage struct {
	Layout         string // single, two_step, split
	Identifier     string // email, username, user_id: chooses label, keyboard and autocomplete
	Typed          string // what was typed as identifier; the password is never echoed
	AskPassword    bool   // two_step: the second page
	RememberMe     bool   // offer the checkbox
	Remember       bool   // it was ticked
	Forgot         bool   // offer recovery
	ForgotKind     string // link, button
	AccountTypes   bool   // recovery begins with the choice of a kind of account
	ForgotPosition string // below_password, below_form, beside_submit
	ReturnTo       string // sealed; a hidden field when not ""
	Captcha        *CaptchaField
	Errors         FieldErrors
	Help           Help
}

// RecoverPage is /recover: who are you.
type RecoverPage struct {
	Identifier string // email, username, user_id
	Gates      bool   // what follows is not a mail but a choice of proofs
	Typed      string
	ReturnTo   string
	Captcha    *CaptchaField
	Steps      Steps
	Errors     FieldErrors
	Help       Help
	Pass       bool // offer the way with a one-time pass
	Contact    bool // offer to contact the administrators
}

// RecoverSentPage follows the request of a link, the same for everybody.
type RecoverSentPage struct {
	Renewed      bool   // asked for from a link that had ended: nobody typed anything
	Echo         string // the address as typed; "" when the policy does not echo it
	ReenterLink  bool
	DeliveryHint bool
	Resend       string    // sealed request for "send again"; "" offers none
	ResendAt     time.Time // when it may be pressed; the page counts down
	LinkTTL      time.Duration
	Steps        Steps
	Help         Help
}

// PasswordPage asks for a new password: the set half of a recovery, and an accepted invitation.
type PasswordPage struct {
	Title, Label, Confirm, Submit string  // keys: set.title, set.new, set.confirm, set.submit or a twin
	Lead                          Message // a sentence below the title; no key: the tenant's own set.lead
	Old                           string  // key of the field for the old password; "" asks for none
	Action                        string  // where the form posts, below the base path
	Ask                           string  // where the script asks for the strength; "" is /recover/strength
	ReturnTo                      string  // sealed; a hidden field when not ""
	Username                      string  // shown nowhere; the hidden autocomplete=username field
	ConfirmField                  bool
	UI                            string // live_checklist, strength, none
	Rules                         []PasswordRule
	Advice                        bool
	Min, Max                      int
	Steps                         Steps
	Errors                        FieldErrors
	Help                          Help
}

// PasswordRule is one tick: li[data-rule=Name][data-met]. Pattern is what the script tests as the
// person types: min:8, lower, upper, digit, special, classes:3, ascii; the server decides again.
type PasswordRule struct {
	Name string // min, lower, upper, digit, special, classes, ascii, known
	Text Message
	Test string
	Met  bool
}

// LinkEndedPage explains a link that no longer works and offers a new one.
type LinkEndedPage struct {
	Reason  string    // replaced, used, expired, revoked, unknown, cookies
	At      time.Time // of the replacement or the use; zero otherwise
	Purpose string    // recovery, unlock, invite, pass, pass_stop
	Resend  bool      // offer "Send a new link"
	Steps   Steps
	Help    Help
}

// RecoverDonePage ends a recovery (finish modes message and success_page).
type RecoverDonePage struct {
	Mode  string // message, success_page
	Next  string // where the button leads, below the base: /login, with where they wanted to go
	Steps Steps
	Help  Help
}

// UnlockPage asks to confirm the unlock that a mailed link offers.
type UnlockPage struct {
	Action string
	Help   Help
}

// UnlockDonePage says that the account is open again.
type UnlockDonePage struct{ Help Help }

// HomePage is where people can go once they are in.
type HomePage struct {
	Links []Link
	Help  Help
}

// Link is a labelled address.
type Link struct{ Label, URL, Note string }

// AccountPage is /account: sign-in details and sessions.
type AccountPage struct {
	Name         string
	Identifiers  []Identifier
	Sessions     []SessionRow
	ChangeInside bool // false: the page says how to change the password (A29)
	Help         Help
}

// Identifier is one way that the account is known by.
type Identifier struct{ Kind, Value string }

// SessionRow is one signed-in browser.
type SessionRow struct {
	ID       string
	Browser  string // "Chrome on Windows", from the User-Agent; "" when it says nothing
	Address  string
	SignedIn time.Time
	Seen     time.Time
	Current  bool
}

// HelpPage is /help, made from the policy: how to get back in, and whom to ask.
type HelpPage struct {
	Identifier, ResetIdentifier string
	ResetEnabled                bool
	LinkTTL                     time.Duration
	ConfirmField                bool
	ChangeInside                bool
	DeliveryHint                bool
	SSO                         bool
	Rules                       []PasswordRule
	Help                        Help
}

// FailurePage says what went wrong, what it means and what to do next.
type FailurePage struct {
	Status  int
	Kind    string    // not_found, forbidden, stale_form, too_many, busy, unavailable, too_large, unsupported, method, internal
	RetryAt time.Time // when it makes sense to try again; zero says nothing
	BackTo  string    // where the way on leads, below the base path
	Help    Help
}

// FindPortalPage is the platform's own front page: "Find your sign-in page".
type FindPortalPage struct {
	Typed  string
	Errors FieldErrors
}

// FindPortalSentPage is its answer, the same for everybody.
type FindPortalSentPage struct{ Echo string }

// NowherePage answers a host that is nobody's (421) and a tenant that is not live: no brand, no echo.
type NowherePage struct{ Reason string } // unknown, suspended

// Steps is the progress of a recovery; the stepper layout shows it, the others don't.
type Steps struct {
	Current int      // 1-based; 0 shows none
	Keys    []string // of the catalogue: step.identify, step.link, step.password …
}

// Template names.
func (SignInPage) Template() string         { return "signin" }
func (RecoverPage) Template() string        { return "recover" }
func (RecoverSentPage) Template() string    { return "recover_sent" }
func (PasswordPage) Template() string       { return "password" }
func (LinkEndedPage) Template() string      { return "link_ended" }
func (RecoverDonePage) Template() string    { return "recover_done" }
func (UnlockPage) Template() string         { return "unlock" }
func (UnlockDonePage) Template() string     { return "unlock_done" }
func (HomePage) Template() string           { return "home" }
func (AccountPage) Template() string        { return "account" }
func (HelpPage) Template() string           { return "help" }
func (FailurePage) Template() string        { return "failure" }
func (FindPortalPage) Template() string     { return "find_portal" }
func (FindPortalSentPage) Template() string { return "find_portal_sent" }
func (NowherePage) Template() string        { return "nowhere" }
