package gates

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"encoding/hex"
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
		if !ok || f.passed(t.Policy, kind) || f.reached(g.reach(t, r)) {
			continue
		}
		proof, err := proofs.ByName(kind.Name)
		if err != nil {
			continue
		}
		out = append(out, Offer{Kind: kind, Contact: proof.Describe(r), Retype: retype(t, kind), held: r})
	}
	if len(out) == 0 && len(f.Passed) == 0 {
		return g.decoys(t, f.whom)
	}
	return out
}

// reach is a keyed hash of where a proof goes; nil for those that go nowhere.
func (g *Gates) reach(t *tenants.Tenant, r proofs.Registered) []byte {
	if r.Kind != proofs.AuthPhone && r.Kind != proofs.OfficePhone && r.Kind != proofs.AuthEmail {
		return nil
	}
	return g.Seals.MAC("gate reach", t.ID, r.Contact)[:16]
}

// reached tells whether a passed gate went to the same number or address.
func (f Flow) reached(reach []byte) bool {
	return reach != nil && slices.ContainsFunc(f.Passed, func(g Gate) bool { return bytes.Equal(g.Reach, reach) })
}

// retype tells whether the policy wants the contact typed in full: only codes to phones and registered
// addresses have one.
func retype(t *tenants.Tenant, kind tenants.ProofKind) bool {
	return t.Policy.Gates.RetypeContact && kind.SendCode
}

// decoys are what nobody is offered: always the same for what was typed, in the shapes that real people's
// registrations have, so that a page tells nobody who has an account.
func (g *Gates) decoys(t *tenants.Tenant, whom []byte) []Offer {
	rare := map[string]bool{proofs.OfficePhone: true, proofs.Authenticator: true, proofs.RecoveryCodes: true}
	var all, out []Offer
	for _, kind := range t.RecoveryWays(false) {
		o := Offer{Kind: kind, Contact: g.decoyContact(t, kind, whom), Retype: retype(t, kind)}
		all = append(all, o)
		// What rests on the same registration is there together: common ones seven times in eight, rare ones
		// once in four; the account's own address is everybody's.
		odds := g.draw(t, whom, "has "+kind.Needs)[0] % 8
		if kind.Needs == "" || odds != 0 && !rare[kind.Needs] || odds < 2 && rare[kind.Needs] {
			out = append(out, o)
		}
	}
	if len(out) == 0 {
		return all
	}
	return out
}

// draw is chance that is always the same for what was typed and for a purpose.
func (g *Gates) draw(t *tenants.Tenant, whom []byte, purpose string) []byte {
	return g.Seals.MAC("decoy", t.ID, hex.EncodeToString(whom), purpose)
}

// decoyContact is a contact as its mask would show it.
func (g *Gates) decoyContact(t *tenants.Tenant, kind tenants.ProofKind, whom []byte) string {
	proof, err := proofs.ByName(kind.Name)
	if err != nil {
		return ""
	}
	chance := g.draw(t, whom, "contact "+kind.Needs)
	r := proofs.Registered{Kind: kind.Needs}
	switch kind.Family {
	case "mobile", "office":
		r.Contact = decoyNumber(defaultCountry(t), int(binary.BigEndian.Uint16(chance)))
	case "email":
		const letters = "aabcdeefghijjklmmnoprstvw" // as often as names begin with them
		domain := []string{"gmail.com", "gmail.com", "outlook.com", "icloud.com", "yahoo.com"}[chance[1]%5]
		if _, own, ok := strings.Cut(t.Sender.From, "@"); kind.Needs == "" && ok {
			domain = own
		}
		r.Contact = string(letters[int(chance[0])%len(letters)]) + "@" + domain
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
