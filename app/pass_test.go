package app_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"portico/app/accounts"
	"portico/app/apptest"
	"portico/tenants"
)

// withPasses is First with one-time passes and mail to the administrators.
func withPasses(approval string) string {
	return strings.Replace(strings.Replace(unbounded, "  help: {", "  passes: {enabled: true, approval: "+approval+"}\n  help: {contact_admin_mail: true, ", 1), "  users:", "  notify: {admins_on_admin_reset: true}\n  users:", 1)
}

func issue(t *testing.T, p *apptest.Portal, who string) (out accounts.Issued) {
	t.Helper()
	tenant := p.Tenant("first")
	err := p.DB.In(t.Context(), tenant.ID, func(s *tenants.Scope) error {
		id, err := accounts.Find(t.Context(), s, who)
		if err == nil {
			out, err = p.Accounts.IssuePass(t.Context(), s, tenant, id, "passport seen at the desk", "Mona")
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func approve(t *testing.T, p *apptest.Portal, pass accounts.Pass, by string) error {
	t.Helper()
	tenant := p.Tenant("first")
	return p.DB.In(t.Context(), tenant.ID, func(s *tenants.Scope) error {
		_, err := p.Accounts.ApprovePass(t.Context(), s, tenant, pass.ID, by)
		return err
	})
}

func tryPass(p *apptest.Portal, b *apptest.Browser, who, pass string) *apptest.Answer {
	return b.Get(p.Origin("first")+"/recover/pass").Sees(200).Submit("Continue", map[string]string{"identifier": who, "pass": pass})
}

func TestAPassNeedsASecondOperatorAndOpensOnlyAPassword(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t, apptest.Options{Tenants: []string{withPasses("second")}})
	const ava = "ava@first.example"
	at := p.Origin("first")
	p.Exec("UPDATE account_identifiers SET verified_at = now() WHERE norm = $1", ava)
	in := p.Browser()
	in.SignIn(at, ava, apptest.Password).Sees(303)
	old, pass := issue(t, p, ava), issue(t, p, ava)
	if err := approve(t, p, old.Pass, "Omar"); !errors.Is(err, accounts.ErrNoPass) {
		t.Errorf("a replaced pass was approved: %v", err)
	}
	tryPass(p, p.Browser(), ava, pass.Plain).Sees(422, "did not work")
	if err := approve(t, p, pass.Pass, " mona "); !errors.Is(err, accounts.ErrNoPass) {
		t.Errorf("its issuer approved it: %v", err)
	}
	if err := approve(t, p, pass.Pass, "Omar"); err != nil {
		t.Fatal(err)
	}
	tryPass(p, p.Browser(), ava, old.Plain).Sees(422, "did not work")
	tryPass(p, p.Browser(), "tariq@first.example", pass.Plain).Sees(422, "did not work")
	one, two := p.Browser(), p.Browser()
	form := tryPass(p, one, ava, strings.ToLower(strings.ReplaceAll(pass.Plain, "-", " "))).Sees(303).Follow().Sees(200, "one-time pass is right")
	second := tryPass(p, two, ava, pass.Plain).Sees(303).Follow().Sees(200)
	won := form.Submit("Save new password", map[string]string{"password": another}).Sees(303)
	if !strings.HasPrefix(won.Location, "/account/security") {
		t.Errorf("leads to %s", won.Location)
	}
	second.Submit("Save new password", map[string]string{"password": "Velvet!Harbour93"}).Sees(410, "already used")
	one.Get(at + "/account").Sees(303)
	in.Get(at + "/account").Sees(303)
	if n := p.Count("sessions WHERE duty = 'register' AND amr = '{pass}' AND ended_at IS NULL AND ends_at = authenticated_at + interval '30 minutes'"); n != 1 {
		t.Errorf("%d restricted sessions", n)
	}
	if n := p.Count("letters WHERE kind IN ('pass_issued', 'pass_used') AND recipient = $1", ava); n != 3 {
		t.Errorf("the owner was told %d times, want twice of issues and once of the use", n)
	}
	p.Browser().SignIn(at, ava, another).Sees(303)
	if n := p.Count("audit_events WHERE details::text LIKE '%' || $1 || '%'", pass.Plain); n != 0 {
		t.Error("the audit holds a pass")
	}
}

func TestADelayedPassCanBeStopped(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t, apptest.Options{Tenants: []string{withPasses("delay")}})
	const ava = "ava@first.example"
	p.Exec("UPDATE account_identifiers SET verified_at = now() WHERE norm = $1", ava)
	since := p.Clock.Now()
	pass := issue(t, p, ava)
	tryPass(p, p.Browser(), ava, pass.Plain).Sees(422)
	p.Clock.Advance(24*time.Hour + time.Second)
	tryPass(p, p.Browser(), ava, pass.Plain).Sees(303)
	b := p.Browser()
	b.Get(p.Letter(ava, since).Links[0]).Follow().Sees(200, "Withdraw").Submit("Withdraw the pass", nil).Sees(200, "withdrawn")
	tryPass(p, p.Browser(), ava, pass.Plain).Sees(422)
	late := issue(t, p, ava)
	p.Clock.Advance(25*time.Hour + time.Second)
	tryPass(p, p.Browser(), ava, late.Plain).Sees(422)
}

func TestAskingForHelpTellsNobodyWhoIsWho(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t, apptest.Options{Tenants: []string{withPasses("second")}, NoWorkers: true})
	at := p.Origin("first")
	rows := map[string]int{}
	ask := func(who string) string {
		letters := p.Count("letters")
		a := p.Browser().Get(at+"/recover/contact").Sees(200).Submit("Ask for help", map[string]string{"identifier": who}).Sees(200, "If we know you")
		rows[who] = p.Count("letters") - letters
		_, code, _ := strings.Cut(a.Text(), "Your support code: ")
		return code[:14]
	}
	known, unknown := ask("ava@first.example"), ask("nobody@first.example")
	if rows["ava@first.example"] != 1 || rows["nobody@first.example"] != 1 {
		t.Errorf("letters written: %v", rows)
	}
	if p.Count("letters WHERE kind = 'contact_admin' AND recipient = 'tariq@first.example'") != 1 || p.Count("letters WHERE kind = 'contact_admin' AND recipient = ''") != 1 {
		t.Error("the administrator was not told of the one and of the one alone")
	}
	if again := ask("ava@first.example"); again != known || rows["ava@first.example"] != 0 {
		t.Errorf("asked again: %s, first %s; %d letters", again, known, rows["ava@first.example"])
	}
	if again := ask("nobody@first.example"); again != unknown {
		t.Errorf("a stranger asked again: %s, first %s", again, unknown)
	}
}
