package themes

import "time"

// SecurityPage is /account/security: what opens the account besides the password.
type SecurityPage struct {
	Parts
	Able    Able
	Entries []ProofEntry
	Change  bool          // the password can be changed here
	Gates   int           // how many different ways a recovery asks for
	Delay   time.Duration // before a new proof counts; zero is none
}

// Able says whether somebody could get back in today. Ways, Add and Admin hold kinds and families as
// keys of the words: proof.way_<family>, proof.kind_<kind>.
type Able struct {
	Can      bool
	Off      bool
	Required int
	Ways     []string  // families that count now
	From     time.Time // when it will be enough; zero: not with what is there
	Add      []string  // kinds that they may register
	Admin    []string  // kinds that an administrator sets
}

// ProofEntry is one kind of proof on the security page.
type ProofEntry struct {
	Kind       string
	Has        bool
	Contact    string // masked; "" where there is none
	By         string // owner, administrator, import
	Since      time.Time
	CountsFrom time.Time // zero: counts already
	Used       time.Time // zero: never
	Left       int       // of recovery codes
	Asked      int       // questions answered
	Idle       bool      // registered, but no recovery here accepts it, or it does not count
	Reconfirm  bool      // it is long since the owner said that it is theirs
	Fixed      bool      // an administrator alone sets it
	Needed     bool      // it cannot be removed
	Action     string    // path of the page that registers or replaces it; "" where there is none
}

// ProveAnewPage asks who is there before anything that opens the account is changed.
type ProveAnewPage struct {
	Parts
	Username string // of the hidden field for password managers
	Code     bool   // the authenticator app is asked for, too
	ReturnTo string // sealed
}

// AddContactPage asks for the number of a mobile phone, or for an address.
type AddContactPage struct {
	Parts
	Kind    string // auth_phone, auth_email
	Replace string // the one that it would replace, masked; "" for none
	Typed   string
	Ways    []string // sms_mobile, voice_mobile
	Chosen  string
	Example string // a number of this country
	Delay   time.Duration
}

// EnrolCodePage asks for the code that was sent to a contact that is to be registered.
type EnrolCodePage struct {
	Parts
	Kind     string
	Method   string // sms_mobile, voice_mobile, email_code
	Contact  string // as it was typed: it is theirs
	TTL      time.Duration
	ResendAt time.Time
	Digits   int
}

// AddAppPage sets up an authenticator app.
type AddAppPage struct {
	Parts
	Replace bool
	Secret  string // base32 without spaces; "" while nothing was begun
	Link    string // otpauth address
	Delay   time.Duration
}

// AddQuestionsPage asks for questions and answers.
type AddQuestionsPage struct {
	Parts
	Replace   bool
	Questions []AskedQuestion // to choose from
	Chosen    []string        // ids, in the order of the fields
	Min, Max  int             // characters of an answer
	Delay     time.Duration
}

// SavedCodesPage makes recovery codes, or shows them this once.
type SavedCodesPage struct {
	Parts
	Left   int      // of the old ones; -1: there are none
	Codes  []string // "" before they are made
	Sealed string   // the codes for the download
	Delay  time.Duration
}

// RemoveProofPage asks before a proof is removed, or says why it cannot be.
type RemoveProofPage struct {
	Parts
	Kind    string
	Contact string
	Needed  bool
	ByPass  bool // a one-time pass opened the session: it takes nothing away
	Able    Able // without it
}

// SetupPage asks at sign-in to register what is missing, or to confirm what is there.
type SetupPage struct {
	Parts
	Able    Able
	Add     []ProofEntry // what may be registered
	Confirm []ProofEntry // contacts to confirm; then nothing is missing
	Skip    bool
	Asked   bool // an administrator asked for it
}

// Template names.
func (SecurityPage) Template() string     { return "security" }
func (ProveAnewPage) Template() string    { return "prove_anew" }
func (AddContactPage) Template() string   { return "add_contact" }
func (EnrolCodePage) Template() string    { return "enrol_code" }
func (AddAppPage) Template() string       { return "add_app" }
func (AddQuestionsPage) Template() string { return "add_questions" }
func (SavedCodesPage) Template() string   { return "saved_codes" }
func (RemoveProofPage) Template() string  { return "remove_proof" }
func (SetupPage) Template() string        { return "setup" }
