package tenantstest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/url"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// DB is a database of one test, empty but for the schema.
type DB struct {
	Name     string
	AppURL   string // as portico_app, the role that serves; use this one
	OwnerURL string // as portico_owner, to look at what row security hides
	SuperURL string // as superuser, for faults: pg_terminate_backend, settings
}

// Database makes a database for the test and drops it when the test is over, whoever is still
// connected. A server that cannot be had fails the test and says what to install.
func Database(t testing.TB) DB {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	s, err := server(ctx)
	if err != nil {
		t.Fatalf("no database server for tests: %v", err)
	}
	name, err := s.copyTemplate(ctx)
	if err != nil {
		t.Fatalf("make a database for the test: %v", err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		if err := s.drop(ctx, name); err != nil {
			t.Errorf("drop the test's database: %v", err)
		}
	})
	return DB{
		Name:   name,
		AppURL: s.as("portico_app", name), OwnerURL: s.as("portico_owner", name), SuperURL: s.super(name),
	}
}

// shared is the server as this process sees it. Its two facts are found once per process.
type shared struct {
	url      *url.URL // as superuser
	template string
	count    atomic.Int64
	users    *os.File // held while the process lives, when it uses the kept server
}

func (s *shared) super(database string) string {
	u := *s.url
	u.Path = "/" + database
	return u.String()
}

func (s *shared) as(role, database string) string {
	u := *s.url
	u.User = url.UserPassword(role, s.password(role))
	u.Path = "/" + database
	q := u.Query()
	q.Set("connect_timeout", "30") // a machine that runs all tests at once is slower than one that serves
	u.RawQuery = q.Encode()
	return u.String()
}

// password follows from the superuser's, so that all test processes know it without a word.
func (s *shared) password(role string) string {
	secret, _ := s.url.User.Password()
	sum := sha256.Sum256([]byte("portico test\x00" + secret + "\x00" + role))
	return hex.EncodeToString(sum[:12])
}

func (s *shared) copyTemplate(ctx context.Context) (string, error) {
	conn, err := pgx.Connect(ctx, s.super("postgres"))
	if err != nil {
		return "", err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	name := fmt.Sprintf("portico_t_%d_%d", os.Getpid(), s.count.Add(1))
	// A process of this id may have been killed before it could clean up.
	for _, statement := range []string{
		`DROP DATABASE IF EXISTS ` + name + ` WITH (FORCE)`,
		`CREATE DATABASE ` + name + ` OWNER portico_owner TEMPLATE ` + s.template + ` STRATEGY FILE_COPY`, // half of WAL_LOG's time here
	} {
		if _, err := conn.Exec(ctx, statement); err != nil {
			return "", fmt.Errorf("%s: %w", strings.Fields(statement)[0], err)
		}
	}
	return name, nil
}

func (s *shared) drop(ctx context.Context, name string) error {
	conn, err := pgx.Connect(ctx, s.super("postgres"))
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	_, err = conn.Exec(ctx, `DROP DATABASE IF EXISTS `+name+` WITH (FORCE)`)
	return err
}
