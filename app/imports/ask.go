package imports

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgconn"

	"portico/app/audit"
	"portico/app/people"
	"portico/rbac"
	"portico/tenants"
)

// NeedsError means that what an import is to do needs a permission in the whole tenant that who asks has not, or
// with Off that the policy takes nobody by invitation.
type NeedsError struct {
	Permission rbac.Permission
	Off        bool
}

// Error names it.
func (e *NeedsError) Error() string { return "an import needs " + string(e.Permission) }

// MayInvite tells whether somebody may have an import invite people, and the tenant takes newcomers so at all.
func (m *Imports) MayInvite(t *tenants.Tenant, who rbac.Subject) bool {
	return m.Guard.Decide(t, who, rbac.PeopleInvite).Everywhere && people.TakesInvitations(t)
}

// Allows tells whether somebody may have an import do what its options say; *NeedsError otherwise.
func (m *Imports) Allows(t *tenants.Tenant, who rbac.Subject, o Options) error {
	switch {
	case o.Invite && !m.MayInvite(t, who):
		return &NeedsError{Permission: rbac.PeopleInvite, Off: !people.TakesInvitations(t)}
	case o.DisableMissing && !m.Guard.Decide(t, who, rbac.PeopleDisable).Everywhere:
		return &NeedsError{Permission: rbac.PeopleDisable}
	}
	return nil
}

// Judge takes the columns and options and begins the dry run; a worker does it. *MappingError, ErrState.
// What was said about the headings is kept for the tenant's next file.
func (m *Imports) Judge(ctx context.Context, tenant tenants.ID, id uuid.UUID, by By, fields []Field, o Options) error {
	if o.Ceiling < 1 || o.Ceiling > 100 {
		return &MappingError{Reason: "ceiling"}
	}
	return m.DB.In(ctx, tenant, func(s *tenants.Scope) error {
		i, err := holdImport(ctx, s, id, "")
		if err != nil {
			return err
		}
		if i.State != Mapping && i.State != Judged {
			return ErrState
		}
		if err := checkMapping(fields, len(i.Headings)); err != nil {
			return err
		}
		kept, err := keptMapping(ctx, s)
		if err != nil {
			return err
		}
		if len(kept) > 500 { // of many unlike files
			kept = map[string]Field{}
		}
		for n, h := range i.Headings {
			kept[plainHeading(h)] = fields[n]
		}
		b := &tenants.Batch{}
		b.Exec(`INSERT INTO import_mappings (tenant_id, columns, updated_at) VALUES ($1, $2, $3)
			ON CONFLICT (tenant_id) DO UPDATE SET columns = excluded.columns, updated_at = excluded.updated_at`, s.Tenant(), kept, s.Now())
		b.Exec(`UPDATE imports SET state = 'judging', mapping = $3, options = $4, by_account = $5, by_name = $6, by_key = $8, counts = '{}', foreseen = '{}',
				next_chunk = 0, reason = '', holder = NULL, due_at = $7, updated_at = $7 WHERE tenant_id = $1 AND id = $2`,
			s.Tenant(), id, fields, o, by.ref(), by.Name, s.Now(), by.keyRef())
		return s.Send(ctx, b)
	})
}

// Start begins the run, or goes on with one that was cancelled or failed: what is done stays done.
// ErrState; ErrBusy while another one runs; ErrCeiling when too many would be disabled.
func (m *Imports) Start(ctx context.Context, tenant tenants.ID, id uuid.UUID, by By) error {
	return m.start(ctx, tenant, id, by, 0)
}

// StartSeen is Start by somebody who looked at a dry run: ErrState, too, when it is another one by now
// (Import.Version).
func (m *Imports) StartSeen(ctx context.Context, tenant tenants.ID, id uuid.UUID, by By, version int64) error {
	if version == 0 {
		return ErrState
	}
	return m.start(ctx, tenant, id, by, version)
}

func (m *Imports) start(ctx context.Context, tenant tenants.ID, id uuid.UUID, by By, seen int64) error {
	err := m.DB.In(ctx, tenant, func(s *tenants.Scope) error {
		i, err := holdImport(ctx, s, id, "")
		if err != nil {
			return err
		}
		switch {
		case i.State != Judged && i.State != Cancelled && i.State != Failed, i.Foreseen == Counts{}, seen != 0 && seen != i.Version():
			return ErrState
		case i.Options.DisableMissing && i.Foreseen.Over(i.Options.Ceiling):
			return ErrCeiling
		}
		_, err = s.Exec(ctx, `UPDATE imports SET state = 'running', counts = CASE WHEN $4 THEN '{}' ELSE counts END, by_account = $5, by_name = $6, by_key = $7,
				reason = '', holder = NULL, due_at = $3, updated_at = $3, ended_at = NULL WHERE tenant_id = $1 AND id = $2`,
			s.Tenant(), id, s.Now(), i.State == Judged, by.ref(), by.Name, by.keyRef())
		if err != nil {
			return err
		}
		return audit.Write(ctx, s, audit.Event{Kind: audit.ImportStarted, Outcome: audit.Success, Actor: actor(by),
			Details: map[string]any{"import": id, "file": i.FileName, "rows": i.Rows, "options": i.Options, "foreseen": i.Foreseen}})
	})
	var pg *pgconn.PgError
	if errors.As(err, &pg) && pg.ConstraintName == "imports_running" {
		return ErrBusy
	}
	return err
}

// Cancel ends a dry run or a run between two chunks; what is done stays done. ErrState when nothing goes on.
func (m *Imports) Cancel(ctx context.Context, tenant tenants.ID, id uuid.UUID) error {
	return m.DB.In(ctx, tenant, func(s *tenants.Scope) error {
		i, err := holdImport(ctx, s, id, "")
		if err != nil {
			return err
		}
		to := Cancelled
		switch i.State {
		case Judging:
			to = Mapping
		case Running:
			if err := auditEnd(ctx, s, i, Cancelled, ""); err != nil {
				return err
			}
		default:
			return ErrState
		}
		_, err = s.Exec(ctx, `UPDATE imports SET state = $3, holder = NULL, due_at = NULL, updated_at = $4,
			ended_at = CASE WHEN $3 = 'cancelled' THEN $4::timestamptz END WHERE tenant_id = $1 AND id = $2`, s.Tenant(), id, string(to), s.Now())
		return err
	})
}

// Discard removes an import that is not going on, with its rows and its report. ErrState.
func (m *Imports) Discard(ctx context.Context, tenant tenants.ID, id uuid.UUID) error {
	return m.DB.In(ctx, tenant, func(s *tenants.Scope) error {
		i, err := holdImport(ctx, s, id, "")
		if err != nil {
			return err
		}
		if i.Moving() || i.Waves == "going" {
			return ErrState
		}
		_, err = s.Exec(ctx, "DELETE FROM imports WHERE tenant_id = $1 AND id = $2", s.Tenant(), id)
		return err
	})
}

func auditEnd(ctx context.Context, s *tenants.Scope, i Import, as State, reason string) error {
	outcome := audit.Success
	if as == Failed || as == Mapping { // a dry run that failed
		outcome = audit.Failure
	}
	by := actor(i.By)
	if i.By.Account == uuid.Nil && i.By.Name != "" {
		by += " " + i.By.Name // said at a command
	}
	return audit.Write(ctx, s, audit.Event{Kind: audit.ImportEnded, Outcome: outcome, Reason: reason,
		Details: map[string]any{"import": i.ID, "state": as, "counts": i.Counts, "by": by, "chunks": fmt.Sprintf("%d of %d", i.NextChunk, i.Chunks)}})
}
