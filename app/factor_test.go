package app_test

import (
	"strings"
	"sync"
	"testing"
	"time"

	"portico/app/apptest"
	"portico/app/letters"
)

// factored is the secured college with a second factor at sign-in.
func factored(t *testing.T, mfa string, more ...string) *own {
	t.Helper()
	return newOwn(t, append([]string{"  registration:", "  mfa: {" + mfa + "}\n  registration:"}, more...)...)
}

// withApp registers an authenticator app for somebody who signs in without one yet, and answers its secret.
// The step that showed it to work is over afterwards.
func (o *own) withApp(userID string) string {
	o.t.Helper()
	b := o.in(userID)
	secret, page := o.addApp(b)
	page.Sees(200, "It is registered")
	o.Clock.Advance(31 * time.Second)
	return secret
}

// password sends the right password in a browser, and answers the page that asks for the code.
func (o *own) password(b *apptest.Browser, userID string) *apptest.Answer {
	o.t.Helper()
	a := b.SignIn(o.at, userID, apptest.Password).Sees(303)
	if a.Location != "/login/verify" {
		o.t.Fatalf("the right password leads to %s", a.Location)
	}
	return a.Follow().Sees(200, "Enter your code", "Open your authenticator app")
}

// twoFactors counts the sessions of somebody who has shown both a password and the app.
func (o *own) twoFactors() int { return o.Count("sessions WHERE amr = '{pwd,otp}'") }

const walkedIn = "My account"

func TestTheCodeFollowsThePassword(t *testing.T) {
	t.Parallel()
	o := factored(t, `signin: optional, remember_browser: true`)
	secret := o.withApp("B1001")
	o.Exec("DELETE FROM known_devices")
	o.signedOut()
	b := o.Browser()
	page := o.password(b, "B1001")
	if n := o.Count("sessions WHERE ended_at IS NULL"); n != 0 {
		t.Errorf("the password alone began %d sessions", n)
	}
	if n := o.Count("known_devices"); n != 0 {
		t.Errorf("the password alone made %d devices known", n)
	}
	b.Get(o.at + "/account").Sees(303)
	page = page.Submit("Sign in", nil).Sees(422, "Enter the code.")
	page = page.Submit("Sign in", map[string]string{"code": "000000"}).Sees(422, "You have 4 tries left.")
	done := page.Submit("Sign in", map[string]string{"code": o.appCode(secret)}).Sees(303)
	if done.Location != "/" {
		t.Errorf("leads to %s", done.Location)
	}
	b.Get(o.at+"/account").Sees(200, walkedIn)
	if n := o.Count("sessions WHERE amr = '{pwd,otp}' AND ended_at IS NULL"); n != 1 {
		t.Errorf("%d sessions of two factors", n)
	}
	if n := o.Count("audit_events WHERE kind IN ('signin.factor_ok', 'signin.factor_failed') AND details->>'method' = 'totp'"); n != 2 {
		t.Errorf("%d audit rows, want a failure and a success", n)
	}
	// Who has no app signs in as before.
	o.Browser().SignIn(o.at, "B1003", apptest.Password).Sees(303).Follow().Sees(200)
}

func TestNothingChangesForStrangers(t *testing.T) {
	t.Parallel()
	o := factored(t, `signin: optional`)
	o.withApp("B1001")
	for _, who := range []string{"B1001", "B1003", "B9999"} {
		o.Browser().SignIn(o.at, who, "Wrong-Kettle-harbour7").Sees(422, "That sign-in and password do not match.")
	}
}

func TestACodeWorksOnce(t *testing.T) {
	t.Parallel()
	o := factored(t, `signin: optional`)
	secret := o.withApp("B1001")
	before := o.twoFactors() // the browser that registered the app has shown it too
	const browsers = 6
	pages := make([]*apptest.Answer, browsers)
	for i := range pages {
		pages[i] = o.password(o.Browser(), "B1001")
	}
	code := o.appCode(secret)
	answers := make([]*apptest.Answer, browsers)
	var all sync.WaitGroup
	for i, page := range pages {
		all.Go(func() { answers[i] = page.Submit("Sign in", map[string]string{"code": code}) })
	}
	all.Wait()
	won := 0
	for _, a := range answers {
		if a.Status == 303 && a.Location == "/" {
			won++
		}
	}
	if won != 1 {
		t.Errorf("%d browsers were let in by one code", won)
	}
	if n := o.twoFactors() - before; n != 1 {
		t.Errorf("%d sessions", n)
	}
}

// savedCodes makes recovery codes in a browser that is signed in.
func (o *own) savedCodes(b *apptest.Browser) []string {
	o.t.Helper()
	page := b.Get(o.at+"/account/security/codes").Sees(200).Submit("Make recovery codes", nil).Sees(200)
	var codes []string
	for _, part := range strings.Fields(page.Text()) {
		if len(part) == 19 && strings.Count(part, "-") == 3 {
			codes = append(codes, part)
		}
	}
	if len(codes) != 10 {
		o.t.Fatalf("%d codes on the page", len(codes))
	}
	return codes
}

func TestARecoveryCodeStandsInOnce(t *testing.T) {
	t.Parallel()
	o := factored(t, `signin: optional`)
	b := o.in("B1001")
	codes := o.savedCodes(b)
	o.addApp(b)
	one, two := o.Browser(), o.Browser()
	first, second := o.savedInstead(one, "B1001"), o.savedInstead(two, "B1001")
	answers := make([]*apptest.Answer, 2)
	var all sync.WaitGroup
	for i, page := range []*apptest.Answer{first, second} {
		all.Go(func() {
			answers[i] = page.Submit("Sign in", map[string]string{"Recovery code": strings.ToLower(codes[3])})
		})
	}
	all.Wait()
	if answers[0].Status+answers[1].Status != 303+422 {
		t.Errorf("answered %d and %d, want one in and one refused", answers[0].Status, answers[1].Status)
	}
	if letter := o.letterThatSays("mateo@secured.example", "A recovery code was used to sign in"); !strings.Contains(letter.Text, "9 codes are left") {
		t.Errorf("the letter says:\n%s", letter.Text)
	}
}

// letterThatSays waits for a letter with a subject.
func (o *own) letterThatSays(to, subject string) letters.InboxLetter {
	o.t.Helper()
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); <-time.After(5 * time.Millisecond) {
		for _, l := range o.Inbox.List("", to, time.Time{}).Letters {
			if l.Subject == subject {
				return l
			}
		}
	}
	o.t.Fatalf("no letter %q to %s", subject, to)
	return letters.InboxLetter{}
}

// savedInstead is the page that asks for a recovery code after a right password.
func (o *own) savedInstead(b *apptest.Browser, userID string) *apptest.Answer {
	o.t.Helper()
	o.password(b, userID).Sees(200, "Use a recovery code instead")
	return b.Get(o.at+"/login/verify?way=recovery_code").Sees(200, "Enter one of the codes that you saved", "Use the authenticator app instead")
}
