package proofs

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"portico/tenants"
)

// Reaches opens where the registered phones and addresses of some accounts lead, by account and kind. It
// is for those few of whom it matters whether two proofs reach the same place.
func (p *Proofs) Reaches(ctx context.Context, s *tenants.Scope, accounts []uuid.UUID) (map[uuid.UUID]map[string]string, error) {
	all := map[uuid.UUID]map[string]string{}
	err := s.Each(ctx, `SELECT account_id, id, kind, sealed FROM proofs
		WHERE tenant_id = $1 AND account_id = ANY ($2) AND kind IN ('auth_phone', 'office_phone', 'auth_email') AND sealed IS NOT NULL`,
		[]any{s.Tenant(), accounts}, func(scan func(...any) error) error {
			var account, id uuid.UUID
			var kind string
			var sealed []byte
			if err := scan(&account, &id, &kind, &sealed); err != nil {
				return err
			}
			plain, err := p.Seals.Open(sealPurpose, s.Tenant(), id.String(), sealed)
			if err != nil {
				return fmt.Errorf("proof %s: %w", id, err)
			}
			if all[account] == nil {
				all[account] = map[string]string{}
			}
			all[account][kind] = string(plain)
			return nil
		})
	return all, err
}
