package tenants

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"runtime"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"gorm.io/driver/postgres"
	"gorm.io/gorm"
	"gorm.io/gorm/logger"
)

// ErrUnavailable means that PostgreSQL could not be reached or is going away; the same request may
// succeed a moment later.
var ErrUnavailable = errors.New("the database is unavailable")

// ErrNotFound means that no row of this tenant matched.
var ErrNotFound = errors.New("not found")

// DBSettings says where the database is.
type DBSettings struct {
	URL       string // as portico_app
	DirectURL string // for LISTEN where a pooler stands between; "" is URL
	MaxConns  int    // 0 is four a core, at least eight
	Relaxed   bool   // commits don't wait for the disk: for work that a crash of PostgreSQL may repeat, never for requests
	Clock     *Clock
	Log       *slog.Logger
}

// DB is the way into PostgreSQL as the application's role. Rows are reached through a Scope (In) or,
// loudly, through AcrossAll; nothing else is exported.
type DB struct {
	pool   *pgxpool.Pool
	sql    *sql.DB
	gorm   *gorm.DB
	clock  *Clock
	log    *slog.Logger
	direct string
}

// Open prepares the pool; it does not connect, so a program starts while its database is away.
// A URL that does not parse is an error.
func Open(s DBSettings) (*DB, error) {
	cfg, err := pgxpool.ParseConfig(s.URL)
	if err != nil {
		return nil, fmt.Errorf("DATABASE_URL: %w", errors.New(hidePassword(err.Error())))
	}
	cfg.MaxConns = int32(s.MaxConns)
	if s.MaxConns <= 0 {
		cfg.MaxConns = int32(max(8, 4*runtime.NumCPU()))
	}
	if !strings.Contains(s.URL, "connect_timeout=") {
		cfg.ConnConfig.ConnectTimeout = 3 * time.Second
	}
	cfg.MaxConnIdleTime = 5 * time.Minute
	if s.Relaxed {
		cfg.ConnConfig.RuntimeParams["synchronous_commit"] = "off"
	}
	pool, err := pgxpool.NewWithConfig(context.Background(), cfg)
	if err != nil {
		return nil, fmt.Errorf("open the database pool: %w", err)
	}
	sqlDB := stdlib.OpenDBFromPool(pool)
	g, err := gorm.Open(postgres.New(postgres.Config{Conn: sqlDB}), &gorm.Config{
		SkipDefaultTransaction: true, // a Scope is the transaction
		TranslateError:         true,
		DisableAutomaticPing:   true,
		Logger:                 logger.Discard, // errors come back to callers; statements may carry personal data
		NowFunc:                s.Clock.Now,
	})
	if err != nil {
		pool.Close()
		return nil, fmt.Errorf("open gorm: %w", err)
	}
	if err := keepTenant(g); err != nil {
		pool.Close()
		return nil, err
	}
	direct := s.DirectURL
	if direct == "" {
		direct = s.URL
	}
	return &DB{pool: pool, sql: sqlDB, gorm: g, clock: s.Clock, log: s.Log, direct: direct}, nil
}

// Close waits for borrowed connections and closes the pool.
func (db *DB) Close() {
	_ = db.sql.Close()
	db.pool.Close()
}

// Clock is the clock that every Scope of this database reads.
func (db *DB) Clock() *Clock { return db.clock }

// Pool is for the job queue's own tables (River) and for nothing with a tenant in it.
func (db *DB) Pool() *pgxpool.Pool { return db.pool }

// Ping asks PostgreSQL whether it answers.
func (db *DB) Ping(ctx context.Context) error { return unavailable(db.pool.Ping(ctx)) }

// One reads one row of a tenant in a single round trip: the tenant's setting and the statement travel
// together and form one transaction. It is the fast path for the session of every request.
// No row is ErrNotFound.
func (db *DB) One(ctx context.Context, tenant ID, stmt string, args []any, dest ...any) error {
	b := &pgx.Batch{}
	b.Queue(setTenant, tenant.String())
	b.Queue(stmt, args...)
	res := db.pool.SendBatch(ctx, b)
	defer func() { _ = res.Close() }()
	if _, err := res.Exec(); err != nil {
		return unavailable(err)
	}
	err := res.QueryRow().Scan(dest...)
	if errors.Is(err, pgx.ErrNoRows) {
		return ErrNotFound
	}
	return unavailable(err)
}

const setTenant = "SELECT set_config('app.tenant', $1, true)"

// unavailable marks the errors that mean "the database is away" with ErrUnavailable.
func unavailable(err error) error {
	if err == nil || errors.Is(err, ErrUnavailable) {
		return err
	}
	var connect *pgconn.ConnectError
	var pg *pgconn.PgError
	var network net.Error
	switch {
	case errors.As(err, &connect), errors.As(err, &network) && !errors.Is(err, context.Canceled):
		return fmt.Errorf("%w: %w", ErrUnavailable, err)
	case errors.As(err, &pg):
		// 08 connection, 53 resources, 57P0x shutdown, 25006 read-only, 55P03 lock timeout, 40P01 deadlock, 40001 serialization
		if strings.HasPrefix(pg.Code, "08") || strings.HasPrefix(pg.Code, "53") ||
			strings.HasPrefix(pg.Code, "57P") || pg.Code == "25006" || pg.Code == "55P03" || pg.Code == "40P01" || pg.Code == "40001" {
			return fmt.Errorf("%w: %w", ErrUnavailable, err)
		}
	case pgconn.SafeToRetry(err) && !errors.Is(err, context.Canceled), strings.Contains(err.Error(), "conn closed"),
		errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF),
		errors.Is(err, sql.ErrConnDone), errors.Is(err, driver.ErrBadConn):
		return fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	return err
}

func hidePassword(s string) string {
	if i := strings.Index(s, "://"); i >= 0 {
		if j := strings.LastIndex(s[i:], "@"); j >= 0 {
			return s[:i+3] + "…" + s[i+j:]
		}
	}
	return s
}
