package tenantfile

import (
	"context"
	"strings"

	"github.com/google/uuid"

	"portico/tenants"
)

// ofPeople begins the fields of changes about people; their external_id follows.
const ofPeople = "accounts."

// idsOfNew reads the ids of the people whom some changes name, by their external ids.
func idsOfNew(ctx context.Context, s *tenants.Scope, changes []Change) (map[string]uuid.UUID, error) {
	ids := map[string]uuid.UUID{}
	var named []string
	for _, c := range changes {
		if external, ok := strings.CutPrefix(c.Field, ofPeople); ok {
			named = append(named, external)
		}
	}
	if len(named) == 0 {
		return ids, nil
	}
	err := s.Each(ctx, "SELECT external_id, id FROM accounts WHERE tenant_id = $1 AND external_id = ANY ($2)", []any{s.Tenant(), named},
		func(scan func(...any) error) error {
			var external string
			var id uuid.UUID
			err := scan(&external, &id)
			ids[external] = id
			return err
		})
	return ids, err
}

// nameless are changes as the audit keeps them, which outlives people: each by their id alone.
func nameless(changes []Change, people map[string]uuid.UUID) []Change {
	all := make([]Change, len(changes))
	for i, c := range changes {
		if external, ok := strings.CutPrefix(c.Field, ofPeople); ok {
			c = Change{Action: c.Action, Field: "accounts", New: people[external].String()}
		}
		all[i] = c
	}
	return all
}
