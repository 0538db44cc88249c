package app_test

import (
	"crypto/rand"
	"encoding/base64"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"portico/app"
	"portico/app/apptest"
)

// The wall between the tables of tenants is walked in migrations (TestApplicationCannotTouchAnotherTenantsRows);
// here every route is asked with everything that another tenant ever gave to a browser.

// haul is what somebody holds: cookies by name, and values that forms and paths carry.
type haul struct {
	cookies               map[string]string
	token, resend, target string
	session               string // public id
}

func random(like string) string {
	b := make([]byte, len(like))
	_, _ = rand.Read(b)
	return base64.RawURLEncoding.EncodeToString(b)[:len(like)]
}

// haulOf fills a browser with all that the tenant First gives: a session, a known device, an opened
// link, and sealed values.
func haulOf(t *testing.T, p *apptest.Portal) haul {
	t.Helper()
	const ava, target = "ava@first.example", "?return_to=https%3A%2F%2Fdesk.first.example%2F"
	b, at := p.Browser(), p.Origin("first")
	h := haul{cookies: map[string]string{}, target: b.Get(at + "/login" + target).Sees(200).Value("return_to")}
	b.SignIn(at, ava, apptest.Password).Sees(303)
	h.session = sessionOf(p, "Ava Lindqvist")
	since := p.Clock.Now()
	h.resend = b.AskForLink(at, ava).Sees(200).Value("resend")
	link := p.Letter(ava, since).Links[0]
	h.token = tokenOf(link)
	b.Get(link).Follow().Sees(200)
	for _, c := range b.Cookies(at) {
		h.cookies[c.Name] = c.Value
	}
	for _, name := range []string{"sid", "dev", "rs", "pre"} {
		if h.cookies[name] == "" {
			t.Fatalf("First gave no cookie %q: %v", name, h.cookies)
		}
	}
	if h.resend == "" || h.target == "" || h.session == "" {
		t.Fatalf("First gave less than expected: %+v", h)
	}
	return h
}

// sessionOf is the public id of a person's newest session.
func sessionOf(p *apptest.Portal, name string) (id string) {
	p.Scan("SELECT s.public_id::text FROM sessions s JOIN accounts a ON a.tenant_id = s.tenant_id AND a.id = s.account_id WHERE a.display_name = $1 ORDER BY s.authenticated_at DESC LIMIT 1", []any{name}, &id)
	return id
}

func (h haul) garbage() haul {
	g := haul{cookies: map[string]string{}, token: "A" + random(h.token)[1:42] + "A", resend: random(h.resend), target: random(h.target), session: "0198c0de-0000-7000-8000-000000000000"}
	for name, value := range h.cookies {
		g.cookies[name] = random(value)
	}
	g.cookies["sid"], g.cookies["dev"] = g.token, g.token
	return g
}

// at asks one route of another tenant with the haul; the form's own token and cookie are good there.
func (h haul) at(p *apptest.Portal, origin, method, path string, fields url.Values) *apptest.Answer {
	b := p.Browser()
	b.From = "203.0.113.200"
	page := b.Get(origin + "/login").Sees(200)
	for name, value := range h.cookies {
		if name != "pre" {
			b.SetCookies(origin, &http.Cookie{Name: name, Value: value, Path: "/"})
		}
	}
	path = strings.NewReplacer(":token", h.token, ":name", "theme."+h.token[:16]+".css").Replace(path)
	if method != "POST" {
		return b.Send(method, origin+path+"?return_to="+h.target, "", nil)
	}
	body := url.Values{"token": {page.Value("token")}}
	for name, v := range fields {
		body[name] = v
	}
	for name, value := range map[string]string{"resend": h.resend, "id": h.session} {
		if _, ok := fields[name]; ok {
			body.Set(name, value)
		}
	}
	if path == "/login" || path == "/recover" {
		body.Set("return_to", h.target)
	}
	return b.Send(method, origin+path, body.Encode(), apptest.SameOrigin(origin))
}

func TestNothingOfOneTenantWorksAtAnother(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t, apptest.Options{})
	h, at := haulOf(t, p), p.Origin("second")
	g := h.garbage()
	fields := forms(p, "sealed")
	fields["/login"] = url.Values{"identifier": {"mina"}, "password": {"wrong"}}
	fields["/recover"] = url.Values{"identifier": {"nobody@second.example"}}
	posts(t, p, fields)
	kept := []string{"accounts", "account_identifiers", "sessions", "known_devices", "role_assignments", "settings", "images", "groups"}
	standing := func(slug string) map[string]string {
		rows, out := p.Rows(slug), map[string]string{}
		for _, name := range kept {
			out[name] = rows["public."+name]
		}
		return out
	}
	walked := 0
	for _, r := range p.Server.Routes() {
		if r.Path == "/find" {
			continue // the platform's own: no tenant answers it
		}
		walked++
		first, second := standing("first"), standing("second")
		foreign, none := h.at(p, at, r.Method, r.Path, fields[r.Path]), g.at(p, at, r.Method, r.Path, fields[r.Path])
		one, two := masked(foreign, h.token), masked(none, g.token)
		for _, pair := range [][2]string{{h.token[:16], g.token[:16]}} {
			one, two = strings.ReplaceAll(one, pair[0], "T"), strings.ReplaceAll(two, pair[1], "T")
		}
		if one != two {
			sameAnswers(t, map[string]string{r.Method + " " + r.Path + " with another tenant's": one, r.Method + " " + r.Path + " with garbage": two})
		}
		for _, leak := range []string{"Ava", "ava@first", "First House", "desk.first.example"} {
			if strings.Contains(foreign.Body+foreign.Location, leak) {
				t.Errorf("%s %s shows %q of the other tenant", r.Method, r.Path, leak)
			}
		}
		if strings.HasPrefix(r.Path, "/platform") && foreign.Status != 404 && foreign.Status != 405 { // no tenant answers the staff's pages
			t.Errorf("%s %s answers %d at a tenant's address", r.Method, r.Path, foreign.Status)
		} else if r.Trust >= app.SignedIn && !strings.HasPrefix(r.Path, "/platform") && foreign.Status != 303 { // signed in: sent to sign in first
			t.Errorf("%s %s answers %d to another tenant's session", r.Method, r.Path, foreign.Status)
		}
		for _, name := range kept {
			if first[name] != standing("first")[name] || second[name] != standing("second")[name] {
				t.Errorf("%s %s changed %s", r.Method, r.Path, name)
			}
		}
	}
	if walked < 40 {
		t.Errorf("only %d routes were walked", walked)
	}
	form := p.Browser().Get(p.Origin("first") + "/login").Sees(200) // and a form of First is none of Second's
	b := p.Browser()
	for _, c := range b.Cookies(p.Origin("first")) {
		b.SetCookies(at, c)
	}
	b.Post(at+"/login", url.Values{"token": {form.Value("token")}, "identifier": {"mina"}, "password": {apptest.Password}}).Sees(403)
	owner := p.Browser() // and what was taken still works where it belongs
	for name, value := range h.cookies {
		owner.SetCookies(p.Origin("first"), &http.Cookie{Name: name, Value: value, Path: "/"})
	}
	owner.Get(p.Origin("first") + "/account").Sees(200)
	owner.Get(p.Origin("first") + "/recover/set").Sees(200)
}

// TestSessionsOfOthersAreNotEnded: the id of another person's session, of this tenant or another, ends nothing.
func TestSessionsOfOthersAreNotEnded(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t, apptest.Options{})
	at := p.Origin("first")
	ava, tariq, mina := p.Browser(), p.Browser(), p.Browser()
	ava.SignIn(at, "ava@first.example", apptest.Password).Sees(303)
	tariq.SignIn(at, "tariq@first.example", apptest.Password).Sees(303)
	mina.SignIn(p.Origin("second"), "mina", apptest.Password).Sees(303)
	page := ava.Get(at + "/account").Sees(200)
	ids := map[string]string{"a colleague's": sessionOf(p, "Tariq Mensah"), "another tenant's": sessionOf(p, "Mina Okafor"), "nobody's": "0198c0de-0000-7000-8000-000000000000"}
	answers := map[string]string{}
	for name, id := range ids {
		answers[name] = masked(ava.Post(at+"/account/sessions/end", url.Values{"token": {page.Value("token")}, "id": {id}}).Sees(303), id)
	}
	sameAnswers(t, answers)
	tariq.Get(at + "/account").Sees(200)
	mina.Get(p.Origin("second") + "/account").Sees(200)
}
