package api

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"portico/app/imports"
	"portico/app/visit"
	"portico/rbac"
	"portico/tenants"
)

// Import is one file of people on its way.
type Import struct {
	ID        string        `json:"id" format:"uuid"`
	State     string        `json:"state" enum:"mapping,judging,judged,running,done,cancelled,failed" doc:"mapping: say what the columns are; judged: look at foreseen, then start."`
	File      string        `json:"file" example:"people.csv"`
	Headings  []string      `json:"headings" nullable:"false"`
	Columns   []string      `json:"columns" nullable:"false" doc:"What each heading is taken for; empty: it is left out."`
	Options   ImportOptions `json:"options"`
	Rows      int           `json:"rows"`
	Percent   int           `json:"percent" doc:"How far the dry run or the run has come."`
	Foreseen  ImportCounts  `json:"foreseen" doc:"What the dry run says would happen."`
	Counts    ImportCounts  `json:"counts" doc:"What happened."`
	Reason    string        `json:"reason,omitempty" doc:"Why it failed: a word."`
	By        string        `json:"by" doc:"Who brought it."`
	CreatedAt time.Time     `json:"created_at"`
	EndedAt   time.Time     `json:"ended_at,omitzero"`
}

// ImportOptions are chosen beside the columns.
type ImportOptions struct {
	DisableMissing bool `json:"disable_missing,omitempty" doc:"Whoever has an external id and is not in the file; needs people.disable."`
	Ceiling        int  `json:"ceiling,omitempty" minimum:"0" maximum:"100" doc:"Of those, in percent of the people with an external id; 0 or missing is 10. Beyond it nothing starts."`
	Invite         bool `json:"invite,omitempty" doc:"Whoever has no password yet, in waves; needs people.invite."`
}

// ImportCounts are what came of the rows.
type ImportCounts struct {
	New      int `json:"new"`
	Changed  int `json:"changed"`
	Same     int `json:"same"`
	Refused  int `json:"refused"`
	Unread   int `json:"unread" doc:"Whose person cannot be told."`
	Missing  int `json:"missing" doc:"People with an external id who are not in the file."`
	Disabled int `json:"disabled"`
	Invites  int `json:"invites"`
}

// Imports are those of the last week.
type Imports struct {
	Items []Import `json:"items" nullable:"false"`
}

type importOut struct {
	ETag string `header:"ETag"`
	Body Import
}

type receivedOut struct {
	ETag     string `header:"ETag"`
	Location string `header:"Location"`
	Body     Import
}

type importsOut struct{ Body Imports }

type receiveIn struct {
	Name string `query:"name" maxLength:"200" default:"people.csv" doc:"What the file is called in the console."`
}

type columnsIn struct {
	ByID

	Body struct {
		Columns []string      `json:"columns" nullable:"false" maxItems:"100" enum:",external_id,display_name,email,username,user_id,locale,groups,roles,auth_phone,office_phone,auth_email,disabled,password_hash" doc:"One for each heading; empty leaves it out."`
		Options ImportOptions `json:"options,omitzero"`
	}
}

type startIn struct {
	ByID

	IfMatch string `header:"If-Match" doc:"The ETag of the import with the dry run that you looked at."`
}

func (a *API) importOperations() {
	csv := &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{"text/csv": {Schema: &huma.Schema{Type: "string"},
		Example: "external_id,display_name,email\nf-100,Nora New,nora@house.example\n"}}}
	handle(a, operation{id: "send-import", method: http.MethodPost, path: "/imports", tag: tagImports, summary: "Send a file of people", permission: rbac.PeopleImport, conflict: true, body: csv, upload: true,
		status: http.StatusCreated, doc: "CSV in UTF-8 with a line of headings, up to 32 MiB and 200,000 rows; it streams, so send its Content-Length. Nothing changes yet: set the columns, look at the dry run, then start."}, a.receive)
	handle(a, operation{id: "list-imports", method: http.MethodGet, path: "/imports", tag: tagImports, summary: "List imports", permission: rbac.PeopleImport, doc: "Those of the last week, the newest first."},
		func(ctx context.Context, c *call, _ *struct{}) (*importsOut, error) {
			all, err := a.Imports.List(ctx, c.tenant().ID)
			out := &importsOut{Body: Imports{Items: []Import{}}}
			for _, i := range all {
				out.Body.Items = append(out.Body.Items, importOf(i))
			}
			return out, err
		})
	handle(a, operation{id: "get-import", method: http.MethodGet, path: "/imports/{id}", tag: tagImports, summary: "Read an import", permission: rbac.PeopleImport, doc: "How far it has come. Ask again while it is judging or running."}, a.getImport)
	handle(a, operation{id: "set-import-columns", method: http.MethodPut, path: "/imports/{id}/columns", tag: tagImports, summary: "Say what the columns are, and begin the dry run", permission: rbac.PeopleImport, conflict: true},
		a.setColumns)
	handle(a, operation{id: "start-import", method: http.MethodPost, path: "/imports/{id}/start", tag: tagImports, summary: "Carry an import out", permission: rbac.PeopleImport, conflict: true, match: true,
		doc: "After a dry run, or to go on with one that was cancelled or failed. It goes on in the background with the rights of this key: a key that is revoked meanwhile ends it."}, a.startImport)
	handle(a, operation{id: "cancel-import", method: http.MethodPost, path: "/imports/{id}/cancel", tag: tagImports, summary: "Stop an import", permission: rbac.PeopleImport, conflict: true,
		doc: "What is done stays done."}, func(ctx context.Context, c *call, in *ByID) (*importOut, error) {
		if err := a.Imports.Cancel(ctx, c.tenant().ID, in.id()); err != nil {
			return nil, err
		}
		return a.getImport(ctx, c, in)
	})
	handle(a, operation{id: "discard-import", method: http.MethodDelete, path: "/imports/{id}", tag: tagImports, summary: "Remove an import", permission: rbac.PeopleImport, conflict: true, status: http.StatusNoContent,
		doc: "With its rows and its report; what it did stays."}, func(ctx context.Context, c *call, in *ByID) (*struct{}, error) {
		return nil, a.Imports.Discard(ctx, c.tenant().ID, in.id())
	})
	handle(a, operation{id: "get-import-result", method: http.MethodGet, path: "/imports/{id}/result", tag: tagImports, summary: "Read what came of each row", permission: rbac.PeopleImport,
		answer: "application/x-ndjson", doc: "One JSON document a row: `line`, `result` (new, changed, same, refused, missing), `external_id`, `why`, `column`."}, a.importResult)
}

func (c *call) importer() imports.By {
	return imports.By{Account: c.key.Subject.ID, Key: c.key.ID, Name: c.key.Name}
}

// receiveWithin bounds the reading of a file from a slow network, which its connection bounds first.
const receiveWithin = 3 * time.Minute

func (a *API) receive(ctx context.Context, c *call, in *receiveIn) (*receivedOut, error) {
	reading, cancel := context.WithTimeout(context.WithoutCancel(ctx), receiveWithin)
	defer cancel()
	id, err := a.Imports.Receive(reading, c.tenant().ID, c.importer(), in.Name, &bounded{from: c.file, left: imports.MaxBytes})
	if err != nil {
		return nil, err
	}
	i, err := a.Imports.Get(reading, c.tenant().ID, id)
	return &receivedOut{ETag: etag(numbered(i.Version())), Location: c.v.Base + base + "/imports/" + id.String(), Body: importOf(i)}, err
}

// bounded refuses a file that goes on beyond what may come.
type bounded struct {
	from io.Reader
	left int64
}

// Read reads; visit.ErrTooLarge beyond the bound.
func (b *bounded) Read(p []byte) (int, error) {
	n, err := b.from.Read(p)
	if b.left -= int64(n); b.left < 0 {
		return 0, visit.ErrTooLarge
	}
	return n, err
}

// find reads an import that has been read to its end.
func (a *API) find(ctx context.Context, c *call, in *ByID) (imports.Import, error) {
	i, err := a.Imports.Get(ctx, c.tenant().ID, in.id())
	if err == nil && i.State == imports.Reading {
		err = tenants.ErrNotFound
	}
	return i, err
}

func (a *API) getImport(ctx context.Context, c *call, in *ByID) (*importOut, error) {
	i, err := a.find(ctx, c, in)
	return &importOut{ETag: etag(numbered(i.Version())), Body: importOf(i)}, err
}

func importOf(i imports.Import) Import {
	out := Import{ID: i.ID.String(), State: string(i.State), File: i.FileName, Headings: orNone(i.Headings), Columns: []string{},
		Options: ImportOptions{DisableMissing: i.Options.DisableMissing, Ceiling: i.Options.Ceiling, Invite: i.Options.Invite}, Rows: i.Rows, Percent: i.Percent(),
		Foreseen: countsOf(i.Foreseen), Counts: countsOf(i.Counts), Reason: i.Reason, By: i.By.Name, CreatedAt: utc(i.CreatedAt), EndedAt: utc(i.EndedAt)}
	for _, f := range i.Fields {
		out.Columns = append(out.Columns, string(f))
	}
	return out
}

func countsOf(n imports.Counts) ImportCounts {
	return ImportCounts{New: n.New, Changed: n.Changed, Same: n.Same, Refused: n.Refused, Unread: n.Unread, Missing: n.Missing, Disabled: n.Disabled, Invites: n.Invites}
}

func (a *API) setColumns(ctx context.Context, c *call, in *columnsIn) (*importOut, error) {
	i, err := a.find(ctx, c, &in.ByID)
	if err != nil {
		return nil, err
	}
	if len(in.Body.Columns) != len(i.Headings) {
		return nil, at("/columns", "count", "The file has "+strconv.Itoa(len(i.Headings))+" columns.")
	}
	i.Fields = nil
	for _, name := range in.Body.Columns {
		i.Fields = append(i.Fields, imports.Field(name))
	}
	o := imports.Options{DisableMissing: in.Body.Options.DisableMissing, Ceiling: in.Body.Options.Ceiling, Invite: in.Body.Options.Invite}
	if o.Ceiling == 0 {
		o.Ceiling = imports.DefaultCeiling
	}
	if err := a.Imports.Allows(c.tenant(), c.key.Subject, o); err != nil {
		return nil, needed(err)
	}
	if err := a.Imports.Judge(ctx, c.tenant().ID, i.ID, c.importer(), i.Fields, o); err != nil {
		return nil, err
	}
	return a.getImport(ctx, c, &in.ByID)
}

func needed(err error) error {
	var needs *imports.NeedsError
	if !errors.As(err, &needs) {
		return err
	}
	if needs.Off {
		return problem(http.StatusConflict, "not_here").because("The policy takes nobody by invitation.")
	}
	return notPermitted(string(needs.Permission))
}

func (a *API) startImport(ctx context.Context, c *call, in *startIn) (*importOut, error) {
	tag, anyOne, err := matched(in.IfMatch)
	if err != nil {
		return nil, err
	}
	i, err := a.find(ctx, c, &in.ByID)
	if err != nil {
		return nil, err
	}
	if !anyOne && tag != numbered(i.Version()) {
		return nil, tenants.ErrChanged
	}
	if err := a.Imports.Allows(c.tenant(), c.key.Subject, imports.Options{Invite: i.Options.Invite, DisableMissing: i.Options.DisableMissing}); err != nil {
		return nil, needed(err)
	}
	if err := a.Imports.StartSeen(ctx, c.tenant().ID, i.ID, c.importer(), i.Version()); err != nil {
		return nil, err
	}
	return a.getImport(ctx, c, &in.ByID)
}

// Verdict is what came of one row.
type verdict struct {
	Line       int    `json:"line,omitempty"`
	Result     string `json:"result"`
	ExternalID string `json:"external_id,omitempty"`
	Why        string `json:"why,omitempty"`
	Column     int    `json:"column,omitempty"`
}

func (a *API) importResult(ctx context.Context, c *call, in *ByID) (*streamed, error) {
	i, err := a.find(ctx, c, in)
	if err != nil {
		return nil, err
	}
	return a.stream(c, "application/x-ndjson", "import-result.jsonl", func(ctx context.Context, w io.Writer, flush func() error) error {
		e, n := json.NewEncoder(w), 0
		return a.Imports.Report(ctx, c.tenant().ID, i, func(v imports.Verdict) error {
			if n++; n%1000 == 0 {
				if err := flush(); err != nil {
					return err
				}
			}
			return e.Encode(verdict{Line: v.Line, Result: v.Result, ExternalID: v.ExternalID, Why: v.Why, Column: v.Column})
		})
	}), nil
}
