package app_test

import (
	"net/http"
	"strings"
	"testing"

	"portico/app/apptest"
)

// everywhere are the headers of every answer (security.md 4.6).
var everywhere = map[string]string{
	"Referrer-Policy": "same-origin", "X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY", "Cross-Origin-Opener-Policy": "same-origin",
	"Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()", "X-Permitted-Cross-Domain-Policies": "none",
}

func TestEveryAnswerHasItsHeaders(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t, apptest.Options{BaseURL: "https://portico.example"})
	get := func(host, path string) apptest.RawAnswer {
		return apptest.Raw(t, p.Addr, apptest.RawGet("GET "+path+" HTTP/1.1", "Host: "+host), 0)
	}
	sheet := "/assets/theme." + stylesheet(get("first.localhost", "/login").Body)
	for name, a := range map[string]apptest.RawAnswer{
		"page": get("first.localhost", "/login"), "redirect": get("first.localhost", "/"), "guarded": get("first.localhost", "/account"), "not found": get("first.localhost", "/x"), "ended link": get("first.localhost", "/recover/x"),
		"stylesheet": get("first.localhost", sheet), "older stylesheet": get("first.localhost", "/assets/theme.0.css"), "icon": get("first.localhost", "/favicon.ico"), "robots": get("first.localhost", "/robots.txt"),
		"security.txt": get("first.localhost", "/.well-known/security.txt"), "change-password": get("first.localhost", "/.well-known/change-password"), "nobody": get("nobody.test", "/"), "platform": get("portico.example", "/"),
		"by path": get("portico.example", "/t/first/login"), "slash": get("portico.example", "/t/first"), "health": get("x", "/healthz"), "bad host": get("a_b", "/"), "custom host": get("sign-in.first.example", "/login"),
		"malformed": apptest.Raw(t, p.Addr, "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 0), "bad form": apptest.Raw(t, p.Addr, apptest.RawGet("POST /login HTTP/1.1", "Host: first.localhost", "Content-Length: 0"), 0),
		"method": apptest.Raw(t, p.Addr, apptest.RawGet("DELETE /login HTTP/1.1", "Host: first.localhost"), 0), "compressed": apptest.Raw(t, p.Addr, apptest.RawGet("POST /login HTTP/1.1", "Host: first.localhost", "Content-Encoding: br", "Content-Length: 0"), 0),
	} {
		if a.Status == 0 {
			t.Errorf("%s: no answer", name)
			continue
		}
		for header, want := range everywhere {
			if got := a.Header.Get(header); got != want {
				t.Errorf("%s (%d): %s is %q", name, a.Status, header, got)
			}
		}
		hsts := "max-age=63072000; includeSubDomains"
		if name == "custom host" {
			hsts = "max-age=63072000"
		}
		if got := a.Header.Get("Strict-Transport-Security"); got != hsts && (name != "nobody" && name != "health" && name != "bad host" && name != "malformed" && !strings.HasPrefix(got, "max-age=63072000") || !strings.HasPrefix(got, "max-age=63072000")) {
			if name == "custom host" || got == "" {
				t.Errorf("%s: HSTS %q", name, got)
			}
		}
		csp := a.Header.Get("Content-Security-Policy")
		for _, want := range []string{"default-src 'none'", "base-uri 'none'", "frame-ancestors 'none'"} {
			if !strings.Contains(csp, want) {
				t.Errorf("%s: CSP %q lacks %q", name, csp, want)
			}
		}
		if strings.Contains(csp, "unsafe") || strings.Contains(csp, "*") || a.Header.Get("Server") != "" || a.Header.Get("X-Powered-By") != "" {
			t.Errorf("%s: %v", name, a.Header)
		}
		html := strings.HasPrefix(a.Header.Get("Content-Type"), "text/html")
		if html && (a.Header.Get("Cache-Control") != "no-store" || !strings.Contains(a.Header.Get("Content-Type"), "charset=utf-8")) {
			t.Errorf("%s: %q %q", name, a.Header.Get("Cache-Control"), a.Header.Get("Content-Type"))
		}
		if name == "stylesheet" && !strings.Contains(a.Header.Get("Cache-Control"), "immutable") {
			t.Errorf("the stylesheet (%d) is kept %q", a.Status, a.Header.Get("Cache-Control"))
		}
		if a.Header.Get("Cross-Origin-Resource-Policy") == "" {
			t.Errorf("%s: no Cross-Origin-Resource-Policy", name)
		}
	}
	one, two := get("first.localhost", "/login"), get("first.localhost", "/login")
	if one.Header.Get("Content-Security-Policy") == two.Header.Get("Content-Security-Policy") {
		t.Error("two answers share a nonce")
	}
}

// TestCookiesAreBound: names and attributes by the way in which a tenant is reached (decisions.md 11).
func TestCookiesAreBound(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		o          apptest.Options
		host, base string
		named      func(purpose string) string
		secure     bool
	}{
		"http":           {apptest.Options{}, "first.localhost", "", func(s string) string { return s }, false},
		"http by path":   {apptest.Options{ByPath: true}, "localhost", "/t/second", func(s string) string { return s + "-second" }, false},
		"https":          {apptest.Options{BaseURL: "https://portico.example"}, "first.localhost", "", func(s string) string { return "__Host-" + s }, true},
		"https, custom":  {apptest.Options{BaseURL: "https://portico.example"}, "sign-in.first.example", "", func(s string) string { return "__Host-" + s }, true},
		"https by path":  {apptest.Options{BaseURL: "https://portico.example", ByPath: true}, "portico.example", "/t/first", func(s string) string { return "__Secure-" + s + "-first" }, true},
		"https platform": {apptest.Options{BaseURL: "https://portico.example"}, "portico.example", "", func(s string) string { return "__Host-" + s }, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := apptest.Start(t, c.o)
			b, origin := p.Browser(), "http://"+p.Addr+c.base
			host := map[string]string{"Host": c.host}
			page := "/login"
			if name == "https platform" {
				page = "/"
			}
			a := b.Send("GET", origin+page, "", host).Sees(200)
			got := check(t, a, c.named("pre"), c.base+"/", c.secure)
			if name == "https platform" {
				return
			}
			who := "ava@first.example"
			if c.base == "/t/second" {
				who = "mina"
			}
			scheme := "http://"
			if c.secure {
				scheme = "https://"
			}
			header := apptest.SameOrigin(scheme + c.host)
			header["Host"], header["Cookie"] = c.host, got.Name+"="+got.Value
			in := b.Send("POST", origin+"/login", "token="+a.Value("token")+"&identifier="+strings.ReplaceAll(who, "@", "%40")+"&password="+apptest.Password, header).Sees(303)
			sid := check(t, in, c.named("sid"), c.base+"/", c.secure)
			check(t, in, c.named("dev"), c.base+"/", c.secure)
			if sid.MaxAge != 0 || len(sid.Value) != 43 {
				t.Errorf("the session's cookie: %v", sid)
			}
			if account := b.Send("GET", origin+"/account", "", map[string]string{"Host": c.host, "Cookie": sid.Name + "=" + sid.Value}); account.Status != 200 {
				t.Errorf("signed in, /account answers %d to %q", account.Status, account.Location)
			}
			plain := strings.TrimPrefix(strings.TrimPrefix(sid.Name, "__Host-"), "__Secure-")
			if plain != sid.Name { // the bare name, which a sibling could have written, counts for nothing; a fresh jar, for Go takes loopback for secure
				p.Browser().Send("GET", origin+"/account", "", map[string]string{"Host": c.host, "Cookie": plain + "=" + sid.Value}).Sees(303)
			}
			opened := b.Send("GET", origin+"/recover/"+strings.Repeat("A", 43), "", host).Sees(303)
			rs := check(t, opened, c.named("rs"), c.base+"/", c.secure)
			if rs.MaxAge < 890 || rs.MaxAge > 900 {
				t.Errorf("the flow's cookie lives %d seconds", rs.MaxAge)
			}
		})
	}
}

func check(t *testing.T, a *apptest.Answer, name, path string, secure bool) *http.Cookie {
	t.Helper()
	for _, c := range (&http.Response{Header: a.Header}).Cookies() {
		if c.Name != name {
			continue
		}
		if c.Path != path || c.Secure != secure || !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Domain != "" || c.Value == "" {
			t.Errorf("cookie %s: %s", name, c.Raw)
		}
		return c
	}
	t.Fatalf("no cookie %q among %v", name, a.Header["Set-Cookie"])
	return nil
}
