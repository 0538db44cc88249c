package main

import (
	"context"
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"golang.org/x/crypto/argon2"

	"portico/tenants"
)

// tenantFile is every bench tenant: recovery by one mailed link, and a ceiling that one machine's load
// does not reach. Its other limits are the preset's: the load comes from many addresses and people.
const tenantFile = `portico: 1
slug: bench
name: Bench House
policy:
  preset: email-link
  signin: {external: "off"}
  users: {registration_mode: [invite]}
  help: {escalation: Brand Administrator, email: help@bench.example}
  throttle: {ceiling: 10000}
theme: {layout: card, site_title: Bench}
words:
  en: {signin.lead: %q}
sender: {transport: platform, from: noreply@bench.example, from_name: Bench House}
`

// apply makes the main tenant what its file says, with a lead that shows which version is served.
func (b *bench) apply(ctx context.Context, w *world, lead string) error {
	path := filepath.Join(b.dir, "bench-"+w.database+".yaml")
	if err := os.WriteFile(path, fmt.Appendf(nil, tenantFile, lead), 0o600); err != nil {
		return err
	}
	return b.operate(ctx, w, "tenant", "apply", "-f", path)
}

// seed applies the main tenant as an operator would, clones it, and copies people in.
func (b *bench) seed(ctx context.Context, w *world) error {
	if err := b.apply(ctx, w, "Welcome back."); err != nil {
		return err
	}
	return b.asSuperuser(ctx, w.database, func(c *pgx.Conn) error {
		for _, t := range w.tenants {
			if _, err := c.Exec(ctx, cloneTenant, t.slug, tenants.NewID()); err != nil {
				return fmt.Errorf("clone a tenant: %w", err)
			}
		}
		phc := hashOf(password)
		var people rows
		for _, t := range w.all() {
			var id tenants.ID
			if err := c.QueryRow(ctx, "SELECT id FROM tenants WHERE slug = $1", t.slug).Scan(&id); err != nil {
				return err
			}
			people.add(w, t, id, phc, 'a', t.people, "active", "local")
			if t == w.main {
				people.add(w, t, id, phc, 'k', oddOnes, "active", "local")
				people.add(w, t, id, phc, 'd', oddOnes, "disabled", "local")
				people.add(w, t, id, phc, 'l', oddOnes, "active", "local")
				people.add(w, t, id, phc, 's', oddOnes, "active", "sso")
			}
		}
		if err := people.copy(ctx, c); err != nil {
			return err
		}
		// Only what was filled: an empty table with statistics would be planned as one that stays empty.
		_, err := c.Exec(ctx, "ANALYZE tenants, settings, accounts, account_identifiers")
		return err
	})
}

// oddOnes is how many known, disabled, locked and SSO-only people the main tenant has: one a try.
const oddOnes = 400

const cloneTenant = `WITH made AS (
	INSERT INTO tenants (id, slug, name, state, created_at, updated_at)
	SELECT $2::uuid, $1::text, $1::text, state, created_at, updated_at FROM tenants WHERE slug = 'bench' RETURNING id)
	INSERT INTO settings (tenant_id, subject, version, document, created_at, created_by)
	SELECT made.id, s.subject, 1, s.document, s.created_at, 'bench'
	FROM made, settings s JOIN tenants t ON t.id = s.tenant_id AND t.slug = 'bench'`

// hashOf is a PHC string as the portal makes them; everybody shares it, sealed for each alone.
func hashOf(password string) string {
	salt := []byte("sixteen bytes...")
	tag := argon2.IDKey([]byte(password), salt, hashTime, hashMemory, hashLanes, hashTag)
	return fmt.Sprintf("$argon2id$v=19$m=%d,t=%d,p=%d$%s$%s", hashMemory, hashTime, hashLanes,
		base64.RawStdEncoding.EncodeToString(salt), base64.RawStdEncoding.EncodeToString(tag))
}

// rows are people ready to be copied.
type rows struct{ accounts, identifiers, locks [][]any }

func (r *rows) add(w *world, t *tenant, tenant tenants.ID, phc string, kind byte, n int, status, signIn string) {
	now := time.Now().UTC()
	for i := range n {
		id := uuid.New()
		var sealed []byte
		if signIn == "local" {
			sealed = w.peppers.Seal("password", tenant, id.String(), []byte(phc))
		}
		address := t.person(kind, i)
		r.accounts = append(r.accounts, []any{tenant, id, fmt.Sprintf("Person %c%06d", kind, i), status, signIn, sealed, now, now})
		r.identifiers = append(r.identifiers, []any{tenant, "email", address, address, id, now, now})
		if kind == 'l' {
			r.locks = append(r.locks, []any{tenant, id, "unknown", 5, 1, now, now.AddDate(1, 0, 0), now})
		}
	}
}

func (r *rows) copy(ctx context.Context, c *pgx.Conn) error {
	for _, t := range []struct {
		table   string
		columns []string
		rows    [][]any
	}{
		{"accounts", []string{"tenant_id", "id", "display_name", "status", "sign_in", "password", "created_at", "updated_at"}, r.accounts},
		{"account_identifiers", []string{"tenant_id", "kind", "norm", "value", "account_id", "verified_at", "created_at"}, r.identifiers},
		{"account_locks", []string{"tenant_id", "account_id", "device", "failures", "locks", "last_failed_at", "locked_until", "announced_at"}, r.locks},
	} {
		if _, err := c.CopyFrom(ctx, pgx.Identifier{t.table}, t.columns, pgx.CopyFromRows(t.rows)); err != nil {
			return fmt.Errorf("copy into %s: %w", t.table, err)
		}
	}
	return nil
}
