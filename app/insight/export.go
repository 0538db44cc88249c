package insight

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"io"
	"time"

	"portico/app/audit"
	"portico/app/sheets"
	"portico/tenants"
)

// Formats of a file of events.
const (
	CSV   = "csv"
	Lines = "jsonl"
)

// exported is one event in a file of JSON lines.
type exported struct {
	ID       string          `json:"id"`
	At       time.Time       `json:"at"`
	Kind     string          `json:"kind"`
	Outcome  string          `json:"outcome"`
	Reason   string          `json:"reason,omitempty"`
	Actor    string          `json:"actor"`
	ByName   string          `json:"actor_name,omitempty"`
	Account  string          `json:"account_id,omitempty"`
	Name     string          `json:"account_name,omitempty"`
	From     string          `json:"client_address,omitempty"`
	Request  string          `json:"request_id,omitempty"`
	Detailed json.RawMessage `json:"details,omitempty"`
}

// Taken writes down that events are taken out as a file; filter is what it was narrowed by, without what anybody
// typed.
func Taken(ctx context.Context, s *tenants.Scope, format, filter string) error {
	return audit.Write(ctx, s, audit.Event{Kind: audit.Exported, Outcome: audit.Success, Details: map[string]any{"format": format, "filter": filter}})
}

// Export writes every event that a filter lets through, newest first, with the names of today; it calls
// flush after each thousand. Cells of a CSV that a spreadsheet would run as a formula begin with an
// apostrophe.
func Export(ctx context.Context, db *tenants.DB, tenant tenants.ID, f audit.Filter, format string, w io.Writer, flush func() error) error {
	var names Names
	write := newLines(w)
	if format == CSV {
		write = newCSV(w)
		if err := write.head(); err != nil {
			return err
		}
	}
	first := true
	look := func(s *tenants.Scope, rows []audit.Row) (err error) {
		names, err = NamesOf(ctx, s, rows)
		if err != nil || first {
			first = false
			return err
		}
		if err := write.done(); err != nil {
			return err
		}
		return flush()
	}
	err := audit.Walk(ctx, db, tenant, f, look, func(r audit.Row) error { return write.row(exportedOf(r, names)) })
	if err != nil {
		return err
	}
	return write.done()
}

func exportedOf(r audit.Row, names Names) exported {
	e := exported{ID: r.ID.String(), At: r.At.UTC(), Kind: string(r.Kind), Outcome: string(r.Outcome), Reason: r.Reason, Actor: r.Actor,
		From: r.ClientAddress, Request: r.RequestID, Detailed: r.Details}
	if id, ok := audit.ActorID(r.Actor); ok {
		e.ByName = names[id]
	}
	if r.AccountID != nil {
		e.Account, e.Name = r.AccountID.String(), names[*r.AccountID]
	}
	return e
}

// table writes events in one of the formats.
type table struct {
	head func() error
	row  func(exported) error
	done func() error
}

func newLines(w io.Writer) table {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	return table{row: func(e exported) error { return encoder.Encode(e) }, done: func() error { return nil }}
}

func newCSV(w io.Writer) table {
	c := csv.NewWriter(w)
	return table{
		head: func() error {
			return c.Write([]string{"id", "at", "kind", "outcome", "reason", "actor", "actor_name", "account_id", "account_name", "client_address", "request_id", "details"})
		},
		row: func(e exported) error {
			cells := []string{e.ID, e.At.Format(time.RFC3339Nano), e.Kind, e.Outcome, e.Reason, e.Actor, e.ByName, e.Account, e.Name, e.From, e.Request, string(e.Detailed)}
			for i, cell := range cells {
				cells[i] = sheets.Cell(cell)
			}
			return c.Write(cells)
		},
		done: func() error { c.Flush(); return c.Error() },
	}
}
