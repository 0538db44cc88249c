package browser

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// TestAXPWalkWithoutScripts recovers with scripts off: the server decides everything again.
func TestAXPWalkWithoutScripts(t *testing.T) {
	t.Parallel()
	p := demo(t, "alliants")
	b := open(t, p)
	call(b, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
	ava := people()["alliants"][0]
	since := askAXP(b, ava.Email)
	b.link("Re-enter address").follow(200)
	b.visit(p.Letter(ava.Email, since).Links[0], 200).isAt("/recover/set")
	b.lacks("button", "Show password")
	for _, refused := range []struct{ password, why string }{
		{"Abc!", "This password is too short. Use at least 8 characters."},
		{"abcdefg!", "Add at least one uppercase letter."},
		{"Password!", "Many people use this password"},
	} {
		b.field("New password").fill(refused.password)
		b.button("Confirm password").follow(422)
		b.sees(refused.why)
	}
	b.picture("alliants-without-scripts-refused")
	b.field("New password").fill("Lantern!meadow")
	b.button("Confirm password").follow(200)
	b.isAt("/login").sees("Your new password is set.")
	b.field("Email").fill(ava.Email)
	b.field("Password").fill("Lantern!meadow")
	b.button("Log in").follow(200)
	b.isAt("/").sees("Hello, Ava Lindqvist")
}

// TestKeyboardAlone recovers and signs in with Tab and Enter, and sees where the focus is.
func TestKeyboardAlone(t *testing.T) {
	t.Parallel()
	p := demo(t, "alliants")
	b := open(t, p)
	ava := people()["alliants"][0]
	b.visit(p.Origin("alliants")+"/login", 200)
	b.tabTo("Skip to the main content")
	b.tabTo("Forgot password?")
	b.enter(200)
	b.isAt("/recover").tabTo("Email address used to log in")
	b.do(chromedp.KeyEvent(ava.Email))
	since := p.Clock.Now()
	b.enter(200)
	b.sees("Instructions have been sent to " + ava.Email + ".")
	b.visit(p.Letter(ava.Email, since).Links[0], 200)
	b.tabTo("New password")
	b.do(chromedp.KeyEvent("short"))
	b.tabTo("Confirm password")
	b.enter(422)
	b.until("the summary of faults has the focus", `document.activeElement.id === 'errors' && document.activeElement.getAttribute('role') === 'alert'`)
	b.tabTo("This password is too short. Use at least 8 characters.")
	b.pressEnter()
	b.until("the field has the focus", `document.activeElement.name === 'password'`)
	b.do(chromedp.KeyEvent("Lantern!meadow"))
	b.enter(200)
	b.isAt("/login").tabTo("Email")
	b.do(chromedp.KeyEvent(ava.Email))
	b.tabTo("Password")
	b.do(chromedp.KeyEvent("Lantern!meadow"))
	b.enter(200)
	b.isAt("/").sees("Hello, Ava Lindqvist")
}

// enter presses Enter and waits for the page that comes.
func (b *tab) enter(status int) {
	b.t.Helper()
	if got := b.land(chromedp.KeyEvent(kb.Enter)); got != status {
		b.t.Fatalf("Enter led to a page with status %d, want %d:\n%s", got, status, b.text())
	}
}

// pressEnter presses Enter as one event that types, which is how a keyboard sends it.
func (b *tab) pressEnter() {
	b.t.Helper()
	down := input.DispatchKeyEventParams{Type: input.DispatchKeyEventTypeKeyDown, Key: "Enter", Code: "Enter", Text: "\r", WindowsVirtualKeyCode: 13}
	call(b, input.DispatchKeyEvent, down)
	down.Type, down.Text = input.DispatchKeyEventTypeKeyUp, ""
	call(b, input.DispatchKeyEvent, down)
}

// tabTo presses Tab until the thing with the name has the focus, which must be visible at every stop: on the
// thing itself, or on the whole option that it ticks.
func (b *tab) tabTo(name string) {
	b.t.Helper()
	var met []string
	for range 40 {
		b.do(chromedp.KeyEvent(kb.Tab))
		stop := eval[struct {
			Name, Ring string
			Seen       bool
		}](b, `(() => { const e = document.activeElement, s = getComputedStyle(e.closest('.option') ?? e), r = e.getBoundingClientRect()
			return { Name: (e.labels?.[0]?.innerText ?? e.innerText).trim(), Ring: s.outlineStyle + ' ' + s.outlineWidth,
				Seen: r.width > 0 && r.bottom > 0 && r.top < innerHeight } })()`)
		if stop.Ring != "solid 3px" || !stop.Seen {
			b.t.Errorf("the focus at %q is not seen: outline %s", stop.Name, stop.Ring)
		}
		if stop.Name == name {
			return
		}
		met = append(met, stop.Name)
	}
	b.t.Fatalf("Tab never reaches %q on %s: %v", name, b.address(), slices.Compact(met))
}

// TestScreenshotsInArabic shows the pages of every brand from right to left.
func TestScreenshotsInArabic(t *testing.T) {
	t.Parallel()
	p := demo(t, "alliants", "university", "power")
	for _, w := range brands() {
		b := open(t, p)
		call(b, network.SetExtraHTTPHeaders, network.SetExtraHTTPHeadersParams{Headers: network.Headers{"Accept-Language": "ar"}})
		for _, path := range []string{"/login", "/recover", "/help"} {
			b.visit(p.Origin(w.slug)+path, 200)
			if dir := eval[string](b, `document.documentElement.lang + ' ' + getComputedStyle(document.body).direction`); dir != "ar rtl" {
				t.Errorf("%s%s is %s, want ar rtl", w.slug, path, dir)
			}
			b.glance("arabic-" + w.slug + strings.ReplaceAll(path, "/", "-"))
		}
	}
}

// mostBytes is what a first visit may weigh without its fonts (look.md, principle 5).
const mostBytes = 60_000

// TestAFirstVisitIsLight counts what comes over the wire to an empty cache.
func TestAFirstVisitIsLight(t *testing.T) {
	t.Parallel()
	p := demo(t, "alliants", "university", "power")
	for _, w := range brands() {
		for _, path := range []string{"/login", "/recover", "/help"} {
			b := open(t, p)
			b.visit(p.Origin(w.slug)+path, 200)
			b.mu.Lock()
			weight := b.bytes
			b.mu.Unlock()
			t.Logf("%s%s: %.0f bytes", w.slug, path, weight)
			if weight > mostBytes || weight < 1000 {
				t.Errorf("%s%s weighs %.0f bytes, at most %d", w.slug, path, weight, mostBytes)
			}
		}
	}
}

// TestSessionsEndEverywhere signs in twice and ends the other session from the account page.
func TestSessionsEndEverywhere(t *testing.T) {
	t.Parallel()
	p := demo(t, "alliants")
	ava, at := people()["alliants"][0], p.Origin("alliants")
	here, there := open(t, p), open(t, p)
	for _, b := range []*tab{there, here} {
		b.visit(at+"/login", 200)
		b.field("Email").fill(ava.Email)
		b.field("Password").fill(ava.Password)
		b.button("Log in").follow(200)
		p.Clock.Advance(time.Minute)
	}
	here.visit(at+"/account", 200).sees("Where you are signed in", "This one", "Ava Lindqvist")
	ends := here.all("button", "End the session in Chrome on Linux")
	if len(ends) != 1 {
		t.Fatalf("%d other sessions, want one:\n%s", len(ends), here.text())
	}
	ends[0].follow(200)
	here.sees("That session has ended.")
	there.visit(at+"/account", 200).isAt("/login")
}
