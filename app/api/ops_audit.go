package api

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"portico/app/audit"
	"portico/app/insight"
	"portico/rbac"
	"portico/tenants"
)

// Event is one thing that happened.
type Event struct {
	ID            string          `json:"id" format:"uuid"`
	At            time.Time       `json:"at"`
	Kind          string          `json:"kind" example:"account.disabled"`
	Outcome       string          `json:"outcome" enum:"success,failure,denied"`
	Reason        string          `json:"reason,omitempty"`
	Actor         string          `json:"actor" doc:"Who did it: account:<id>, key:<id>, operator, system, anonymous." example:"key:0198c0de-0000-7000-8000-000000000000"`
	Person        string          `json:"person,omitempty" format:"uuid" doc:"Whom it is about."`
	ClientAddress string          `json:"client_address,omitempty"`
	RequestID     string          `json:"request_id,omitempty"`
	Details       json.RawMessage `json:"details,omitempty" doc:"What belongs to the kind: before and after, counts, methods."`
}

// EventPage is one page of events.
type EventPage struct {
	Items []Event `json:"items" nullable:"false"`
	Next  string  `json:"next,omitempty"`
}

// EventFilter narrows what happened.
type EventFilter struct {
	Person  string    `query:"person" format:"uuid" doc:"Whom it is about."`
	By      string    `query:"by" format:"uuid" doc:"The account that did it, to somebody else or to the portal."`
	Kind    string    `query:"kind" maxLength:"60" pattern:"^[a-z_]+([.][a-z_]+)+$" example:"account.disabled"`
	Outcome string    `query:"outcome" enum:"success,failure,denied"`
	Since   time.Time `query:"since" doc:"From then on."`
	Until   time.Time `query:"until" doc:"Before then."`
}

type listEventsIn struct {
	EventFilter

	Cursor string `query:"cursor" maxLength:"600"`
}

type listEventsOut struct {
	Link string `header:"Link"`
	Body EventPage
}

type eventOut struct{ Body Event }

type exportEventsIn struct {
	EventFilter

	Format string `query:"format" enum:"csv,jsonl" default:"jsonl"`
}

// streamed is an answer that is written piece by piece.
type streamed struct {
	Body func(huma.Context)
}

func (a *API) auditOperations() {
	handle(a, operation{id: "list-events", method: http.MethodGet, path: "/audit", tag: tagAudit, summary: "List what happened", permission: rbac.AuditRead,
		doc: "The newest first."}, a.listEvents)
	handle(a, operation{id: "export-events", method: http.MethodGet, path: "/audit/export", tag: tagAudit, summary: "Take the audit out", permission: rbac.AuditExport, missing: true,
		answer: "application/x-ndjson", doc: "Everything that the filter lets through, as JSON lines or, with `format=csv`, as CSV (text/csv). That it was taken out is itself written down. The key needs `audit.read`, too."}, a.exportEvents)
	handle(a, operation{id: "get-event", method: http.MethodGet, path: "/audit/{id}", tag: tagAudit, summary: "Read one event", permission: rbac.AuditRead},
		func(ctx context.Context, c *call, in *ByID) (*eventOut, error) {
			reach, err := a.reach(ctx, c, rbac.AuditRead)
			if err != nil {
				return nil, err
			}
			var row audit.Row
			err = a.DB.In(ctx, c.tenant().ID, func(s *tenants.Scope) (err error) {
				row, err = audit.Find(ctx, s, in.id(), reached(audit.Filter{}, reach))
				return err
			})
			return &eventOut{Body: eventOf(row)}, err
		})
}

func reached(f audit.Filter, reach rbac.Reach) audit.Filter {
	if !reach.Everywhere {
		f.Groups = &reach.Groups
	}
	return f
}

func (f EventFilter) domain(reach rbac.Reach) audit.Filter {
	out := reached(audit.Filter{Outcome: audit.Outcome(f.Outcome), Since: f.Since, Until: f.Until}, reach)
	if f.Kind != "" {
		out.Kinds = []audit.Kind{audit.Kind(f.Kind)}
	}
	if f.Person != "" {
		id := parsed(f.Person)
		out.Account = &id
	}
	if f.By != "" {
		id := parsed(f.By)
		out.By = &id
	}
	return out
}

func eventOf(r audit.Row) Event {
	e := Event{ID: r.ID.String(), At: utc(r.At), Kind: string(r.Kind), Outcome: string(r.Outcome), Reason: r.Reason, Actor: r.Actor, ClientAddress: r.ClientAddress,
		RequestID: r.RequestID, Details: r.Details}
	if r.AccountID != nil {
		e.Person = r.AccountID.String()
	}
	return e
}

func (a *API) listEvents(ctx context.Context, c *call, in *listEventsIn) (*listEventsOut, error) {
	reach, err := a.reach(ctx, c, rbac.AuditRead)
	if err != nil {
		return nil, err
	}
	f := in.domain(reach)
	f.Limit = pageRows + 1
	if f.Before, err = a.opened(c.tenant().ID, "audit", in.Cursor); err != nil {
		return nil, err
	}
	var rows []audit.Row
	err = a.DB.In(ctx, c.tenant().ID, func(s *tenants.Scope) (err error) {
		rows, err = audit.List(ctx, s, f)
		return err
	})
	if err != nil {
		return nil, err
	}
	out := &listEventsOut{Body: EventPage{Items: []Event{}}}
	rows, out.Body.Next = cut(rows, func(r audit.Row) string { return a.sealed(c.tenant().ID, "audit", r.ID) })
	for _, r := range rows {
		out.Body.Items = append(out.Body.Items, eventOf(r))
	}
	out.Link = c.next(out.Body.Next)
	return out, nil
}

func (a *API) exportEvents(ctx context.Context, c *call, in *exportEventsIn) (*streamed, error) {
	if !c.tenant().Policy.Audit.Export {
		return nil, problem(http.StatusNotFound, "not_here")
	}
	reads, err := a.reach(ctx, c, rbac.AuditRead)
	if err != nil {
		return nil, err
	}
	takes, err := a.reach(ctx, c, rbac.AuditExport)
	if err != nil {
		return nil, err
	}
	f := in.domain(reads.And(takes))
	err = a.DB.In(ctx, c.tenant().ID, func(s *tenants.Scope) error { return insight.Taken(ctx, s, in.Format, in.kept()) })
	if err != nil {
		return nil, err
	}
	now := c.v.Clock.Now()
	if f.Until.IsZero() || f.Until.After(now) {
		f.Until = now // a file ends, however much goes on happening
	}
	media, name := "application/x-ndjson", "audit-"+c.tenant().Slug+"-"+now.UTC().Format(time.DateOnly)+"."+in.Format
	if in.Format == insight.CSV {
		media = "text/csv; charset=utf-8"
	}
	return a.stream(c, media, name, func(ctx context.Context, w io.Writer, flush func() error) error {
		return insight.Export(ctx, a.DB, c.tenant().ID, f, in.Format, w, flush)
	}), nil
}

// kept is the filter as the audit keeps it: it holds ids alone.
func (f EventFilter) kept() string {
	q := url.Values{}
	for name, value := range map[string]string{"person": f.Person, "by": f.By, "kind": f.Kind, "outcome": f.Outcome} {
		if value != "" {
			q.Set(name, value)
		}
	}
	for name, at := range map[string]time.Time{"from": f.Since, "to": f.Until} {
		if !at.IsZero() {
			q.Set(name, at.UTC().Format(time.RFC3339))
		}
	}
	return q.Encode()
}

// stream is an answer that is never whole in memory.
func (a *API) stream(c *call, media, name string, write func(ctx context.Context, w io.Writer, flush func() error) error) *streamed {
	return &streamed{Body: func(ctx huma.Context) {
		f, v := raw(ctx)
		if err := v.Stream(media, name, write); err != nil {
			a.refuse(f, err)
		}
		headers(f.Context(), v.Secure())
	}}
}
