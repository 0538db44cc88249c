package imports

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgconn"

	"portico/app/access"
	"portico/app/audit"
	"portico/tenants"
)

// lease is how long a worker may be silent before another one takes its work. A step takes a second or two.
const lease = 20 * time.Second

// errLost means that another worker holds the import now, or that it was cancelled.
var errLost = errors.New("the import is somebody else's now")

// hold is one worker's work on one import.
type hold struct {
	m      *Imports
	t      *tenants.Tenant
	id     uuid.UUID
	holder uuid.UUID
	before seen            // of a dry run: what earlier chunks said
	ground *ground         // of a dry run: one for all chunks
	ids    map[string]bool // external ids of the whole file, once they were read
}

// take makes a due import this worker's; false when it is not due (any more).
func (m *Imports) take(ctx context.Context, t *tenants.Tenant, id uuid.UUID) (*hold, bool, error) {
	h := &hold{m: m, t: t, id: id, holder: tenants.NewID(), before: seen{map[string]int{}}}
	took := false
	err := m.DB.In(ctx, t.ID, func(s *tenants.Scope) error {
		n, err := s.Exec(ctx, `UPDATE imports SET holder = $3, due_at = $4, next_chunk = CASE state WHEN 'judging' THEN 0 ELSE next_chunk END,
				counts = CASE state WHEN 'judging' THEN '{}' ELSE counts END
			WHERE tenant_id = $1 AND id = $2 AND due_at <= $5`, s.Tenant(), id, h.holder, s.Now().Add(lease), s.Now())
		took = n == 1
		return err
	})
	return h, took, err
}

// step does one piece of work in one transaction; more tells whether there is more to do just now.
func (h *hold) step(ctx context.Context) (more bool, err error) {
	err = h.m.DB.In(ctx, h.t.ID, func(s *tenants.Scope) error {
		i, err := holdImport(ctx, s, h.id, " AND holder = '"+h.holder.String()+"'")
		if errors.Is(err, tenants.ErrNotFound) {
			return errLost
		}
		if err != nil {
			return err
		}
		ctx := audit.With(ctx, audit.Origin{Actor: actor(i.By)})
		switch {
		case i.State == Judging && i.NextChunk < i.Chunks:
			more = true
			return h.judge(ctx, s, i)
		case i.State == Judging:
			return h.foresee(ctx, s, i)
		case i.State == Running && i.NextChunk < i.Chunks:
			more = true
			return h.run(ctx, s, i)
		case i.State == Running:
			more, err = h.finish(ctx, s, i)
			return err
		case i.State == Done && i.Waves == "going":
			return h.wave(ctx, s, i)
		}
		_, err = s.Exec(ctx, "UPDATE imports SET holder = NULL, due_at = NULL WHERE tenant_id = $1 AND id = $2", s.Tenant(), h.id)
		return err
	})
	return more && err == nil, err
}

// judge looks at one chunk and writes what would come of its rows.
func (h *hold) judge(ctx context.Context, s *tenants.Scope, i Import) error {
	if h.ground == nil {
		g, err := h.m.readGround(ctx, s, h.t, i)
		if err != nil {
			return err
		}
		h.ground = g
	}
	rows, err := h.m.rowsOf(ctx, s, h.id, i.NextChunk)
	if err != nil {
		return err
	}
	out, err := h.ground.judge(ctx, s, rows, nil, h.before, false)
	if err != nil {
		return err
	}
	i.Counts.plus(out.counts)
	b := &tenants.Batch{}
	if err := h.m.keepVerdicts(b, s, h.id, i.NextChunk, out.verdicts); err != nil {
		return err
	}
	h.moved(b, s, i.Counts)
	return s.Send(ctx, b)
}

// moved notes that a chunk is done, and renews the lease.
func (h *hold) moved(b *tenants.Batch, s *tenants.Scope, c Counts) {
	b.Exec(`UPDATE imports SET next_chunk = next_chunk + 1, counts = $3, due_at = $4, updated_at = $5 WHERE tenant_id = $1 AND id = $2`,
		s.Tenant(), h.id, c, s.Now().Add(lease), s.Now())
}

// run writes one chunk.
func (h *hold) run(ctx context.Context, s *tenants.Scope, i Import) error {
	g, err := h.m.readGround(ctx, s, h.t, i)
	if err != nil {
		return err
	}
	rows, err := h.m.rowsOf(ctx, s, h.id, i.NextChunk)
	if err != nil {
		return err
	}
	earlier, err := h.m.verdictsOf(ctx, s, h.id, i.NextChunk)
	if err != nil {
		return err
	}
	out, err := g.judge(ctx, s, rows, earlier, seen{}, true)
	if err != nil {
		return err
	}
	if err := g.apply(ctx, s, i, out.changes); err != nil {
		return err
	}
	i.Counts.plus(out.counts)
	b := &tenants.Batch{}
	if err := h.m.keepVerdicts(b, s, h.id, i.NextChunk, out.verdicts); err != nil {
		return err
	}
	h.moved(b, s, i.Counts)
	return s.Send(ctx, b)
}

// fail ends an import that cannot go on; its rows stay for another try.
func (h *hold) fail(ctx context.Context, reason string) error {
	return h.m.DB.In(ctx, h.t.ID, func(s *tenants.Scope) error {
		i, err := holdImport(ctx, s, h.id, " AND holder = '"+h.holder.String()+"'")
		if errors.Is(err, tenants.ErrNotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		if i.State == Done { // its invitations
			_, err = s.Exec(ctx, "UPDATE imports SET waves = 'stopped', reason = $3, holder = NULL, due_at = NULL WHERE tenant_id = $1 AND id = $2",
				s.Tenant(), h.id, reason)
			return err
		}
		to := Failed
		if i.State == Judging {
			to = Mapping
		}
		_, err = s.Exec(ctx, `UPDATE imports SET state = $3, reason = $4, holder = NULL, due_at = NULL, updated_at = $5, ended_at = $5
			WHERE tenant_id = $1 AND id = $2`, s.Tenant(), h.id, string(to), reason, s.Now())
		if err != nil {
			return err
		}
		return auditEnd(ctx, s, i, to, reason)
	})
}

// why is the reason that people are shown for an error that ends an import; "" for one that may pass.
func why(err error) string {
	var pg *pgconn.PgError
	switch {
	case errors.Is(err, tenants.ErrUnavailable), errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return ""
	case errors.As(err, &pg) && pg.Code == "57014":
		return "" // a statement took too long: the database is busy, and the chunk is done again
	case errors.Is(err, errRights):
		return "rights"
	case errors.Is(err, errGone):
		return "gone"
	case errors.Is(err, access.ErrLastOwner):
		return "last_owner"
	case errors.As(err, &pg) && (pg.Code == "23505" || pg.Code == "23503"):
		return "raced" // somebody took a name or removed a group just then
	}
	return "internal"
}
