package insight

import (
	"context"
	"encoding/json"
	"maps"
	"regexp"
	"slices"

	"github.com/google/uuid"

	"portico/app/audit"
	"portico/tenants"
)

// Names leads from the accounts of some events to how they are called; who is gone has none.
type Names map[uuid.UUID]string

// NamesOf reads the names of everybody whom some events name: whom they are about, who did it, and the
// accounts in their details.
func NamesOf(ctx context.Context, s *tenants.Scope, rows []audit.Row) (Names, error) {
	seen := map[uuid.UUID]bool{}
	for _, r := range rows {
		if r.AccountID != nil {
			seen[*r.AccountID] = true
		}
		if id, ok := audit.ActorID(r.Actor); ok {
			seen[id] = true
		}
		for _, id := range idsIn(r.Details) {
			seen[id] = true
		}
	}
	names, err := NamesFor(ctx, s, seen)
	if err != nil {
		return nil, err
	}
	return names, keysOf(ctx, s, rows, names)
}

// keysOf adds the names of keys of the API that did something.
func keysOf(ctx context.Context, s *tenants.Scope, rows []audit.Row, names Names) error {
	var keys []uuid.UUID
	for _, r := range rows {
		if id, ok := audit.KeyID(r.Actor); ok && !slices.Contains(keys, id) {
			keys = append(keys, id)
		}
	}
	if len(keys) == 0 {
		return nil
	}
	return s.Each(ctx, "SELECT id, name FROM api_keys WHERE tenant_id = $1 AND id = ANY ($2)", []any{s.Tenant(), keys}, func(scan func(...any) error) error {
		var id uuid.UUID
		var name string
		err := scan(&id, &name)
		names[id] = name
		return err
	})
}

// NamesFor reads the names of some accounts.
func NamesFor(ctx context.Context, s *tenants.Scope, accounts map[uuid.UUID]bool) (Names, error) {
	return audit.Names(ctx, s, slices.Collect(maps.Keys(accounts)))
}

var anID = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`)

// idsIn finds what may be accounts in the details of an event, twenty at most.
func idsIn(details json.RawMessage) []uuid.UUID {
	var ids []uuid.UUID
	for _, text := range anID.FindAllString(string(details), 20) {
		if id, err := uuid.Parse(text); err == nil {
			ids = append(ids, id)
		}
	}
	return ids
}
