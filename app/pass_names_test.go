package app_test

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"portico/app/accounts"
	"portico/app/apptest"
	"portico/tenants"
)

func issueBy(p *apptest.Portal, t *testing.T, who, by string) (out accounts.Issued, err error) {
	tenant := p.Tenant("first")
	err = p.DB.In(t.Context(), tenant.ID, func(s *tenants.Scope) error {
		id, err := accounts.Find(t.Context(), s, who)
		if err == nil {
			out, err = p.Accounts.IssuePass(t.Context(), s, tenant, id, "passport seen at the desk", by)
		}
		return err
	})
	return out, err
}

func TestAPassOfWhoBecameAnAdministratorNeedsASecondOperator(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t, apptest.Options{Tenants: []string{withPasses("delay")}, NoWorkers: true})
	const ava = "ava@first.example"
	pass := issue(t, p, ava)
	p.Clock.Advance(24*time.Hour + time.Second)
	opened := tryPass(p, p.Browser(), ava, pass.Plain).Sees(303).Follow().Sees(200)
	p.Exec(`INSERT INTO role_assignments (tenant_id, id, account_id, role, granted_by, created_at) SELECT tenant_id, gen_random_uuid(), id, 'brand_admin', 'test', now()
		FROM accounts WHERE external_id = 'f-1' AND tenant_id = (SELECT id FROM tenants WHERE slug = 'first')`)
	tryPass(p, p.Browser(), ava, pass.Plain).Sees(422, "did not work")
	if a := opened.Submit("Save new password", map[string]string{"password": another}); a.Status < 400 {
		t.Errorf("a pass that was opened before set a password: %d", a.Status)
	}
	if n := p.Count("audit_events WHERE kind = 'pass.refused' AND reason = 'not approved'"); n != 1 {
		t.Errorf("%d refusals for want of an approval", n)
	}
	next := issue(t, p, ava)
	if err := approve(t, p, next.Pass, "Omar"); err != nil {
		t.Fatal(err)
	}
	tryPass(p, p.Browser(), ava, next.Plain).Sees(303)
}

func TestNamesOfOperatorsAreToldApart(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t, apptest.Options{Tenants: []string{withPasses("second")}, NoWorkers: true})
	const ava = "ava@first.example"
	for _, by := range []string{"M\u043ena", "Mo\u200bna", "Mona\u3164", "Mona\ufe0f", "--", "Ava Lindqvist", "ava lindqvist.", "AVA@first.example", "\uff21va Lindqvist", "M"} {
		if _, err := issueBy(p, t, ava, by); !errors.Is(err, accounts.ErrNoPass) {
			t.Errorf("%q issued a pass: %v", by, err)
		}
	}
	pass := issue(t, p, ava)
	for _, by := range []string{"M\u043ena", "mona", "M.o.n.a", "\uff2dona", "Mon\u00e0", "Mo na", "ava lindqvist", "ava@first.example"} {
		if err := approve(t, p, pass.Pass, by); !errors.Is(err, accounts.ErrNoPass) {
			t.Errorf("%q approved Mona's pass: %v", by, err)
		}
	}
	if err := approve(t, p, pass.Pass, "\u041e\u043c\u0430\u0440"); err != nil {
		t.Errorf("a name in Cyrillic alone: %v", err)
	}
	if _, err := issueBy(p, t, ava, "\u7530\u4e2d \u3055\u304f\u3089"); err != nil {
		t.Errorf("a name in Han and Hiragana: %v", err)
	}
}

func TestWhoHearsOfAPass(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t, apptest.Options{Tenants: []string{withPasses("delay")}, NoWorkers: true})
	if pass := issue(t, p, "ava@first.example"); pass.Told != 1 || pass.Pass.Approval != "delay" {
		t.Errorf("an address that is not confirmed: told %d, approval %s", pass.Told, pass.Pass.Approval)
	}
	to := p.Tenant("first")
	var out accounts.Issued
	p.Exec("INSERT INTO account_identifiers (tenant_id, account_id, kind, value, norm, created_at) SELECT tenant_id, account_id, 'user_id', 'S-77', 's-77', created_at FROM account_identifiers WHERE norm = 'ava@first.example'")
	p.Exec("DELETE FROM account_identifiers WHERE norm = 'ava@first.example'")
	to.Policy.SignIn.Identifier = accounts.UserID
	err := p.DB.In(t.Context(), to.ID, func(s *tenants.Scope) error {
		id, err := accounts.Find(t.Context(), s, "S-77")
		if err == nil {
			out, err = p.Accounts.IssuePass(t.Context(), s, to, id, "passport seen at the desk", "Mona")
		}
		return err
	})
	if err != nil || out.Told != 0 || out.Pass.Approval != "second" || !out.Pass.ReadyAt.IsZero() {
		t.Errorf("nobody could be told: %+v, %v", out.Pass, err)
	}
}

func TestEveryConfirmedAddressHearsOfAChange(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t, apptest.Options{Tenants: []string{changing}, NoWorkers: true})
	p.Exec("UPDATE account_identifiers SET verified_at = now() WHERE norm = 'ava@first.example'")
	p.Exec(`INSERT INTO account_identifiers (tenant_id, account_id, kind, value, norm, created_at, verified_at)
		SELECT tenant_id, account_id, kind, 'second@first.example', 'second@first.example', created_at, now() FROM account_identifiers WHERE norm = 'ava@first.example'`)
	told := func(kind string) string {
		return fmt.Sprint(p.Count("letters WHERE kind = $1 AND recipient = 'ava@first.example'", kind), p.Count("letters WHERE kind = $1 AND recipient = 'second@first.example'", kind))
	}
	b := p.Browser()
	b.SignIn(p.Origin("first"), "ava@first.example", apptest.Password).Sees(303)
	b.Get(p.Origin("first")+"/account/password").Submit("Change password", map[string]string{"old": apptest.Password, "password": another, "confirm": another}).Sees(303)
	if got := told("reset_notice"); got != "1 1" {
		t.Errorf("told of the change: %s", got)
	}
	to := p.Tenant("first")
	err := p.DB.In(t.Context(), to.ID, func(s *tenants.Scope) error {
		id, err := accounts.Find(t.Context(), s, "ava@first.example")
		if err != nil {
			return err
		}
		_, err = s.Exec(t.Context(), `INSERT INTO recovery_blocks (tenant_id, key, account_id, counter, client_address, started_at, ends_at, blocked_until)
			VALUES ($1, 'k', $2, 'proof', '192.0.2.9', $3, $4, $4)`, s.Tenant(), id, s.Now(), s.Now().Add(time.Hour))
		if err != nil {
			return err
		}
		all, err := accounts.Blocks(t.Context(), s, id)
		if err != nil || len(all) != 1 || all[0].Counter != "proof" || all[0].ClientAddress != "192.0.2.9" || !all[0].Until.Equal(s.Now().Add(time.Hour)) {
			t.Errorf("blocks: %+v, %v", all, err)
		}
		return p.Accounts.LiftLocks(t.Context(), s, to, id)
	})
	if err != nil {
		t.Fatal(err)
	}
	if got := told("unlock_notice"); got != "1 1" {
		t.Errorf("told of the unlocking: %s", got)
	}
	if p.Count("recovery_blocks") != 0 || p.Count("audit_events WHERE kind = 'account.unlocked' AND details ->> 'recovery_blocks' = '1'") != 1 {
		t.Error("the block stands, or the audit does not count it")
	}
}

func TestRequestsForHelpAreBounded(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t, apptest.Options{Tenants: []string{withPasses("second")}, NoWorkers: true})
	to, asked := p.Tenant("first"), 0
	ask := func(who, note string) string {
		t.Helper()
		asked++
		from := accounts.Client{Address: netip.AddrFrom4([4]byte{192, 0, 2, byte(asked)})}
		code, err := p.Accounts.AskForHelp(t.Context(), to, accounts.HelpAsked{Typed: who, Note: note}, from)
		if err != nil {
			t.Fatal(err)
		}
		return code
	}
	code := ask("ava@first.example", "first https://evil.example and wWw.evil.example")
	var tenant, id tenants.ID
	var sealed []byte
	p.Scan("SELECT tenant_id, id, sealed FROM letters WHERE kind = 'contact_admin'", nil, &tenant, &id, &sealed)
	letter, err := p.Seals.Open("letter", tenant, id.String(), sealed)
	if text := string(letter); err != nil || !strings.Contains(text, "first https:// evil.example and www. evil.example") {
		t.Errorf("the note in the letter: %s, %v", text, err)
	}
	for _, note := range []string{"second", "second", "", "third", "fourth"} {
		if again := ask("ava@first.example", note); again != code {
			t.Errorf("another code: %s", again)
		}
	}
	err = p.DB.In(t.Context(), to.ID, func(s *tenants.Scope) error {
		r, err := p.Accounts.SupportRequest(t.Context(), s, code)
		if got := strings.Join(r.Notes, "|"); got != "first https://evil.example and wWw.evil.example|second|third" {
			t.Errorf("notes: %s", got)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for i := range 29 {
		ask(fmt.Sprintf("nobody%d@first.example", i), "")
	}
	letters := p.Count("letters")
	if ask("kofi@first.example", "late") == "" || ask("nobody@first.example", "late") == "" {
		t.Error("no code beyond the budget")
	}
	if got := p.Count("letters"); letters != 30 || got != letters {
		t.Errorf("%d letters within the budget, %d beyond it", letters, got-letters)
	}
	if n := p.Count("support_requests WHERE note = 'late'"); n != 2 {
		t.Errorf("%d requests kept beyond the budget", n)
	}
}
