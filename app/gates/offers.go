package gates

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
	"time"

	"portico/app/accounts"
	"portico/app/phones"
	"portico/app/proofs"
	"portico/tenants"
)

// Offer is one way to prove that a person may choose now.
type Offer struct {
	Kind    tenants.ProofKind
	Contact string // masked; "" where there is none
	Retype  bool   // the full number or address must be typed first

	held proofs.Registered
}

// offers are the ways that count for this person at this gate. Somebody who has registered nothing that
// counts is shown what a stranger is: which accounts can recover is nobody's business.
func (g *Gates) offers(t *tenants.Tenant, f Flow, held proofs.Held, now time.Time) []Offer {
	var out []Offer
	for _, kind := range t.RecoveryWays(f.Person.Admin) {
		r, ok := proofs.Has(t, f.Person, held, kind, now)
		if !ok || f.passed(t.Policy, kind) {
			continue
		}
		proof, err := proofs.ByName(kind.Name)
		if err != nil {
			continue
		}
		out = append(out, Offer{Kind: kind, Contact: proof.Describe(r), Retype: retype(t, kind), held: r})
	}
	if len(out) == 0 && len(f.Passed) == 0 {
		return decoys(t, f.whom)
	}
	return out
}

// retype tells whether the policy wants the contact typed in full: only codes to phones and registered
// addresses have one.
func retype(t *tenants.Tenant, kind tenants.ProofKind) bool {
	return t.Policy.Gates.RetypeContact && kind.SendCode
}

// decoys are what nobody is offered: always the same for what was typed, in the shapes that real people's
// registrations have, so that a page tells nobody who has an account.
func decoys(t *tenants.Tenant, whom []byte) []Offer {
	seed := binary.BigEndian.Uint64(append(slices.Clone(whom), make([]byte, 8)...))
	rare := map[string]bool{"office": true, "authenticator": true, "recovery_code": true}
	families := map[string]bool{}
	var all []tenants.ProofKind
	for _, kind := range t.RecoveryWays(false) {
		all = append(all, kind)
		if _, seen := families[kind.Family]; !seen {
			odds := seed % 8 // the common families seven times in eight, the rare ones once in four
			seed = seed/8 | seed<<61
			families[kind.Family] = odds != 0 && !rare[kind.Family] || odds < 2 && rare[kind.Family]
		}
	}
	var out []Offer
	for _, kind := range all {
		if families[kind.Family] {
			out = append(out, Offer{Kind: kind, Contact: decoyContact(t, kind, whom), Retype: retype(t, kind)})
		}
	}
	if len(out) == 0 {
		for _, kind := range all {
			out = append(out, Offer{Kind: kind, Contact: decoyContact(t, kind, whom), Retype: retype(t, kind)})
		}
	}
	return out
}

// decoyContact is a contact as its mask would show it.
func decoyContact(t *tenants.Tenant, kind tenants.ProofKind, whom []byte) string {
	proof, err := proofs.ByName(kind.Name)
	if err != nil || len(whom) < 8 {
		return ""
	}
	country := ""
	if t.Sender.Phone != nil && len(t.Sender.Phone.Countries) > 0 {
		country = t.Sender.Phone.Countries[0]
	}
	n := int(whom[len(kind.Family)%8])
	r := proofs.Registered{Kind: kind.Needs}
	switch kind.Family {
	case "mobile", "office":
		r.Contact = decoyNumber(country, n)
	case "email":
		letters := "abcdefghijklmnoprstvw"
		r.Contact = fmt.Sprintf("%c@%c.%s", letters[n%len(letters)], "gmoy"[n%4], []string{"com", "com", "net", "org"}[n/64])
	}
	return proof.Describe(r)
}

// person is whom a challenge by this offer is for: nobody, where the offer is a decoy.
func (o Offer) person(f Flow) accounts.Person {
	if o.held.Contact == "" && o.held.Kind == "" {
		return accounts.Person{}
	}
	return f.Person
}

// decoyNumber is the example number of a country with other last digits.
func decoyNumber(country string, n int) string {
	digits := strings.Map(func(r rune) rune {
		if r == '+' || r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, phones.Example(cmp.Or(country, "US")))
	if len(digits) < 6 {
		digits = "+12015550100"
	}
	return fmt.Sprintf("%s%02d", digits[:len(digits)-2], n%100)
}
