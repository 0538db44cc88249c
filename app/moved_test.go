package app_test

import (
	"net/url"
	"strings"
	"testing"

	"portico/app/apptest"
)

func TestAnAddressThatWasCanonicalLeadsOn(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t, apptest.Options{})
	old, custom := p.Origin("first"), "http://sign-in.first.example:"+p.Port
	byPath := "http://localhost:" + p.Port + "/t/first"

	reading, signedIn := p.Browser(), p.Browser()
	page := reading.Get(old + "/login").Sees(200) // a form that somebody fills in during the change
	signedIn.SignIn(old, "ava@first.example", apptest.Password).Sees(303)
	link := linkFor(t, p, "first", "tariq@first.example")
	if !strings.HasPrefix(link, old+"/recover/") {
		t.Fatalf("the letter's link is %s", link)
	}
	asks := p.Browser()
	asking := asks.Get(old + "/recover").Sees(200)
	moving := p.Browser()
	moving.Get(link).Sees(303).Follow().Sees(200) // opened before the change, and read on after it

	if err := p.Domains.SetCanonical(t.Context(), p.Tenant("first").ID, "sign-in.first.example"); err != nil {
		t.Fatal(err)
	}

	for _, at := range []string{old, byPath} {
		for from, to := range map[string]string{"/login": "/login", "/": "/", "/account?x=1&y=%2F": "/account?x=1&y=%2F", "/help": "/help", "/recover": "/recover", "/console/people": "/console/people"} {
			a := p.Browser().Get(at + from)
			if a.Status != 308 || a.Location != custom+to || !strings.Contains(a.Header.Get("Cache-Control"), "no-store") {
				t.Errorf("%s%s: %d %q, kept %q", at, from, a.Status, a.Location, a.Header.Get("Cache-Control"))
			}
			if head := p.Browser().Send("HEAD", at+from, "", nil); head.Status != 308 || head.Location != custom+to {
				t.Errorf("HEAD %s%s: %d %q", at, from, head.Status, head.Location)
			}
		}
	}
	for _, odd := range []string{"/login//evil.example", "//evil.example/", "/\\evil.example"} {
		if a := p.Browser().Get(old + odd); a.Location != "" && !strings.HasPrefix(a.Location, custom+"/") {
			t.Errorf("%s leads to %s", odd, a.Location)
		}
	}
	since := p.Clock.Now()
	asks.Post(old+"/recover", url.Values{"token": {asking.Value("token")}, "identifier": {"shared@both.example"}}).Sees(200)
	if fresh := p.Letter("shared@both.example", since).Links[0]; !strings.HasPrefix(fresh, custom+"/recover/") { // though asked at the old address
		t.Errorf("a new letter's link is %s", fresh)
	}

	t.Run("a letter that was sent before", func(t *testing.T) {
		b := p.Browser()
		b.Get(link).Sees(308).Follow().Sees(303).Follow().Sees(200)
		if a := b.Get(old + "/unlock/" + strings.Repeat("A", 43)); a.Status != 308 || a.Location != custom+"/unlock/"+strings.Repeat("A", 43) {
			t.Errorf("an unlock link: %d %q", a.Status, a.Location)
		}
		if a := b.Get(old + "/invite/" + strings.Repeat("A", 43)); a.Status != 308 {
			t.Errorf("an invitation: %d", a.Status)
		}
	})
	t.Run("whoever was in the middle stays", func(t *testing.T) {
		signedIn.Get(old + "/account").Sees(200)
		page.Submit("Sign in", map[string]string{"identifier": "ava@first.example", "password": apptest.Password}).Sees(303).Follow().Sees(200)
		moving.Get(old + "/recover/set").Sees(200)
	})
	t.Run("assets stay", func(t *testing.T) {
		p.Browser().Get(old + "/robots.txt").Sees(200)
	})
	t.Run("the new address answers", func(t *testing.T) {
		p.Browser().Get(custom + "/login").Sees(200)
	})
	t.Run("back again, nobody goes in circles", func(t *testing.T) {
		if err := p.Domains.SetCanonical(t.Context(), p.Tenant("first").ID, ""); err != nil {
			t.Fatal(err)
		}
		p.Browser().Get(old + "/login").Sees(200)
		if a := p.Browser().Get(custom + "/login"); a.Status != 308 || a.Location != old+"/login" {
			t.Errorf("the custom host: %d %q", a.Status, a.Location)
		}
	})
}

func TestAReleasedHostAnswersNobody(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t, apptest.Options{})
	id, custom := p.Tenant("first").ID, "http://sign-in.first.example:"+p.Port
	d := p.Domains
	if _, err := d.Claim(t.Context(), p.Tenant("second").ID, "sign-in.first.example"); err != nil { // another tenant's claim changes nothing
		t.Fatal(err)
	}
	if err := d.SetCanonical(t.Context(), id, "sign-in.first.example"); err != nil {
		t.Fatal(err)
	}
	p.Browser().Get(custom+"/login").Sees(200, "First House")
	if err := d.Release(t.Context(), id, "sign-in.first.example"); err != nil {
		t.Fatal(err)
	}
	a := p.Browser().Get(custom + "/login")
	if a.Status != 421 || strings.Contains(a.Body, "First") || len(a.Header.Values("Set-Cookie")) > 0 {
		t.Errorf("after the release: %d", a.Status)
	}
	p.Browser().Get(p.Origin("first") + "/login").Sees(200)
}
