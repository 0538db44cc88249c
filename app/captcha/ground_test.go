package captcha_test

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"log/slog"
	"testing"

	"github.com/jackc/pgx/v5"

	"portico/app/captcha"
	"portico/tenants"
	"portico/tenants/tenantstest"
)

// browser is what form tokens of a browser rest on.
const browser = "AAAAAAAAAAAAAAAAAAAAAAAAAAA"

type ground struct {
	*captcha.Desk
	clock    *tenants.Clock
	base     tenantstest.DB
	one, two tenants.ID
}

func open(t *testing.T) ground {
	t.Helper()
	base, clock := tenantstest.Database(t), &tenants.Clock{}
	db, err := tenants.Open(tenants.DBSettings{URL: base.AppURL, MaxConns: 4, Clock: clock, Log: slog.New(slog.DiscardHandler)})
	must(t, err)
	t.Cleanup(db.Close)
	return ground{Desk: &captcha.Desk{DB: db, Seals: ring(t)}, clock: clock, base: base, one: tenants.NewID(), two: tenants.NewID()}
}

func ring(t *testing.T) tenants.Keyring {
	t.Helper()
	key := make([]byte, 32)
	_, _ = rand.Read(key)
	ring, err := tenants.ParseKeyring("t1:" + base64.StdEncoding.EncodeToString(key))
	must(t, err)
	return ring
}

// right is the right answer to a challenge, in characters.
func (g ground) right(t *testing.T, c captcha.Challenge) captcha.Answer {
	t.Helper()
	text, err := g.Reveal(c.ID)
	must(t, err)
	return captcha.Answer{ID: c.ID, Text: text}
}

// spent counts the rows of answered challenges, as superuser.
func (g ground) spent(t *testing.T) (n int) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), g.base.SuperURL)
	must(t, err)
	defer func() { _ = conn.Close(context.Background()) }()
	must(t, conn.QueryRow(t.Context(), "SELECT count(*) FROM captchas_spent").Scan(&n))
	return n
}

func refused(t *testing.T, what string, err error) {
	t.Helper()
	if !errors.Is(err, captcha.ErrWrong) {
		t.Errorf("%s: %v, want ErrWrong", what, err)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
