package app_test

import (
	"strings"
	"testing"
	"time"

	"portico/app/apptest"
)

func TestAPersonForgetsAndGetsBackIn(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t, apptest.Options{})
	b, at := p.Browser(), p.Origin("first")
	since := p.Clock.Now().Add(-time.Second)
	b.Get(at+"/recover").Submit("Send the link", map[string]string{"identifier": "ava@first.example"}).Sees(200)
	letter := p.Letter("ava@first.example", since)
	link := letter.Links[0]
	if !strings.HasPrefix(link, at+"/recover/") {
		t.Fatalf("link %q is not at the tenant's canonical origin %q", link, at)
	}
	set := b.Get(link).Follow().Sees(200)
	if strings.Contains(set.URL.String(), strings.TrimPrefix(link, at+"/recover/")) {
		t.Fatal("the token is still in the address")
	}
	set.Submit("Save new password", map[string]string{"password": "short"}).Sees(422)
	b.Get(at+"/recover/set").Submit("Save new password", map[string]string{"password": "Lantern!meadow9"}).Follow().Sees(200, "Your new password is set")
	b.Get(at+"/login").Submit("Sign in", map[string]string{"identifier": "ava@first.example", "password": apptest.Password}).Sees(422)
	b.Get(at+"/login").Submit("Sign in", map[string]string{"identifier": "ava@first.example", "password": "Lantern!meadow9"}).Follow().Sees(200, "Desk")
	b.Get(link).Follow().Sees(410, "already used")
	p.Letter("ava@first.example", since)
}
