package app_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/pquerna/otp/totp"

	"portico/app/accounts"
	"portico/app/apptest"
	"portico/app/proofs"
	"portico/tenants"
)

// appSecret is an authenticator app's, for people who get theirs without the security page.
const appSecret = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"

// hasApp gives somebody an authenticator app.
func hasApp(t *testing.T, p *apptest.Portal, slug, kind, who string) {
	t.Helper()
	tenant := p.Tenant(slug)
	all := &proofs.Proofs{DB: p.DB, Seals: p.Seals, Peppers: p.Peppers, Hasher: p.Accounts.Hasher, Outbox: p.Outbox}
	err := p.DB.In(t.Context(), tenant.ID, func(s *tenants.Scope) error {
		var person accounts.Person
		b := &tenants.Batch{}
		accounts.FindPerson(b, s, tenant, kind, who, accounts.Client{}, &person)
		if err := s.Send(t.Context(), b); err != nil {
			return err
		}
		_, err := all.Store(t.Context(), s, proofs.New{Account: person.ID, Kind: proofs.Authenticator, Contact: appSecret, SetBy: proofs.ByOwner, Verified: true})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// asksForTheCode signs in and fails the test unless a code stands between the password and the session.
func asksForTheCode(t *testing.T, p *apptest.Portal, b *apptest.Browser, at, who, password string) {
	t.Helper()
	page := b.SignIn(at, who, password).Sees(303)
	if page.Location != "/login/verify" {
		t.Fatalf("the new password alone leads to %s", page.Location)
	}
	b.Get(at + "/account").Sees(303)
	code, err := totp.GenerateCode(appSecret, p.Clock.Now())
	if err != nil {
		t.Fatal(err)
	}
	page.Follow().Sees(200).Submit("Sign in", map[string]string{"code": code}).Sees(303)
	b.Get(at + "/account").Sees(200)
}

// withFactor is a tenant's file with a second factor of whoever has one.
func withFactor(file string) string {
	return strings.Replace(file, "  help:", "  mfa: {signin: optional, remember_browser: true}\n  help:", 1)
}

func TestAMailedLinkLeavesTheSecondFactor(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t, apptest.Options{Tenants: []string{withFactor(apptest.First)}})
	const ava = "ava@first.example"
	at := p.Origin("first")
	hasApp(t, p, "first", accounts.Email, ava)
	b := p.Browser()
	asksForTheCode(t, p, b, at, ava, apptest.Password)
	p.Exec("UPDATE known_devices SET trusted_until = now() + interval '30 days', trusted_stamp = (SELECT stamp FROM accounts WHERE external_id = 'f-1')")
	p.Clock.Advance(31 * time.Second)
	b.Get(linkFor(t, p, "first", ava)).Follow().Submit("Save new password", map[string]string{"password": another}).Sees(303)
	b.Get(at + "/account").Sees(303)
	asksForTheCode(t, p, b, at, ava, another) // the browser that was remembered, too
}

func TestTwoGatesLeaveTheSecondFactor(t *testing.T) {
	t.Parallel()
	c := newCollege(t, apptest.Options{Tenants: []string{withFactor(gated), apptest.Second}})
	hasApp(t, c.Portal, "gated", accounts.UserID, "A1001")
	page := c.begin(c.Browser(), "A1001", "reset")
	page = c.byQuestions(c.byText(page, mateosPhone).Sees(200), mateosAnswers).Sees(200)
	page.Submit("Finish", map[string]string{"password": "Lantern7Orchard-mill", "confirm": "Lantern7Orchard-mill"}).On().Sees(200, "Your password has been reset")
	asksForTheCode(t, c.Portal, c.Browser(), c.at, "A1001", "Lantern7Orchard-mill")
}

func TestAnUnlockLeavesTheSecondFactor(t *testing.T) {
	t.Parallel()
	c := newCollege(t, apptest.Options{Tenants: []string{withFactor(gated), apptest.Second}})
	hasApp(t, c.Portal, "gated", accounts.UserID, "A1001")
	stranger := c.Browser()
	for range 12 {
		stranger.SignIn(c.at, "A1001", "wrong "+uuid.NewString()).Sees(422)
	}
	c.Browser().SignIn(c.at, "A1001", apptest.Password).Sees(422)
	page := c.begin(c.Browser(), "A1001", "unlock")
	c.byQuestions(c.byText(page, mateosPhone).Sees(200), mateosAnswers).Sees(200, "Your account is unlocked")
	asksForTheCode(t, c.Portal, c.Browser(), c.at, "A1001", apptest.Password)
}

// A one-time pass is what helps whoever lost the app and the saved codes: its session sets up another, and
// opens nothing else before a sign-in with both.
func TestAOneTimePassLeavesTheSecondFactor(t *testing.T) {
	t.Parallel()
	file := strings.Replace(withFactor(withPasses("second")), "  mfa:", "  gates: {methods_register: [totp]}\n  mfa:", 1)
	p := apptest.Start(t, apptest.Options{Tenants: []string{file}})
	const ava = "ava@first.example"
	at := p.Origin("first")
	hasApp(t, p, "first", accounts.Email, ava)
	pass := issue(t, p, ava)
	if err := approve(t, p, pass.Pass, "Omar"); err != nil {
		t.Fatal(err)
	}
	b := p.Browser()
	tryPass(p, b, ava, pass.Plain).Sees(303).Follow().Sees(200).Submit("Save new password", map[string]string{"password": another}).Sees(303)
	b.Get(at+"/account/security").Sees(200, "Authenticator app")
	p.Clock.Advance(6 * time.Minute)
	b.Get(at+"/account/security/app").Sees(200, "Set up the app") // and nobody asks for the app that is lost
	b.Get(at + "/account/security/setup").Sees(303)               // enough is registered: the pass is spent
	if to := b.Get(at + "/account").Sees(303).Location; !strings.HasPrefix(to, "/login") {
		t.Errorf("the session of a pass opens the account: %s", to)
	}
	asksForTheCode(t, p, p.Browser(), at, ava, another)
}
