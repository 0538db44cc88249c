package app_test

import (
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"portico/app/apptest"
)

func TestFiveTriesEndASignInAndCountAgainstTheLock(t *testing.T) {
	t.Parallel()
	o := factored(t, `signin: optional`)
	owner := o.in("B1001") // a known device from now on
	secret, _ := o.addApp(owner)
	stranger := o.Browser()
	wrong := func(page *apptest.Answer) *apptest.Answer {
		return page.Submit("Sign in", map[string]string{"code": "000000"})
	}
	page := o.password(stranger, "B1001")
	for range 4 {
		page = wrong(page).Sees(422)
	}
	if to := wrong(page).Sees(303).Location; to != "/login" {
		t.Errorf("the fifth wrong code leads to %s", to)
	}
	stranger.Get(o.at+"/login").Sees(200, "Please sign in again")
	page = o.password(stranger, "B1001") // the right password takes nothing back
	for range 4 {
		page = wrong(page).Sees(422)
	}
	wrong(page).Sees(429, "Too many tries", "You can try again from", "the Helpdesk")
	o.Browser().SignIn(o.at, "B1001", apptest.Password).Sees(422, "That sign-in and password do not match.")
	o.Clock.Advance(31 * time.Second)
	o.signedOut()
	o.password(owner, "B1001").Submit("Sign in", map[string]string{"code": o.appCode(secret)}).Sees(303)
	if n := o.Count("letters WHERE kind = 'unlock'"); n != 1 {
		t.Errorf("the owner was told of the lock %d times", n)
	}
	if n := o.Count("audit_events WHERE kind = 'signin.factor_failed' AND reason = 'wrong code'"); n != 10 {
		t.Errorf("%d rows of wrong codes in the audit", n)
	}
}

// Of many guesses at the same moment no more than five are looked at.
func TestParallelCodesDoNotOutrunTheTries(t *testing.T) {
	t.Parallel()
	o := factored(t, `signin: optional`, "  help:", "  lockout: {threshold: 100}\n  help:")
	secret := o.withApp("B1001")
	page := o.password(o.Browser(), "B1001")
	var all sync.WaitGroup
	for range 12 {
		all.Go(func() { page.Submit("Sign in", map[string]string{"code": "000000"}) })
	}
	all.Wait()
	if n := o.Count("audit_events WHERE kind = 'signin.factor_failed'"); n != 5 {
		t.Errorf("%d codes were looked at", n)
	}
	page.Submit("Sign in", map[string]string{"code": o.appCode(secret)}).Sees(303).Follow().Sees(200, "Please sign in again")
}

func TestThirtyWrongCodesADay(t *testing.T) {
	t.Parallel()
	o := factored(t, `signin: optional`, "  help:", "  lockout: {threshold: 100}\n  help:")
	owner := o.in("B1001")
	secret, _ := o.addApp(owner)
	for i := range 6 {
		page := o.password(o.Browser(), "B1001")
		for range 5 {
			page = page.Submit("Sign in", map[string]string{"code": "000000"})
		}
		if page.Status != 303 {
			t.Fatalf("round %d answered %d", i, page.Status)
		}
	}
	o.Clock.Advance(31 * time.Second)
	o.password(o.Browser(), "B1001").Submit("Sign in", map[string]string{"code": o.appCode(secret)}).Sees(429, "Too many tries")
	o.signedOut()
	o.password(owner, "B1001").Submit("Sign in", map[string]string{"code": o.appCode(secret)}).Sees(303)
	o.Clock.Advance(24 * time.Hour)
	o.password(o.Browser(), "B1001").Submit("Sign in", map[string]string{"code": o.appCode(secret)}).Sees(303)
}

func TestAWaitingSignInEnds(t *testing.T) {
	t.Parallel()
	o := factored(t, `signin: optional`)
	secret := o.withApp("B1001")
	before := o.twoFactors()
	b := o.Browser()
	page := o.password(b, "B1001")
	o.Clock.Advance(10*time.Minute + time.Second)
	page.Submit("Sign in", map[string]string{"code": o.appCode(secret)}).Sees(303).Follow().Sees(200, "Please sign in again")
	b.Get(o.at+"/login/verify").Sees(303).Follow().Sees(200, "Please sign in again")
	page = o.password(b, "B1001")
	o.Exec("UPDATE accounts SET stamp = stamp + 1 WHERE external_id = 'x-1'")
	page.Submit("Sign in", map[string]string{"code": o.appCode(secret)}).Sees(303).Follow().Sees(200, "Please sign in again")
	if n := o.twoFactors() - before; n != 0 {
		t.Errorf("%d sessions", n)
	}
}

// cookie is a cookie of a browser, by its name.
func cookie(t *testing.T, b *apptest.Browser, at, name string) *http.Cookie {
	t.Helper()
	for _, c := range b.Cookies(at) {
		if c.Name == name {
			return c
		}
	}
	t.Fatalf("no cookie %s at %s", name, at)
	return nil
}

func TestAWaitingSignInIsNobodyElses(t *testing.T) {
	t.Parallel()
	o := factored(t, `signin: optional`)
	mateos, priyas := o.withApp("B1001"), o.withApp("B1002")
	b := o.Browser()
	b.SetCookies(o.at, &http.Cookie{Name: "sid", Value: strings.Repeat("A", 43), Path: "/"})
	page := o.password(b, "B1001")
	kept := cookie(t, b, o.at, "rs")

	other := o.Browser()
	other.SetCookies(o.Origin("first"), &http.Cookie{Name: "rs", Value: kept.Value, Path: "/"})
	if to := other.Get(o.Origin("first") + "/login/verify").Sees(303).Location; to != "/login" {
		t.Errorf("another tenant leads to %s", to)
	}
	page.Submit("Sign in", map[string]string{"code": o.appCode(priyas)}).Sees(422)
	page.Submit("Sign in", map[string]string{"code": o.appCode(mateos)}).Sees(303)
	if sid := cookie(t, b, o.at, "sid").Value; sid == strings.Repeat("A", 43) {
		t.Error("the session has the value that stood there before")
	}
	b.Get(o.at+"/account").Sees(200, "Mateo Villanueva")

	again := o.Browser()
	again.SetCookies(o.at, &http.Cookie{Name: "rs", Value: kept.Value, Path: "/"})
	again.Get(o.at+"/login/verify").Sees(303).Follow().Sees(200, "Please sign in again")
}

func TestARememberedBrowser(t *testing.T) {
	t.Parallel()
	o := factored(t, `signin: required, remember_browser: true, remember_for: 72h`)
	secret, priyas := o.enrolled("B1001"), o.enrolled("B1002")
	b := o.Browser()
	in := func() *apptest.Answer {
		o.Clock.Advance(31 * time.Second)
		o.signedOut()
		page := o.password(b, "B1001").Sees(200, "Do not ask for a code in this browser for 3 days")
		return page.Submit("Sign in", map[string]string{"code": o.appCode(secret), "trust": "on"}).Sees(303)
	}
	asked := func() bool {
		o.signedOut()
		return b.SignIn(o.at, "B1001", apptest.Password).Sees(303).Location == "/login/verify"
	}
	in()
	if asked() {
		t.Error("the browser is asked again")
	}
	b.Get(o.at+"/account").Sees(200, walkedIn)
	o.password(o.Browser(), "B1001")
	o.signedOut()
	o.password(b, "B1002").Submit("Sign in", map[string]string{"code": o.appCode(priyas)}).Sees(303)
	if asked() {
		t.Error("somebody else's sign-in ended it")
	}
	o.Clock.Advance(72 * time.Hour)
	if !asked() {
		t.Error("it does not end")
	}
	in()
	o.savedCodes(b)
	if !asked() {
		t.Error("a change of proofs does not end it")
	}
	in()
	o.Exec("UPDATE accounts SET stamp = stamp + 1 WHERE external_id = 'x-1'") // what every new password does
	if !asked() {
		t.Error("a new password does not end it")
	}
}

// signedOut ends all sessions.
func (o *own) signedOut() { o.Exec("UPDATE sessions SET ended_at = now()") }

// enrolled sets up the app that a required second factor asks for, and answers its secret.
func (o *own) enrolled(userID string) string {
	o.t.Helper()
	b := o.Browser()
	if to := b.SignIn(o.at, userID, apptest.Password).Sees(303).Location; !strings.HasPrefix(to, "/account/security/setup") {
		o.t.Fatalf("without an app the sign-in leads to %s", to)
	}
	secret, _ := o.addApp(b)
	o.Clock.Advance(31 * time.Second)
	return secret
}

func TestARequiredFactorIsSetUpFirst(t *testing.T) {
	t.Parallel()
	o := factored(t, `signin: required`)
	b := o.Browser()
	page := b.Get(o.at+"/login?return_to=/help").Sees(200).Submit("Sign in", map[string]string{"identifier": "B1001", "password": apptest.Password})
	page = page.On().On().Sees(200, "Set up an authenticator app", "Your account needs more than a password")
	for _, path := range []string{"/account", "/", "/account/password", "/account/security", "/account/security/phone", "/account/security/codes", "/account/security/remove?kind=totp"} {
		if to := b.Get(o.at + path).Sees(303).Location; to != "/account/security/setup" {
			t.Errorf("%s leads to %s", path, to)
		}
	}
	page.Hides("Not now")
	_, page = o.addApp(b)
	page.On().Sees(200, "Recovery codes", "Make recovery codes").Submit("Make recovery codes", nil).Sees(200, "I have saved them")
	if to := b.Get(o.at + "/account/security/setup").Sees(303).Location; to != "/help" {
		t.Errorf("after the set-up: %s", to)
	}
	if n := o.Count("sessions WHERE duty = '' AND amr = '{pwd,otp}' AND ended_at IS NULL"); n != 1 {
		t.Errorf("%d sessions of two factors", n)
	}
	b.Get(o.at+"/account/security/remove?kind=totp").Sees(200, "This cannot be removed")
}

func TestAFactorComesBeforeOtherDuties(t *testing.T) {
	t.Parallel()
	o := factored(t, `signin: required`, "  help:", "  password: {max_age_days: 30}\n  help:")
	o.Exec("UPDATE accounts SET password_set_at = now() - interval '31 days'")
	b := o.Browser()
	b.SignIn(o.at, "B1001", apptest.Password).Sees(303).On().On().Sees(200, "Set up an authenticator app")
	if to := b.Get(o.at + "/account/password").Sees(303).Location; to != "/account/security/setup" {
		t.Errorf("the old password could be changed first: %s", to)
	}
	o.addApp(b)
	if to := b.Get(o.at + "/account/security/setup").Sees(303).Location; !strings.HasPrefix(to, "/account/password") {
		t.Errorf("then leads to %s", to)
	}
	if to := b.Get(o.at + "/account").Sees(303).Location; !strings.HasPrefix(to, "/account/password") {
		t.Errorf("the account page opens: %s", to)
	}
}

func TestAdministratorsMayBeAskedForMore(t *testing.T) {
	t.Parallel()
	o := factored(t, `signin: "off", admins: required`)
	secret := o.enrolled("B1002")
	o.password(o.Browser(), "B1002").Submit("Sign in", map[string]string{"code": o.appCode(secret)}).Sees(303)
	o.addApp(o.in("B1001"))
	if to := o.Browser().SignIn(o.at, "B1001", apptest.Password).Sees(303).Location; to != "/" {
		t.Errorf("somebody without a role is led to %s", to)
	}
}

func TestAnyInstanceTakesTheCode(t *testing.T) {
	t.Parallel()
	o := factored(t, `signin: optional`, "signin: {layout: single,", "session: {remember_for: 720h}\n  signin: {remember_me: true, layout: single,")
	secret := o.withApp("B1001")
	beside := apptest.Start(t, apptest.Options{Beside: o.Portal})
	b := o.Browser()
	page := b.Get(o.at+"/login?return_to=/account/security").Sees(200, "Stay signed in")
	page.Submit("Sign in", map[string]string{"identifier": "B1001", "password": apptest.Password, "remember": "on"}).Sees(303)
	moved := beside.Browser()
	at := beside.Origin("secured")
	moved.SetCookies(at, b.Cookies(o.at)...)
	o.Stop()
	done := moved.Get(at+"/login/verify").Sees(200).Submit("Sign in", map[string]string{"code": o.appCode(secret)}).Sees(303)
	if done.Location != "/account/security" {
		t.Errorf("leads to %s", done.Location)
	}
	if n := o.Count("sessions WHERE remembered AND amr = '{pwd,otp}'"); n != 1 {
		t.Errorf("%d remembered sessions", n)
	}
	if !strings.Contains(strings.Join(done.Header.Values("Set-Cookie"), "\n"), "max-age=") {
		t.Error("the session's cookie ends with the browser")
	}
}
