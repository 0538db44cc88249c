package themes

import "time"

// FactorPage is /login/verify: after a right password, the code of the authenticator app or a saved one.
type FactorPage struct {
	Parts
	Saved    bool          // a recovery code is asked for, else the app's
	Offer    bool          // they have recovery codes: offer the other way
	TrustFor time.Duration // offer not to be asked again in this browser for that long; 0 offers nothing
	Trust    bool          // it was ticked
}

// FactorSetupPage follows a sign-in that needs an authenticator app and has none.
type FactorSetupPage struct {
	Parts
	Action string // where it is set up
}

// FactorBlockedPage tells until when no code is looked at, and who can lift it.
type FactorBlockedPage struct {
	Parts
	Until time.Time // zero: until somebody lifts it
}

// Template names.
func (FactorPage) Template() string        { return "factor" }
func (FactorSetupPage) Template() string   { return "factor_setup" }
func (FactorBlockedPage) Template() string { return "factor_blocked" }
