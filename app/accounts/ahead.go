package accounts

import (
	"time"

	"portico/tenants"
)

// Facts are what a policy's demands at sign-in rest on, of one person or of many who are alike.
type Facts struct {
	Admin         bool
	Email         string   // "" is none
	Kinds         []string // of proofs that were shown to work, or that somebody vouches for
	Sure          *time.Time
	PasswordSetAt *time.Time
}

// Demands are what the next sign-in would ask beyond a password, in a browser that is not remembered.
type Demands struct {
	Asked    bool // a page that asks to register proofs or to confirm them
	Register bool // and nothing else opens before
	Password bool // a new one must be chosen
	Code     bool // of the authenticator app
	SetUp    bool // an app must be set up
}

// Ahead tells what a tenant's policy would ask of somebody at the next sign-in, by the rules that sign-in
// itself obeys. Asked says that proofs are missing or that contacts want to be confirmed again; whoever must
// choose a new password does so first and is asked all the same.
func Ahead(t *tenants.Tenant, f Facts, now time.Time) Demands {
	duty, page := enrolled{kinds: f.Kinds, sure: f.Sure, admin: f.Admin}.asks(t, found{Email: f.Email}, now)
	d := Demands{Asked: page, Register: duty == DutyRegister,
		Password: dutyAtSignIn(t.Policy, found{PasswordSetAt: f.PasswordSetAt}, now) == DutyPassword}
	app := false
	for _, kind := range f.Kinds {
		app = app || kind == "totp"
	}
	var first string
	d.Code, first = factor{app: app, admin: f.Admin}.asks(t.Policy.MFA)
	d.SetUp = first == DutyFactor
	return d
}

// Reconfirmed are the kinds of contacts that a policy asks about again.
func Reconfirmed(p tenants.Policy) []string { return reconfirmed(p) }
