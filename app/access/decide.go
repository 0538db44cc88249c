package access

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"portico/app/audit"
	"portico/app/letters"
	"portico/rbac"
	"portico/tenants"
	"portico/themes"
)

// Grantable is one way to say yes to a request: a role in the tenant or in a group.
type Grantable struct {
	rbac.Holding
	Label rbac.Role
	Group string // its name; "" is the whole tenant
}

// Requests lists the requests that somebody could decide, the oldest open ones first, at most 200, each with
// the ways to say yes, those that give least first; after them what was decided within their reach. Their own
// are left out: nobody grants to themselves.
func (a *Access) Requests(ctx context.Context, t *tenants.Tenant, by rbac.Subject, reach rbac.Reach) ([]Request, map[uuid.UUID][]Grantable, error) {
	var all []Request
	ways := map[uuid.UUID][]Grantable{}
	err := a.DB.In(ctx, t.ID, func(s *tenants.Scope) error {
		err := s.Each(ctx, readRequests+`AND q.account_id <> $2 AND `+rbac.PeopleSQL("q.account_id", 3, 4)+`
			ORDER BY (q.state = 'open') DESC, CASE WHEN q.state = 'open' THEN q.created_at END, q.created_at DESC, q.id LIMIT 200`,
			[]any{s.Tenant(), by.ID, reach.Everywhere, reach.Groups}, func(scan func(...any) error) error {
				r, err := scanRequest(scan)
				all = append(all, r)
				return err
			})
		if err != nil {
			return err
		}
		ways, err = a.ways(ctx, s, t, by, all)
		all = slices.DeleteFunc(all, func(r Request) bool { return r.State == "open" && len(ways[r.ID]) == 0 })
		return err
	})
	return all, ways, err
}

// ways are the roles that would answer each of some open requests and that somebody may give, in the whole
// tenant and in the groups of who asked.
func (a *Access) ways(ctx context.Context, s *tenants.Scope, t *tenants.Tenant, by rbac.Subject, requests []Request) (map[uuid.UUID][]Grantable, error) {
	tree, err := rbac.ReadTree(ctx, s)
	if err != nil {
		return nil, err
	}
	groups, err := groupsOfAskers(ctx, s, requests)
	if err != nil {
		return nil, err
	}
	would := map[rbac.Permission][]rbac.Role{}
	ways := map[uuid.UUID][]Grantable{}
	for _, r := range requests {
		if r.State != "open" {
			continue
		}
		if would[r.Permission] == nil {
			would[r.Permission] = a.Guard.Explain(t, rbac.Subject{ID: r.AccountID}, r.Permission).Would
		}
		for _, role := range would[r.Permission] {
			for _, at := range append(groups[r.AccountID], place{}) {
				h := rbac.Holding{Role: role.Name, Group: at.id}
				if a.answers(t, h, r.Permission) && a.Guard.MayGrant(t, tree, by, h) {
					ways[r.ID] = append(ways[r.ID], Grantable{Holding: h, Label: role, Group: at.name})
				}
			}
		}
	}
	return ways, nil
}

// place is a group; the zero one is the whole tenant.
type place struct {
	id   uuid.UUID
	name string
}

// groupsOfAskers are the groups of those whose requests are open.
func groupsOfAskers(ctx context.Context, s *tenants.Scope, requests []Request) (map[uuid.UUID][]place, error) {
	var askers []uuid.UUID
	for _, r := range requests {
		if r.State == "open" {
			askers = append(askers, r.AccountID)
		}
	}
	groups := map[uuid.UUID][]place{}
	err := s.Each(ctx, `SELECT m.account_id, g.id, g.name FROM account_groups m JOIN groups g ON g.tenant_id = m.tenant_id AND g.id = m.group_id
		WHERE m.tenant_id = $1 AND m.account_id = ANY ($2) ORDER BY g.name, g.id`, []any{s.Tenant(), askers}, func(scan func(...any) error) error {
		var who uuid.UUID
		var at place
		err := scan(&who, &at.id, &at.name)
		groups[who] = append(groups[who], at)
		return err
	})
	return groups, err
}

// Decide approves a request with a role, or declines it with the zero Holding, and writes to who asked. Of
// two decisions the first counts (ErrDecided). What is out of reach, one's own, or nothing that they could
// approve is tenants.ErrNotFound.
func (a *Access) Decide(ctx context.Context, t *tenants.Tenant, by rbac.Subject, reach rbac.Reach, request uuid.UUID, h rbac.Holding, ends *time.Time, note string) error {
	note = strings.TrimSpace(note)
	if len([]rune(note)) > 1000 {
		return ErrReason
	}
	return a.DB.In(ctx, t.ID, func(s *tenants.Scope) error {
		var r Request
		err := s.Each(ctx, readRequests+`AND q.id = $5 AND q.account_id <> $2 AND `+rbac.PeopleSQL("q.account_id", 3, 4)+` FOR UPDATE OF q`,
			[]any{s.Tenant(), by.ID, reach.Everywhere, reach.Groups, request}, func(scan func(...any) error) (err error) {
				r, err = scanRequest(scan)
				return err
			})
		switch {
		case err != nil:
			return err
		case r.ID == uuid.UUID{}:
			return tenants.ErrNotFound
		case r.State != "open":
			return ErrDecided
		}
		ways, err := a.ways(ctx, s, t, by, []Request{r})
		if err != nil {
			return err
		}
		if len(ways) == 0 {
			return tenants.ErrNotFound
		}
		return a.decide(ctx, s, t, by, r, h, ends, note)
	})
}

func (a *Access) decide(ctx context.Context, s *tenants.Scope, t *tenants.Tenant, by rbac.Subject, r Request, h rbac.Holding, ends *time.Time, note string) error {
	state := "declined"
	if h.Role != "" {
		state = "approved"
		role, ok := rbac.RoleNamed(t, h.Role)
		if !ok || !offered(t, h.Role) || !role.Allows(r.Permission) {
			return ErrNoRole
		}
		_, err := a.give(ctx, s, t, by, r.AccountID, h, ends)
		if errors.Is(err, tenants.ErrNotFound) {
			return ErrNoRole // a group that is not there
		}
		if err != nil {
			return err
		}
	}
	var group *uuid.UUID
	if !h.Everywhere() {
		group = &h.Group
	}
	_, err := s.Exec(ctx, `UPDATE access_requests SET state = $3, role = $4, scope_id = $5, note = $6, decided_by = $7, decided_at = $8
		WHERE tenant_id = $1 AND id = $2`, s.Tenant(), r.ID, state, h.Role, group, note, by.ID, s.Now())
	if err != nil {
		return err
	}
	err = audit.Write(ctx, s, audit.Event{Kind: audit.AccessDecided, Outcome: audit.Success, Reason: state, AccountID: &r.AccountID,
		Details: map[string]any{"permission": string(r.Permission), "role": h.Role, "group": group, "ends": ends}})
	if err != nil {
		return err
	}
	return a.tellDecision(ctx, s, r, state == "approved", note)
}

func (a *Access) tellDecision(ctx context.Context, s *tenants.Scope, r Request, approved bool, note string) error {
	var email, locale string
	err := s.Row(ctx, `SELECT coalesce((SELECT m.value FROM account_identifiers m WHERE m.tenant_id = a.tenant_id AND m.account_id = a.id
		AND m.kind = 'email' ORDER BY m.created_at, m.norm LIMIT 1), ''), a.locale FROM accounts a WHERE a.tenant_id = $1 AND a.id = $2`,
		[]any{s.Tenant(), r.AccountID}, &email, &locale)
	if err != nil || email == "" {
		return err
	}
	_, err = a.Outbox.Write(ctx, s, letters.Draft{To: email, Lane: letters.Notice, Locale: locale, AccountID: &r.AccountID, Event: r.ID.String(),
		Letter: themes.AccessDecidedLetter{Name: r.Name, Permission: string(r.Permission), Approved: approved, Note: note, Link: "/console"}})
	return err
}
