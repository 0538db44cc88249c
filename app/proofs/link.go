package proofs

import (
	"cmp"
	"context"

	"portico/app/accounts"
	"portico/app/letters"
	"portico/tenants"
	"portico/themes"
)

// mailedLink is a link to the account's own address that passes this gate in the browser in which the
// recovery began: a link opened elsewhere proves nothing to whoever began it (a phished click would).
// A recovery whose one gate is the link does not come here: app/accounts has it whole.
type mailedLink struct{ kind tenants.ProofKind }

func (m mailedLink) Kind() tenants.ProofKind      { return m.kind }
func (m mailedLink) Describe(r Registered) string { return MaskAddress(r.Contact) }

// Start mails a token of 256 bits; its challenge ends when a code's would.
func (m mailedLink) Start(w *Work) error {
	token := accounts.NewSecret()
	c := &w.challenge
	c.hash = w.p.Seals.MAC(codePurpose, w.Tenant.ID, c.ID.String(), token)
	_, err := w.p.Outbox.Add(w.b, w.s, letters.Draft{
		Letter: themes.GateLetter{Name: w.Person.Name, Link: "/recover/gate/" + token, TTL: codeLife(w.Tenant), ExpiresAt: c.ExpiresAt},
		To:     w.Held.Contact, Locale: cmp.Or(w.Person.Locale, w.Locale), AccountID: w.Person.Ref(), Lane: letters.Urgent,
		Event: c.ID.String(), ExpiresAt: c.ExpiresAt,
	})
	return err
}

// Check compares the token of an opened link.
func (m mailedLink) Check(_ context.Context, w *Work, g Given) (Verdict, error) {
	return Verdict{Right: w.challenge.Account != nil &&
		w.p.Seals.CheckMAC(w.challenge.hash, codePurpose, w.Tenant.ID, w.challenge.ID.String(), g.Code)}, nil
}
