package themes

// PassPage is /recover/pass: who are you, and the one-time pass that you were given.
type PassPage struct {
	Parts
	Identifier string // email, username, user_id: what the person signs in with
	Typed      string // as identifier; the pass is never echoed
}

// PassStopPage asks to confirm that a one-time pass is to be withdrawn: its owner did not ask for it.
type PassStopPage struct{ Parts }

// PassStoppedPage says that it is.
type PassStoppedPage struct{ Parts }

// ContactPage is /recover/contact: ask the administrators for help.
type ContactPage struct {
	Parts
	Identifier string // email, username, user_id: what recovery asks for
	Ask        bool   // ask for it; else a recovery on its way knows who
	Typed      string
	Note       string // what the person wrote
	Captcha    *CaptchaField
}

// ContactSentPage is its answer, the same for everybody, with the code to read out.
type ContactSentPage struct {
	Parts
	Code string // in groups: XXXX-XXXX-XXXX
}

// Template names.
func (PassPage) Template() string        { return "pass" }
func (PassStopPage) Template() string    { return "pass_stop" }
func (PassStoppedPage) Template() string { return "pass_stopped" }
func (ContactPage) Template() string     { return "contact" }
func (ContactSentPage) Template() string { return "contact_sent" }
