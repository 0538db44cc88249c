package app_test

import (
	"bytes"
	"context"
	"encoding/json"
	"image/png"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/altcha-org/altcha-lib-go"

	"portico/app/apptest"
	"portico/app/captcha"
)

// asking is First with a CAPTCHA before recovery.
func asking(knobs string) string {
	return strings.Replace(apptest.First, "  users:", "  reset: {reenter_link: false, "+knobs+"}\n  users:", 1)
}

var captchaOf = regexp.MustCompile(`data-captcha-id="([A-Za-z0-9_-]+)"`)

// shownCaptcha is the id of a page's CAPTCHA; "" when it has none.
func shownCaptcha(t *testing.T, a *apptest.Answer) string {
	t.Helper()
	m := captchaOf.FindStringSubmatch(a.Body)
	if m == nil {
		return ""
	}
	if a.Value("captcha_id") != m[1] {
		t.Errorf("the form carries %q, the page shows %q", a.Value("captcha_id"), m[1])
	}
	return m[1]
}

// characters are what `portico dev` reveals of a challenge.
func characters(t *testing.T, p *apptest.Portal, id string) string {
	t.Helper()
	var told struct{ Answer string }
	a := p.Browser().Get("http://localhost:" + p.Port + "/dev/captcha/" + id).Sees(200)
	if err := json.Unmarshal([]byte(a.Body), &told); err != nil || len(told.Answer) != 6 {
		t.Fatalf("%q: %v", a.Body, err)
	}
	return told.Answer
}

func TestRecoveryAsksForCharacters(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t, apptest.Options{Tenants: []string{asking("captcha: always, captcha_kind: image"), apptest.Second}, NoWorkers: true, Dev: true})
	b, at := p.Browser(), p.Origin("first")
	page := b.Get(at+"/recover").Sees(200, "Characters you see on the screen", "New characters", "Hear the characters")
	id := shownCaptcha(t, page)
	if csp := page.Header.Get("Content-Security-Policy"); !strings.HasSuffix(csp, "; media-src 'self'") {
		t.Errorf("the page may not play its audio: %s", csp)
	}
	if csp := b.Get(at + "/login").Header.Get("Content-Security-Policy"); strings.Contains(csp, "media-src") {
		t.Errorf("a page without audio: %s", csp)
	}
	picture, wav := b.Get(at+"/captcha/"+id+".png").Sees(200), b.Get(at+"/captcha/"+id+".wav").Sees(200)
	if _, err := png.Decode(bytes.NewReader([]byte(picture.Body))); err != nil || picture.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("the picture: %v, %v", err, picture.Header)
	}
	if !strings.HasPrefix(wav.Body, "RIFF") || wav.Header.Get("Content-Type") != "audio/wav" {
		t.Errorf("the audio: %q", wav.Body[:4])
	}
	piece := b.Send(http.MethodGet, at+"/captcha/"+id+".wav", "", map[string]string{"Range": "bytes=0-3"})
	if piece.Status != 206 || piece.Body != "RIFF" || piece.Header.Get("Content-Range") != "bytes 0-3/"+strconv.Itoa(len(wav.Body)) {
		t.Errorf("a piece of it: %d %q %q", piece.Status, piece.Body, piece.Header.Get("Content-Range"))
	}
	for _, file := range []string{id + ".gif", id, "nothing.png", strings.Repeat("A", 3000) + ".png"} {
		b.Get(at + "/captcha/" + file).Sees(404)
	}
	p.Browser().Get(at + "/captcha/" + id + ".png").Sees(404) // of another browser
	b.Get(p.Origin("second") + "/captcha/" + id + ".png").Sees(404)
}

// ask sends the recovery form of a page with what a CAPTCHA wants.
func ask(b *apptest.Browser, at string, page *apptest.Answer, identifier string, more url.Values) *apptest.Answer {
	form := url.Values{"token": {page.Value("token")}, "identifier": {identifier}, "captcha_id": {page.Value("captcha_id")}}
	for name, values := range more {
		form[name] = values
	}
	return b.Post(at+"/recover", form)
}

func TestWithoutItsCaptchaARecoveryDoesNotBegin(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t, apptest.Options{Tenants: []string{asking("captcha: always, captcha_kind: image")}, NoWorkers: true, Dev: true})
	b, at := p.Browser(), p.Origin("first")
	page := b.Get(at + "/recover").Sees(200)
	id := shownCaptcha(t, page)
	answer := characters(t, p, id)
	typed := func(a string) url.Values { return url.Values{"captcha_answer": {a}} }

	slip := ask(b, at, page, "ava@", typed(answer)).Sees(422)
	if slip.Value("captcha_id") != id || slip.Value("captcha_answer") != answer {
		t.Error("a slip in the address costs new characters")
	}
	for what, more := range map[string]url.Values{
		"none":      {},
		"no id":     {"captcha_id": {""}, "captcha_answer": {answer}},
		"wrong":     typed("x" + answer),
		"of nobody": {"captcha_id": {"AAAA"}, "captcha_answer": {answer}},
		"too long":  {"captcha_answer": {strings.Repeat(answer, 1000)}},
	} {
		fresh := b.Get(at + "/recover").Sees(200)
		a := ask(b, at, fresh, "ava@first.example", more).Sees(422)
		if next := shownCaptcha(t, a); next == "" || next == fresh.Value("captcha_id") || a.Value("identifier") != "ava@first.example" {
			t.Errorf("%s: the page shows %q", what, next)
		}
	}
	if n := p.Count("letters") + p.Count("recovery_flows"); n != 0 {
		t.Fatalf("%d rows without a CAPTCHA", n)
	}
	ask(b, at, slip, "ava@first.example", typed(answer)).Sees(200)
	again := ask(b, at, slip, "ava@first.example", typed(answer)).Sees(422, "These are not the characters that were shown")
	p.Clock.Advance(5*time.Minute + time.Second)
	ask(b, at, again, "ava@first.example", typed(characters(t, p, again.Value("captcha_id")))).Sees(422)
	if n := p.Count("recovery_flows"); n != 1 {
		t.Errorf("%d recoveries of one solved CAPTCHA", n)
	}
}

// TestCaptchasTellNothingOfAccounts: same bytes for everybody, whether the answer was right or wrong.
func TestCaptchasTellNothingOfAccounts(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t, apptest.Options{Tenants: []string{asking("captcha: always, captcha_kind: image")}, NoWorkers: true, Dev: true})
	at := p.Origin("first")
	hide := regexp.MustCompile(`(data-captcha-id="|name="captcha_id" value="|/captcha/)[A-Za-z0-9_-]{40,}`)
	for _, right := range []bool{true, false} {
		answers := map[string]string{}
		for _, who := range []string{"ava@first.example", "ines@first.example", "kofi@first.example", "nobody@first.example"} {
			b := p.Browser()
			page := b.Get(at + "/recover")
			answer := "none"
			if right {
				answer = characters(t, p, page.Value("captcha_id"))
			}
			a := ask(b, at, page, who, url.Values{"captcha_answer": {answer}})
			answers[who] = hide.ReplaceAllString(masked(a, who), "${1}C")
		}
		sameAnswers(t, answers)
	}
}

func TestBrowsersWorkForThemselves(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t, apptest.Options{Tenants: []string{asking("captcha: always, captcha_kind: work")}, NoWorkers: true, Dev: true})
	b, at := p.Browser(), p.Origin("first")
	page := b.Get(at + "/recover").Sees(200)
	id := shownCaptcha(t, page)
	data := func(name string) string {
		m := regexp.MustCompile(`data-` + name + `="([^"]*)"`).FindStringSubmatch(page.Body)
		if m == nil {
			t.Fatalf("no %s", name)
		}
		return strings.NewReplacer("&amp;", "&", "&#43;", "+").Replace(m[1])
	}
	most, err := strconv.Atoi(data("most"))
	if err != nil {
		t.Fatal(err)
	}
	found, err := altcha.SolveChallenge(data("target"), data("salt"), altcha.SHA256, most, 0, nil)
	if err != nil || found == nil {
		t.Fatalf("no solution: %v", err)
	}
	work := url.Values{"captcha_work": {strconv.Itoa(found.Number)}}
	ask(b, at, page, "ava@first.example", work).Sees(200)
	ask(b, at, page, "ava@first.example", work).Sees(422) // replayed

	// Without scripts: the picture within <noscript>, and a way to it for those whose script fails.
	page = b.Get(at + "/recover")
	_, without, ok := strings.Cut(page.Body, "<noscript>")
	if !ok || !strings.Contains(without, "/captcha/"+page.Value("captcha_id")+".png") || !strings.Contains(without, `name="captcha_answer"`) {
		t.Error("no picture without scripts")
	}
	ask(b, at, page, "ava@first.example", url.Values{"captcha_work": {""}, "captcha_answer": {characters(t, p, page.Value("captcha_id"))}}).Sees(200)
	instead := b.Get(at+"/recover?captcha=image").Sees(200, "Characters you see on the screen")
	ask(b, at, instead, "ava@first.example", url.Values{"captcha_answer": {characters(t, p, shownCaptcha(t, instead))}}).Sees(200)

	var next struct {
		ID   string
		Work struct{ Salt, Target string }
	}
	if err := json.Unmarshal([]byte(b.Get(at+"/captcha/new?kind=work").Sees(200).Body), &next); err != nil || next.ID == id || next.Work.Salt == "" {
		t.Errorf("%v %v", next, err)
	}
	b.Get(at + "/captcha/new?kind=riddle").Sees(404)
	p.Browser().Get(at + "/captcha/new?kind=work").Sees(404) // a browser that never saw a form
}

func TestACaptchaAfterSomeRequests(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t, apptest.Options{NoWorkers: true, Dev: true, Tenants: []string{strings.Replace(
		asking("captcha: after_n, captcha_after: 2, captcha_kind: image"), "  users:", "  throttle: {networks: [{cidr: 198.51.100.0/24, factor: 3}]}\n  users:", 1)}})
	b, at := p.Browser(), p.Origin("first")
	b.From = "203.0.113.1"
	for range 2 {
		if page := b.Get(at + "/recover"); shownCaptcha(t, page) != "" {
			t.Error("a CAPTCHA too early")
		}
		b.AskForLink(at, "nobody@first.example").Sees(200)
	}
	page := b.Get(at + "/recover").Sees(200)
	if shownCaptcha(t, page) == "" {
		t.Fatal("no CAPTCHA after two requests")
	}
	b.AskForLink(at, "nobody@first.example").Sees(422)
	answer := characters(t, p, page.Value("captcha_id"))
	ask(b, at, page, "nobody@first.example", url.Values{"captcha_answer": {answer}}).Sees(200)
	for address, want := range map[string]int{"203.0.113.2": 2, "198.51.100.7": 6} {
		other := p.Browser()
		other.From = address
		n := 0
		for n < 10 && other.AskForLink(at, "nobody@first.example").Status == 200 {
			n++
		}
		if n != want {
			t.Errorf("%s: %d requests before a CAPTCHA, want %d", address, n, want)
		}
	}
	p.Clock.Advance(61 * time.Minute)
	b.AskForLink(at, "nobody@first.example").Sees(200)
}

// TestSigningInBeyondTheLimit: whoever shares an address with a flood solves a CAPTCHA and is in.
func TestSigningInBeyondTheLimit(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t, apptest.Options{Tenants: []string{limits}, Dev: true})
	same := func(int) string { return "203.0.113.1" }
	if tries, last := guesses(p, same); tries != 20 || shownCaptcha(t, last) == "" || last.Header.Get("Retry-After") == "" {
		t.Fatalf("%d tries, then %d without a CAPTCHA", tries, last.Status)
	}
	b, at := p.Browser(), p.Origin("first")
	b.From = "203.0.113.1"
	signIn := func(page *apptest.Answer, answer string) *apptest.Answer {
		return b.Post(at+"/login", url.Values{"token": {page.Value("token")}, "identifier": {"ava@first.example"},
			"password": {apptest.Password}, "captcha_id": {page.Value("captcha_id")}, "captcha_answer": {answer}})
	}
	page := b.SignIn(at, "ava@first.example", apptest.Password).Sees(429)
	if page.Value("password") != "" || page.Value("identifier") != "ava@first.example" {
		t.Error("what the page keeps")
	}
	page = signIn(page, "wrong").Sees(429)
	if page.Header.Get("Retry-After") == "" || shownCaptcha(t, page) == "" {
		t.Error("a wrong answer gets neither Retry-After nor another CAPTCHA")
	}
	signIn(page, characters(t, p, page.Value("captcha_id"))).Sees(303)
	if n := p.Count("audit_events WHERE kind = 'signin.blocked'"); n != 1 {
		t.Errorf("%d rows of one blocked address", n)
	}
}

// away is a provider that cannot tell.
type away struct{}

func (away) Pose() []byte                                        { return nil }
func (away) Puzzle([]byte) *captcha.Puzzle                       { return nil }
func (away) Check(context.Context, []byte, captcha.Answer) error { return captcha.ErrDown }

func TestPeoplePassWhileTheProviderIsDown(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t, apptest.Options{Tenants: []string{asking("captcha: always, captcha_kind: work")}, NoWorkers: true,
		Captcha: map[string]captcha.Kind{"work": away{}}})
	b, at := p.Browser(), p.Origin("first")
	b.From = "203.0.113.1"
	n := 0
	for ; n < 60; n++ {
		page := b.Get(at + "/recover").Sees(200)
		if ask(b, at, page, "nobody@first.example", url.Values{"captcha_answer": {"anything"}}).Status != 200 {
			break
		}
	}
	if n != 25 { // half of ten, and half of forty
		t.Errorf("%d passed", n)
	}
	page := b.Get(at + "/recover").Sees(200)
	b.Post(at+"/recover", url.Values{"token": {page.Value("token")}, "identifier": {"nobody@first.example"}}).Sees(422)
}
