package tenants

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Reason says why code leaves the tenants' wall. The list is closed; a test names every caller.
type Reason string

// The reasons for which AcrossAll may be used.
const (
	ForHostLookUp   Reason = "host look-up"
	ForFindPortal   Reason = "find my portal"
	ForLetterWorker Reason = "letter worker"
	ForImportWorker Reason = "import worker"
	ForSenderWorker Reason = "sender worker"
	ForMaintenance  Reason = "maintenance"
	ForTenantFile   Reason = "tenant file"
	ForOperator     Reason = "operator's command"
	ForSettings     Reason = "a setting changes" // the tenant's version is in the directory
	ForAddresses    Reason = "custom hosts"
	ForCertificates Reason = "certificates"
	ForAPIKeys      Reason = "keys of the platform's API" //nolint:gosec // a reason, no credential
	ForStaff        Reason = "staff page"                 // the platform's own people, and what they look after
)

var reasons = map[Reason]bool{
	ForHostLookUp: true, ForFindPortal: true, ForLetterWorker: true, ForImportWorker: true, ForSenderWorker: true,
	ForMaintenance: true, ForTenantFile: true, ForOperator: true, ForSettings: true, ForStaff: true,
	ForAddresses: true, ForCertificates: true,
	ForAPIKeys: true,
}

// Across is one transaction in the role portico_platform: it sees the directory, the schema platform
// and the few columns that role may read, and can step into a tenant's Scope.
type Across struct {
	db     *DB
	s      *Scope
	open   bool // in the platform's role now
	inside bool // in a tenant's Scope now
}

// AcrossAll runs fn outside of every tenant, as portico_platform, and commits when fn returns nil.
// The role is local to the transaction, so a pooled connection never keeps it.
func (db *DB) AcrossAll(ctx context.Context, why Reason, fn func(*Across) error) error {
	if !reasons[why] {
		return fmt.Errorf("tenants: %q is no reason to look across tenants", why)
	}
	conn, err := db.sql.Conn(ctx)
	if err != nil {
		return unavailable(err)
	}
	s := &Scope{db: db, now: db.clock.Now(), conn: conn}
	defer func() {
		if s.begun && !s.ended {
			s.rollback()
		}
		_ = conn.Close()
	}()
	a := &Across{db: db, s: s}
	if err := fn(a); err != nil {
		return unavailable(err)
	}
	if !s.begun {
		return nil
	}
	return s.commit(ctx)
}

// Now is the moment at which this transaction began.
func (a *Across) Now() time.Time { return a.s.now }

// Send runs a batch in the platform's role. Within In it is refused: it would take the wall down
// around the tenant's Scope.
func (a *Across) Send(ctx context.Context, b *Batch) error {
	if a.inside {
		return errors.New("tenants: AcrossAll inside a tenant's scope")
	}
	whole := &Batch{}
	if !a.open {
		whole.Exec("SET LOCAL ROLE portico_platform")
		whole.Exec(setTenant, "")
	}
	whole.b.QueuedQueries = append(whole.b.QueuedQueries, b.b.QueuedQueries...)
	if !a.s.begun {
		begun := &Batch{}
		begun.Exec("BEGIN")
		begun.b.QueuedQueries = append(begun.b.QueuedQueries, whole.b.QueuedQueries...)
		whole, a.s.begun = begun, true
	}
	a.open = true
	return a.s.send(ctx, whole, false)
}

// Exec runs one statement in the platform's role and returns the number of rows it touched.
func (a *Across) Exec(ctx context.Context, stmt string, args ...any) (int64, error) {
	var n int64
	b := &Batch{}
	b.ExecCount(&n, stmt, args...)
	return n, a.Send(ctx, b)
}

// Row runs one statement and scans its single row; no row is ErrNotFound.
func (a *Across) Row(ctx context.Context, stmt string, args []any, dest ...any) error {
	b := &Batch{}
	b.Row(nil, stmt, args, dest...)
	return a.Send(ctx, b)
}

// Each runs one statement and hands every row's scan to each.
func (a *Across) Each(ctx context.Context, stmt string, args []any, each func(scan func(...any) error) error) error {
	b := &Batch{}
	b.Rows(stmt, args, each)
	return a.Send(ctx, b)
}

// In steps into one tenant's Scope within the same transaction: the application's own role again, the
// tenant named, the wall up. The scope must not commit by itself and ends with fn.
func (a *Across) In(ctx context.Context, tenant ID, fn func(*Scope) error) error {
	if tenant == (ID{}) {
		return errors.New("tenants: In without a tenant")
	}
	if a.inside {
		return errors.New("tenants: AcrossAll inside a tenant's scope")
	}
	if !a.s.begun {
		if err := a.s.begin0(ctx); err != nil {
			return err
		}
	}
	b := &Batch{}
	b.Exec("SET LOCAL ROLE NONE")
	b.Exec(setTenant, tenant.String())
	if err := a.s.send(ctx, b, false); err != nil {
		return err
	}
	a.open = false
	inner := &Scope{db: a.db, tenant: tenant, now: a.s.now, conn: a.s.conn, begun: true}
	a.inside = true
	err := fn(inner)
	a.inside = false
	if err == nil && inner.ended {
		return errors.New("tenants: a scope inside AcrossAll must not commit")
	}
	inner.ended = true
	return err
}

// begin0 opens the transaction without a tenant.
func (s *Scope) begin0(ctx context.Context) error {
	b := &Batch{}
	b.Exec("BEGIN")
	s.begun = true
	return s.send(ctx, b, false)
}
