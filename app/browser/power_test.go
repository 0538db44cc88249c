package browser

import (
	"testing"
	"time"

	"github.com/chromedp/cdproto/network"
)

func TestPowerWalk(t *testing.T) {
	t.Parallel()
	p := demo(t, "power")
	b := open(t, p)
	marisol, at := people()["power"][0], p.Origin("power")

	// Two panels side by side, the fields starred, help at hand.
	b.visit(at+"/login", 200).sees("Customer Portal", "* Username", "* Password", "Remember me?", "Get Help", "Contact us")
	_, local := b.heading("Sign in with a local account").at()
	if _, external := b.heading("Sign in with an external account").at(); external != local {
		t.Error("the two panels do not stand side by side")
	}
	b.button("Forgot your password?").follow(200)
	b.heading("Forgot your password?")
	b.sees("* Email", "Enter your email address to request a password reset.", "Get Help")
	b.field("Email").fill(marisol.Email)
	since := p.Clock.Now()
	b.button("Send").follow(200)
	b.heading("Forgot your password?")
	b.sees("Please check your email to reset your password.", "two to five minutes").misses(marisol.Email)

	b.read(b.letter(marisol.Email, since))
	lowest := eval[bool](b, `(() => { const links = [...document.querySelectorAll('a[href*="/recover/"]')], last = links.at(-1)
		return links.length >= 1 && !document.querySelector('button') && last.getBoundingClientRect().top > innerHeight * .2 && last.target === '' })()`)
	if !lowest {
		t.Error("the mail's one hyperlink does not stand at its bottom, or opens a new tab")
	}
	b.link("Reset your password").follow(200)
	powerSet(b)
	// The button below the bar, not the bar's own link at the top.
	buttons := b.all("link", "Sign in")
	buttons[len(buttons)-1].follow(200)
	b.isAt("/login")
	b.field("Username").fill(marisol.SignIn)
	b.field("Password").fill("Gasket8Lantern-pine")
	b.button("Sign in").follow(200)
	b.isAt("/").sees("Customer Portal", "Marisol Okafor", "Get Help")
}

// powerSet sets the password of the walk, by way of the mismatch, up to the green bar and beyond.
func powerSet(b *tab) {
	b.t.Helper()
	b.heading("Reset password")
	b.sees("Get Help")
	b.field("New password").fill("Gasket8Lantern-pine")
	b.field("Confirm new password").fill("Gasket8Lantern-pin")
	b.button("Reset").follow(422)
	b.sees("The password and confirmation password do not match.")
	b.field("New password").fill("Gasket8Lantern-pine")
	b.field("Confirm new password").fill("Gasket8Lantern-pine")
	b.button("Reset").follow(200)
	b.heading("Reset password")
	b.until("the green bar", `[...document.querySelectorAll('[role=status]')].some((e) => {
		const [r, g, b] = getComputedStyle(e).backgroundColor.match(/[\d.]+/g).map(Number)
		return g > r && g > b && e.innerText.trim() === 'Your password has been reset.' })`)
}

// TestPowerRemembers ticks “Remember me?” and looks at how long the cookie stays.
func TestPowerRemembers(t *testing.T) {
	t.Parallel()
	p := demo(t, "power")
	for _, remember := range []bool{true, false} {
		b := open(t, p)
		marisol := people()["power"][0]
		b.visit(p.Origin("power")+"/login", 200)
		b.field("Username").fill(marisol.SignIn)
		b.field("Password").fill(marisol.Password)
		if remember {
			b.the("checkbox", "Remember me?").click()
		}
		b.button("Sign in").follow(200)
		b.isAt("/").sees("Marisol Okafor")
		lasts := b.cookie("sid").Expires
		if kept := lasts > float64(time.Now().Add(time.Hour).Unix()); kept != remember {
			t.Errorf("with “Remember me?” %v the session's cookie lasts until %v", remember, lasts)
		}
	}
}

// cookie finds one of the cookies that the page's host has set.
func (b *tab) cookie(name string) *network.Cookie {
	b.t.Helper()
	for _, c := range call(b, network.GetCookies, network.GetCookiesParams{}).Cookies {
		if c.Name == name {
			return c
		}
	}
	b.t.Fatalf("no cookie %s", name)
	return nil
}
