package proofs

import (
	"context"

	"portico/app/letters"
	"portico/app/phones"
	"portico/tenants"
)

// textMessage is a code in a text message to the mobile phone.
type textMessage struct{ kind tenants.ProofKind }

func (m textMessage) Kind() tenants.ProofKind      { return m.kind }
func (m textMessage) Describe(r Registered) string { return phones.Mask(r.Contact) }
func (m textMessage) Start(w *Work) error          { return sendCode(w, letters.SMS, w.Held.Contact) }
func (m textMessage) Check(_ context.Context, w *Work, g Given) (Verdict, error) {
	return checkCode(w, g), nil
}
