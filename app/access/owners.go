package access

import (
	"context"
	"errors"

	"portico/rbac"
	"portico/tenants"
)

// ErrLastOwner means that a change would leave a tenant without anybody who may do everything.
var ErrLastOwner = errors.New("nobody would be left who may do everything here")

// OwnersSQL answers the ids of the people who hold everything in the whole tenant without an end, and can
// sign in: an invitation that nobody accepted is no owner. $1 is the tenant, $2 rbac.Owners().
const OwnersSQL = `SELECT DISTINCT a.id FROM role_assignments r JOIN accounts a ON a.tenant_id = r.tenant_id AND a.id = r.account_id
	WHERE r.tenant_id = $1 AND r.role = ANY ($2) AND r.scope_id IS NULL AND r.ends_at IS NULL AND a.status = 'active'
		AND (a.password IS NOT NULL OR a.sign_in <> 'local')`

const countOwners = "SELECT count(*) FROM (" + OwnersSQL + ") o"

// KeepOwner makes a change in the scope's transaction that could take somebody's roles, close or erase an
// account, and refuses it with ErrLastOwner (the caller returns it, and the transaction goes back) when it
// took the last owner of a tenant that had one. Of two such changes at once the second waits for the first:
// both hold the owners' assignments before they look.
func KeepOwner(ctx context.Context, s *tenants.Scope, change func() error) error {
	had, err := holdOwners(ctx, s)
	if err != nil {
		return err
	}
	if err := change(); err != nil {
		return err
	}
	var left int
	if err := s.Row(ctx, countOwners, []any{s.Tenant(), rbac.Owners()}, &left); err != nil {
		return err
	}
	if had > 0 && left == 0 {
		return ErrLastOwner
	}
	return nil
}

func holdOwners(ctx context.Context, s *tenants.Scope) (had int, err error) {
	_, err = s.Exec(ctx, `SELECT id FROM role_assignments WHERE tenant_id = $1 AND role = ANY ($2) AND scope_id IS NULL
		ORDER BY id FOR UPDATE`, s.Tenant(), rbac.Owners())
	if err != nil {
		return 0, err
	}
	err = s.Row(ctx, countOwners, []any{s.Tenant(), rbac.Owners()}, &had)
	return had, err
}
