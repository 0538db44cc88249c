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

// Errors of requests for access.
var (
	ErrReason  = errors.New("a request needs a reason of at most 1,000 characters")
	ErrDecided = errors.New("the request was decided already")
	ErrHeld    = errors.New("there is nothing to ask for")
	ErrOften   = errors.New("too many requests are open")
)

// mostOpen bounds one person's open requests of the last month; asking is free, and each one mails others.
const (
	mostOpen = 5
	openFor  = 30 * 24 * time.Hour
)

// Request is one request for access.
type Request struct {
	ID         uuid.UUID
	AccountID  uuid.UUID
	Name       string // of who asks
	Permission rbac.Permission
	Reason     string
	State      string // open, approved, declined
	Role       string // that was given
	Note       string
	DecidedBy  *uuid.UUID
	DecidedAt  *time.Time
	CreatedAt  time.Time
}

const readRequests = `SELECT q.id, q.account_id, a.display_name, q.permission, q.reason, q.state, q.role, q.note, q.decided_by, q.decided_at, q.created_at
	FROM access_requests q JOIN accounts a ON a.tenant_id = q.tenant_id AND a.id = q.account_id WHERE q.tenant_id = $1 `

func scanRequest(scan func(...any) error) (Request, error) {
	var r Request
	err := scan(&r.ID, &r.AccountID, &r.Name, &r.Permission, &r.Reason, &r.State, &r.Role, &r.Note, &r.DecidedBy, &r.DecidedAt, &r.CreatedAt)
	return r, err
}

// Open is when somebody's open request for a permission was made; the zero time without one.
func (a *Access) Open(ctx context.Context, t *tenants.Tenant, account uuid.UUID, p rbac.Permission) (at time.Time, err error) {
	err = a.DB.One(ctx, t.ID, "SELECT created_at FROM access_requests WHERE tenant_id = $1 AND account_id = $2 AND permission = $3 AND state = 'open'",
		[]any{t.ID, account, string(p)}, &at)
	if errors.Is(err, tenants.ErrNotFound) {
		return time.Time{}, nil
	}
	return at, err
}

// Ask puts a request before those who can grant it, and writes to at most ten of them. A second one while
// the first is open is the first. ErrReason, ErrHeld, ErrOften.
func (a *Access) Ask(ctx context.Context, t *tenants.Tenant, who rbac.Subject, name string, p rbac.Permission, reason string) error {
	reason = strings.TrimSpace(reason)
	switch {
	case reason == "" || len([]rune(reason)) > 1000:
		return ErrReason
	case !p.Known() || a.Guard.Decide(t, who, p).Allowed:
		return ErrHeld
	}
	return a.DB.In(ctx, t.ID, func(s *tenants.Scope) error {
		// who asks is held, so that two requests at once are counted one after the other
		var open int
		b := &tenants.Batch{}
		b.Exec("SELECT FROM accounts WHERE tenant_id = $1 AND id = $2 FOR NO KEY UPDATE", s.Tenant(), who.ID)
		b.Row(nil, "SELECT count(*) FROM access_requests WHERE tenant_id = $1 AND account_id = $2 AND state = 'open' AND created_at > $3",
			[]any{s.Tenant(), who.ID, s.Now().Add(-openFor)}, &open)
		if err := s.Send(ctx, b); err != nil {
			return err
		}
		if open >= mostOpen {
			return ErrOften
		}
		id := tenants.NewID()
		n, err := s.Exec(ctx, `INSERT INTO access_requests (tenant_id, id, account_id, permission, reason, state, created_at)
			VALUES ($1, $2, $3, $4, $5, 'open', $6) ON CONFLICT DO NOTHING`, s.Tenant(), id, who.ID, string(p), reason, s.Now())
		if err != nil || n == 0 {
			return err
		}
		if err := audit.Write(ctx, s, audit.Event{Kind: audit.AccessAsked, Outcome: audit.Success, AccountID: &who.ID,
			Details: map[string]any{"permission": string(p)}}); err != nil {
			return err
		}
		return a.tellGrantors(ctx, s, t, who.ID, themes.AccessAskedLetter{Who: name, Permission: string(p), Reason: reason,
			Link: "/console/requests"}, p, id)
	})
}

// tellGrantors writes to those who can grant a permission to somebody, ten at most.
func (a *Access) tellGrantors(ctx context.Context, s *tenants.Scope, t *tenants.Tenant, about uuid.UUID, letter themes.Letter, p rbac.Permission, event uuid.UUID) error {
	grantors, err := a.grantors(ctx, s, t, about, p)
	if err != nil {
		return err
	}
	for _, g := range grantors[:min(len(grantors), 10)] {
		_, err := a.Outbox.Write(ctx, s, letters.Draft{To: g.email, Lane: letters.Notice, Locale: g.locale,
			AccountID: &g.id, Event: event.String() + ":" + g.id.String(), Letter: letter})
		if err != nil {
			return err
		}
	}
	return nil
}

type grantor struct {
	id     uuid.UUID
	email  string
	locale string
}

// grantors are the active people with an address who may give somebody a role that holds a permission, those
// with a role in the whole tenant first.
func (a *Access) grantors(ctx context.Context, s *tenants.Scope, t *tenants.Tenant, about uuid.UUID, p rbac.Permission) ([]grantor, error) {
	tree, err := rbac.ReadTree(ctx, s)
	if err != nil {
		return nil, err
	}
	groups, err := groupsOf(ctx, s, about)
	if err != nil {
		return nil, err
	}
	would := a.Guard.Explain(t, rbac.Subject{ID: about}, p).Would
	var all []grantor
	var subjects []rbac.Subject
	err = s.Each(ctx, `SELECT a.id, a.locale, (SELECT m.value FROM account_identifiers m WHERE m.tenant_id = a.tenant_id AND m.account_id = a.id
			AND m.kind = 'email' ORDER BY m.created_at, m.norm LIMIT 1), `+rbac.HoldingsSQL("a.tenant_id", "a.id", "$2")+`
		FROM accounts a WHERE a.tenant_id = $1 AND a.status = 'active' AND a.id <> $3 AND EXISTS (SELECT 1 FROM role_assignments r
			WHERE r.tenant_id = a.tenant_id AND r.account_id = a.id AND r.role = ANY ($4))
		ORDER BY EXISTS (SELECT 1 FROM role_assignments r WHERE r.tenant_id = a.tenant_id AND r.account_id = a.id AND r.role = ANY ($4)
			AND r.scope_id IS NULL) DESC, a.id LIMIT 500`,
		[]any{s.Tenant(), s.Now(), about, rbac.AdministrativeRoles(t)}, func(scan func(...any) error) error {
			var g grantor
			var email *string
			var holds []string
			if err := scan(&g.id, &g.locale, &email, &holds); err != nil || email == nil {
				return err
			}
			g.email = *email
			holdings, err := rbac.ParseHoldings(holds)
			all, subjects = append(all, g), append(subjects, rbac.Subject{ID: g.id, Holdings: holdings})
			return err
		})
	if err != nil {
		return nil, err
	}
	var can []grantor
	for i, who := range subjects {
		if a.canGrant(t, tree, who, p, would, groups) {
			can = append(can, all[i])
		}
	}
	return can, nil
}

// canGrant tells whether somebody may give one of some roles where it gives the permission: everywhere, or
// in one of some groups.
func (a *Access) canGrant(t *tenants.Tenant, tree rbac.Tree, by rbac.Subject, p rbac.Permission, roles []rbac.Role, groups []uuid.UUID) bool {
	for _, r := range roles {
		for _, g := range append([]uuid.UUID{{}}, groups...) {
			if h := (rbac.Holding{Role: r.Name, Group: g}); a.answers(t, h, p) && a.Guard.MayGrant(t, tree, by, h) {
				return true
			}
		}
	}
	return false
}

// answers tells whether holding a role gives a permission: what is the whole tenant's no group gives.
func (a *Access) answers(t *tenants.Tenant, h rbac.Holding, p rbac.Permission) bool {
	return a.Guard.Decide(t, rbac.Subject{ID: t.ID, Holdings: []rbac.Holding{h}}, p).Allowed // any id that is not empty
}

// groupsOf are the groups that somebody is in.
func groupsOf(ctx context.Context, s *tenants.Scope, account uuid.UUID) ([]uuid.UUID, error) {
	var all []uuid.UUID
	err := s.Each(ctx, "SELECT group_id FROM account_groups WHERE tenant_id = $1 AND account_id = $2", []any{s.Tenant(), account},
		func(scan func(...any) error) error {
			var id uuid.UUID
			err := scan(&id)
			all = append(all, id)
			return err
		})
	return all, err
}
