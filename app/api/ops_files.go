package api

import (
	"context"
	"io"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"portico/app/apikeys"
	"portico/app/audit"
	"portico/app/tenantfile"
	"portico/tenants"
)

// Plan is what a file changes, or would.
type Plan struct {
	Slug    string     `json:"slug"`
	Create  bool       `json:"create" doc:"The tenant is new."`
	Applied bool       `json:"applied" doc:"False of a plan that was only asked for, and where nothing changes."`
	Changes []PlanLine `json:"changes" nullable:"false"`
	Notes   []string   `json:"notes" nullable:"false" doc:"What to know beside the changes."`
}

// PlanLine is one line of a plan.
type PlanLine struct {
	Action string `json:"action" enum:"create,change,remove,keep"`
	Field  string `json:"field" doc:"As the tenant file writes it." example:"policy.link.ttl"`
	Old    string `json:"old,omitempty"`
	New    string `json:"value,omitempty"`
}

// SlugIn is the slug in a path.
type SlugIn struct {
	Slug string `path:"slug" pattern:"^[a-z0-9-]{1,63}$" maxLength:"63" example:"house"`
}

type applyIn struct {
	SlugIn

	DryRun bool `query:"dry_run" doc:"Plan alone, and change nothing."`
}

type planOut struct{ Body Plan }

type exportOut struct {
	ContentType string `header:"Content-Type"`
	Body        []byte
}

func (a *API) fileOperations() {
	yaml := &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{"application/yaml": {Schema: &huma.Schema{Type: "string"},
		Example: "portico: 1\nslug: house\nname: Example House\n"}}}
	handle(a, operation{id: "apply-tenant-file", method: http.MethodPut, path: "/tenants/{slug}/file", tag: tagTenants, summary: "Make a tenant what a file says", scope: apikeys.TenantsApply, conflict: true, body: yaml,
		doc: "One transaction: all of it, or nothing, with every fault by line. Hosts serve once DNS has shown that they are the tenant's. Secrets that the file names (env:, file:) are read by the command line alone, so such a file is refused here."}, a.applyFile)
	handle(a, operation{id: "export-tenant-file", method: http.MethodGet, path: "/tenants/{slug}/file", tag: tagTenants, summary: "Read a tenant as its file", scope: apikeys.TenantsExport, answer: "application/yaml",
		doc: "The file that would change nothing. Secrets are never in it."}, func(ctx context.Context, _ *call, in *SlugIn) (*exportOut, error) {
		out, err := a.Files.Export(ctx, in.Slug)
		return &exportOut{ContentType: "application/yaml", Body: out}, err
	})
}

func (a *API) applyFile(ctx context.Context, c *call, in *applyIn) (*planOut, error) {
	text, err := io.ReadAll(c.file)
	if err != nil {
		return nil, err
	}
	file, faults := tenants.ParseFile(text)
	if len(faults) > 0 {
		return nil, &tenantfile.Refused{Faults: faults}
	}
	if file.Slug != in.Slug {
		return nil, problem(http.StatusUnprocessableEntity, "file_refused").with(Fault{Code: "slug", Detail: "The file is about another tenant than the address."})
	}
	o := tenantfile.Options{By: audit.KeyActor(c.key.ID)}
	plan, err := a.Files.Plan(ctx, file, o)
	if err != nil {
		return nil, err
	}
	applied := !in.DryRun && !plan.Empty()
	if applied {
		o.Shown = &plan // under the tenant's lock; what somebody else did meanwhile is not overrun
		if plan, err = a.Files.Apply(ctx, file, o); err != nil {
			return nil, err
		}
		a.forget(ctx, in.Slug)
	}
	out := Plan{Slug: plan.Slug, Create: plan.Create, Applied: applied, Changes: []PlanLine{}, Notes: orNone(plan.Notes)}
	for _, x := range plan.Changes {
		out.Changes = append(out.Changes, PlanLine{Action: x.Action, Field: x.Field, Old: x.Old, New: x.New})
	}
	return &planOut{Body: out}, nil
}

// forget lets this instance look anew at once; others hear of it.
func (a *API) forget(ctx context.Context, slug string) {
	if t, err := a.Web.Resolver.BySlug(ctx, slug); err == nil {
		a.Web.Resolver.Forget(t.ID)
	}
}
