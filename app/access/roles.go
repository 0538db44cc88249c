package access

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"portico/app/audit"
	"portico/rbac"
	"portico/tenants"
)

// Errors of a tenant's own roles.
var (
	ErrRoleName   = errors.New("a role needs a label of 2 to 60 characters that no other role has")
	ErrRoleNote   = errors.New("a role's note has at most 500 characters")
	ErrRoleBeyond = errors.New("a role may not hold what its maker does not")
	ErrRoleInUse  = errors.New("somebody holds the role")
	ErrTooMany    = errors.New("a tenant may have fifty roles of its own")
)

const (
	mostRoles = 50
	mostNote  = 500 // characters
)

// withReads adds to each permission the one that shows its pages: who may change something can find it.
func withReads(permissions []string) []string {
	var all []string
	for _, known := range rbac.Permissions() {
		if slices.ContainsFunc(permissions, func(p string) bool { return p == string(known) || rbac.Permission(p).Needs() == known }) {
			all = append(all, string(known))
		}
	}
	return all
}

// SaveRole makes a role of the tenant's own (name "") or changes one. Whoever saves must hold everything
// that the role gives and, of a role that exists, gave before. base is the version of the roles
// that the page showed: when they changed since, tenants.ErrChanged. It answers the role's name.
func (a *Access) SaveRole(ctx context.Context, t *tenants.Tenant, by rbac.Subject, base int64, r tenants.OwnRole) (string, error) {
	r.Label, r.Note = strings.TrimSpace(r.Label), strings.TrimSpace(r.Note)
	if !oneLine(r.Label, 2, 60) {
		return "", ErrRoleName
	}
	if len([]rune(r.Note)) > mostNote {
		return "", ErrRoleNote
	}
	r.Permissions = withReads(r.Permissions)
	for _, p := range r.Permissions {
		if !a.Guard.Decide(t, by, rbac.Permission(p)).Everywhere {
			return "", ErrRoleBeyond
		}
	}
	err := a.changeRoles(ctx, t, base, func(s *tenants.Scope, all []tenants.OwnRole) ([]tenants.OwnRole, error) {
		at := slices.IndexFunc(all, func(o tenants.OwnRole) bool { return o.Name == r.Name })
		if slices.ContainsFunc(all, func(o tenants.OwnRole) bool { return o.Name != r.Name && strings.EqualFold(o.Label, r.Label) }) {
			return nil, ErrRoleName
		}
		var was any
		switch {
		case r.Name == "":
			if len(all) >= mostRoles {
				return nil, ErrTooMany
			}
			name, err := freeName(ctx, s, r.Label, all)
			if err != nil {
				return nil, err
			}
			r.Name = name
			all = append(all, r)
		case at < 0:
			return nil, tenants.ErrNotFound
		case !a.Guard.Covers(t, nil, by, []rbac.Holding{{Role: r.Name}}):
			return nil, ErrRoleBeyond
		default:
			was = all[at]
			all = slices.Clone(all)
			all[at] = r
		}
		return all, audit.Write(ctx, s, audit.Event{Kind: audit.RoleDefined, Outcome: audit.Success,
			Details: map[string]any{"role": r.Name, "before": was, "after": r}})
	})
	return r.Name, err
}

// DeleteRole takes a role of the tenant's own away; ErrRoleInUse while somebody holds it.
func (a *Access) DeleteRole(ctx context.Context, t *tenants.Tenant, by rbac.Subject, base int64, name string) error {
	if !a.Guard.Covers(t, nil, by, []rbac.Holding{{Role: name}}) {
		return ErrRoleBeyond
	}
	return a.changeRoles(ctx, t, base, func(s *tenants.Scope, all []tenants.OwnRole) ([]tenants.OwnRole, error) {
		at := slices.IndexFunc(all, func(o tenants.OwnRole) bool { return o.Name == name })
		if at < 0 {
			return nil, tenants.ErrNotFound
		}
		var used bool
		b := &tenants.Batch{}
		b.Exec("DELETE FROM role_assignments WHERE tenant_id = $1 AND role = $2 AND ends_at <= $3", s.Tenant(), name, s.Now()) // these ended
		b.Row(nil, "SELECT EXISTS (SELECT 1 FROM role_assignments WHERE tenant_id = $1 AND role = $2)", []any{s.Tenant(), name}, &used)
		if err := s.Send(ctx, b); err != nil {
			return nil, err
		}
		if used {
			return nil, ErrRoleInUse
		}
		left := slices.Delete(slices.Clone(all), at, at+1)
		return left, audit.Write(ctx, s, audit.Event{Kind: audit.RoleDefined, Outcome: audit.Success, Reason: "deleted",
			Details: map[string]any{"role": name, "before": all[at]}})
	})
}

// changeRoles changes the tenant's roles in one transaction. base is the version of them that the page showed.
func (a *Access) changeRoles(ctx context.Context, t *tenants.Tenant, base int64,
	change func(*tenants.Scope, []tenants.OwnRole) ([]tenants.OwnRole, error)) error {
	return a.DB.ChangeSetting(ctx, t.ID, tenants.SubjectRoles, base, audit.From(ctx).Actor, func(s *tenants.Scope, was json.RawMessage) (any, error) {
		var all []tenants.OwnRole
		if len(was) > 0 {
			if err := json.Unmarshal(was, &all); err != nil {
				return nil, fmt.Errorf("own roles: %w", err)
			}
		}
		return change(s, all)
	})
}

// RolesVersion is the version of the tenant's own roles, for SaveRole and DeleteRole.
func (a *Access) RolesVersion(ctx context.Context, t *tenants.Tenant) (version int64, err error) {
	err = a.DB.In(ctx, t.ID, func(s *tenants.Scope) error {
		version, _, err = tenants.Setting(ctx, s, tenants.SubjectRoles)
		return err
	})
	return version, err
}

var notName = regexp.MustCompile(`[^a-z0-9]+`)

// freeName makes the lasting name of a role from its label: assignments, files and imports hold it. A name
// that an assignment still holds, of a role that is gone, is not free: its holder would come by the new one.
func freeName(ctx context.Context, s *tenants.Scope, label string, all []tenants.OwnRole) (string, error) {
	base := strings.Trim(notName.ReplaceAllString(strings.ToLower(label), "_"), "_")
	if len(base) < 2 || base[0] < 'a' || base[0] > 'z' {
		base = "role_" + base
	}
	base = strings.TrimRight(base[:min(len(base), 32)], "_")
	taken := map[string]bool{"new": true, "delete": true} // addresses of pages
	for _, o := range all {
		taken[o.Name] = true
	}
	err := s.Each(ctx, "SELECT DISTINCT role FROM role_assignments WHERE tenant_id = $1 AND starts_with(role, $2)", []any{s.Tenant(), base},
		func(scan func(...any) error) error {
			var held string
			err := scan(&held)
			taken[held] = true
			return err
		})
	name := base
	for i := 2; rbac.IsBuiltIn(name) || taken[name]; i++ {
		name = base + "_" + string(rune('0'+i/10)) + string(rune('0'+i%10))
	}
	return name, err
}

func oneLine(s string, least, most int) bool {
	n := len([]rune(s))
	return n >= least && n <= most && !strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsPrint(r) })
}
