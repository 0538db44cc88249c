package api

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/google/uuid"

	"portico/rbac"
	"portico/tenants"
)

// Role is a name for a set of permissions.
type Role struct {
	Name        string   `json:"name" example:"support_agent"`
	Own         bool     `json:"own" doc:"Made by this portal."`
	Label       string   `json:"label,omitempty" doc:"Of a role of its own: what people read."`
	Note        string   `json:"note,omitempty"`
	Permissions []string `json:"permissions" nullable:"false"`
	Holders     int      `json:"holders" doc:"How many hold it, within the key's reach."`
}

// Roles are those that a portal offers.
type Roles struct {
	Items []Role `json:"items" nullable:"false"`
}

// OwnRole is what a role of a portal's own is to be.
type OwnRole struct {
	Label       string   `json:"label" minLength:"2" maxLength:"60" example:"Night desk"`
	Note        string   `json:"note,omitempty" maxLength:"500"`
	Permissions []string `json:"permissions" nullable:"false" maxItems:"100" doc:"Each brings the one that shows what it acts on."`
}

// Given is a role that somebody holds.
type Given struct {
	ID        string    `json:"id" format:"uuid"`
	Role      string    `json:"role"`
	Group     string    `json:"group,omitempty" format:"uuid" doc:"Missing: in the whole tenant."`
	GroupName string    `json:"group_name,omitempty"`
	EndsAt    time.Time `json:"ends_at,omitzero"`
	GivenBy   string    `json:"given_by" doc:"As the audit names it." example:"account:0198c0de-0000-7000-8000-000000000000"`
	GivenAt   time.Time `json:"given_at"`
	MayTake   bool      `json:"may_take" doc:"The key may take it."`
}

// GivenRoles are what somebody holds now.
type GivenRoles struct {
	Items []Given `json:"items" nullable:"false"`
}

type rolesOut struct {
	ETag string `header:"ETag"`
	Body Roles
}

type roleOut struct {
	ETag     string `header:"ETag"`
	Location string `header:"Location"`
	Body     Role
}

// RoleName is the name in a path.
type RoleName struct {
	Name string `path:"name" maxLength:"60"`
}

// NewRoleIn is what a role is to be, and the version of the roles that it was made from.
type NewRoleIn struct {
	IfMatch string `header:"If-Match" doc:"The ETag of the list of roles."`
	Body    OwnRole
}

type saveRoleIn struct {
	RoleName
	NewRoleIn
}

type deleteRoleIn struct {
	RoleName

	IfMatch string `header:"If-Match" doc:"The ETag of the list of roles."`
}

type givenOut struct{ Body GivenRoles }

type giveIn struct {
	ByID

	Body struct {
		Role   string    `json:"role" minLength:"1" maxLength:"60"`
		Group  string    `json:"group,omitempty" format:"uuid" doc:"Missing: in the whole tenant."`
		EndsAt time.Time `json:"ends_at,omitzero" doc:"Missing: without an end."`
	}
}

type takeIn struct {
	ByID

	Assignment string `path:"assignment" format:"uuid"`
}

func (a *API) roleOperations() {
	handle(a, operation{id: "list-roles", method: http.MethodGet, path: "/roles", tag: tagRoles, summary: "List roles", permission: rbac.RolesRead}, a.listRoles)
	handle(a, operation{id: "add-role", method: http.MethodPost, path: "/roles", tag: tagRoles, summary: "Make a role", permission: rbac.RolesEdit, match: true, conflict: true,
		status: http.StatusCreated, doc: "A role may hold nothing that the key may not use everywhere."}, func(ctx context.Context, c *call, in *NewRoleIn) (*roleOut, error) {
		return a.saveRole(ctx, c, "", in)
	})
	handle(a, operation{id: "save-role", method: http.MethodPut, path: "/roles/{name}", tag: tagRoles, summary: "Change a role", permission: rbac.RolesEdit, match: true,
		doc: "Of the portal's own alone. Whoever holds it has what it gives with their next request."}, func(ctx context.Context, c *call, in *saveRoleIn) (*roleOut, error) {
		if r, ok := rbac.RoleNamed(c.tenant(), in.Name); !ok || !r.Own {
			return nil, tenants.ErrNotFound
		}
		return a.saveRole(ctx, c, in.Name, &in.NewRoleIn)
	})
	handle(a, operation{id: "delete-role", method: http.MethodDelete, path: "/roles/{name}", tag: tagRoles, summary: "Delete a role", permission: rbac.RolesEdit, match: true, conflict: true,
		status: http.StatusNoContent, doc: "Of the portal's own, that nobody holds."}, a.deleteRole)
	handle(a, operation{id: "list-person-roles", method: http.MethodGet, path: "/people/{id}/roles", tag: tagRoles, summary: "List what somebody holds", permission: rbac.RolesRead},
		func(ctx context.Context, c *call, in *ByID) (*givenOut, error) {
			return a.given(ctx, c, rbac.RolesRead, in.id())
		})
	handle(a, operation{id: "give-role", method: http.MethodPost, path: "/people/{id}/roles", tag: tagRoles, summary: "Give somebody a role", permission: rbac.RolesAssign, conflict: true,
		doc: "One that they held until a date they hold anew: the last word counts."}, a.giveRole)
	handle(a, operation{id: "take-role", method: http.MethodDelete, path: "/people/{id}/roles/{assignment}", tag: tagRoles, summary: "Take a role from somebody", permission: rbac.RolesAssign,
		conflict: true, status: http.StatusNoContent, doc: "One that is gone already is no problem."}, func(ctx context.Context, c *call, in *takeIn) (*struct{}, error) {
		if err := a.within(ctx, c, rbac.RolesAssign, in.id()); err != nil {
			return nil, err
		}
		return nil, a.Access.Take(ctx, c.tenant(), c.key.Subject, in.id(), parsed(in.Assignment))
	})
}

func (a *API) rolesVersion(ctx context.Context, c *call) (string, error) {
	version, err := a.Access.RolesVersion(ctx, c.tenant())
	return etag(numbered(version)), err
}

func (a *API) listRoles(ctx context.Context, c *call, _ *struct{}) (*rolesOut, error) {
	reach, err := a.reach(ctx, c, rbac.RolesRead)
	if err != nil {
		return nil, err
	}
	holders, err := a.Access.Holders(ctx, c.tenant(), reach)
	if err != nil {
		return nil, err
	}
	out := &rolesOut{Body: Roles{Items: []Role{}}}
	for _, r := range rbac.Roles(c.tenant()) {
		out.Body.Items = append(out.Body.Items, roleOf(r, holders[r.Name]))
	}
	out.ETag, err = a.rolesVersion(ctx, c)
	return out, err
}

func roleOf(r rbac.Role, holders int) Role {
	out := Role{Name: r.Name, Own: r.Own, Label: r.Label, Note: r.Note, Permissions: []string{}, Holders: holders}
	for _, p := range r.Permissions {
		out.Permissions = append(out.Permissions, string(p))
	}
	return out
}

// listed is the version of the roles that an If-Match means.
func (a *API) listed(ctx context.Context, c *call, header string) (int64, error) {
	tag, anyOne, err := matched(header)
	switch {
	case err != nil:
		return 0, err
	case anyOne:
		return a.Access.RolesVersion(ctx, c.tenant())
	}
	version, err := strconv.ParseInt(tag, 10, 64)
	if err != nil {
		return 0, problem(http.StatusPreconditionFailed, "changed")
	}
	return version, nil
}

func (a *API) saveRole(ctx context.Context, c *call, name string, in *NewRoleIn) (*roleOut, error) {
	version, err := a.listed(ctx, c, in.IfMatch)
	if err != nil {
		return nil, err
	}
	own := tenants.OwnRole{Name: name, Label: in.Body.Label, Note: in.Body.Note, Permissions: in.Body.Permissions}
	for _, p := range own.Permissions {
		if !rbac.Permission(p).Known() {
			return nil, at("/permissions", "unknown", "There is no permission "+strconv.Quote(p)+".")
		}
	}
	name, err = a.Access.SaveRole(ctx, c.tenant(), c.key.Subject, version, own)
	if err != nil {
		return nil, err
	}
	a.Web.Resolver.Forget(c.tenant().ID)
	now, err := a.Web.Resolver.ByID(ctx, c.tenant().ID)
	if err != nil {
		return nil, err
	}
	r, _ := rbac.RoleNamed(now, name)
	out := &roleOut{Location: c.v.Base + base + "/roles", Body: roleOf(r, 0)}
	out.ETag, err = a.rolesVersion(ctx, c)
	return out, err
}

func (a *API) deleteRole(ctx context.Context, c *call, in *deleteRoleIn) (*struct{}, error) {
	version, err := a.listed(ctx, c, in.IfMatch)
	if err != nil {
		return nil, err
	}
	if r, ok := rbac.RoleNamed(c.tenant(), in.Name); !ok || !r.Own {
		return nil, tenants.ErrNotFound
	}
	err = a.Access.DeleteRole(ctx, c.tenant(), c.key.Subject, version, in.Name)
	a.Web.Resolver.Forget(c.tenant().ID)
	return nil, err
}

// within holds that somebody is in reach of a permission of the key's.
func (a *API) within(ctx context.Context, c *call, p rbac.Permission, account uuid.UUID) error {
	reach, err := a.reach(ctx, c, p)
	if err != nil {
		return err
	}
	_, err = a.Access.Whom(ctx, c.tenant(), reach, account)
	return err
}

func (a *API) given(ctx context.Context, c *call, p rbac.Permission, account uuid.UUID) (*givenOut, error) {
	if err := a.within(ctx, c, p, account); err != nil {
		return nil, err
	}
	all, err := a.Access.Of(ctx, c.tenant(), c.key.Subject, account)
	out := &givenOut{Body: GivenRoles{Items: []Given{}}}
	for _, g := range all {
		one := Given{ID: g.ID.String(), Role: g.Role, GroupName: g.Group, GivenBy: g.GrantedBy, GivenAt: utc(g.CreatedAt), MayTake: g.May}
		if !g.Everywhere() {
			one.Group = g.Holding.Group.String()
		}
		if g.EndsAt != nil {
			one.EndsAt = utc(*g.EndsAt)
		}
		out.Body.Items = append(out.Body.Items, one)
	}
	return out, err
}

func (a *API) giveRole(ctx context.Context, c *call, in *giveIn) (*givenOut, error) {
	if err := a.within(ctx, c, rbac.RolesAssign, in.id()); err != nil {
		return nil, err
	}
	var ends *time.Time
	if !in.Body.EndsAt.IsZero() {
		ends = &in.Body.EndsAt
	}
	_, err := a.Access.Give(ctx, c.tenant(), c.key.Subject, in.id(), rbac.Holding{Role: in.Body.Role, Group: optional(in.Body.Group)}, ends)
	if err != nil {
		return nil, err
	}
	return a.given(ctx, c, rbac.RolesAssign, in.id())
}
