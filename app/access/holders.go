package access

import (
	"context"

	"portico/app/letters"
	"portico/rbac"
	"portico/tenants"
)

// Access reads and changes who holds what.
type Access struct {
	DB     *tenants.DB
	Guard  *rbac.Guard
	Outbox *letters.Outbox // requests are announced
}

// Holders counts the people within a reach by the role that they hold now.
func (a *Access) Holders(ctx context.Context, t *tenants.Tenant, reach rbac.Reach) (map[string]int, error) {
	counts := map[string]int{}
	err := a.DB.In(ctx, t.ID, func(s *tenants.Scope) error {
		return s.Each(ctx, `SELECT r.role, count(DISTINCT r.account_id) FROM role_assignments r
			WHERE r.tenant_id = $1 AND (r.ends_at IS NULL OR r.ends_at > $2) AND `+rbac.PeopleSQL("r.account_id", 3, 4)+` GROUP BY r.role`,
			[]any{s.Tenant(), s.Now(), reach.Everywhere, reach.Groups}, func(scan func(...any) error) error {
				var role string
				var n int
				err := scan(&role, &n)
				counts[role] = n
				return err
			})
	})
	return counts, err
}
