package proofs

import (
	"slices"
	"time"

	"portico/app/accounts"
	"portico/tenants"
)

// Ability says whether somebody could get back in today, and with what.
type Ability struct {
	Off      bool // recovery is switched off for them
	Required int
	Ways     []tenants.ProofKind // what counts now, one for each that may stand as a gate of its own
	Soon     []tenants.ProofKind // what counts once the policy's delay is over
	From     time.Time           // when enough will count; zero: not with what is registered
	Add      []string            // kinds of proofs that would help and that they may register themselves
	Admin    []string            // kinds that would help and that an administrator sets
}

// Can tells whether they can get back in now.
func (a Ability) Can() bool { return !a.Off && len(a.Ways) >= a.Required }

// Enough tells whether what is registered suffices, the delay of new proofs aside: nobody is asked to
// register more.
func (a Ability) Enough() bool { return len(a.Ways)+len(a.Soon) >= a.Required }

// AbilityOf computes it from what is registered.
func AbilityOf(t *tenants.Tenant, who accounts.Person, held Held, now time.Time) Ability {
	able := Ability{Off: !t.Policy.Reset.Enabled || t.Policy.Reset.Scope == "none" || who.SignIn == "sso", Required: t.GatesBefore(who.Admin)}
	g := t.Policy.Gates
	seen, reached := map[string]bool{}, map[string]bool{} // one number or address never makes two gates
	take := func(into *[]tenants.ProofKind, at func(Registered) time.Time) {
		for _, kind := range t.RecoveryWays(who.Admin) {
			key := g.DistinctKey(kind)
			r, _ := held.Of(kind.Needs)
			h, ok := Has(t, who, held, kind, at(r))
			to := h.Kind + h.Contact
			if h.Kind == OfficePhone {
				to = AuthPhone + h.Contact
			}
			if ok && !seen[key] && (h.Contact == "" || !reached[to]) {
				seen[key], reached[to] = true, true
				*into = append(*into, kind)
			}
		}
	}
	take(&able.Ways, func(Registered) time.Time { return now })
	take(&able.Soon, func(r Registered) time.Time { return later(now, r.CountsFrom) })
	able.From = able.from(held)
	for _, kind := range t.RecoveryWays(who.Admin) {
		if seen[g.DistinctKey(kind)] || kind.Needs == "" || !slices.Contains(g.MethodsRegister, kind.Needs) {
			continue
		}
		if slices.Contains(g.AdminOnly, kind.Needs) {
			able.Admin = addOnce(able.Admin, kind.Needs)
		} else {
			able.Add = addOnce(able.Add, kind.Needs)
		}
	}
	return able
}

// from is when the first few of what comes later make it enough.
func (a Ability) from(held Held) time.Time {
	missing := a.Required - len(a.Ways)
	if missing <= 0 || missing > len(a.Soon) {
		return time.Time{}
	}
	var times []time.Time
	for _, kind := range a.Soon {
		r, _ := held.Of(kind.Needs)
		times = append(times, r.CountsFrom)
	}
	slices.SortFunc(times, time.Time.Compare)
	return times[missing-1]
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func addOnce(list []string, s string) []string {
	if slices.Contains(list, s) {
		return list
	}
	return append(list, s)
}

// Masked is a registered contact as it may be shown.
func (r Registered) Masked() string {
	switch r.Kind {
	case AuthPhone, OfficePhone:
		return maskPhone(r.Contact)
	case AuthEmail:
		return MaskAddress(r.Contact)
	}
	return ""
}
