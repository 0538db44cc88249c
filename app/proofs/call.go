package proofs

import (
	"context"

	"portico/app/letters"
	"portico/app/phones"
	"portico/tenants"
)

// callMobile says a code in a call to the mobile phone: the same family as a text message.
type callMobile struct{ kind tenants.ProofKind }

func (m callMobile) Kind() tenants.ProofKind      { return m.kind }
func (m callMobile) Describe(r Registered) string { return phones.Mask(r.Contact) }
func (m callMobile) Start(w *Work) error          { return sendCode(w, letters.Voice, w.Held.Contact) }
func (m callMobile) Check(_ context.Context, w *Work, g Given) (Verdict, error) {
	return checkCode(w, g), nil
}

// callOffice says a code in a call to the office phone, which an administrator sets.
type callOffice struct{ kind tenants.ProofKind }

func (m callOffice) Kind() tenants.ProofKind      { return m.kind }
func (m callOffice) Describe(r Registered) string { return phones.Mask(r.Contact) }
func (m callOffice) Start(w *Work) error          { return sendCode(w, letters.Voice, w.Held.Contact) }
func (m callOffice) Check(_ context.Context, w *Work, g Given) (Verdict, error) {
	return checkCode(w, g), nil
}
