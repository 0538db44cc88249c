package app_test

import (
	"strings"
	"testing"
	"time"

	"portico/app/apptest"
)

// changing is First whose people may change their password while they are signed in, as the university's.
var changing = strings.Replace(apptest.First, "  users:", "  password: {change_in_session: true, confirm_field: true, history_change: 1, ui: strength, max_age_days: 180}\n  users:", 1)

func TestChangingAPasswordWhileSignedIn(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t, apptest.Options{Tenants: []string{changing}})
	at := p.Origin("first")
	far, b := p.Browser(), p.Browser()
	far.SignIn(at, "ava@first.example", apptest.Password).Sees(303)
	b.SignIn(at, "ava@first.example", apptest.Password).Sees(303)
	page := b.Get(at+"/account/password").Sees(200, "Change your password", "Old password", "New password again")
	if !strings.Contains(page.Body, `data-ask="/account/strength"`) || !strings.Contains(page.Body, `value="ava@first.example" autocomplete="username"`) {
		t.Error("the meter or the hidden user name is missing")
	}
	fill := func(old, new1, new2 string) *apptest.Answer {
		t.Helper()
		return b.Get(at+"/account/password").Submit("Change password", map[string]string{"old": old, "password": new1, "confirm": new2})
	}
	fill("", another, another).Sees(422, "Enter your old password.")
	fill(apptest.Password, another, another+"x").Sees(422, "The two passwords are not the same.")
	fill(apptest.Password, "abcdefg!", "abcdefg!").Sees(422, "uppercase")
	wrong := fill("not-it", another, another).Sees(422, "This is not your password.")
	for _, secret := range []string{"not-it", another, apptest.Password} {
		if strings.Contains(wrong.Body, secret) {
			t.Errorf("the page echoes %q", secret)
		}
	}
	fill(apptest.Password, apptest.Password, apptest.Password).Sees(422, "You have used this password before.")
	since := p.Clock.Now()
	done := fill(apptest.Password, another, another).Sees(303)
	done.Follow().Sees(200, "Your new password is set.", "Where you are signed in")
	far.Get(at + "/account").Sees(303)
	b.Get(at + "/account").Sees(200)
	p.Letter("ava@first.example", since)
	arabic := p.Browser()
	arabic.Header.Set("Accept-Language", "ar")
	arabic.SignIn(at, "ava@first.example", another).Sees(303)
	arabic.Get(at+"/account/password").Sees(200, "كلمة المرور القديمة").
		Submit("تغيير كلمة المرور", map[string]string{"old": "not-it", "password": apptest.Password, "confirm": apptest.Password}).
		Sees(422, "هذه ليست كلمة مرورك.")
	far.SignIn(at, "ava@first.example", apptest.Password).Sees(422)
}

func TestAnOldPasswordIsChangedBeforeAnythingElse(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t, apptest.Options{Tenants: []string{changing}, NoWorkers: true})
	at, b := p.Origin("first"), p.Browser()
	p.Clock.Advance(181 * 24 * time.Hour)
	in := b.Get(at+"/login?return_to=https%3A%2F%2Fdesk.first.example%2Fx").Submit("Sign in", map[string]string{"identifier": "ava@first.example", "password": apptest.Password}).Sees(303)
	if !strings.HasPrefix(in.Location, "/account/password?return_to=") {
		t.Fatalf("signing in leads to %q", in.Location)
	}
	for _, path := range []string{"/", "/account", "/logout", "/login", "/login?return_to=%2Faccount"} {
		if got := b.Get(at + path).Sees(303); !strings.HasPrefix(got.Location, "/account/password") {
			t.Errorf("%s leads to %q", path, got.Location)
		}
	}
	b.Get(at + "/help").Sees(200)
	page := in.Follow().Sees(200, "more than 180 days old")
	page.Submit("Change password", map[string]string{"old": "wrong", "password": another, "confirm": another}).Sees(422, "more than 180 days old").
		Submit("Change password", map[string]string{"old": apptest.Password, "password": another, "confirm": another}).Sees(303)
	b.Get(at + "/account").Sees(200)
	b.Get(at + "/").Sees(200)
	left := p.Browser()
	left.SignIn(at, "tariq@first.example", apptest.Password).Sees(303).Follow().Sees(200).Submit("Sign out", nil).Sees(303).Follow().Sees(200, "You are signed out.")
}

func TestWhereNobodyChangesInsideThePageSaysHow(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t, apptest.Options{NoWorkers: true})
	at, b := p.Origin("first"), p.Browser()
	b.SignIn(at, "ava@first.example", apptest.Password).Sees(303)
	page := b.Get(at+"/account/password").Sees(200, "Change your password", "sign out and choose")
	before := p.Rows("first")["public.accounts"]
	b.Send("POST", at+"/account/password", "token="+page.Value("token")+"&old="+apptest.Password+"&password="+another, apptest.SameOrigin(at)).Sees(403, "sign out and choose")
	if p.Rows("first")["public.accounts"] != before {
		t.Error("the account changed")
	}
	page.Submit("Sign out", nil).Sees(303)
}
