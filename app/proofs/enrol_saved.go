package proofs

import (
	"context"

	"portico/tenants"
)

// MakeCodes makes ten recovery codes in place of the old ones, which end. They are shown this once.
// *accounts.LimitError after ten changes in an hour.
func (e *Enrolment) MakeCodes(ctx context.Context, t *tenants.Tenant, o Owner) ([]string, error) {
	if !t.Policy.Gates.Registers(RecoveryCodes) {
		return nil, ErrNotOffered
	}
	codes := NewRecoveryCodes()
	ready, err := e.Proofs.Prepare(ctx, t.ID, New{Kind: RecoveryCodes, Codes: codes})
	if err != nil {
		return nil, err
	}
	err = e.Proofs.DB.In(ctx, t.ID, func(s *tenants.Scope) error {
		if err := e.count(ctx, s, o); err != nil {
			return err
		}
		p, err := e.profile(ctx, s, t, o, true)
		if err != nil {
			return err
		}
		return e.stored(ctx, s, t, o, p, ready)
	})
	return codes, err
}
