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
func (p *People) search(ctx context.Context, s *tenants.Scope, by By, q Query, c *conditions, reach rbac.Reach, group []uuid.UUID, at cursor) (Listed, error) {
	var out Listed
	few, met, err := c.meet(ctx, s)
	if err != nil {
		return out, err
	}
	within := reach.Groups
	if reach.Everywhere {
		within = nil
	} else if within == nil {
		within = []uuid.UUID{} // no group at all is not everywhere
	}
	if !few {
		met = nil
	}
	found, cut := []uuid.UUID{}, false
	b := &tenants.Batch{}
	planned(b)
	stmt, args := findSQL(s, by.Tenant, q, met, group, within)
	b.Rows(stmt, args, func(scan func(...any) error) error {
		var id *uuid.UUID
		err := scan(&id)
		if id == nil {
			cut = true
		} else {
			found = append(found, *id)
		}
		return err
	})
	if err := s.Send(ctx, b); err != nil {
		return out, err
	}
	out.Count, out.More = min(mostFound, len(found)), len(found) > mostFound || cut
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

// findSQL asks search_people: among those who meet the conditions where they are few (met; nil is many, or no
// condition), else with conditions that it holds each find against. Of whom it found those are left whose state
// it does not know, so that it looks further for them. A row without an id says that it could not look at all.
func findSQL(s *tenants.Scope, t *tenants.Tenant, q Query, met, group, within []uuid.UUID) (string, []any) {
	c := &conditions{args: []any{s.Tenant(), s.Now(), q.Typed, met, orNull(q.State), orNull(q.Role), group, within, mostFound + 1},
		where: []string{"a.tenant_id = $1", "a.id = f.id"}}
	switch q.State {
	case Bounced, Stuck:
		c.args[4], c.args[8] = nil, mostSought
		c.state(t, q.State)
		if text := stateSets[q.State]; text != "" {
			c.sets = append(c.sets, text)
		}
	case Locked, Invited:
		if met != nil {
			c.args[4] = nil
		}
	}
	if met != nil {
		c.args[5], c.args[6], c.args[7] = (*string)(nil), []uuid.UUID(nil), []uuid.UUID(nil)
	}
	return fmt.Sprintf(`SELECT f.id FROM (SELECT account_id AS id, max(rank) AS rank FROM search_people($3, $4, $5, $6, $7, $8, $2, $9) GROUP BY 1) f
		LEFT JOIN accounts a ON %s WHERE a.id IS NOT NULL OR f.id IS NULL ORDER BY f.rank DESC, a.name_key, f.id LIMIT %d`, c.all(), mostFound+2), c.args
}

func orNull(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}
