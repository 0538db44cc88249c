package migrations

import (
	"context"
	"database/sql"
	"fmt"
	"log/slog"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
)

// lockID is the advisory lock that one migrating machine holds; any number of them may start at once.
const lockID = 0x706f727469636f // "portico"

// Up brings the database that ownerURL names to this program's schema, or does nothing when it is
// there already. It makes the roles if it may (else ErrRolesMissing), waits while another machine
// migrates, and goes on where an interrupted run stopped: every step commits together with its
// version. The URL must reach PostgreSQL directly, not through a pooler in transaction mode.
func Up(ctx context.Context, ownerURL string, log *slog.Logger) error {
	db, err := openAsOwner(ctx, ownerURL)
	if err != nil {
		return err
	}
	defer db.Close()
	if ok, err := Current(ctx, db); err != nil || ok {
		return err
	}
	return locked(ctx, db, func() error {
		if err := upOwn(ctx, db, log); err != nil {
			return err
		}
		return upRiver(ctx, db, log)
	})
}

// locked runs work while this process holds the advisory lock, taken and kept by one connection. It
// is goose's own locker, held around River's migrations too, which know no lock.
func locked(ctx context.Context, db *sql.DB, work func() error) (err error) {
	locker, err := lock.NewPostgresSessionLocker(lock.WithLockID(lockID), lock.WithLockTimeout(1, 600))
	if err != nil {
		return err
	}
	conn, err := db.Conn(ctx)
	if err != nil {
		return fmt.Errorf("connect for the migration lock: %w", err)
	}
	defer conn.Close()
	if err := locker.SessionLock(ctx, conn); err != nil {
		return fmt.Errorf("another machine has been migrating for ten minutes: %w", err)
	}
	defer func() {
		// The lock falls with the connection; an explicit release only spares the others the wait.
		if e := locker.SessionUnlock(context.WithoutCancel(ctx), conn); e != nil && err == nil {
			err = fmt.Errorf("release the migration lock: %w", e)
		}
	}()
	return work()
}

func upOwn(ctx context.Context, db *sql.DB, log *slog.Logger) error {
	provider, err := newProvider(db, log)
	if err != nil {
		return err
	}
	if _, err := provider.Up(ctx); err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	return nil
}

func newProvider(db *sql.DB, log *slog.Logger) (*goose.Provider, error) {
	options := []goose.ProviderOption{goose.WithDisableGlobalRegistry(true)}
	if log != nil {
		options = append(options, goose.WithSlog(log), goose.WithVerbose(true))
	}
	provider, err := goose.NewProvider(goose.DialectPostgres, db, files, options...)
	if err != nil {
		return nil, fmt.Errorf("read the migrations: %w", err)
	}
	return provider, nil
}
