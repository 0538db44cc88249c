package access

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"

	"portico/app/audit"
	"portico/rbac"
	"portico/tenants"
)

// Errors of giving and taking roles.
var (
	ErrBeyond = errors.New("nobody gives or takes a role that holds more than they do")
	ErrHigher = errors.New("nobody changes the roles of somebody who holds more than they do")
	ErrNoRole = errors.New("there is no such role here")
	ErrPast   = errors.New("a role cannot end in the past")
)

// Given is one assignment as its page shows it.
type Given struct {
	rbac.Assignment
	Group string // name of the group; "" is the whole tenant
	May   bool   // who looks may take it
}

// Of reads what somebody holds, with what the visitor may take. Assignments that have ended are left out.
func (a *Access) Of(ctx context.Context, t *tenants.Tenant, by rbac.Subject, account uuid.UUID) ([]Given, error) {
	var all []Given
	err := a.DB.In(ctx, t.ID, func(s *tenants.Scope) error {
		tree, err := rbac.ReadTree(ctx, s)
		if err != nil {
			return err
		}
		if all, err = given(ctx, s, account); err != nil {
			return err
		}
		for i := range all {
			all[i].May = a.Guard.MayGrant(t, tree, by, all[i].Holding)
		}
		return nil
	})
	return all, err
}

// Assign gives somebody a role without an end in the caller's transaction, who has judged already that it may
// be given there and to them: an invitation, which makes the account in the same transaction. It answers false
// when they held just that.
func Assign(ctx context.Context, s *tenants.Scope, account uuid.UUID, h rbac.Holding) (bool, error) {
	return insert(ctx, s, account, h, nil)
}

func given(ctx context.Context, s *tenants.Scope, account uuid.UUID) ([]Given, error) {
	var all []Given
	err := s.Each(ctx, `SELECT r.id, r.account_id, r.role, r.scope_id, coalesce(g.name, ''), r.ends_at, r.granted_by, r.created_at
		FROM role_assignments r LEFT JOIN groups g ON g.tenant_id = r.tenant_id AND g.id = r.scope_id
		WHERE r.tenant_id = $1 AND r.account_id = $2 AND (r.ends_at IS NULL OR r.ends_at > $3) ORDER BY r.created_at, r.id`,
		[]any{s.Tenant(), account, s.Now()}, func(scan func(...any) error) error {
			var g Given
			var group *uuid.UUID
			err := scan(&g.ID, &g.AccountID, &g.Role, &group, &g.Group, &g.EndsAt, &g.GrantedBy, &g.CreatedAt)
			if group != nil {
				g.Holding.Group = *group
			}
			all = append(all, g)
			return err
		})
	return all, err
}

// Give gives somebody a role. It answers false when they held just that already. ErrBeyond, ErrHigher,
// ErrNoRole, ErrPast, ErrLastOwner, *UntilError; tenants.ErrNotFound for an account or a group that is not there.
func (a *Access) Give(ctx context.Context, t *tenants.Tenant, by rbac.Subject, account uuid.UUID, h rbac.Holding, ends *time.Time) (bool, error) {
	if !offered(t, h.Role) {
		return false, ErrNoRole
	}
	var fresh bool
	err := a.DB.In(ctx, t.ID, func(s *tenants.Scope) (err error) {
		fresh, err = a.give(ctx, s, t, by, account, h, ends)
		return err
	})
	return fresh, err
}

func (a *Access) give(ctx context.Context, s *tenants.Scope, t *tenants.Tenant, by rbac.Subject, account uuid.UUID, h rbac.Holding, ends *time.Time) (bool, error) {
	switch {
	case ends != nil && !ends.After(s.Now()):
		return false, ErrPast
	case account == by.ID: // who holds a role until a date would hold it for ever
		return false, ErrBeyond
	}
	tree, err := rbac.ReadTree(ctx, s)
	if err != nil {
		return false, err
	}
	if _, there := tree[h.Group]; !there && !h.Everywhere() {
		return false, tenants.ErrNotFound
	}
	if err := Lasts(ctx, s, a.Guard, t, tree, by, h, ends); err != nil {
		return false, err
	}
	if err := a.ranks(ctx, s, t, tree, by, account); err != nil {
		return false, err
	}
	if ends == nil {
		return insert(ctx, s, account, h, nil)
	}
	var fresh bool
	err = KeepOwner(ctx, s, func() (err error) { // an end may shorten what the last owner holds
		fresh, err = insert(ctx, s, account, h, ends)
		return err
	})
	return fresh, err
}

// ranks answers ErrHigher for somebody who holds what the visitor does not.
func (a *Access) ranks(ctx context.Context, s *tenants.Scope, t *tenants.Tenant, tree rbac.Tree, by rbac.Subject, account uuid.UUID) error {
	all, err := given(ctx, s, account)
	if err != nil {
		return err
	}
	holdings := make([]rbac.Holding, len(all))
	for i, g := range all {
		holdings[i] = g.Holding
	}
	if !a.Guard.Covers(t, tree, by, holdings) {
		return ErrHigher
	}
	return nil
}

func insert(ctx context.Context, s *tenants.Scope, account uuid.UUID, h rbac.Holding, ends *time.Time) (bool, error) {
	var group *uuid.UUID
	if !h.Everywhere() {
		group = &h.Group
	}
	// One who held it until a date holds it anew: the last word counts.
	n, err := s.Exec(ctx, `INSERT INTO role_assignments (tenant_id, id, account_id, role, scope_id, ends_at, granted_by, created_at)
		SELECT $1, $2, a.id, $4, $5, $6, $7, $8 FROM accounts a WHERE a.tenant_id = $1 AND a.id = $3
		ON CONFLICT (tenant_id, account_id, role, scope_id) DO UPDATE SET ends_at = $6, granted_by = $7
			WHERE role_assignments.ends_at IS DISTINCT FROM $6`,
		s.Tenant(), tenants.NewID(), account, h.Role, group, ends, audit.From(ctx).Actor, s.Now())
	if err != nil || n == 0 {
		return false, err
	}
	return true, audit.Write(ctx, s, audit.Event{Kind: audit.RoleChanged, Outcome: audit.Success, Reason: "given", AccountID: &account,
		Details: map[string]any{"role": h.Role, "group": group, "ends": ends}})
}

// Take takes one assignment from somebody; one that is gone already is no error. ErrBeyond, ErrHigher,
// ErrLastOwner.
func (a *Access) Take(ctx context.Context, t *tenants.Tenant, by rbac.Subject, account, assignment uuid.UUID) error {
	return a.DB.In(ctx, t.ID, func(s *tenants.Scope) error {
		tree, err := rbac.ReadTree(ctx, s)
		if err != nil {
			return err
		}
		if err := a.ranks(ctx, s, t, tree, by, account); err != nil {
			return err
		}
		return KeepOwner(ctx, s, func() error {
			all, err := given(ctx, s, account)
			if err != nil {
				return err
			}
			for _, g := range all {
				if g.ID != assignment {
					continue
				}
				if !a.Guard.MayGrant(t, tree, by, g.Holding) {
					return ErrBeyond
				}
				return take(ctx, s, g)
			}
			return nil
		})
	})
}

func take(ctx context.Context, s *tenants.Scope, g Given) error {
	if _, err := s.Exec(ctx, "DELETE FROM role_assignments WHERE tenant_id = $1 AND id = $2", s.Tenant(), g.ID); err != nil {
		return err
	}
	return audit.Write(ctx, s, audit.Event{Kind: audit.RoleChanged, Outcome: audit.Success, Reason: "taken", AccountID: &g.AccountID,
		Details: map[string]any{"role": g.Role, "group": g.Group, "ends": g.EndsAt}})
}

func offered(t *tenants.Tenant, role string) bool {
	for _, r := range rbac.Roles(t) {
		if r.Name == role {
			return true
		}
	}
	return false
}
