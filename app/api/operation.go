package api

import (
	"context"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humafiber"
	"github.com/gofiber/fiber/v2"

	"portico/app/visit"
	"portico/rbac"
)

const metaPlatform = "platform"

// operation is what is said of one operation beside its types.
type operation struct {
	id      string
	method  string
	path    string // below /api/v1
	tag     string
	summary string
	doc     string

	permission rbac.Permission   // that the key needs; "" is any key of the tenant's
	scope      string            // or, on the platform's own host, that a key of the platform's needs
	status     int               // of success; 0 is 200, and 204 where nothing is said
	match      bool              // needs If-Match
	conflict   bool              // may be 409
	missing    bool              // may be 404 though its path names nothing
	sends      bool              // may be 429 for what it sends
	once       bool              // takes an Idempotency-Key; all POSTs do
	body       *huma.RequestBody // of one that is no JSON document
	upload     bool              // it streams, up to 32 MiB
	answer     string            // media type of an answer that is no JSON document
}

const base = "/api/v1"

// request is the description of an operation's body; nil is none.
func (a *API) request(op Operation) *huma.RequestBody {
	item := a.huma.OpenAPI().Paths[specPath(op.Path)]
	if item == nil {
		return nil
	}
	for method, of := range methodsOf(item) {
		if method == op.Method {
			return of.RequestBody
		}
	}
	return nil
}

// specPath is a path as the description writes it.
func specPath(path string) string {
	parts := strings.Split(path, "/")
	for i, p := range parts {
		if name, ok := strings.CutPrefix(p, ":"); ok {
			parts[i] = "{" + name + "}"
		}
	}
	return strings.Join(parts, "/")
}

func methodsOf(p *huma.PathItem) map[string]*huma.Operation {
	all := map[string]*huma.Operation{http.MethodGet: p.Get, http.MethodPost: p.Post, http.MethodPut: p.Put, http.MethodPatch: p.Patch, http.MethodDelete: p.Delete}
	for method, op := range all {
		if op == nil {
			delete(all, method)
		}
	}
	return all
}

// handle registers an operation: its guards, its description, and do behind them. What do refuses becomes a
// problem by the table.
func handle[I, O any](a *API, o operation, do func(ctx context.Context, c *call, in *I) (*O, error)) {
	needs := string(o.permission)
	if o.scope != "" {
		needs = o.scope
	}
	op := Operation{Method: o.method, Path: strings.NewReplacer("{", ":", "}", "").Replace(base + o.path), ID: o.id, Permission: needs, Platform: o.scope != "",
		Upload: o.upload, Keep: o.method == http.MethodPost && !o.upload}
	o.once = op.Keep
	a.ops = append(a.ops, op)
	desc := a.described(o, needs)
	desc.Middlewares = huma.Middlewares{a.guard(op)}
	huma.Register(a.huma, desc, func(ctx context.Context, in *I) (*O, error) {
		c := callOf(ctx)
		out, err := do(ctx, c, in)
		if err != nil {
			return nil, a.refused(ctx, c, err)
		}
		return out, nil
	})
}

// refused makes the problem of an error, with the request's id, and logs what was nobody's fault but ours.
func (a *API) refused(_ context.Context, c *call, err error) error {
	p := *problemOf(err, c.v.Clock.Now())
	p.Request = c.v.ID()
	if p.Status >= http.StatusInternalServerError {
		c.v.Log.Error("a request to the API failed", "request", c.v.ID(), "status", p.Status, "code", p.Code, "route", c.v.C.Route().Path, "error", err)
	}
	return &p
}

// described is an operation's description.
func (a *API) described(o operation, needs string) huma.Operation {
	problemSchema := a.huma.OpenAPI().Components.Schemas.Schema(reflect.TypeFor[Problem](), true, "Problem")
	security, doc := "tenantKey", o.doc
	if o.scope != "" {
		security = "platformKey"
		doc += "\n\nAnswers on the platform's own host alone, to keys of the platform."
	}
	if needs != "" {
		doc += "\n\nThe key needs `" + needs + "`."
	}
	statuses := []int{400, 401, 422, 429, 500, 503}
	add := func(when bool, all ...int) {
		if when {
			statuses = append(statuses, all...)
		}
	}
	add(needs != "", 403)
	add(o.missing || strings.Contains(o.path, "{"), 404)
	add(o.conflict || o.once, 409)
	add(o.match, 412, 428)
	add(o.method == http.MethodPost || o.method == http.MethodPut || o.method == http.MethodPatch, 413, 415)
	slices.Sort(statuses)
	d := huma.Operation{OperationID: o.id, Method: o.method, Path: base + o.path, Tags: []string{o.tag}, Summary: o.summary, Description: strings.TrimSpace(doc),
		DefaultStatus: o.status, Security: []map[string][]string{{security: {}}}, Responses: map[string]*huma.Response{}, RequestBody: o.body,
		RejectUnknownQueryParameters: true, MaxBodyBytes: 1 << 20, Metadata: map[string]any{metaPlatform: o.scope != ""}}
	if needs != "" {
		d.Extensions = map[string]any{"x-permission": needs}
	}
	for _, status := range slices.Compact(statuses) {
		d.Responses[strconv.Itoa(status)] = &huma.Response{Description: http.StatusText(status),
			Content: map[string]*huma.MediaType{problemType: {Schema: problemSchema}}}
	}
	if o.answer != "" {
		d.Responses["200"] = &huma.Response{Description: "OK", Content: map[string]*huma.MediaType{o.answer: {Schema: &huma.Schema{Type: "string"}}}}
	}
	if o.once {
		most := 200
		d.Parameters = append(d.Parameters, &huma.Param{Name: headerIdempotency, In: "header", Schema: &huma.Schema{Type: "string", MaxLength: &most},
			Description: "A name of your own for this request. Sent again with the same name within 24 hours, it is not done again: you get the answer of the first time.",
			Example:     "0b7f9c0e-3f0a-4f0e-9a57-2b1d5c2f7a11"})
	}
	return d
}

// matched is the version of an If-Match header: 428 without one, 412 for a tag that is none of ours. "*" is any.
func matched(header string) (tag string, any bool, err error) {
	switch {
	case header == "":
		return "", false, problem(http.StatusPreconditionRequired, "match_needed")
	case header == "*":
		return "", true, nil
	}
	tag, ok := strings.CutPrefix(header, `"`)
	tag, closed := strings.CutSuffix(tag, `"`)
	if !ok || !closed || strings.ContainsAny(tag, `",`) {
		return "", false, problem(http.StatusPreconditionFailed, "changed")
	}
	return tag, false, nil
}

// match holds an If-Match header against the version that stands.
func match(header, standing string) error {
	tag, anyOne, err := matched(header)
	if err == nil && !anyOne && tag != standing {
		err = problem(http.StatusPreconditionFailed, "changed")
	}
	return err
}

func etag(version string) string { return `"` + version + `"` }

func numbered(version int64) string { return strconv.FormatInt(version, 10) }

// next is the Link header (RFC 8288) of the page behind a cursor; "" where there is none.
func (c *call) next(cursor string) string {
	if cursor == "" {
		return ""
	}
	q, err := url.ParseQuery(string(c.v.C.Context().URI().QueryString()))
	if err != nil {
		return ""
	}
	q.Set("cursor", cursor)
	return "<" + c.v.Base + c.v.C.Path() + "?" + q.Encode() + `>; rel="next"`
}

// raw reaches the request behind an answer that is written piece by piece.
func raw(ctx huma.Context) (*fiber.Ctx, *visit.Visit) {
	f := humafiber.Unwrap(ctx)
	return f, visit.Of(f)
}
