package people

import (
	"time"

	"portico/tenants"
)

// Reason is one thing that keeps somebody out, or would keep them from getting back in.
type Reason struct {
	Code string    // the end of a key of the catalogue, person.why_<code>
	At   time.Time // until when, or since when; zero: no time belongs to it
	Text string    // what the code names: a state, a role
	Stop bool      // keeps them from signing in now; else from getting back in, or from something they could do
	Mend string    // what mends it: enable, unlock, invite, address, edit, pass, phone, roles, register_self (they themselves); "" is nothing
}

// forever is how long a lock holds that only unlocking ends.
var forever = time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)

// endedRole is how long the end of a role is told.
const endedRole = 30 * 24 * time.Hour

// why lists what keeps somebody out, the gravest first; empty is nothing.
func why(t *tenants.Tenant, p Person, now time.Time) []Reason {
	all := append(whyNotIn(t, p), whyNoLetter(p)...)
	if p.Status == "active" && p.SignIn == "local" && !p.PasswordSetAt.IsZero() {
		all = append(all, whyNotBack(t, p, now)...)
	}
	for _, r := range p.Roles {
		if r.Ended && now.Sub(r.EndsAt) < endedRole {
			all = append(all, Reason{Code: "role_ended", At: r.EndsAt, Text: r.Role, Mend: "roles"})
		}
	}
	return all
}

func whyNotIn(t *tenants.Tenant, p Person) []Reason {
	var all []Reason
	add := func(on bool, r Reason) {
		if on {
			r.Stop = true
			all = append(all, r)
		}
	}
	add(p.Status != "active", Reason{Code: "disabled", Mend: "enable"})
	add(p.SignIn != "local", Reason{Code: "elsewhere"})
	if p.SignIn == "local" {
		add(p.Username == "", Reason{Code: "no_identifier", Text: t.Policy.SignIn.Identifier, Mend: mendIdentifier(t)})
		none := p.PasswordSetAt.IsZero()
		add(none && p.Invitation.Stands, Reason{Code: "invited", At: p.Invitation.ExpiresAt, Mend: "invite"})
		add(none && !p.Invitation.Stands && !p.Invitation.SentAt.IsZero(), Reason{Code: "invitation_over", At: p.Invitation.ExpiresAt, Mend: "invite"})
		add(none && p.Invitation.SentAt.IsZero(), Reason{Code: "no_password", Mend: mendPassword(p)})
	}
	add(p.Locked && p.LockedUntil.Before(forever), Reason{Code: "locked", At: p.LockedUntil, Mend: "unlock"})
	add(p.Locked && !p.LockedUntil.Before(forever), Reason{Code: "locked_for_good", Mend: "unlock"})
	return all
}

func mendIdentifier(t *tenants.Tenant) string {
	if t.Policy.SignIn.Identifier == "email" {
		return "address"
	}
	return "edit"
}

func mendPassword(p Person) string {
	if p.Email == "" {
		return "pass"
	}
	return "invite"
}

// whyNoLetter tells that the last mail to somebody did not arrive.
func whyNoLetter(p Person) []Reason {
	if p.Letter == nil {
		return nil
	}
	switch state := string(p.Letter.State); state {
	case "failed", "bounced", "complained":
		return []Reason{{Code: "letter_" + state, At: p.Letter.CreatedAt, Mend: "address"}}
	}
	return nil
}

// whyNotBack tells what would keep somebody from getting back in.
func whyNotBack(t *tenants.Tenant, p Person, now time.Time) []Reason {
	var all []Reason
	if len(p.Blocks) > 0 {
		all = append(all, Reason{Code: "blocked", At: p.Blocks[0].Until, Mend: "unlock"})
	}
	a := p.Ability
	switch {
	case a.Can():
		return all
	case a.Off:
		return append(all, Reason{Code: "recovery_off", Mend: "pass"})
	case !a.From.IsZero() && a.From.After(now):
		return append(all, Reason{Code: "proofs_soon", At: a.From, Mend: "pass"})
	}
	code, mend := "proofs_few", "register_self"
	if len(a.Ways) == 0 {
		code = "proofs_none"
	}
	if p.Email != "" && !p.TakesRecovery(t) && !t.Policy.ThroughGates() {
		code, mend = "unconfirmed", "address"
	}
	for _, kind := range a.Admin {
		if kind == "office_phone" {
			mend = "phone"
		}
	}
	return append(all, Reason{Code: code, Mend: mend})
}
