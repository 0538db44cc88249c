package browser

import (
	"strings"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp/kb"
)

// The university's article, U5 to U13, by what stands on the pages.

func TestResetByTwoGates(t *testing.T) {
	t.Parallel()
	c := newCampus(t)
	c.visit(c.at+"/login", 200).judge("university-signin")
	c.link("Can't access your account?").follow(200)
	c.isAt("/recover/account-type").judge("university-chooser")
	c.link("Work or school account").follow(200)
	c.isAt("/recover").heading("Get back into your account")
	c.atStep("Who are you", 1, 4)
	c.judge("university-recover")
	c.captchaIsOpenToAll()
	c.next(422)
	c.glance("university-recover-empty")
	c.identify()
	c.isAt("/recover/goal").judge("university-goal")
	c.pick("I forgot my password")
	c.next(200)

	c.isAt("/recover/verify").heading("Show that it is you")
	c.atStep("First check", 2, 4)
	for _, label := range strings.Split(allWays, "|") {
		c.the("radio", label)
	}
	c.misses(c.who.Email, strings.TrimPrefix(c.who.Phone, "+1 ")).judge("university-ways")
	c.byText()
	c.heading("One more check")
	c.atStep("Second check", 3, 4)
	c.lacks("radio", "Text my mobile phone")
	c.lacks("radio", "Call my mobile phone")
	c.judge("university-ways-second")
	c.pick("Answer my security questions")
	c.next(200)
	c.judge("university-questions")
	for question, answer := range c.answers() {
		c.field(question).fill(answer)
	}
	c.next(200)
	c.choosesPassword()
	c.link("Sign in").follow(200)
	c.isAt("/login")
	c.signIn(freshCampus, "/")
	c.sees("Mateo Villanueva", "Courses", "Library")
}

// byText proves by a text, looking at every page and at what a wrong number and a wrong code get.
func (c *campus) byText() {
	c.t.Helper()
	c.pick("Text my mobile phone")
	c.next(200)
	c.judge("university-retype")
	c.field("Your full phone number").fill("+1 5550100299")
	c.next(422)
	c.glance("university-retype-wrong")
	c.field("Your full phone number").fill(c.who.Phone)
	since := c.portal.Clock.Now()
	c.next(200)
	c.sees("A text with a code is on its way", "5 minutes").judge("university-code")
	code := c.letter(strings.ReplaceAll(c.who.Phone, " ", ""), since).Code
	wrong := "000000"
	if code == wrong {
		wrong = "000001"
	}
	c.codeField().fill(wrong)
	c.next(422)
	c.sees("4 tries left").glance("university-code-wrong")
	c.codeField().fill(code)
	c.next(200)
}

func (c *campus) choosesPassword() {
	c.t.Helper()
	c.heading("Choose a new password")
	c.atStep("New password", 4, 4)
	c.sees("Best is 12 to 16 characters").judge("university-set")
	c.field("New password").fill(freshCampus)
	c.until("the strength", `document.querySelector('.strength [role=status]').innerText !== ''`)
	c.field("Confirm new password").fill(freshCampus + "x")
	c.button("Finish").follow(422)
	c.glance("university-set-refused")
	c.field("New password").fill(freshCampus)
	c.field("Confirm new password").fill(freshCampus)
	c.button("Finish").follow(200)
	c.sees("Your password has been reset").judge("university-done")
}

// captchaIsOpenToAll looks at what stands beside the picture for those who do not see it.
func (c *campus) captchaIsOpenToAll() {
	c.t.Helper()
	if alt := eval[string](c.tab, `document.querySelector('.captcha img').alt`); alt == "" {
		c.t.Error("the picture has no words for those who do not see it")
	}
	sound := js[string](c.link("Hear the characters"), "function () { return this.href }")
	kind := eval[string](c.tab, `fetch('`+sound+`').then((r) => r.status + ' ' + r.headers.get('Content-Type'))`)
	if kind != "200 audio/wav" {
		c.t.Errorf("the characters are heard as %s", kind)
	}
}

func TestUnlockByTwoGates(t *testing.T) {
	t.Parallel()
	c := newCampus(t)
	stranger := c.portal.Browser()
	for n := range lockedAt + 2 {
		stranger.SignIn(c.at, c.who.SignIn, "wrong number "+string(rune('a'+n))).Sees(422)
	}
	c.visit(c.at+"/login", 200)
	c.field("Alliant User ID").fill(c.who.SignIn)
	c.next(200)
	c.field("Password").fill(c.who.Password)
	c.button("Sign in").follow(422)
	c.glance("university-locked")
	c.visit(c.at+"/recover", 200)
	c.identify()
	c.pick("I know my password, but still can't sign in")
	c.next(200)
	c.atStep("First check", 2, 3)
	c.prove("Call my office phone", officePhone)
	c.atStep("Second check", 3, 3)
	c.answer("Answer my security questions")
	c.isAt("/recover/unlocked").sees("Your account is unlocked").judge("university-unlocked")
	c.link("Sign in").follow(200)
	c.signIn(c.who.Password, "/")
}

// TestWaysOutOfTheGates looks at what comes between: going back, another way, starting again, whoever has
// too little, and the end of patience.
func TestWaysOutOfTheGates(t *testing.T) {
	t.Parallel()
	c := newCampus(t)
	c.visit(c.at+"/recover", 200)
	c.identify()
	c.next(422)
	c.sees("Choose what happened.").glance("university-goal-empty")
	c.pick("I forgot my password")
	c.next(200)
	c.link("Back").follow(200)
	c.isAt("/recover/goal")
	c.next(200)
	c.next(422)
	c.sees("Choose one of the ways.").glance("university-ways-empty")
	c.pick("Answer my security questions")
	c.next(200)
	c.button("Use another way").follow(200)
	c.isAt("/recover/verify")
	c.button("Start again").follow(200)
	c.isAt("/recover")

	c.who = people()["university"][3] // Hana has a mobile phone and nothing else
	c.identify()
	c.pick("I forgot my password")
	c.next(200)
	c.prove("Text my mobile phone", c.who.Phone)
	c.sees("only one registered way", "Alliant Information Technology Helpdesk").judge("university-unable")
	if tel := js[string](c.link("(858) 635-4357 option 1"), "function () { return this.href }"); tel != "tel:+18586354357" {
		t.Errorf("the helpdesk's number leads to %s", tel)
	}
	c.visit(c.at+"/recover/contact", 200).judge("university-contact")
	call(c.tab, network.ClearBrowserCookies, cdp.Empty{})
	c.visit(c.at+"/recover/answer", 410).sees("Please start again").judge("university-flow-ended")
}

func TestGatesByKeyboardAlone(t *testing.T) {
	t.Parallel()
	c := newCampus(t)
	c.visit(c.at+"/login", 200)
	c.tabTo("Can't access your account?")
	c.enter(200)
	c.tabTo("Work or school account")
	c.enter(200)
	c.tabTo("Alliant User ID")
	c.types(c.who.SignIn)
	c.tabTo("Hear the characters")
	c.tabTo("Enter the characters you see on the screen")
	c.types(c.characters())
	c.enter(200)
	c.tabTo("I forgot my password")
	c.types(" ")
	c.enter(200)
	c.tabTo("Text my mobile phone")
	c.types(kb.ArrowDown + kb.ArrowDown + kb.ArrowDown)
	c.until("the arrows choose", `document.activeElement.value === 'security_questions' && document.activeElement.checked`)
	c.enter(200)
	known := c.answers()
	for range known {
		c.tabToOneOf(known)
	}
	c.enter(200)
	c.tabTo("Text my mobile phone")
	c.types(" ")
	c.enter(200)
	c.tabTo("Your full phone number")
	c.types(c.who.Phone)
	since := c.portal.Clock.Now()
	c.enter(200)
	c.tabTo("6-digit code")
	c.types(c.letter(strings.ReplaceAll(c.who.Phone, " ", ""), since).Code)
	c.enter(200)
	c.tabTo("New password")
	c.types(freshCampus)
	c.tabTo("Confirm new password")
	c.types(freshCampus)
	c.enter(200)
	c.sees("Your password has been reset")
}

// tabToOneOf goes on to the next question and answers it.
func (c *campus) tabToOneOf(known map[string]string) {
	c.t.Helper()
	for range 40 {
		c.types(kb.Tab)
		name := eval[string](c.tab, `(document.activeElement.labels?.[0]?.innerText ?? '').trim()`)
		if answer, ok := known[name]; ok {
			c.types(answer)
			return
		}
	}
	c.t.Fatalf("Tab reaches no question:\n%s", c.text())
}

func TestGatesWithoutScripts(t *testing.T) {
	t.Parallel()
	c := newCampus(t)
	c.scriptsOff()
	c.see(look{width: 320, height: 700, scheme: "dark"})
	c.visit(c.at+"/login", 200)
	c.link("Can't access your account?").follow(200)
	c.link("Work or school account").follow(200)
	c.picture("university-without-scripts-recover")
	c.identify()
	c.pick("I forgot my password")
	c.next(200)
	c.answer("Answer my security questions")
	c.pick("Call my mobile phone")
	c.next(200)
	c.field("Your full phone number").fill("(555) 010-0201")
	since := c.portal.Clock.Now()
	c.next(200)
	c.picture("university-without-scripts-code")
	c.codeField().fill(c.letter("+15550100201", since).Code)
	c.next(200)
	c.field("New password").fill("short")
	c.field("Confirm new password").fill("short")
	c.button("Finish").follow(422)
	c.picture("university-without-scripts-set")
	c.field("New password").fill(freshCampus)
	c.field("Confirm new password").fill(freshCampus)
	c.button("Finish").follow(200)
	c.sees("Your password has been reset")
}

func TestGatesFromRightToLeft(t *testing.T) {
	t.Parallel()
	c := newCampus(t)
	c.speak("ar")
	c.visit(c.at+"/login", 200)
	c.link(c.says("signin.forgot")).follow(200)
	c.glance("arabic-university-chooser")
	c.visit(c.at+"/recover", 200).glance("arabic-university-recover")
	c.identify()
	c.glance("arabic-university-goal")
	c.pick(c.says("goal.reset"))
	c.next(200)
	c.glance("arabic-university-ways")
	c.pick(c.says("gate.sms_mobile"))
	c.next(200)
	c.glance("arabic-university-retype")
	c.field(c.says("gate.retype_phone")).fill(c.who.Phone)
	since := c.portal.Clock.Now()
	c.next(200)
	c.glance("arabic-university-code")
	c.codeField().fill(c.letter(strings.ReplaceAll(c.who.Phone, " ", ""), since).Code)
	c.next(200)
	c.pick(c.says("gate.security_questions"))
	c.next(200)
	c.glance("arabic-university-questions")
}
