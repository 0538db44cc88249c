package browser

import (
	"net/http"
	"net/url"
	"regexp"
	"testing"
	"time"
)

func TestAXPLinksExplainThemselves(t *testing.T) {
	t.Parallel()
	p := demo(t, "alliants")
	b := open(t, p)
	ava, at := people()["alliants"][0], p.Origin("alliants")
	first := p.Letter(ava.Email, askAXP(b, ava.Email)).Links[0]
	since := askAXP(b, ava.Email)
	second := p.Letter(ava.Email, since).Links[0]

	b.visit(first, 410).heading("This link no longer works")
	b.sees("It was replaced at", "by a newer mail. If a new link is requested, the previous link will expire immediately.")
	if !regexp.MustCompile(`replaced at \d\d:\d\d`).MatchString(b.text()) {
		t.Errorf("no time of day: %s", b.text())
	}
	// One click asks for a fresh mail, which ends the second link.
	since = p.Clock.Now()
	b.button("Send a new link").follow(200)
	b.heading("Password reset")
	b.misses(ava.Email)
	third := p.Letter(ava.Email, since).Links[0]
	b.visit(second, 410).sees("It was replaced at")

	scan(t, b, third)
	b.visit(third, 200).heading("Password reset")

	p.Clock.Advance(24*time.Hour + time.Second)
	b.visit(third, 410).sees("It has expired. Return to the login page, click “Forgot password?” again and ask for a new mail.")
	since = p.Clock.Now()
	b.button("Send a new link").follow(200)
	fourth := p.Letter(ava.Email, since).Links[0]
	p.Clock.Advance(24*time.Hour - 2*time.Minute)
	b.visit(fourth, 200)
	b.field("New password").fill("Lantern!meadow")
	b.button("Confirm password").follow(200)
	b.isAt("/login")
	b.visit(fourth, 410).sees("It was already used at")
	b.visit(at+"/recover/"+"no-such-token", 410).sees("This link is not valid.")
	b.visit(at+"/recover/"+"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", 410).sees("This link is not valid.")
	b.link("Ask for a new link").follow(200)
	b.isAt("/recover")
}

// scan opens a link as the scanners of mail systems do: many times, without a browser.
func scan(t *testing.T, b *tab, link string) {
	t.Helper()
	address, err := url.Parse(link)
	if err != nil {
		t.Fatal(err)
	}
	for n := range 20 {
		method := []string{http.MethodGet, http.MethodHead}[n%2]
		req, err := http.NewRequest(method, "http://"+b.portal.Addr+address.Path, nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Host = address.Host
		res, err := http.DefaultTransport.RoundTrip(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
		if res.StatusCode != http.StatusSeeOther {
			t.Fatalf("%s answered a scanner %d", method, res.StatusCode)
		}
	}
}

// TestAXPHelps finds the article's answers where they help.
func TestAXPHelps(t *testing.T) {
	t.Parallel()
	p := demo(t, "alliants")
	b := open(t, p)
	b.visit(p.Origin("alliants")+"/login", 200)
	b.link("Help").follow(200)
	b.sees("I don't see the email", "Check your Junk or Spam folder; the email may have been filtered.",
		"Is “Forgot Password” the same as “Reset Password”?", "It is the same process; there is no separate process.",
		"The link does not work", "The link expires after 24 hours. If a new link is requested, the previous link will expire immediately. Wait a few minutes and use the latest link.",
		"My link has expired", "Return to the login page, click “Forgot password?” again and ask for a new email.",
		"I want to change my password while I am logged in", "Log out of AXP, then reset your password as described above.",
		"I did not request a password reset", axpNote)
	if mail := js[string](b.link("brand.administrator@alliants.example"), "function () { return this.href }"); mail != "mailto:brand.administrator@alliants.example" {
		t.Errorf("the Brand Administrator's address leads to %s", mail)
	}
	askAXP(b, "nobody@alliants.example") // the same page for an address that nobody has
	b.sees("Junk or Spam", "Always use the latest link. The link expires after 24 hours.", "Brand Administrator")
}
