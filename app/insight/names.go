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
	return NamesFor(ctx, s, seen)
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
