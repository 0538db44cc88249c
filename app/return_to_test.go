package app_test

import (
	"encoding/base64"
	"net/url"
	"strings"
	"testing"

	"portico/app/apptest"
)

// elsewhere are spellings of "somewhere else" that redirects have fallen for (security.md F2).
func elsewhere(own string) []string {
	return []string{
		"https://evil.test", "http://evil.test/", "//evil.test", "///evil.test", "////evil.test", `/\evil.test`, `\\evil.test`, `/\/evil.test`, `\/evil.test`, "https:evil.test", "https:/evil.test",
		"https:///evil.test", "http:evil.test", "HTTPS://EVIL.TEST", "javascript:alert(1)", "JaVaScRiPt:alert(1)", "java\tscript:alert(1)", "data:text/html,x", "vbscript:x", "/%09/evil.test", "/\t/evil.test", "/%0d%0aLocation:https://evil.test",
		"/\r\nLocation: https://evil.test", "%2f%2fevil.test", "/%2fevil.test", "/%2f%2fevil.test", "/%5cevil.test", "/..//evil.test", "/.//evil.test", "/%2e%2e//evil.test", "/a/..//evil.test", "//evil.test/%2f..", "//evil.test@desk.first.example/",
		"https://desk.first.example@evil.test/", "https://desk.first.example.evil.test/", "https://desk.first.example:444/", "https://desk.first.example%2eevil.test/", "https://desk.first.example\\@evil.test/", "https://desk.first.examplE.evil.test", "http://desk.first.example/",
		"https://evil.test/https://desk.first.example/", "https://evil.test#https://desk.first.example/", "https://evil.test?https://desk.first.example/", "https://user:pw@desk.first.example/", "https://desk.first.example/../..//evil.test", "https://desk.first.example/%2e%2e/x", "https://desk.first.example//evil.test", " https://evil.test", "\x00//evil.test", "\u00a0//evil.test",
		"/ /evil.test", "evil.test", "login", "./login", "../login", "?return_to=//evil.test", "#//evil.test", "/\u2028/evil.test", "//evil\u3002test", "/x\x7f", "ftp://desk.first.example/", "blob:https://desk.first.example/", "https://[::1]/", "https://127.0.0.1/", own + ".evil.test/", "//" + strings.Repeat("a", 3000), "/" + strings.Repeat("a", 3000),
	}
}

func TestReturnTargetsLeadNowhereElse(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t, apptest.Options{Tenants: []string{unbounded, strings.Replace(apptest.Second, "  help:", "  throttle: {ceiling: 5000}\n  help:", 1)}})
	at, tenant := p.Origin("first"), p.Tenant("first")
	in, out := p.Browser(), p.Browser()
	in.SignIn(at, "ava@first.example", apptest.Password).Sees(303)
	for _, target := range elsewhere(at) {
		q := "?return_to=" + url.QueryEscape(target)
		if a := in.Get(at + "/login" + q).Sees(303); a.Location != "/" {
			t.Errorf("%q leads to %q", target, a.Location)
		}
		for _, path := range []string{"/login", "/recover"} {
			if a := out.Get(at + path + q).Sees(200); a.Value("return_to") != "" || strings.Contains(a.Body, "evil.test") || strings.Contains(a.Header.Get("Content-Security-Policy"), "evil") {
				t.Errorf("%s keeps %q", path, target)
			}
		}
		if a := out.Get(p.Origin("second") + "/recover/done" + q).Sees(200); strings.Contains(a.Body, "evil.test") || strings.Contains(a.Body, "return_to") {
			t.Errorf("the last page keeps %q", target)
		}
		sealed := base64.RawURLEncoding.EncodeToString(p.Seals.Seal("return", tenant.ID, "", []byte(target)))
		if a := out.Get(at + "/recover?return_to=" + sealed).Sees(200); a.Value("return_to") != "" {
			t.Errorf("/recover believes its own seal over %q", target)
		}
	}
	for target, want := range map[string]string{"/account": "/account", "/account?a=1": "/account?a=1", "https://desk.first.example/": "https://desk.first.example/",
		"https://desk.first.example/deep/link?x=%20y": "https://desk.first.example/deep/link?x=%20y", "https://DESK.first.example/x": "https://DESK.first.example/x"} {
		if a := in.Get(at + "/login?return_to=" + url.QueryEscape(target)).Sees(303); a.Location != want {
			t.Errorf("%q leads to %q, want %q", target, a.Location, want)
		}
	}
}

// TestSealedReturnTargets holds the field that carries a checked target through sign-in: only our own
// seal, for this tenant, over a target that is allowed now, leads anywhere.
func TestSealedReturnTargets(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t, apptest.Options{})
	at := p.Origin("first")
	seal := func(slug, purpose, target string) string {
		return base64.RawURLEncoding.EncodeToString(p.Seals.Seal(purpose, p.Tenant(slug).ID, "", []byte(target)))
	}
	const allowed = "https://desk.first.example/x"
	good := seal("first", "return", allowed)
	for name, c := range map[string]struct{ field, want string }{
		"ours":          {good, allowed},
		"plain":         {allowed, "/"},
		"plain path":    {"//evil.test", "/"},
		"other tenant":  {seal("second", "return", allowed), "/"},
		"other purpose": {seal("first", "resend", allowed), "/"},
		"cut":           {good[:len(good)-2], "/"},
		"turned":        {good[:len(good)-4] + "AAAA", "/"},
		"not allowed":   {seal("first", "return", "https://evil.test/"), "/"},
		"two slashes":   {seal("first", "return", "//evil.test"), "/"},
		"empty":         {"", "/"},
	} {
		b := p.Browser()
		page := b.Get(at + "/login").Sees(200)
		a := b.Post(at+"/login", url.Values{"token": {page.Value("token")}, "identifier": {"ava@first.example"}, "password": {apptest.Password}, "return_to": {c.field}}).Sees(303)
		if a.Location != c.want {
			t.Errorf("%s: to %q, want %q", name, a.Location, c.want)
		}
	}
	// And the target lives through a recovery.
	since, b := p.Clock.Now(), p.Browser()
	page := b.Get(at + "/recover?return_to=" + url.QueryEscape(allowed)).Sees(200)
	b.Post(at+"/recover", url.Values{"token": {page.Value("token")}, "identifier": {"ava@first.example"}, "return_to": {page.Value("return_to")}}).Sees(200)
	form := b.Get(p.Letter("ava@first.example", since).Links[0]).Follow().Sees(200)
	a := b.Post(at+"/recover/set", url.Values{"token": {form.Value("token")}, "password": {another}}).Sees(303).Follow().Sees(200)
	if last := b.Post(at+"/login", url.Values{"token": {a.Value("token")}, "identifier": {"ava@first.example"}, "password": {another}, "return_to": {a.Value("return_to")}}).Sees(303); last.Location != allowed {
		t.Errorf("after the recovery to %q", last.Location)
	}
}
