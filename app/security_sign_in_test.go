package app_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"portico/app/apptest"
)

func TestSignInAsksToRegister(t *testing.T) {
	t.Parallel()
	for _, mode := range []string{"skippable", "forced"} {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			o := newOwn(t, `at_signin: "off"`, "at_signin: "+mode)
			b := o.Browser()
			page := b.Get(o.at + "/login?return_to=/help").Sees(200)
			page = page.Submit("Sign in", map[string]string{"identifier": "B1001", "password": apptest.Password}).On().On().Sees(200, "Before you go on", "Register two different ways")
			if mode == "skippable" {
				page.Submit("Not now", nil).Sees(303)
				b.Get(o.at + "/account").Sees(200)
				o.Browser().Get(o.at+"/login").Submit("Sign in", map[string]string{"identifier": "B1001", "password": apptest.Password}).On().On().Sees(200, "Before you go on")
			} else {
				page.Hides("Not now")
				for _, path := range []string{"/account", "/", "/account/password"} {
					if to := b.Get(o.at + path).Sees(303).Location; to != "/account/security/setup" {
						t.Errorf("%s leads to %s", path, to)
					}
				}
				b.Post(o.at+"/account/security/setup", url.Values{"token": {page.Value("token")}, "do": {"later"}}).On().Sees(200, "Before you go on")
			}
			o.addPhone(b, "+1 5550100201")
			_, page = o.addApp(b)
			if mode == "forced" {
				if page.On().URL.Path != "/help" {
					t.Errorf("after registering: %s\n%s", page.URL, page.Text())
				}
				b.Get(o.at + "/account").Sees(200)
			}
			if to := o.Browser().Get(o.at+"/login").Submit("Sign in", map[string]string{"identifier": "B1001", "password": apptest.Password}).Sees(303).Location; to != "/" {
				t.Errorf("somebody who registered enough is led to %s", to)
			}
		})
	}
}

func TestReconfirmation(t *testing.T) {
	t.Parallel()
	o := newOwn(t, `at_signin: "off", reconfirm_days: 0`, "at_signin: skippable, reconfirm_days: 180")
	b := o.in("B1001")
	o.addPhone(b, "+1 5550100201")
	o.addApp(b)
	signIn := func() *apptest.Answer {
		return o.Browser().Get(o.at+"/login").Submit("Sign in", map[string]string{"identifier": "B1001", "password": apptest.Password}).On().On()
	}
	o.later(179 * 24 * time.Hour)
	signIn().Hides("Is this still right?")
	o.later(25 * time.Hour)
	page := signIn().Sees(200, "Is this still right?", "Mobile phone")
	page.Submit("Yes, all of it is right", nil).Sees(303)
	signIn().Hides("Is this still right?")
	o.later(181 * 24 * time.Hour)
	signIn().Sees(200, "Is this still right?")
}

func TestProofsComeWithTheFile(t *testing.T) {
	t.Parallel()
	o := newOwn(t, "user_id: B1001, email: mateo@secured.example,", `user_id: B1001, email: mateo@secured.example,
     proofs: {auth_phone: "+1 5550100201", office_phone: "+1 5550100802", auth_email: mateo@elsewhere.example, totp: "env:PORTICO_TENANT_T",
       questions: {q01: "env:PORTICO_TENANT_Q1", q02: "env:PORTICO_TENANT_Q2", q03: "env:PORTICO_TENANT_Q3"}},`)
	if got := o.kinds("B1001"); got != "auth_email auth_phone office_phone security_questions totp" {
		t.Errorf("registered %q", got)
	}
	page := o.in("B1001").Get(o.at+"/account/security").Sees(200, "You can get back in today", "Set by your administrator", "Set by your organisation", "3 questions answered")
	if strings.Contains(page.Body, apptest.Password) || strings.Contains(page.Body, "5550100802") {
		t.Error("the page shows what it should mask")
	}
	file, err := o.Files.Export(t.Context(), "secured")
	if err != nil || strings.Contains(string(file), "5550100201") || strings.Contains(string(file), "proofs") {
		t.Errorf("the export holds proofs (%v)", err)
	}
}
