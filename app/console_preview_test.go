package app_test

import (
	"encoding/base64"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"portico/app/apptest"
	"portico/themes"
)

const draftColor = "#aa2255"

// drafted saves a draft of the look with a colour of its own, and one of the words.
func drafted(t *testing.T, b *apptest.Browser, at string) {
	t.Helper()
	b.Get(at+"/console/look").Submit("Save the draft", map[string]string{"Accent colour": draftColor}).On().Sees(200, "The draft is saved")
	for key, text := range map[string]string{"signin.title": "Come in, draft", "mail.recovery.subject": "Draft of a subject"} {
		page := b.Get(at+"/console/words/text?in=en&key="+key).Sees(200, key)
		route := "text"
		if strings.HasPrefix(key, "mail.") {
			route = "letter"
		}
		b.Post(at+"/console/words/"+route, url.Values{"token": {page.Value("token")}, "in": {"en"}, "key": {key}, "text": {text},
			"stamp": {page.Value("stamp")}, "base": {page.Value("base")}}).On().Sees(200, "The draft is saved")
	}
}

// sampleNames are all pages and letters that a preview shows at an address.
func sampleNames(t *testing.T, page *apptest.Answer) []string {
	t.Helper()
	var names []string
	for _, part := range strings.Split(page.Body, "<option value=\"")[1:] {
		name, _, _ := strings.Cut(part, `"`)
		names = append(names, name)
		if strings.Contains(part, "</select>") {
			break
		}
	}
	if len(names) < 100 {
		t.Fatalf("only %d pages and letters can be chosen: %v", len(names), names)
	}
	return names
}

// looksFramed holds an answer to what a frame may be.
func looksFramed(t *testing.T, what string, a *apptest.Answer) {
	t.Helper()
	csp := a.Header.Get("Content-Security-Policy")
	for _, want := range []string{"default-src 'none'", "form-action 'none'", "frame-ancestors 'self'", "sandbox allow-same-origin", "base-uri 'none'"} {
		if !strings.Contains(csp, want) {
			t.Errorf("%s: the policy %q lacks %q", what, csp, want)
		}
	}
	if strings.Contains(csp, "script-src") || strings.Contains(csp, "allow-scripts") || strings.Contains(csp, "allow-forms") || len(a.Header.Values("Set-Cookie")) > 0 ||
		a.Header.Get("X-Frame-Options") != "SAMEORIGIN" || !strings.Contains(a.Header.Get("Cache-Control"), "no-store") {
		t.Errorf("%s: %v", what, a.Header)
	}
	if strings.Contains(a.Body, "<script") || strings.Contains(a.Body, "console.js") || strings.Contains(a.Body, "console-nav") {
		t.Errorf("%s: a script, or the console's own frame", what)
	}
}

func TestEveryPageAndLetterIsPreviewed(t *testing.T) {
	t.Parallel()
	p, b, at := brandAdmin(t)
	b.Get(at+"/console/look/preview").Sees(200, "as they are published")
	drafted(t, b, at)
	page := b.Get(at+"/console/look/preview").Sees(200, "as the draft has it", "Sign in · with an error", "Recovery link", "Open it alone")
	if csp := page.Header.Get("Content-Security-Policy"); !strings.Contains(csp, "frame-src 'self'") || !strings.Contains(csp, "frame-ancestors 'none'") {
		t.Errorf("the page with the frame: %q", csp)
	}
	if !strings.Contains(page.Body, `sandbox="allow-same-origin"`) {
		t.Error("the frame is no sandbox")
	}
	for _, name := range sampleNames(t, page) {
		for _, locale := range themes.Locales() {
			for _, scheme := range themes.Schemes() {
				what := fmt.Sprintf("%s %s %s", name, locale, scheme)
				a := b.Get(at + "/console/look/preview/page?page=" + name + "&in=" + locale + "&scheme=" + scheme)
				if a.Status != 200 {
					t.Fatalf("%s: %d", what, a.Status)
				}
				looksFramed(t, what, a)
				if !strings.Contains(a.Body, ` lang="`+locale+`"`) {
					t.Errorf("%s: another language", what)
				}
				sample, letter := themes.LetterSampleNamed(name)
				if letter && !sample.Platform() && !strings.Contains(a.Body, draftColor) {
					t.Errorf("%s: the letter lacks the draft's colour", what)
				}
			}
		}
	}
	for _, scheme := range themes.Schemes() {
		sheet := b.Get(at+"/console/look/preview/style?scheme="+scheme).Sees(200, "--accent:", "color-scheme:"+scheme)
		if sheet.Header.Get("Cache-Control") != "private, no-store" || !strings.HasPrefix(sheet.Header.Get("Content-Type"), "text/css") {
			t.Errorf("the stylesheet: %v", sheet.Header)
		}
	}
	b.Get(at+"/console/look/preview/style?scheme=light").Sees(200, "--accent:"+draftColor)
	b.Get(at+"/console/look/preview/page?page=signin&in=en&scheme=light").Sees(200, "Come in, draft")
	for _, part := range []string{"text", "sms", "voice"} {
		looksFramed(t, part, b.Get(at+"/console/look/preview/page?page=code_signin&in=en&part="+part).Sees(200))
	}
	b.Get(at+"/console/look/preview/page?page=code_signin&in=en&part=voice").Sees(200, "4, 8, 0, 9, 1, 3")
	// a picture of the draft shows, though it is not published
	b.Get(at+"/console/look").Upload("Upload", "logo.png", drawn(t, "png"), nil).On().Sees(200, "The draft is saved")
	_, rest, _ := strings.Cut(b.Get(at+"/console/look/preview/page?page=signin").Sees(200).Body, `src="/images/`)
	picture, _, _ := strings.Cut(rest, `"`)
	if b.Get(at + "/images/" + picture).Sees(200); len(picture) != 64 || strings.Contains(p.Browser().Get(at+"/login").Body, picture) {
		t.Errorf("the draft's logo: %q", picture)
	}
	for _, none := range []string{"/page", "/page?page=no_such", "/page?page=../etc", "/style", "/style?scheme=sepia"} {
		b.Get(at + "/console/look/preview" + none).Sees(404)
	}
	// nobody else sees any of it
	p.Browser().Get(at + "/login").Sees(200).Hides("Come in, draft")
	p.Exec(`INSERT INTO role_assignments (tenant_id, id, account_id, role, granted_by, created_at)
		SELECT tenant_id, gen_random_uuid(), id, 'brand_admin', 'test', created_at FROM accounts WHERE external_id = 's-1'`)
	elsewhere, there := p.Browser(), p.Origin("second")
	elsewhere.SignIn(there, "mina", apptest.Password).Sees(303)
	elsewhere.Get(there + "/console/look/preview/page?page=signin&in=en").Sees(200).Hides("Come in, draft")
	elsewhere.Get(there + "/console/look/preview/style?scheme=light").Sees(200).Hides(draftColor)
	p.Browser().Get(at + "/console/look/preview/page?page=signin").Sees(303)
}

func TestPreviewLinks(t *testing.T) {
	t.Parallel()
	p, b, at := brandAdmin(t)
	drafted(t, b, at)
	page := b.Get(at+"/console/look").Submit("Make a preview link", nil).Sees(200, "it is shown this once", "1 link works")
	_, rest, _ := strings.Cut(page.Body, at+"/preview/")
	secret, _, _ := strings.Cut(rest, `"`)
	if raw, err := base64.RawURLEncoding.DecodeString(secret); err != nil || len(raw) != 32 {
		t.Fatalf("the secret %q", secret)
	}
	link := at + "/preview/" + secret
	b.Get(at+"/console/look/links").Sees(200, "Tariq Mensah").Hides(secret)
	if n := p.Count("look_previews WHERE hash = sha256($1::bytea)", []byte(secret)); n != 1 {
		t.Errorf("%d rows hold the hash", n)
	}
	if n := p.Count("audit_events WHERE kind = 'preview.made' AND details::text NOT LIKE '%' || $1 || '%'", secret); n != 1 {
		t.Errorf("%d audit rows", n)
	}
	// what was drafted later is not shown
	b.Get(at+"/console/look").Submit("Save the draft", map[string]string{"Accent colour": "#225577"}).On().Sees(200, "The draft is saved")
	stranger := p.Browser()
	for range 3 { // a scanner spends nothing
		a := stranger.Get(link).Sees(200, "Nothing here works", "Sign in · with an error")
		if a.Header.Get("Referrer-Policy") != "no-referrer" || !strings.Contains(a.Header.Get("X-Robots-Tag"), "noindex") || a.Header.Get("Cache-Control") != "no-store" ||
			len(a.Header.Values("Set-Cookie")) > 0 || !strings.Contains(a.Header.Get("Content-Security-Policy"), "frame-ancestors 'none'") {
			t.Errorf("the link's answer: %v", a.Header)
		}
	}
	frame := stranger.Get(link+"/page?page=signin&in=en&scheme=light").Sees(200, "Come in, draft")
	looksFramed(t, "the link's frame", frame)
	if frame.Header.Get("Referrer-Policy") != "no-referrer" || !strings.Contains(frame.Body, "/preview/"+secret+"/style?scheme=light") {
		t.Errorf("the link's frame: %v", frame.Header)
	}
	stranger.Get(link+"/style?scheme=light").Sees(200, "--accent:"+draftColor).Hides("#225577")
	ended := func(what, address string) {
		t.Helper()
		for _, below := range []string{"", "/page?page=signin", "/style?scheme=light"} {
			a := p.Browser().Get(address+below).Sees(404, "There is no preview here")
			if strings.Contains(a.Body, draftColor) || strings.Contains(a.Body, "Come in, draft") {
				t.Errorf("%s: shows the draft", what)
			}
		}
	}
	ended("another tenant's", p.Origin("second")+"/preview/"+secret)
	ended("garbage", at+"/preview/"+strings.Repeat("A", 43))
	ended("cut short", at+"/preview/"+secret[:42])
	ended("padded", at+"/preview/"+secret+"A")
	p.Clock.Advance(7*24*time.Hour - time.Minute)
	p.Browser().Get(link).Sees(200)
	p.Clock.Advance(2 * time.Minute)
	ended("after a week", link)

	b = p.Browser()
	b.SignIn(at, "tariq@first.example", apptest.Password).Sees(303)
	page = b.Get(at+"/console/look/links").Sees(200, "There is no preview link").Submit("Make a preview link", nil).Sees(200)
	_, rest, _ = strings.Cut(page.Body, at+"/preview/")
	secret, _, _ = strings.Cut(rest, `"`)
	p.Browser().Get(at + "/preview/" + secret).Sees(200)
	page.Submit("End this link", nil).Sees(303).Follow().Sees(200, "The preview link has ended", "There is no preview link")
	ended("revoked", at+"/preview/"+secret)
	b.Post(at+"/console/look/links/end", url.Values{"token": {page.Value("token")}, "id": {page.Value("id")}}).Sees(404)
	if n := p.Count("audit_events WHERE kind = 'preview.ended'"); n != 1 {
		t.Errorf("%d audit rows of the end", n)
	}
}

func TestPreviewLinksAreBounded(t *testing.T) {
	t.Parallel()
	p, b, at := brandAdmin(t)
	token := b.Get(at + "/console/look/links").Sees(200).Value("token")
	answers := make(chan int, 24)
	for range 24 { // all at once: no more than twenty find room
		go func() { answers <- b.Post(at+"/console/look/links", url.Values{"token": {token}}).Status }()
	}
	made := 0
	for range 24 {
		switch status := <-answers; status {
		case 200:
			made++
		case 409:
		default:
			t.Errorf("status %d", status)
		}
	}
	if n := p.Count("look_previews"); n != 20 || made != 20 {
		t.Errorf("%d links were made, %d stand", made, n)
	}
	b.Get(at+"/console/look/links").Submit("Make a preview link", nil).Sees(409, "There are 20 preview links")
	// who only reads sees them, and neither makes nor ends one
	give(p, "f-1", "auditor")
	reader := p.Browser()
	reader.SignIn(at, "ava@first.example", apptest.Password).Sees(303)
	page := reader.Get(at+"/console/look/links").Sees(200, "20 links work").Hides("Make a preview link")
	own := reader.Get(at + "/account").Value("token")
	if strings.Contains(page.Text(), "End this link") {
		t.Error("a reader is offered to end links")
	}
	reader.Post(at+"/console/look/links", url.Values{"token": {own}}).Sees(403)
	reader.Post(at+"/console/look/links/end", url.Values{"token": {own}, "id": {"x"}}).Sees(403)
	// another tenant's is not found
	var id string
	p.Scan("SELECT id::text FROM look_previews LIMIT 1", nil, &id)
	p.Exec(`INSERT INTO role_assignments (tenant_id, id, account_id, role, granted_by, created_at)
		SELECT tenant_id, gen_random_uuid(), id, 'brand_admin', 'test', created_at FROM accounts WHERE external_id = 's-1'`)
	elsewhere, there := p.Browser(), p.Origin("second")
	elsewhere.SignIn(there, "mina", apptest.Password).Sees(303)
	other := elsewhere.Get(there+"/console/look/links").Sees(200, "There is no preview link").Value("token")
	elsewhere.Post(there+"/console/look/links/end", url.Values{"token": {other}, "id": {id}}).Sees(404)
	if n := p.Count("look_previews"); n != 20 {
		t.Errorf("%d links stand", n)
	}
}

func TestLettersAreTriedOnOneself(t *testing.T) {
	t.Parallel()
	p, b, at := brandAdmin(t)
	drafted(t, b, at)
	b.Get(at+"/console/words/letters?in=en").Sees(200, "Recovery link", "Draft of a subject", "1 text", "Code", "Invitation").Hides("Find your")
	b.Get(at + "/console/words/letters?in=de").Sees(200).Hides("Draft of a subject")
	page := b.Get(at+"/console/words/letters/recovery?in=en").Sees(200, "mail.recovery.subject", "Draft of a subject", "{brand}", "{ttl}", "mail.greeting")
	since := p.Clock.Now()
	page.Submit("Send the test", nil).Sees(303).Follow().Sees(200, "The test is on its way")
	l := p.Letter("tariq@first.example", since)
	if l.Subject != "[Test] Draft of a subject" || !strings.Contains(l.HTML, draftColor) || !strings.Contains(l.Text, "Ada Lovelace") {
		t.Errorf("the test: %q %q", l.Subject, l.Text)
	}
	if n := p.Count("letters WHERE kind = 'test' AND recipient <> 'tariq@first.example'"); n != 0 {
		t.Errorf("%d tests went elsewhere", n)
	}
	if n := p.Count("audit_events WHERE kind = 'letter.tested'"); n != 1 {
		t.Errorf("%d audit rows", n)
	}
	token := page.Value("token")
	for name, c := range map[string]struct {
		path string
		form url.Values
		want int
	}{
		"an address":        {"recovery", url.Values{"page": {"recovery"}, "in": {"en"}, "to": {"eve@evil.test"}}, 400},
		"another's state":   {"recovery", url.Values{"page": {"invitation"}, "in": {"en"}}, 400},
		"a page":            {"recovery", url.Values{"page": {"signin"}, "in": {"en"}}, 400},
		"no language":       {"recovery", url.Values{"page": {"recovery"}, "in": {"xx"}}, 400},
		"no letter":         {"nothing", url.Values{"page": {"recovery"}, "in": {"en"}}, 404},
		"the platform's":    {"portals", url.Values{"page": {"portals"}, "in": {"en"}}, 404},
		"a test of a test":  {"test", url.Values{"page": {"test"}, "in": {"en"}}, 404},
		"without its token": {"recovery", url.Values{"page": {"recovery"}, "in": {"en"}, "token": {"x"}}, 403},
	} {
		if c.form.Get("token") == "" {
			c.form.Set("token", token)
		}
		if a := b.Post(at+"/console/words/letters/"+c.path+"/test", c.form); a.Status != c.want {
			t.Errorf("%s: %d, want %d", name, a.Status, c.want)
		}
	}
	for range 9 {
		b.Post(at+"/console/words/letters/code/test", url.Values{"token": {token}, "page": {"code_signin"}, "in": {"ar"}}).Sees(303)
	}
	b.Post(at+"/console/words/letters/code/test", url.Values{"token": {token}, "page": {"code_signin"}, "in": {"ar"}}).Sees(429, "You sent many tests lately")
	if n := p.Count("letters WHERE kind = 'test'"); n != 10 {
		t.Errorf("%d tests were written", n)
	}
	p.Clock.Advance(61 * time.Minute)
	b = p.Browser()
	b.SignIn(at, "tariq@first.example", apptest.Password).Sees(303)
	b.Get(at+"/console/words/letters/code?in=en").Submit("Send the test", nil).Sees(303)
	// who only reads is not offered it, and cannot send
	give(p, "f-1", "auditor")
	reader := p.Browser()
	reader.SignIn(at, "ava@first.example", apptest.Password).Sees(303)
	reader.Get(at+"/console/words/letters/recovery").Sees(200, "Draft of a subject").Hides("Send the test")
	own := reader.Get(at + "/account").Value("token")
	reader.Post(at+"/console/words/letters/recovery/test", url.Values{"token": {own}, "page": {"recovery"}, "in": {"en"}}).Sees(403)
	// nor can somebody without an address have one
	p.Exec("DELETE FROM account_identifiers WHERE value = 'tariq@first.example' AND kind = 'email'")
	b.Get(at+"/console/words/letters/code?in=en").Submit("Send the test", nil).Sees(422, "Your account has no mail address")
}
