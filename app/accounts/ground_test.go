package accounts_test

import (
	"context"
	"errors"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"portico/app/accounts"
	"portico/app/apptest"
	"portico/tenants"
)

// ground is a portal whose letters are written and not sent.
func ground(t *testing.T) (*apptest.Portal, *tenants.Tenant) {
	t.Helper()
	p := apptest.Start(t, apptest.Options{NoWorkers: true})
	return p, p.Tenant("first")
}

// from is a browser at an address of its own.
func from(address string) accounts.Client {
	return accounts.Client{Address: netip.MustParseAddr(address), UserAgent: "test", Locale: "en"}
}

func try(typed, password string, c accounts.Client) accounts.Try {
	return accounts.Try{Identifier: typed, Password: password, Client: c}
}

const ava = "ava@first.example"

// count asks as superuser, whom row security does not bind.
func count(t *testing.T, p *apptest.Portal, query string, args ...any) (n int) {
	t.Helper()
	conn, err := pgx.Connect(context.Background(), p.Database.SuperURL)
	must(t, err)
	defer func() { _ = conn.Close(context.Background()) }()
	must(t, conn.QueryRow(context.Background(), query, args...).Scan(&n))
	return n
}

func change(t *testing.T, p *apptest.Portal, stmt string, args ...any) {
	t.Helper()
	conn, err := pgx.Connect(context.Background(), p.Database.SuperURL)
	must(t, err)
	defer func() { _ = conn.Close(context.Background()) }()
	_, err = conn.Exec(context.Background(), stmt, args...)
	must(t, err)
}

// tokens are the links' secrets of all unsent letters to an address, oldest first.
func tokens(t *testing.T, p *apptest.Portal, kind, to string) (all []string) {
	t.Helper()
	conn, err := pgx.Connect(context.Background(), p.Database.SuperURL)
	must(t, err)
	defer func() { _ = conn.Close(context.Background()) }()
	rows, err := conn.Query(context.Background(), "SELECT tenant_id, id, sealed FROM letters WHERE kind = $1 AND recipient = $2 ORDER BY id", kind, to)
	must(t, err)
	defer rows.Close()
	for rows.Next() {
		var tenant, id tenants.ID
		var sealed []byte
		must(t, rows.Scan(&tenant, &id, &sealed))
		plain, err := p.Seals.Open("letter", tenant, id.String(), sealed)
		must(t, err)
		for _, mark := range []string{"/recover/", "/unlock/", "/invite/"} {
			if _, rest, ok := strings.Cut(string(plain), mark); ok {
				all = append(all, rest[:43])
			}
		}
	}
	must(t, rows.Err())
	return all
}

func linkReason(err error) string {
	var link *accounts.LinkError
	if errors.As(err, &link) {
		return link.Reason
	}
	if err != nil {
		return err.Error()
	}
	return ""
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

const hour = time.Hour
