package access

import (
	"context"

	"github.com/google/uuid"

	"portico/rbac"
	"portico/tenants"
)

// Assign gives somebody a role without an end in the caller's transaction, who has judged already that it may
// be given there and to them: an invitation, which makes the account in the same transaction. It answers false
// when they held just that.
func Assign(ctx context.Context, s *tenants.Scope, account uuid.UUID, h rbac.Holding) (bool, error) {
	return insert(ctx, s, account, h, nil)
}
