package proofs

import (
	"context"

	"github.com/google/uuid"

	"portico/app/accounts"
	"portico/tenants"
)

// SetOffice sets the number of somebody's office phone as their administrator, within the scope; "" removes
// it. It counts at once: an administrator vouches for it. The person hears of it at every verified address.
func (e *Enrolment) SetOffice(ctx context.Context, s *tenants.Scope, t *tenants.Tenant, account uuid.UUID, number string) error {
	o := Owner{Session: accounts.Session{AccountID: account}}
	p := Profile{Now: s.Now()}
	b := &tenants.Batch{}
	accounts.Hold(b, s, &account)
	accounts.PersonOf(b, s, t, &account, accounts.Client{}, &p.Person)
	e.Proofs.Read(b, s, &account, &p.Held)
	if err := s.Send(ctx, b); err != nil {
		return err
	}
	c := change{what: "added", kind: OfficePhone, contact: maskPhone(number)}
	_, had := p.Held.Of(OfficePhone)
	switch {
	case number == "" && !had:
		return nil
	case number == "":
		c.what = "removed"
		b = &tenants.Batch{}
		Remove(b, s, account, OfficePhone)
		if err := s.Send(ctx, b); err != nil {
			return err
		}
		return e.tell(ctx, s, o, p, c, "")
	case had:
		c.what = "replaced"
	}
	if _, err := e.Proofs.Store(ctx, s, New{Account: account, Kind: OfficePhone, Contact: number, SetBy: ByAdministrator}); err != nil {
		return err
	}
	return e.tell(ctx, s, o, p, c, "")
}
