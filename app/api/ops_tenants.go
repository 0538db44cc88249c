package api

import (
	"context"
	"net/http"
	"time"

	"portico/app/apikeys"
	"portico/app/audit"
	"portico/app/directory"
	"portico/tenants"
)

// TenantRow is one tenant of the directory.
type TenantRow struct {
	ID        string    `json:"id" format:"uuid"`
	Slug      string    `json:"slug" example:"house"`
	Name      string    `json:"name" example:"Example House"`
	State     string    `json:"state" enum:"draft,live,suspended,leaving"`
	Address   string    `json:"address" format:"uri" doc:"The canonical address."`
	CreatedAt time.Time `json:"created_at"`
	UpdatedAt time.Time `json:"updated_at"`
	LeavesAt  time.Time `json:"leaves_at,omitzero" doc:"From then on it may be purged."`
	Waiting   int       `json:"hosts_waiting" doc:"Hosts of its own that DNS has not shown to be its own."`
	Lost      int       `json:"hosts_lost" doc:"Those that were, and are no longer."`
	Tried     bool      `json:"tried" doc:"The test run was done."`
}

// TenantPage is one page of the directory.
type TenantPage struct {
	Items []TenantRow `json:"items" nullable:"false"`
	Next  string      `json:"next,omitempty"`
	Count int         `json:"count" doc:"Of all pages together, as far as they are counted."`
	More  bool        `json:"more" doc:"There are more than count."`
}

type listTenantsIn struct {
	Search string `query:"search" maxLength:"100" doc:"The beginning of a slug, a name or a host."`
	State  string `query:"state" enum:"draft,live,suspended,leaving"`
	Cursor string `query:"cursor" maxLength:"600"`
}

type listTenantsOut struct {
	Link string `header:"Link"`
	Body TenantPage
}

type tenantRowOut struct{ Body TenantRow }

type createdTenantOut struct {
	Location string `header:"Location"`
	Body     TenantRow
}

type createTenantIn struct {
	Body struct {
		Slug   string `json:"slug" maxLength:"63" example:"house"`
		Name   string `json:"name" minLength:"1" maxLength:"200" example:"Example House"`
		Preset string `json:"preset,omitempty" maxLength:"40" doc:"The rules that it begins with: email-link, two-gate, customer-portal, nist; missing: the usual one." example:"email-link"`
	}
}

type setStateIn struct {
	SlugIn

	Body struct {
		State  string `json:"state" enum:"live,suspended,leaving"`
		Reason string `json:"reason,omitempty" maxLength:"500" doc:"For the audits of the platform and of the tenant; needed for everything but live."`
	}
}

func (a *API) directoryOperations() {
	handle(a, operation{id: "list-tenants", method: http.MethodGet, path: "/tenants", tag: tagTenants, summary: "List tenants", scope: apikeys.TenantsRead, doc: "By name."}, a.listTenants)
	handle(a, operation{id: "create-tenant", method: http.MethodPost, path: "/tenants", tag: tagTenants, summary: "Begin a tenant", scope: apikeys.TenantsEdit, conflict: true, status: http.StatusCreated,
		doc: "A draft, under the rules of a preset. It serves nobody before it is live."}, a.createTenant)
	handle(a, operation{id: "read-tenant", method: http.MethodGet, path: "/tenants/{slug}", tag: tagTenants, summary: "Read a tenant", scope: apikeys.TenantsRead},
		func(ctx context.Context, _ *call, in *SlugIn) (*tenantRowOut, error) {
			t, err := a.Directory.Get(ctx, in.Slug)
			return &tenantRowOut{Body: tenantRow(t)}, err
		})
	handle(a, operation{id: "set-tenant-state", method: http.MethodPost, path: "/tenants/{slug}/state", tag: tagTenants, summary: "Open or close a tenant", scope: apikeys.TenantsEdit, conflict: true,
		doc: "Anything but live closes the door at once, on every instance, and ends every session. A draft goes live once its steps are done."}, a.setState)
}

// operator is who acts, for the directory.
func (c *call) operator() directory.By {
	return directory.By{Actor: audit.KeyActor(c.key.ID), Name: c.key.Name}
}

func tenantRow(t directory.Customer) TenantRow {
	return TenantRow{ID: t.ID.String(), Slug: t.Slug, Name: t.Name, State: string(t.State), Address: t.Address, CreatedAt: utc(t.CreatedAt), UpdatedAt: utc(t.UpdatedAt),
		LeavesAt: utc(t.LeavesAt), Waiting: t.Waiting, Lost: t.Lost, Tried: t.Tried}
}

func (a *API) listTenants(ctx context.Context, c *call, in *listTenantsIn) (*listTenantsOut, error) {
	page, err := a.Directory.List(ctx, directory.Query{Typed: in.Search, State: tenants.State(in.State), Cursor: in.Cursor})
	if err != nil {
		return nil, err
	}
	out := &listTenantsOut{Link: c.next(page.After), Body: TenantPage{Items: []TenantRow{}, Next: page.After, Count: page.Count, More: page.More}}
	for _, t := range page.Rows {
		out.Body.Items = append(out.Body.Items, tenantRow(t))
	}
	return out, nil
}

func (a *API) createTenant(ctx context.Context, c *call, in *createTenantIn) (*createdTenantOut, error) {
	if _, known := tenants.Preset(in.Body.Preset); in.Body.Preset != "" && !known {
		return nil, at("/preset", "unknown", "There is no such preset.")
	}
	t, err := a.Directory.Create(ctx, c.operator(), directory.New{Slug: in.Body.Slug, Name: in.Body.Name, Preset: in.Body.Preset})
	return &createdTenantOut{Location: base + "/tenants/" + t.Slug, Body: tenantRow(t)}, err
}

func (a *API) setState(ctx context.Context, c *call, in *setStateIn) (*tenantRowOut, error) {
	if err := a.Directory.SetState(ctx, c.operator(), in.Slug, tenants.State(in.Body.State), in.Body.Reason); err != nil {
		return nil, err
	}
	t, err := a.Directory.Get(ctx, in.Slug)
	return &tenantRowOut{Body: tenantRow(t)}, err
}
