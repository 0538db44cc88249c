package access

import (
	"context"
	"errors"
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

// Requests lists the requests that somebody could decide, open ones first, at most 200, each with the ways
// to say yes, those that give least first. Their own are left out: nobody grants to themselves.
func (a *Access) Requests(ctx context.Context, t *tenants.Tenant, by rbac.Subject, reach rbac.Reach) ([]Request, map[uuid.UUID][]Grantable, error) {
	var all []Request
	ways := map[uuid.UUID][]Grantable{}
	err := a.DB.In(ctx, t.ID, func(s *tenants.Scope) error {
		tree, err := rbac.ReadTree(ctx, s)
		if err != nil {
			return err
		}
		err = s.Each(ctx, readRequests+`AND q.account_id <> $2 AND `+rbac.PeopleSQL("q.account_id", 3, 4)+`
			ORDER BY (q.state = 'open') DESC, q.created_at DESC, q.id LIMIT 200`,
			[]any{s.Tenant(), by.ID, reach.Everywhere, reach.Groups}, func(scan func(...any) error) error {
				r, err := scanRequest(scan)
				all = append(all, r)
				return err
			})
		for _, r := range all {
			if r.State != "open" || err != nil {
				continue
			}
			ways[r.ID], err = a.ways(ctx, s, t, tree, by, r)
		}
		return err
	})
	return all, ways, err
}

// ways are the roles that would answer a request and that somebody may give, in the whole tenant and in
// the groups of who asked.
func (a *Access) ways(ctx context.Context, s *tenants.Scope, t *tenants.Tenant, tree rbac.Tree, by rbac.Subject, r Request) ([]Grantable, error) {
	groups := map[uuid.UUID]string{}
	err := s.Each(ctx, `SELECT g.id, g.name FROM account_groups m JOIN groups g ON g.tenant_id = m.tenant_id AND g.id = m.group_id
		WHERE m.tenant_id = $1 AND m.account_id = $2`, []any{s.Tenant(), r.AccountID}, func(scan func(...any) error) error {
		var id uuid.UUID
		var name string
		err := scan(&id, &name)
		groups[id] = name
		return err
	})
	if err != nil {
		return nil, err
	}
	var all []Grantable
	for _, role := range a.Guard.Explain(t, rbac.Subject{ID: r.AccountID}, r.Permission).Would {
		for id, name := range groups {
			h := rbac.Holding{Role: role.Name, Group: id}
			if a.Guard.Decide(t, rbac.Subject{ID: r.AccountID, Holdings: []rbac.Holding{h}}, r.Permission).Allowed && a.Guard.MayGrant(t, tree, by, h) {
				all = append(all, Grantable{Holding: h, Label: role, Group: name})
			}
		}
		if h := (rbac.Holding{Role: role.Name}); a.Guard.MayGrant(t, tree, by, h) {
			all = append(all, Grantable{Holding: h, Label: role})
		}
	}
	return all, nil
}

// Decide approves a request with a role, or declines it with the zero Holding, and writes to who asked. Of
// two decisions the first counts (ErrDecided). What is out of reach, or one's own, is tenants.ErrNotFound.
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
