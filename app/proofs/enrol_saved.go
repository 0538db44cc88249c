package proofs

import (
	"context"

	"portico/tenants"
)

// MakeCodes makes ten recovery codes in place of the old ones, which end. They are shown this once.
func (e *Enrolment) MakeCodes(ctx context.Context, t *tenants.Tenant, o Owner) ([]string, error) {
	if !t.Policy.Gates.Registers(RecoveryCodes) {
		return nil, ErrNotOffered
	}
	codes := NewRecoveryCodes()
	err := e.Proofs.DB.In(ctx, t.ID, func(s *tenants.Scope) error {
		p, err := e.profile(ctx, s, t, o, true)
		if err != nil {
			return err
		}
		return e.stored(ctx, s, t, o, p, New{Kind: RecoveryCodes, Codes: codes})
	})
	return codes, err
}
