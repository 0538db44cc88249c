package audit

import (
	"context"
	"strings"

	"github.com/google/uuid"

	"portico/tenants"
)

// ActorID is the account of an actor (AccountActor); false for those that are nobody's.
func ActorID(actor string) (uuid.UUID, bool) {
	text, ok := strings.CutPrefix(actor, "account:")
	if !ok {
		return uuid.UUID{}, false
	}
	id, err := uuid.Parse(text)
	return id, err == nil
}

// KeyID reads the key out of an actor; false for an actor that is none.
func KeyID(actor string) (uuid.UUID, bool) {
	text, ok := strings.CutPrefix(actor, "key:")
	id, err := uuid.Parse(text)
	return id, ok && err == nil && len(text) == 36
}

// Names reads how some accounts of the scope's tenant are called; who is gone has no name.
func Names(ctx context.Context, s *tenants.Scope, accounts []uuid.UUID) (map[uuid.UUID]string, error) {
	names := map[uuid.UUID]string{}
	if len(accounts) == 0 {
		return names, nil
	}
	err := s.Each(ctx, "SELECT id, display_name FROM accounts WHERE tenant_id = $1 AND id = ANY ($2)", []any{s.Tenant(), accounts},
		func(scan func(...any) error) error {
			var id uuid.UUID
			var name string
			err := scan(&id, &name)
			names[id] = name
			return err
		})
	return names, err
}
