package insight

import (
	"context"
	"errors"

	"github.com/google/uuid"

	"portico/tenants"
)

// ErrNobody means that no account has what was typed.
var ErrNobody = errors.New("no account has this address, name or id")

// Keys are what a typed text may mean: an account's own id, and its key as an identifier of each kind.
type Keys struct {
	ID   *uuid.UUID
	Norm map[string]string // kind → normalised
}

// Person finds the one account that a typed text names, or somebody's id; ErrNobody when there is none. An id
// is taken as it is: whoever is erased still has events.
func Person(ctx context.Context, s *tenants.Scope, k Keys) (uuid.UUID, error) {
	if k.ID != nil {
		return *k.ID, nil
	}
	for _, kind := range []string{"email", "username", "user_id"} {
		if k.Norm[kind] == "" {
			continue
		}
		var id uuid.UUID
		err := s.Row(ctx, "SELECT account_id FROM account_identifiers WHERE tenant_id = $1 AND kind = $2 AND norm = $3",
			[]any{s.Tenant(), kind, k.Norm[kind]}, &id)
		if err == nil || !errors.Is(err, tenants.ErrNotFound) {
			return id, err
		}
	}
	return uuid.UUID{}, ErrNobody
}
