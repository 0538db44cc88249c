package proofs

import (
	"context"

	"github.com/google/uuid"

	"portico/app/accounts"
	"portico/tenants"
)

// RemoveOwn removes every proof that somebody registered themselves, as their administrator and within the
// scope: what an administrator or an import set stays. Open recoveries end. The person hears of each at
// every verified address, the removed one among them. It answers the kinds.
func (e *Enrolment) RemoveOwn(ctx context.Context, s *tenants.Scope, t *tenants.Tenant, account uuid.UUID) ([]string, error) {
	o := Owner{Session: accounts.Session{AccountID: account}}
	p := Profile{Now: s.Now()}
	b := &tenants.Batch{}
	accounts.Hold(b, s, &account)
	accounts.PersonOf(b, s, t, &account, accounts.Client{}, &p.Person)
	e.Proofs.Read(b, s, &account, &p.Held)
	if err := s.Send(ctx, b); err != nil {
		return nil, err
	}
	var removed []string
	for _, r := range p.Held {
		if r.SetBy != ByOwner {
			continue
		}
		b = &tenants.Batch{}
		Remove(b, s, account, r.Kind)
		if err := s.Send(ctx, b); err != nil {
			return nil, err
		}
		if err := e.tell(ctx, s, o, p, change{what: "removed", kind: r.Kind, contact: r.Masked()}, ""); err != nil {
			return nil, err
		}
		removed = append(removed, r.Kind)
	}
	return removed, nil
}
