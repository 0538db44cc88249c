package browser

import (
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/network"

	"portico/app/apptest"
)

// words are what a brand calls the things that the tour touches.
type words struct {
	slug                      string
	signIn, password, submit  string
	id, ask                   string
	newPassword, confirm, set string
	recoverBy                 func(person) string
	wrongs                    int  // until the lock
	twoStep                   bool // who first, the password on a page of its own
	gates                     bool // recovers through gates, which have walks of their own
}

func brands() []words {
	email, user := func(p person) string { return p.Email }, func(p person) string { return p.SignIn }
	return []words{
		{slug: "alliants", signIn: "Email", password: "Password", submit: "Log in", id: "Email address used to log in", ask: "Reset password",
			newPassword: "New password", set: "Confirm password", recoverBy: email, wrongs: 5},
		{slug: "university", signIn: "Alliant User ID", twoStep: true, gates: true, password: "Password", submit: "Sign in", id: "Alliant User ID", ask: "Next",
			newPassword: "New password", confirm: "Confirm new password", set: "Finish", recoverBy: user, wrongs: 10},
		{slug: "power", signIn: "Username", password: "Password", submit: "Sign in", id: "Email", ask: "Send",
			newPassword: "New password", confirm: "Confirm new password", set: "Reset", recoverBy: email, wrongs: 5},
	}
}

// TestScreenshotsOfEveryPage shows every kind of page of every brand to axe, and leaves pictures.
func TestScreenshotsOfEveryPage(t *testing.T) {
	t.Parallel()
	for _, w := range brands() {
		t.Run(w.slug, func(t *testing.T) {
			t.Parallel()
			p := demo(t, w.slug)
			o := &tour{tab: open(t, p), words: w, at: p.Origin(w.slug), who: people()[w.slug][0]}
			o.strangers()
			if !w.gates {
				o.recovery()
				o.ended()
				o.unlock()
				o.who.Password = "Lantern!meadow9Q"
			}
			o.failures()
			o.inside()
		})
	}
}

type tour struct {
	*tab
	words
	at  string
	who person
}

// show opens a page and judges it.
func (o *tour) show(path string, status int, name string) {
	o.t.Helper()
	o.visit(o.at+path, status)
	o.judge(o.slug + "-" + name)
}

func (o *tour) glance(name string) { o.t.Helper(); o.tab.glance(o.slug + "-" + name) }

func (o *tour) now(name string) { o.t.Helper(); o.judge(o.slug + "-" + name) }

func (o *tour) strangers() {
	o.t.Helper()
	o.show("/login", 200, "signin")
	o.tab.button(o.first()).follow(422)
	o.now("signin-empty")
	o.types("somebody@else.example", "not the password", 422)
	o.glance("signin-wrong")
	o.visit(o.at+"/account", 200)
	o.glance("signin-please")
	o.show("/help", 200, "help")
}

// ask asks for a link and answers it.
func (o *tour) askLink() string {
	o.t.Helper()
	since := o.portal.Clock.Now()
	o.visit(o.at+"/recover", 200)
	o.field(o.id).fill(o.recoverBy(o.who))
	o.tab.button(o.words.ask).follow(200)
	return o.portal.Letter(o.who.Email, since).Links[0]
}

func (o *tour) setPassword(password string) {
	o.t.Helper()
	o.field(o.newPassword).fill(password)
	if o.confirm != "" {
		o.field(o.confirm).fill(password)
	}
}

func (o *tour) recovery() {
	o.t.Helper()
	o.show("/recover", 200, "recover")
	o.tab.button(o.words.ask).follow(422)
	o.glance("recover-empty")
	link := o.askLink()
	o.now("sent")
	o.visit(link, 200)
	o.now("set")
	o.setPassword("short")
	o.tab.button(o.set).follow(422)
	o.now("set-refused")
	o.setPassword("Lantern!meadow9Q")
	o.tab.button(o.set).follow(200)
	o.now("done")
	o.visit(link, 410).sees("It was already used at")
	o.glance("ended-used")
}

func (o *tour) ended() {
	o.t.Helper()
	first := o.askLink()
	second := o.askLink()
	o.visit(first, 410).sees("It was replaced at")
	o.now("ended-replaced")
	o.portal.Clock.Advance(24*time.Hour + time.Second)
	o.visit(second, 410).sees("It has expired.")
	o.glance("ended-expired")
	o.visit(o.at+"/recover/garbage", 410)
	o.glance("ended-unknown")
	call(o.tab, network.ClearBrowserCookies, cdp.Empty{})
	o.visit(o.at+"/recover/set", 410)
	o.glance("ended-cookies")
}

// unlock lets a stranger lock the account and its owner open it.
func (o *tour) unlock() {
	o.t.Helper()
	since := o.portal.Clock.Now()
	lockOut(o.portal, o.words, o.who)
	link := o.portal.Letter(o.who.Email, since).Links[0]
	o.visit(link, 200).heading("Unlock your account")
	o.now("unlock")
	o.tab.button("Unlock my account").follow(200)
	o.glance("unlock-done")
	o.visit(link, 410)
	o.glance("unlock-ended")
}

// lockOut types wrong passwords, from a browser that nobody knows, until the account is locked.
func lockOut(p *apptest.Portal, w words, who person) {
	stranger := p.Browser()
	for n := range w.wrongs {
		stranger.Get(p.Origin(w.slug)+"/login").Submit(w.submit, map[string]string{
			"identifier": who.SignIn, "password": "wrong number " + string(rune('a'+n))}).Sees(422)
	}
}

func (o *tour) failures() {
	o.t.Helper()
	o.show("/nowhere", 404, "not-found")
	o.visit(o.at+"/account/sessions/end", 405)
	o.glance("method")
	o.visit(o.at+"/login", 200)
	eval[bool](o.tab, `document.querySelector('input[name=token]').value = 'stale', true`)
	o.tab.button(o.first()).follow(403)
	o.glance("stale-form")
}

func (o *tour) inside() {
	o.t.Helper()
	o.signInAs(o.who.SignIn, o.who.Password)
	o.now("home")
	o.tab.menu().click()
	o.link("My account")
	o.glance("menu")
	o.show("/account", 200, "account")
	o.tab.button("Sign out everywhere").follow(200)
	o.glance("signed-out-everywhere")
}

func (o *tour) signInAs(id, password string) {
	o.t.Helper()
	o.visit(o.at+"/login", 200)
	o.types(id, password, 200)
	o.isAt("/")
}

// first is the button of the sign-in page as it comes.
func (o *tour) first() string {
	if o.twoStep {
		return "Next"
	}
	return o.submit
}

// types fills the sign-in page in, on one page or on two.
func (o *tour) types(id, password string, status int) {
	o.t.Helper()
	o.field(o.signIn).fill(id)
	if o.twoStep {
		o.tab.button(o.first()).follow(200)
	}
	o.field(o.password).fill(password)
	o.tab.button(o.submit).follow(status)
}

// TestScreenshotsOfThePlatform shows the pages that belong to no brand.
func TestScreenshotsOfThePlatform(t *testing.T) {
	t.Parallel()
	p := demo(t, "power")
	b := open(t, p)
	home := "http://localhost:" + p.Port
	b.visit(home+"/", 200).heading("Find your sign-in page")
	b.judge("platform-find")
	b.button("Send me the addresses").follow(422)
	b.glance("platform-find-empty")
	b.field("Email address").fill("marisol.okafor@northfield.example")
	b.button("Send me the addresses").follow(200)
	b.glance("platform-find-sent")
	b.visit("http://nobody.localhost:"+p.Port+"/login", 421).heading("There is no page here")
	b.judge("platform-nowhere")
	b.visit(home+"/nowhere", 404)
	b.glance("platform-not-found")
	b.visit(home+"/dev/inbox", 200)
	b.glance("dev-inbox")
}
