package access

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"portico/rbac"
	"portico/tenants"
)

// UntilError means that whoever gives a role holds what it gives only until a moment: until then at most they
// may give it.
type UntilError struct{ Until time.Time }

// Error names the moment.
func (e *UntilError) Error() string {
	return fmt.Sprintf("nobody gives a role for longer than they hold what it gives: until %s", e.Until.Format(time.RFC3339))
}

// Lasts answers *UntilError when a holding would last longer (ends; nil is for ever) than what lets somebody
// give it, and ErrBeyond when they may not give it at all.
func Lasts(ctx context.Context, s *tenants.Scope, guard *rbac.Guard, t *tenants.Tenant, tree rbac.Tree, by rbac.Subject, h rbac.Holding, ends *time.Time) error {
	own, until, err := lasting(ctx, s, by.ID)
	if err != nil {
		return err
	}
	then := by
	for n := range own {
		then.Holdings = own[:n+1]
		same := n+1 < len(own) && until[n] != nil && until[n+1] != nil && until[n].Equal(*until[n+1])
		if same || n+1 < len(own) && until[n] == nil && until[n+1] == nil {
			continue // what ends at one moment counts together
		}
		if !guard.MayGrant(t, tree, then, h) {
			continue
		}
		if last := until[n]; last != nil && (ends == nil || ends.After(*last)) {
			return &UntilError{Until: *last}
		}
		return nil
	}
	return ErrBeyond
}

// lasting is what somebody holds, what lasts longest first, with the end of each.
func lasting(ctx context.Context, s *tenants.Scope, account uuid.UUID) (own []rbac.Holding, until []*time.Time, err error) {
	err = s.Each(ctx, `SELECT role, scope_id, ends_at FROM role_assignments WHERE tenant_id = $1 AND account_id = $2
		AND (ends_at IS NULL OR ends_at > $3) ORDER BY ends_at DESC NULLS FIRST, id`, []any{s.Tenant(), account, s.Now()}, func(scan func(...any) error) error {
		var h rbac.Holding
		var group *uuid.UUID
		var ends *time.Time
		err := scan(&h.Role, &group, &ends)
		if group != nil {
			h.Group = *group
		}
		own, until = append(own, h), append(until, ends)
		return err
	})
	return own, until, err
}

// Lasting is what somebody holds without an end.
func Lasting(ctx context.Context, s *tenants.Scope, account uuid.UUID) ([]rbac.Holding, error) {
	own, until, err := lasting(ctx, s, account)
	n := 0
	for n < len(own) && until[n] == nil {
		n++
	}
	return own[:n], err
}
