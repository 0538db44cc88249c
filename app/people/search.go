package people

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"portico/rbac"
	"portico/tenants"
)

// search reads a page of those who fit best. search_people bounds its own work and answers at most
// mostFound, so pages are parts of one answer.
func (p *People) search(ctx context.Context, s *tenants.Scope, by By, q Query, reach rbac.Reach, group []uuid.UUID, at cursor) (Listed, error) {
	var out Listed
	within := reach.Groups
	if reach.Everywhere {
		within = nil
	} else if within == nil {
		within = []uuid.UUID{} // no group at all is not everywhere
	}
	found := []uuid.UUID{}
	b := &tenants.Batch{}
	planned(b)
	stmt, args := findSQL(s, by.Tenant, q, group, within)
	b.Rows(stmt, args, func(scan func(...any) error) error {
		var id uuid.UUID
		err := scan(&id)
		found = append(found, id)
		return err
	})
	if err := s.Send(ctx, b); err != nil {
		return out, err
	}
	out.Count, out.More = min(mostFound, len(found)), len(found) > mostFound
	found = found[:out.Count]
	shown := found[min(at.Start, len(found)):min(at.Start+pageSize, len(found))]
	b = &tenants.Batch{}
	rows(b, s, by, "SELECT id, place FROM unnest($3::uuid[]) WITH ORDINALITY AS f (id, place)", []any{s.Tenant(), s.Now(), shown}, &out.Rows)
	if err := s.Send(ctx, b); err != nil {
		return out, err
	}
	out.Anybody = true
	if at.Start+pageSize < len(found) {
		out.After = p.seal(by.Tenant.ID, cursor{List: "people found", Start: at.Start + pageSize})
	}
	if at.Start > 0 {
		out.Before = p.seal(by.Tenant.ID, cursor{List: "people found", Start: max(0, at.Start-pageSize)})
	}
	return out, nil
}

// findSQL asks search_people, which narrows to most states by itself; to the others those whom it found are
// narrowed here, so that it looks further for them.
func findSQL(s *tenants.Scope, t *tenants.Tenant, q Query, group, within []uuid.UUID) (string, []any) {
	c := &conditions{args: []any{s.Tenant(), s.Now(), q.Typed, orNull(q.State), orNull(q.Role), group, within, mostFound + 1},
		where: []string{"a.tenant_id = $1", "a.id = f.id"}}
	if q.State == Bounced || q.State == Stuck {
		c.args[3], c.args[7] = nil, mostSought
		c.state(t, q.State)
	}
	return fmt.Sprintf(`SELECT f.id FROM (SELECT account_id AS id, max(rank) AS rank FROM search_people($3, $4, $5, $6, $7, $2, $8) GROUP BY 1) f
		JOIN accounts a ON %s ORDER BY f.rank DESC, a.name_key, f.id LIMIT %d`, c.all(), mostFound+1), c.args
}

func orNull(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}
