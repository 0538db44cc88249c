package app_test

import (
	"strings"
	"testing"
	"time"

	"portico/app/apptest"
)

// The door meets bytes that no browser sends (security.md F1 to F9). Whatever comes, the answer is a
// fixed text or the neutral page: no cookie, no echo, nothing internal.

func TestHostsThatAreNobodys(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t, apptest.Options{})
	at := ":" + p.Port
	for name, host := range map[string]string{
		"unknown": "nobody.localhost" + at, "deeper": "a.first.localhost" + at, "bare suffix": "localhost.evil.test", "look-alike": "xfirst.localhost.evil",
		"prefix": "first.localhost.evil.test", "userinfo": "first.localhost:80@evil.test", "userinfo of ours": "evil@first.localhost",
		"quote": `first.localhost"`, "script": `first.localhost"><script>alert(1)</script>`, "space inside": "first .localhost", "underscore": "fi_rst.localhost",
		"two dots": "first.localhost..", "leading dot": ".first.localhost", "empty label": "first..localhost", "percent": "%66irst.localhost", "bracket": "[::1]", "v4 in brackets": "[127.0.0.1]",
		"port letters": "first.localhost:80a", "port too long": "first.localhost:123456", "port empty": "first.localhost:", "two ports": "first.localhost:80:80", "slash": "first.localhost/..",
		"backslash": `first.localhost\@evil`, "hash": "first.localhost#", "query": "first.localhost?x", "comma": "first.localhost,evil.test", "semicolon": "first.localhost;x",
		"unicode": "fırst.localhost", "fullwidth": "ｆirst.localhost", "kelvin": "first.localhost\u212a", "over long": strings.Repeat("a.", 127) + "localhost", "long label": strings.Repeat("a", 64) + ".localhost",
		"tab": "first.localhost\tx", "unverified slug as host": "first", "only a port": at, "dash first": "-first.localhost", "an address": "127.0.0.1",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, path := range []string{"/login", "/", "/recover/" + strings.Repeat("a", 43), "/account"} {
				got := apptest.Raw(t, p.Addr, apptest.RawGet("GET "+path+" HTTP/1.1", "Host: "+host), 0)
				if got.Status != 421 && got.Status != 400 {
					t.Fatalf("%s at Host %q: %d", path, host, got.Status)
				}
				quiet(t, got)
				if len(host) > 3 && strings.Contains(got.All, host) || strings.Contains(got.All, "First House") || strings.Contains(got.All, "evil") {
					t.Fatalf("Host %q is echoed or answered by a tenant:\n%s", host, got.All)
				}
			}
		})
	}
}

// quiet holds what every refusal at the door has in common.
func quiet(t *testing.T, a apptest.RawAnswer) {
	t.Helper()
	if a.Status == 0 {
		return
	}
	if c := a.Header.Values("Set-Cookie"); len(c) > 0 {
		t.Errorf("a refusal sets cookies: %v", c)
	}
	for _, internal := range []string{"fasthttp", "fiber", "goroutine", "panic", ".go:", "pgx", "SQLSTATE", "Server:", "error when", "contents:"} {
		if strings.Contains(a.All, internal) {
			t.Errorf("a refusal shows %q:\n%s", internal, a.All)
		}
	}
	for name, want := range map[string]string{"X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY", "Referrer-Policy": "same-origin", "Cache-Control": "no-store"} {
		if got := a.Header.Get(name); got != want {
			t.Errorf("a refusal (%d) has %s %q", a.Status, name, got)
		}
	}
}

func TestHostsInOtherSpellingsOfOurs(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t, apptest.Options{})
	for _, host := range []string{"first.localhost:" + p.Port, "FIRST.localhost", "First.LocalHost:1", "first.localhost.", "first.localhost.:" + p.Port, "sign-in.first.example", "SIGN-IN.first.example.:443"} {
		got := apptest.Raw(t, p.Addr, apptest.RawGet("GET /login HTTP/1.1", "Host: "+host), 0)
		if got.Status != 200 || !strings.Contains(got.Body, "First House") {
			t.Errorf("Host %q: %d", host, got.Status)
		}
	}
}

func TestMalformedRequests(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t, apptest.Options{})
	host := "Host: first.localhost"
	body := "identifier=a&password=b"
	for name, c := range map[string]struct {
		raw  string
		want []int // 0 is closed without an answer
	}{
		"two hosts":              {apptest.RawGet("GET /login HTTP/1.1", host, "Host: second.localhost"), []int{400}},
		"two equal hosts":        {apptest.RawGet("GET /login HTTP/1.1", host, host), []int{400}},
		"no host":                {apptest.RawGet("GET /login HTTP/1.1", "Accept: */*"), []int{400}},
		"empty host":             {apptest.RawGet("GET /login HTTP/1.1", "Host:"), []int{400, 421}},
		"no host in HTTP/1.0":    {apptest.RawGet("GET /login HTTP/1.0", "Accept: */*"), []int{400, 421}},
		"absolute form, foreign": {apptest.RawGet("GET http://evil.test/login HTTP/1.1", host), []int{400, 421}},
		"absolute form, other":   {apptest.RawGet("GET http://second.localhost/login HTTP/1.1", host), []int{400, 421}},
		"absolute, userinfo":     {apptest.RawGet("GET http://first.localhost@evil.test/login HTTP/1.1", host), []int{400, 421}},
		"authority form":         {apptest.RawGet("CONNECT evil.test:443 HTTP/1.1", host), []int{400, 405, 421, 404}},
		"two lengths":            {"POST /login HTTP/1.1\r\n" + host + "\r\nContent-Length: 3\r\nContent-Length: 23\r\n\r\n" + body, []int{400}},
		"two equal lengths":      {"POST /login HTTP/1.1\r\n" + host + "\r\nConnection: close\r\nContent-Length: 23\r\nContent-Length: 23\r\n\r\n" + body, []int{400, 403}},
		"length with plus":       {"POST /login HTTP/1.1\r\n" + host + "\r\nContent-Length: +23\r\n\r\n" + body, []int{400}},
		"negative length":        {"POST /login HTTP/1.1\r\n" + host + "\r\nContent-Length: -1\r\n\r\n" + body, []int{400}},
		"length and chunked":     {"POST /login HTTP/1.1\r\n" + host + "\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /evil HTTP/1.1\r\n\r\n", []int{400}},
		"two codings":            {"POST /login HTTP/1.1\r\n" + host + "\r\nTransfer-Encoding: identity, chunked\r\n\r\n0\r\n\r\n", []int{400}},
		"coding twice":           {"POST /login HTTP/1.1\r\n" + host + "\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n", []int{400}},
		"unknown coding":         {"POST /login HTTP/1.1\r\n" + host + "\r\nTransfer-Encoding: gzip\r\n\r\n0\r\n\r\n", []int{400, 501}},
		"coding in a disguise":   {"POST /login HTTP/1.1\r\n" + host + "\r\nTransfer-Encoding : chunked\r\n\r\n0\r\n\r\n", []int{400}},
		"bare line feeds":        {"GET /login HTTP/1.1\n" + host + "\nConnection: close\n\n", []int{400}},
		"NUL in a header":        {apptest.RawGet("GET /login HTTP/1.1", host, "X-A: a\x00b"), []int{400}},
		"bare CR in a header":    {apptest.RawGet("GET /login HTTP/1.1", host, "X-A: a\rX-B: c"), []int{400}},
		"folded header":          {apptest.RawGet("GET /login HTTP/1.1", host, "X-A: a\r\n b"), []int{400, 200}},
		"space before colon":     {apptest.RawGet("GET /login HTTP/1.1", "Host : first.localhost"), []int{400}},
		"HTTP/9.9":               {apptest.RawGet("GET /login HTTP/9.9", host), []int{400, 505}},
		"no version":             {"GET /login\r\n" + host + "\r\n\r\n", []int{400, 0}},
		"HTTP/2 preface":         {"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", []int{400, 505, 421}},
		"garbage":                {"\x16\x03\x01\x02\x00\x01\x00\r\n\r\n", []int{400, 0}},
		"headers too large":      {apptest.RawGet("GET /login HTTP/1.1", host, "X-Big: "+strings.Repeat("a", 20<<10)), []int{431}},
		"cookies too large":      {apptest.RawGet("GET /login HTTP/1.1", host, "Cookie: sid="+strings.Repeat("a", 17<<10)), []int{431}},
		"body too large":         {"POST /login HTTP/1.1\r\n" + host + "\r\nContent-Length: 65537\r\n\r\n" + strings.Repeat("a", 65537), []int{413}},
		"body without end":       {"POST /login HTTP/1.1\r\n" + host + "\r\nContent-Length: 9999999999\r\n\r\naaaa", []int{413, 400}},
		"chunks too large":       {"POST /login HTTP/1.1\r\n" + host + "\r\nTransfer-Encoding: chunked\r\n\r\n11000\r\n" + strings.Repeat("a", 0x11000) + "\r\n0\r\n\r\n", []int{413}},
		"chunk of no number":     {"POST /login HTTP/1.1\r\n" + host + "\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", []int{400}},
		"compressed":             {"POST /login HTTP/1.1\r\n" + host + "\r\nConnection: close\r\nContent-Encoding: gzip\r\nContent-Length: 23\r\n\r\n" + body, []int{415}},
		"compressed, unknown":    {"POST /login HTTP/1.1\r\n" + host + "\r\nConnection: close\r\nContent-Encoding: identity\r\nContent-Length: 23\r\n\r\n" + body, []int{415}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := apptest.Raw(t, p.Addr, c.raw, 20*time.Second)
			ok := false
			for _, want := range c.want {
				ok = ok || got.Status == want
			}
			if !ok {
				t.Fatalf("answered %d, want one of %v:\n%.600s", got.Status, c.want, got.All)
			}
			if got.Status >= 400 && got.Status != 403 && got.Status != 405 && got.Status != 404 {
				quiet(t, got)
			}
			if strings.Contains(got.All, "evil") || strings.Count(got.All, "HTTP/1.1 ") > 1 {
				t.Errorf("echo, or a second answer:\n%s", got.All)
			}
		})
	}
}

// TestSlowClientsAreLetGo holds connections that never finish against the read timeout of ten seconds.
func TestSlowClientsAreLetGo(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t, apptest.Options{})
	for name, raw := range map[string]string{
		"headers": "GET /login HTTP/1.1\r\nHost: first.localhost\r\nX-Slow: a",
		"body":    "POST /login HTTP/1.1\r\nHost: first.localhost\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 60000\r\n\r\nidentifier=",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			began := time.Now()
			apptest.Raw(t, p.Addr, raw, 40*time.Second)
			if took := time.Since(began); took > 30*time.Second {
				t.Errorf("the connection was still open after %s", took)
			}
		})
	}
}

func TestPathTricksReachNoOtherTenant(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t, apptest.Options{})
	for _, path := range []string{
		"/t/first/../second/login", "/t/first/..%2fsecond/login", "/t/first/%2e%2e/second/login", "/t/first/%2E%2E%2Fsecond/login", "/t/first/./../second/login",
		"/t/first//login", "/t//first/login", "//t/first/login", "/t/first;x=1/login", "/t/first/login;x=1", "/t/First/login", "/t/FIRST/login", "/T/first/login", "/t/first%00/login",
		"/t/first%2flogin", "/t/first%2Flogin", "/t/%66irst/login", "/t/first/Login", "/t/first/login/", "/t/first/LOGIN", "/t/first/%6cogin", "/t/first\\login", "/t/first/..\\second\\login",
		"/t/-first/login", "/t/" + strings.Repeat("a", 64) + "/login", "/t/f_irst/login", "/t/first/recover/../login", "/t/first/recover/set/../../login",
	} {
		got := apptest.Raw(t, p.Addr, apptest.RawGet("GET "+path+" HTTP/1.1", "Host: localhost:"+p.Port), 0)
		if got.Status != 404 && got.Status != 400 && got.Status != 421 {
			t.Errorf("%s: %d", path, got.Status)
		}
		if strings.Contains(got.Body, "Second Works") {
			t.Errorf("%s shows the other tenant", path)
		}
		tenanted := apptest.Raw(t, p.Addr, apptest.RawGet("GET "+path+" HTTP/1.1", "Host: first.localhost:"+p.Port), 0)
		if tenanted.Status != 404 && tenanted.Status != 400 || strings.Contains(tenanted.Body, "Second Works") {
			t.Errorf("%s at a tenant's host: %d", path, tenanted.Status)
		}
	}
	if got := apptest.Raw(t, p.Addr, apptest.RawGet("GET /t/first/login HTTP/1.1", "Host: localhost:"+p.Port), 0); got.Status != 200 || !strings.Contains(got.Body, "First House") {
		t.Errorf("the tenant's own path answers %d", got.Status)
	}
}

func TestForwardedHeadersNameNobody(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t, apptest.Options{})
	evil := map[string]string{"X-Forwarded-Host": "evil.test", "Forwarded": "host=evil.test;proto=javascript", "X-Forwarded-Proto": "javascript", "X-Forwarded-Scheme": "https",
		"X-Original-Host": "evil.test", "X-Host": "evil.test", "X-Forwarded-Server": "evil.test", "X-Original-URL": "/dev/inbox", "X-Rewrite-URL": "/dev/inbox",
		"X-HTTP-Method-Override": "DELETE", "X-Forwarded-Port": "666", "X-Forwarded-Prefix": "//evil.test"}
	since := p.Clock.Now().Add(-time.Second)
	b := p.Browser()
	for name, value := range evil {
		b.Header.Set(name, value)
	}
	at := "http://sign-in.first.example:" + p.Port // a custom host, not the canonical one
	page := b.AskForLink(at, "ava@first.example").Sees(200)
	letter := p.Letter("ava@first.example", since)
	for _, link := range letter.Links {
		if !strings.HasPrefix(link, p.Origin("first")+"/") {
			t.Errorf("a link leads to %q", link)
		}
	}
	if strings.Contains(page.Body+letter.HTML+letter.Text, "evil") || strings.Contains(letter.Text, ":666") {
		t.Error("a forwarded header shows")
	}
	b.Get(p.Origin("first") + "/login").Sees(200)
	b.Get("http://localhost:" + p.Port + "/.well-known/security.txt").Sees(200)
}

// TestTheCanonicalAddressIsNotTheHostHeader: texts that caches keep must not repeat what a client sent.
func TestTheCanonicalAddressIsNotTheHostHeader(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t, apptest.Options{})
	for host, want := range map[string]string{"first.localhost:666": p.Origin("first"), "sign-in.first.example:666": p.Origin("first"), "localhost:666": "http://localhost:" + p.Port} {
		got := apptest.Raw(t, p.Addr, apptest.RawGet("GET /.well-known/security.txt HTTP/1.1", "Host: "+host), 0)
		if !strings.Contains(got.Body, "Canonical: "+want+"/.well-known/security.txt") {
			t.Errorf("at %s:\n%s", host, got.Body)
		}
	}
	got := apptest.Raw(t, p.Addr, apptest.RawGet("GET /t/first HTTP/1.1", "Host: localhost:666"), 0)
	if got.Status != 308 || got.Header.Get("Location") != "/t/first/" {
		t.Errorf("the slash is put at %q (%d)", got.Header.Get("Location"), got.Status)
	}
	if got.Header.Get("Content-Security-Policy") == "" || got.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("the redirect lacks the headers of every answer: %v", got.Header)
	}
}

func TestHealthAnswersAnyHost(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t, apptest.Options{})
	for _, host := range []string{"10.1.2.3:8080", "nobody.test", "first.localhost", "_weird_"} {
		for _, path := range []string{"/healthz", "/readyz"} {
			if got := apptest.Raw(t, p.Addr, apptest.RawGet("GET "+path+" HTTP/1.1", "Host: "+host), 0); got.Status != 200 || got.Body != "ok\n" {
				t.Errorf("%s at %s: %d %q", path, host, got.Status, got.Body)
			}
		}
	}
}

func TestMethodsThatDoNotBelongThere(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t, apptest.Options{})
	b, at := p.Browser(), p.Origin("first")
	for path, allow := range map[string]string{"/login": "GET, HEAD, POST", "/recover": "GET, HEAD, POST", "/recover/resend": "", "/account": "GET, HEAD", "/": "GET, HEAD", "/account/sessions/end": "POST", "/assets/x": "GET, HEAD"} {
		for _, method := range []string{"PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"} {
			a := b.Send(method, at+path, "", nil).Sees(405)
			if allow != "" && a.Header.Get("Allow") != allow {
				t.Errorf("%s %s: Allow %q, want %q", method, path, a.Header.Get("Allow"), allow)
			}
			if a.Header.Get("Allow") == "" || len(a.Header.Values("Access-Control-Allow-Origin")) > 0 {
				t.Errorf("%s %s: headers %v", method, path, a.Header)
			}
		}
	}
	b.Send("GET", at+"/account/sessions/end", "", nil).Sees(405)
	for _, path := range []string{"/.well-known/resource-that-should-not-exist-whose-status-code-should-not-be-200", "/.well-known/x", "/.git/config", "/.env", "/index.php", "/recover/a/b", "/images/..%2f..%2fetc", "/assets/..%2fgo.mod", "/images/" + strings.Repeat("0", 64) + ".png"} {
		b.Get(at + path).Sees(404)
	}
}

// TestErrorPagesNameTheirRequest: a page of failure has an id to read out, and two requests never share it.
func TestErrorPagesNameTheirRequest(t *testing.T) {
	t.Parallel()
	var log lines
	p := apptest.Start(t, apptest.Options{Log: &log})
	one := p.Browser().Send("POST", p.Origin("first")+"/login", "identifier=x", apptest.SameOrigin("http://elsewhere.example")).Sees(403)
	id := requestIn.FindString(one.Body)
	if id == "" {
		t.Fatalf("no request id on the page:\n%s", one.Text())
	}
	if !strings.Contains(log.String(), `"request":"`+id+`"`) {
		t.Errorf("the log does not know request %s:\n%s", id, log.String())
	}
	two := p.Browser().Get(p.Origin("first") + "/nowhere").Sees(404)
	if requestIn.FindString(two.Body) == id {
		t.Error("two requests share an id")
	}
}
