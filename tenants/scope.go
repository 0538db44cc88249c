package tenants

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/jackc/pgx/v5/stdlib"
	"gorm.io/gorm"
)

// Scope is one transaction inside one tenant: the type that code must hold to touch rows with a
// tenant_id. It is not safe for concurrent use and ends with the function that got it.
type Scope struct {
	db     *DB
	tenant ID
	now    time.Time
	conn   *sql.Conn
	begun  bool
	ended  bool
}

// In runs fn in one transaction of the tenant and commits when fn returns nil. The transaction begins
// with the first statement, so a Scope that touches nothing costs nothing.
// Errors of the connection carry ErrUnavailable.
func (db *DB) In(ctx context.Context, tenant ID, fn func(*Scope) error) (err error) {
	if tenant == (ID{}) {
		return errors.New("tenants: In without a tenant")
	}
	conn, err := db.sql.Conn(ctx)
	if err != nil {
		return unavailable(err)
	}
	s := &Scope{db: db, tenant: tenant, now: db.clock.Now(), conn: conn}
	defer func() {
		if !s.ended && s.begun {
			s.rollback()
		}
		_ = conn.Close()
	}()
	if err := fn(s); err != nil {
		return unavailable(err)
	}
	if s.ended || !s.begun {
		return nil
	}
	return s.commit(ctx)
}

// Tenant names the tenant of this scope.
func (s *Scope) Tenant() ID { return s.tenant }

// Now is the moment at which this scope began: one time for all its rows.
func (s *Scope) Now() time.Time { return s.now }

// Batch is statements that travel together in one round trip.
type Batch struct{ b pgx.Batch }

// queue adds a statement. Ids travel as their sixteen bytes: pgx knows google's type as something that can
// print itself alone, and would print and read every id of an array, which was half of an import's work.
func (b *Batch) queue(stmt string, args []any) *pgx.QueuedQuery {
	known := make([]any, len(args))
	for i, arg := range args {
		switch v := arg.(type) {
		case uuid.UUID:
			known[i] = pgtype.UUID{Bytes: v, Valid: true}
		case []uuid.UUID:
			var all pgtype.FlatArray[pgtype.UUID] // nil stays NULL
			if v != nil {
				all = make(pgtype.FlatArray[pgtype.UUID], len(v))
			}
			for n, id := range v {
				all[n] = pgtype.UUID{Bytes: id, Valid: true}
			}
			known[i] = all
		case []*uuid.UUID:
			var all pgtype.FlatArray[pgtype.UUID]
			if v != nil {
				all = make(pgtype.FlatArray[pgtype.UUID], len(v))
			}
			for n, id := range v {
				if id != nil {
					all[n] = pgtype.UUID{Bytes: *id, Valid: true}
				}
			}
			known[i] = all
		default:
			known[i] = arg
		}
	}
	return b.b.Queue(stmt, known...)
}

// Exec adds a statement without an answer.
func (b *Batch) Exec(stmt string, args ...any) { b.queue(stmt, args) }

// ExecCount adds a statement whose number of rows is wanted.
func (b *Batch) ExecCount(n *int64, stmt string, args ...any) {
	b.queue(stmt, args).Exec(func(tag pgconn.CommandTag) error { *n = tag.RowsAffected(); return nil })
}

// Row adds a statement that answers with at most one row, scanned into dest; found tells whether
// there was one (nil: no row is ErrNotFound).
func (b *Batch) Row(found *bool, stmt string, args []any, dest ...any) {
	b.queue(stmt, args).QueryRow(func(row pgx.Row) error {
		err := row.Scan(dest...)
		if errors.Is(err, pgx.ErrNoRows) {
			if found == nil {
				return ErrNotFound
			}
			*found = false
			return nil
		}
		if found != nil {
			*found = err == nil
		}
		return err
	})
}

// Rows adds a statement whose rows go to each one by one.
func (b *Batch) Rows(stmt string, args []any, each func(scan func(...any) error) error) {
	b.queue(stmt, args).Query(func(rows pgx.Rows) error {
		defer rows.Close()
		for rows.Next() {
			if err := each(rows.Scan); err != nil {
				return err
			}
		}
		return rows.Err()
	})
}

// Send runs the batch; the transaction's beginning rides along when this is its first statement.
func (s *Scope) Send(ctx context.Context, b *Batch) error { return s.send(ctx, b, false) }

// SendAndCommit runs the batch and commits in the same round trip. The scope is over afterwards.
// The commit does not wait for what Row and Rows make of their answers: a batch whose answers decide
// goes through Send.
func (s *Scope) SendAndCommit(ctx context.Context, b *Batch) error { return s.send(ctx, b, true) }

func (s *Scope) send(ctx context.Context, b *Batch, commit bool) error {
	if s.ended {
		return errors.New("tenants: this scope is over")
	}
	whole := &pgx.Batch{}
	if !s.begun {
		whole.Queue("BEGIN")
		whole.Queue(setTenant, s.tenant.String())
	}
	whole.QueuedQueries = append(whole.QueuedQueries, b.b.QueuedQueries...)
	if commit {
		whole.Queue("COMMIT").Exec(committed)
	}
	s.begun = true
	if err := s.raw(func(c *pgx.Conn) error { return c.SendBatch(ctx, whole).Close() }); err != nil {
		return unavailable(err)
	}
	s.ended = commit
	return nil
}

// Exec runs one statement and returns the number of rows it touched.
func (s *Scope) Exec(ctx context.Context, stmt string, args ...any) (int64, error) {
	var n int64
	b := &Batch{}
	b.ExecCount(&n, stmt, args...)
	return n, s.Send(ctx, b)
}

// Row runs one statement and scans its single row; no row is ErrNotFound.
func (s *Scope) Row(ctx context.Context, stmt string, args []any, dest ...any) error {
	b := &Batch{}
	b.Row(nil, stmt, args, dest...)
	return s.Send(ctx, b)
}

// Each runs one statement and hands every row's scan to each.
func (s *Scope) Each(ctx context.Context, stmt string, args []any, each func(scan func(...any) error) error) error {
	b := &Batch{}
	b.Rows(stmt, args, each)
	return s.Send(ctx, b)
}

// Gorm is a GORM handle inside this transaction. Statements on models with a TenantID field carry the
// tenant's predicate, and rows made through it get the tenant's id; row security stands behind both.
func (s *Scope) Gorm(ctx context.Context) (*gorm.DB, error) {
	if err := s.begin(ctx); err != nil {
		return nil, err
	}
	g := s.db.gorm.Session(&gorm.Session{NewDB: true, Context: ctx})
	g.Statement.ConnPool = gormConn{s.conn}
	// A session of its own: each call on the handle starts a statement of its own.
	return g.Set(tenantKey, s.tenant).Session(&gorm.Session{}), nil
}

func (s *Scope) begin(ctx context.Context) error {
	if s.begun {
		return nil
	}
	return s.Send(ctx, &Batch{})
}

// commit leaves the scope open when it fails, so that its owner rolls back.
func (s *Scope) commit(ctx context.Context) error {
	err := s.raw(func(c *pgx.Conn) error {
		tag, err := c.Exec(ctx, "COMMIT")
		return errors.Join(err, committed(tag))
	})
	s.ended = err == nil
	return unavailable(err)
}

// errRolledBack: PostgreSQL answers COMMIT in a failed transaction with ROLLBACK and no error.
var errRolledBack = errors.New("tenants: the transaction had failed and was rolled back")

func committed(tag pgconn.CommandTag) error {
	if tag.String() == "ROLLBACK" {
		return errRolledBack
	}
	return nil
}

// rollback gets its own short deadline: the request's may be over, which is why it is called.
func (s *Scope) rollback() {
	s.ended = true
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	_ = s.raw(func(c *pgx.Conn) error { _, err := c.Exec(ctx, "ROLLBACK"); return err })
}

func (s *Scope) raw(fn func(*pgx.Conn) error) error {
	return s.conn.Raw(func(dc any) error { return fn(dc.(*stdlib.Conn).Conn()) })
}

// gormConn hands GORM the connection without its BeginTx: the transaction is the Scope's.
type gormConn struct{ c *sql.Conn }

func (g gormConn) PrepareContext(ctx context.Context, q string) (*sql.Stmt, error) {
	return g.c.PrepareContext(ctx, q)
}

func (g gormConn) ExecContext(ctx context.Context, q string, args ...any) (sql.Result, error) {
	return g.c.ExecContext(ctx, q, args...)
}

func (g gormConn) QueryContext(ctx context.Context, q string, args ...any) (*sql.Rows, error) {
	return g.c.QueryContext(ctx, q, args...)
}

func (g gormConn) QueryRowContext(ctx context.Context, q string, args ...any) *sql.Row {
	return g.c.QueryRowContext(ctx, q, args...)
}
