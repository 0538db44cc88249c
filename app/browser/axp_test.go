package browser

import (
	"testing"
	"time"

	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"
)

const (
	axpSubject = "Forgot you're password? Let's get you a new one!"
	axpNote    = "ignore the email and contact your Brand Administrator immediately. Nobody at Alliants will ask you for your password."
)

// askAXP walks steps one to three: from the login page to a letter in the inbox.
func askAXP(b *tab, email string) (since time.Time) {
	b.t.Helper()
	b.visit(b.portal.Origin("alliants")+"/login", 200)
	b.link("Forgot password?").follow(200)
	b.heading("Password reset")
	b.field("Email address used to log in").fill(email)
	since = b.portal.Clock.Now()
	b.button("Reset password").follow(200)
	b.sees("Instructions have been sent to " + email + ".")
	return since
}

// newTabFrom clicks and answers the tab that the click opened.
func (e element) newTabFrom() *tab {
	e.b.t.Helper()
	opened := chromedp.WaitNewTarget(e.b.ctx, func(i *target.Info) bool { return i.Type == "page" })
	e.click()
	select {
	case id := <-opened:
		b := newTab(e.b.t, e.b.portal, e.b.ctx, chromedp.WithTargetID(id))
		b.until("the new tab", "document.readyState === 'complete' && location.protocol === 'http:'")
		return b
	case <-time.After(patience):
		e.b.t.Fatalf("%s opened no new tab", e.what)
		return nil
	}
}

func TestAXPWalk(t *testing.T) {
	t.Parallel()
	p := demo(t, "alliants")
	b := open(t, p)
	ava := people()["alliants"][0]

	// One: the login page; "Forgot password?" stands below Password.
	b.visit(p.Origin("alliants")+"/login", 200).sees("Log in")
	_, password := b.field("Password").at()
	if _, forgot := b.link("Forgot password?").at(); forgot <= password {
		t.Error("“Forgot password?” does not stand below Password")
	}
	b.link("Forgot password?").follow(200)
	// Two: who asks.
	b.heading("Password reset")
	b.sees("It must be the exact address of your AXP account.", "contact your Brand Administrator")
	b.field("Email address used to log in").fill("ava.lindqvist@aliants.example")
	b.button("Reset password").follow(200)
	b.sees("Instructions have been sent to ava.lindqvist@aliants.example.", "a few minutes", "Junk or Spam", "The link expires after 24 hours.")
	// Mistyped: back to the form.
	b.link("Re-enter address").follow(200)
	since := p.Clock.Now()
	b.field("Email address used to log in").fill(ava.Email)
	b.button("Reset password").follow(200)
	b.sees("Instructions have been sent to " + ava.Email + ".")
	// Three, four: the letter, and its button opens a new tab.
	set := axpLetter(b, ava.Email, since)
	set.heading("Password reset")
	axpTicks(set)
	// Seven: no automatic sign-in; the new password is typed.
	set.button("Confirm password").follow(200)
	set.isAt("/login").sees("Your new password is set. Log in with it now.")
	set.field("Email").fill(ava.Email)
	set.field("Password").fill("Abcdefg!")
	set.button("Log in").follow(200)
	set.isAt("/").sees("Hello, Ava Lindqvist")
	if got := js[string](set.the("link", "AXP Conversations, requests and bookings"), "function () { return this.href }"); got != "https://app.alliants.example/" {
		t.Errorf("the app's link leads to %s", got)
	}
}

// axpLetter reads the letter and presses its button.
func axpLetter(b *tab, email string, since time.Time) *tab {
	b.t.Helper()
	l := b.letter(email, since)
	if l.Headers["From"] != `"Alliants" <noreply@alliants.app>` && l.Headers["From"] != "Alliants <noreply@alliants.app>" {
		b.t.Errorf("from %s", l.Headers["From"])
	}
	if l.Subject != axpSubject {
		b.t.Errorf("subject %q, want %q", l.Subject, axpSubject)
	}
	b.read(l).sees("Set up a new password", "The link expires after 24 hours", "Brand Administrator", "Nobody at Alliants will ask you for your password.")
	set := b.link("Set up a new password").newTabFrom()
	set.isAt("/recover/set")
	return set
}

// axpTicks types a password and watches the four ticks.
func axpTicks(set *tab) {
	t := set.t
	t.Helper()
	set.sees("At least 8 characters long", "At least one lowercase letter", "At least one uppercase letter",
		"At least one special character (e.g. !, @, #, $)")
	if n := eval[int](set, "document.querySelectorAll('input[type=password]').length"); n != 1 {
		t.Errorf("%d password fields, want one", n)
	}
	field := set.field("New password")
	for _, step := range []struct{ typed, met string }{
		{"", ""}, {"7654321", ""}, {"87654321", "min"}, {"abcdefg!", "min lower special"}, {"Abcdefg", "lower upper"}, {"Abcdefg!", "min lower upper special"},
	} {
		field.fill(step.typed)
		want := `[...document.querySelectorAll('li[data-rule][data-met=true]')].map((li) => li.dataset.rule).join(' ') === '` + step.met + `'`
		set.until("ticks "+step.met+" for "+step.typed, want)
	}
	set.until("green", `[...document.querySelectorAll('li[data-rule] .tick')].every((tick) => {
		const [r, g, b] = getComputedStyle(tick).backgroundColor.match(/[\d.]+/g).map(Number); return g > r && g > b })`)
}
