package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/pquerna/otp/totp"

	"portico/tenants"
)

// gatesFile is a tenant whose recoveries go through two gates that need no letter: an authenticator app and
// a saved code.
const gatesFile = `portico: 1
slug: gates
name: Gates House
policy:
  preset: nist
  reset: {captcha: "off"}
  gates: {required: 2, methods_use: [totp, recovery_code], methods_register: [totp, recovery_code]}
  throttle: {ceiling: 10000}
  help: {escalation: Brand Administrator, email: help@gates.example}
sender: {transport: platform, from: noreply@gates.example, from_name: Gates House}
`

// Everybody at that tenant shares one secret and one saved code; each is sealed or hashed for its own row.
const (
	sharedSecret = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP" //nolint:gosec // of people that live for one bench
	sharedCode   = "0123456789ABCDEF"
	newPassword  = "lantern orchard mill seven"
)

// gated makes the tenant with n people and opens its form.
func (b *bench) gated(ctx context.Context, n int) (*tenant, error) {
	if t := b.world.gated; t != nil {
		return t, nil
	}
	w := b.world
	path := filepath.Join(b.dir, "gates.yaml")
	if err := os.WriteFile(path, []byte(gatesFile), 0o600); err != nil {
		return nil, err
	}
	if err := b.operate(ctx, w, "tenant", "apply", "-f", path); err != nil {
		return nil, err
	}
	t := &tenant{slug: "gates", people: n, host: "gates.localhost:" + w.port}
	seals, err := tenants.ParseKeyring(b.seals)
	if err != nil {
		return nil, err
	}
	err = b.asSuperuser(ctx, w.database, func(c *pgx.Conn) error {
		var id tenants.ID
		if err := c.QueryRow(ctx, "SELECT id FROM tenants WHERE slug = 'gates'").Scan(&id); err != nil {
			return err
		}
		var people rows
		people.add(w, t, id, hashOf(password), 'a', n, "active", "local")
		if err := people.copy(ctx, c); err != nil {
			return err
		}
		return copyProofs(ctx, c, w, seals, id, people)
	})
	if err != nil {
		return nil, err
	}
	c := &conn{addr: w.addr}
	defer c.close()
	if err := t.open(c); err != nil {
		return nil, err
	}
	w.gated = t
	return t, nil
}

// copyProofs gives everybody an authenticator app and a saved code.
func copyProofs(ctx context.Context, c *pgx.Conn, w *world, seals tenants.Keyring, tenant tenants.ID, people rows) error {
	now := time.Now().UTC().Add(-time.Minute)
	var proofs, codes [][]any
	for _, a := range people.accounts {
		app, saved := uuid.New(), uuid.New()
		proofs = append(proofs,
			[]any{tenant, app, a[1], "totp", seals.Seal("proof", tenant, app.String(), []byte(sharedSecret)), "owner", now, now, now, now},
			[]any{tenant, saved, a[1], "recovery_code", nil, "owner", now, now, now, now})
		codes = append(codes, []any{tenant, saved, w.peppers.MAC("recovery code", tenant, saved.String(), sharedCode)})
	}
	_, err := c.CopyFrom(ctx, pgx.Identifier{"proofs"}, []string{"tenant_id", "id", "account_id", "kind", "sealed", "set_by", "verified_at",
		"counts_from", "created_at", "updated_at"}, pgx.CopyFromRows(proofs))
	if err != nil {
		return fmt.Errorf("copy into proofs: %w", err)
	}
	if _, err := c.CopyFrom(ctx, pgx.Identifier{"recovery_codes"}, []string{"tenant_id", "proof_id", "hash"}, pgx.CopyFromRows(codes)); err != nil {
		return fmt.Errorf("copy into recovery_codes: %w", err)
	}
	_, err = c.Exec(ctx, "ANALYZE accounts, account_identifiers, proofs, recovery_codes")
	return err
}

// flowOf begins a recovery and asks for the app's code: what it costs to be asked.
func (w *world) flowOf(c *conn, t *tenant) (flow string, err error) {
	a, err := c.do(w.post(t, "/recover", "identifier", t.anybody()))
	if err != nil {
		return "", err
	}
	if err := a.want(303); err != nil {
		return "", fmt.Errorf("begin: %w", err)
	}
	flow = a.cookie("rs")
	return flow, w.step(c, t, flow, "/recover/verify", "way", "totp")
}

// step sends one form of a recovery that leads on.
func (w *world) step(c *conn, t *tenant, flow, path string, fields ...string) error {
	a, err := c.do(w.postWith(t, flow, path, fields...))
	if err != nil {
		return err
	}
	if a.status == 503 {
		return errRefused
	}
	if err := a.want(303); err != nil {
		return fmt.Errorf("%s %v: %w", path, fields, err)
	}
	return nil
}

// getBackIn is one whole recovery: six forms, two gates, a new password.
func (w *world) getBackIn(c *conn, t *tenant) error {
	flow, err := w.flowOf(c, t)
	if err != nil {
		return err
	}
	code, err := totp.GenerateCode(sharedSecret, time.Now())
	if err != nil {
		return err
	}
	for _, form := range [][]string{
		{"/recover/answer", "code", code},
		{"/recover/verify", "way", "recovery_code"},
		{"/recover/answer", "code", sharedCode},
		{"/recover/set", "password", newPassword},
	} {
		if err := w.step(c, t, flow, form[0], form[1:]...); err != nil {
			return err
		}
	}
	return nil
}

// gatedPeople is how many recoveries and wrong codes the rounds may take, one person each.
func (b *bench) gatedPeople() int {
	if b.quick {
		return 4_000
	}
	return 20_000
}

// throughGates measures whole recoveries through two gates beside bare hashes: each ends with one.
func throughGates(ctx context.Context, b *bench) ([]row, error) {
	const clients = 16
	t, err := b.gated(ctx, b.gatedPeople())
	if err != nil {
		return nil, err
	}
	ours := func(ctx context.Context, warm, d time.Duration) (figure, error) {
		conns := newConns(b.world.addr, clients)
		defer closeConns(conns)
		return closed(ctx, clients, warm, d, func(i int) error { return b.world.getBackIn(conns[i], t) })
	}
	c, err := b.beside(ctx, b.slowly, hashes, ours)
	if err != nil {
		return nil, err
	}
	return []row{c.row("two-gate recovery (6 forms) ÷ hashes").atLeast(0.4)}, nil
}

// wrongCodes measures wrong codes, four of a recovery's five tries, with the recoveries that they need,
// beside one durable INSERT: each is charged and written down before anything is compared.
func wrongCodes(ctx context.Context, b *bench) ([]row, error) {
	const clients, tries = 16, 4
	t, err := b.gated(ctx, b.gatedPeople())
	if err != nil {
		return nil, err
	}
	cfg, err := pgxpool.ParseConfig(b.pg.URL("postgres", "portico"))
	if err != nil {
		return nil, err
	}
	cfg.MaxConns = clients
	pool, err := pgxpool.NewWithConfig(ctx, cfg)
	if err != nil {
		return nil, fmt.Errorf("the limit's pool: %w", err)
	}
	defer pool.Close()
	ours := func(ctx context.Context, warm, d time.Duration) (figure, error) {
		conns := newConns(b.world.addr, clients)
		defer closeConns(conns)
		flows, left := make([]string, clients), make([]int, clients)
		return closed(ctx, clients, warm, d, func(i int) (err error) {
			if left[i] == 0 {
				if flows[i], err = b.world.flowOf(conns[i], t); err != nil {
					return err
				}
				left[i] = tries
			}
			left[i]--
			a, err := conns[i].do(b.world.postWith(t, flows[i], "/recover/answer", "code", "000000"))
			if err != nil {
				return err
			}
			return a.want(422)
		})
	}
	c, err := b.beside(ctx, b.quickly, inserts(pool, clients), ours)
	if err != nil {
		return nil, err
	}
	return []row{c.row("wrong code ÷ durable INSERT").atLeast(0.02)}, nil
}
