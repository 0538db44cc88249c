package audit

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"portico/tenants"
)

// Filter narrows a list; zero fields do not. Before is the id of the last row of the page before, After that
// of the first row of the page behind; of the two, one at most is given.
type Filter struct {
	Account *uuid.UUID // whom it is about
	By      *uuid.UUID // who did it, to somebody else or to the tenant
	Kinds   []Kind
	Outcome Outcome
	Since   time.Time    // from then on
	Until   time.Time    // before then
	Groups  *[]uuid.UUID // nil: the whole tenant; else only what is about people in one of these groups
	Before  uuid.UUID
	After   uuid.UUID
	Limit   int // 50 when zero, 1000 at most
}

// Row is an event as it was kept.
type Row struct {
	ID            uuid.UUID
	At            time.Time
	Kind          Kind
	Outcome       Outcome
	Reason        string
	Actor         string
	AccountID     *uuid.UUID
	ClientAddress string
	RequestID     string
	Details       json.RawMessage // nil when there were none
}

const maxRows = 1_000

// List reads events of the scope's tenant, newest first. Two rows of one microsecond have no order
// between them, but the same one in every page.
func List(ctx context.Context, s *tenants.Scope, f Filter) ([]Row, error) {
	limit := f.Limit
	if limit <= 0 {
		limit = 50
	}
	where, args := f.where(s.Tenant())
	order := "DESC"
	if f.After != (uuid.UUID{}) {
		order = "ASC"
	}
	rows, err := read(ctx, s, fmt.Sprintf("%s ORDER BY e.id %s LIMIT %d", where, order, min(limit, maxRows)), args)
	if order == "ASC" {
		slices.Reverse(rows)
	}
	return rows, err
}

// Find reads one event that a filter lets through; ErrNotFound otherwise. Only the filter's Groups count.
func Find(ctx context.Context, s *tenants.Scope, id uuid.UUID, f Filter) (Row, error) {
	where, args := Filter{Groups: f.Groups}.where(s.Tenant())
	args = append(args, id)
	rows, err := read(ctx, s, fmt.Sprintf("%s AND e.id = $%d", where, len(args)), args)
	if err == nil && len(rows) == 0 {
		err = tenants.ErrNotFound
	}
	if err != nil {
		return Row{}, err
	}
	return rows[0], nil
}

// where puts the conditions together from those that narrow, so that each list is planned by its own.
func (f Filter) where(tenant tenants.ID) (string, []any) {
	args := []any{tenant}
	var stmt strings.Builder
	stmt.WriteString("WHERE e.tenant_id = $1")
	add := func(condition string, arg any) {
		args = append(args, arg)
		fmt.Fprintf(&stmt, " AND "+condition, len(args))
	}
	if f.Account != nil {
		add("e.account_id = $%d", *f.Account)
	}
	if f.By != nil { // the words of the index audit_events_by
		add("e.actor = $%d AND left(e.actor, 8) = 'account:' AND (e.account_id IS NULL OR e.actor <> 'account:' || e.account_id::text)", AccountActor(*f.By))
	}
	if len(f.Kinds) > 0 {
		add("e.kind = ANY ($%d)", kindNames(f.Kinds))
	}
	if f.Outcome != "" {
		add("e.outcome = $%d", string(f.Outcome))
	}
	if !f.Since.IsZero() { // ids are in the order of time, and indexed
		add("e.id >= $%d", firstID(f.Since))
	}
	if !f.Until.IsZero() {
		add("e.id < $%d", firstID(f.Until))
	}
	if f.Groups != nil {
		add("EXISTS (SELECT 1 FROM account_groups reach WHERE reach.tenant_id = $1 AND reach.account_id = e.account_id AND reach.group_id = ANY ($%d::uuid[]))", *f.Groups)
	}
	if f.Before != (uuid.UUID{}) {
		add("e.id < $%d", f.Before)
	}
	if f.After != (uuid.UUID{}) {
		add("e.id > $%d", f.After)
	}
	return stmt.String(), args
}

// firstID is the smallest id of a moment.
func firstID(at time.Time) uuid.UUID {
	id := NewID(at)
	clear(id[9:])
	id[8] = 0x80
	return id
}

func kindNames(kinds []Kind) []string {
	names := make([]string, len(kinds))
	for i, k := range kinds {
		names[i] = string(k)
	}
	return names
}

func read(ctx context.Context, s *tenants.Scope, where string, args []any) ([]Row, error) {
	var rows []Row
	err := s.Each(ctx, `SELECT e.id, e.at, e.kind, e.outcome, e.reason, e.actor, e.account_id, e.client_address, e.request_id, e.details
		FROM audit_events e `+where, args, func(scan func(...any) error) error {
		var r Row
		err := scan(&r.ID, &r.At, &r.Kind, &r.Outcome, &r.Reason, &r.Actor, &r.AccountID, &r.ClientAddress, &r.RequestID, &r.Details)
		rows = append(rows, r)
		return err
	})
	return rows, err
}
