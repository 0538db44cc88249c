package browser

import (
	"strings"
	"testing"

	"github.com/chromedp/chromedp/kb"
	"github.com/pquerna/otp/totp"
)

// The university's registration and change of password, U14 and U16, by what stands on the pages.

// manyWays lets the university's people register an app and recovery codes beside what the article names.
const manyWays = `preset: two-gate
  gates:
    methods_use: [sms_mobile, voice_mobile, voice_office, security_questions, totp, recovery_code]
    methods_register: [office_phone, auth_phone, auth_email, security_questions, totp, recovery_code]
`

// openMenu goes where the menu of who is signed in leads.
func (c *campus) openMenu(to string) {
	c.t.Helper()
	c.menu().click()
	c.link(to).follow(200)
}

// menu is what opens it: the person's own name.
func (b *tab) menu() element {
	b.t.Helper()
	return b.the("DisclosureTriangle", eval[string](b, `document.querySelector('.menu summary').innerText.trim()`))
}

// entry is the link with a name that belongs to one kind of proof.
func (c *campus) entry(kind, name string) element {
	c.t.Helper()
	for _, e := range c.all("link", name) {
		if js[string](e, "function () { return document.getElementById(this.getAttribute('aria-describedby'))?.innerText ?? '' }") == kind {
			return e
		}
	}
	c.t.Fatalf("no %s for %s on:\n%s", name, kind, c.text())
	return element{}
}

// chooseQuestion takes the question that stands so far down the list, as a keyboard does.
func (c *campus) chooseQuestion(label string, down int) {
	c.t.Helper()
	js[bool](c.the("combobox", label), "function () { this.focus(); return true }")
	c.types(strings.Repeat(kb.ArrowDown, down))
}

func TestRegistration(t *testing.T) {
	t.Parallel()
	c := newCampus(t, "preset: two-gate\n", manyWays)
	c.who = people()["university"][3] // Hana has a mobile phone and nothing else
	c.signIn(c.who.Password, "/account/security/setup")
	c.heading("Before you go on")
	c.sees("You cannot get back in today, because two different ways are needed and only one counts").judge("university-setup")
	c.button("Not now").follow(200)
	c.isAt("/")
	c.openMenu("My account")
	c.isAt("/account").judge("university-my-account")
	c.openMenu(securityPage)
	c.isAt("/account/security").heading(securityPage)
	c.sees("You cannot get back in today").judge("university-security")
	c.registersApp()
	c.sees("You can get back in today with").judge("university-security-able")
	c.makesCodes()
	c.registersPhone()
	c.registersQuestions("university-questions-register")
	c.isAt("/account/security").sees("You can get back in today with", "It is registered.")
	c.entry("Recovery codes", "Remove").follow(200)
	c.judge("university-remove")
	c.button("Remove").follow(200)
	c.sees("It is removed.")
}

func (c *campus) registersApp() {
	c.t.Helper()
	c.entry("Authenticator app", "Register").follow(200)
	c.isAt("/account/security/app").judge("university-app-begin")
	c.button("Set up the app").follow(200)
	c.until("the picture", `document.querySelector('img.qr').complete && document.querySelector('img.qr').naturalWidth > 0`)
	c.judge("university-app")
	secret := strings.ReplaceAll(eval[string](c.tab, `document.querySelector('code.secret').innerText`), " ", "")
	code, err := totp.GenerateCode(secret, c.portal.Clock.Now())
	if err != nil {
		c.t.Fatal(err)
	}
	c.codeField().fill(code)
	c.button("Confirm").follow(200)
	c.isAt("/account/security").sees("It is registered.")
}

func (c *campus) makesCodes() {
	c.t.Helper()
	c.entry("Recovery codes", "Register").follow(200)
	c.judge("university-codes-begin")
	c.button("Make recovery codes").follow(200)
	if n := eval[int](c.tab, `document.querySelectorAll('.saved code').length`); n != 10 {
		c.t.Errorf("%d recovery codes", n)
	}
	c.button("Download")
	c.judge("university-codes")
	c.link("I have saved them").follow(200)
	c.isAt("/account/security").sees("10 codes are left.")
}

func (c *campus) registersPhone() {
	c.t.Helper()
	c.entry("Mobile phone", "Replace").follow(200)
	c.judge("university-phone")
	c.field("Mobile phone number").fill("12")
	c.button("Send the code").follow(422)
	c.glance("university-phone-wrong")
	c.field("Mobile phone number").fill("(555) 010-0298")
	c.pick("By text")
	since := c.portal.Clock.Now()
	c.button("Send the code").follow(200)
	c.judge("university-phone-code")
	c.codeField().fill(c.letter("+15550100298", since).Code)
	c.button("Confirm").follow(200)
	c.isAt("/account/security").sees("It is registered.")
}

func (c *campus) registersQuestions(name string) {
	c.t.Helper()
	c.entry("Security questions", "Register").follow(200)
	c.judge(name)
	for i, answer := range []string{"Winter Harbour", "blue bicycle", "Winter Harbour", "tamarind soup", "lighthouse keeper"} {
		n := string(rune('1' + i))
		c.chooseQuestion("Question "+n, i+1)
		c.field("Answer " + n).fill(answer)
	}
	c.button("Save").follow(422)
	c.sees("You gave this answer already.").glance(name + "-twice")
	for i, answer := range []string{"Winter Harbour", "blue bicycle", "old mill", "tamarind soup", "lighthouse keeper"} {
		c.field("Answer " + string(rune('1'+i))).fill(answer)
	}
	c.button("Save").follow(200)
}

// TestRegistrationWithoutScripts registers what the article names, narrow and dark.
func TestRegistrationWithoutScripts(t *testing.T) {
	t.Parallel()
	c := newCampus(t)
	c.who = people()["university"][3]
	c.scriptsOff()
	c.see(looks()[1])
	c.signIn(c.who.Password, "/account/security/setup")
	c.entry("Security questions", "Register").follow(200)
	for i, answer := range []string{"Winter Harbour", "blue bicycle", "old mill", "tamarind soup", "lighthouse keeper"} {
		n := string(rune('1' + i))
		c.chooseQuestion("Question "+n, i+1)
		c.field("Answer " + n).fill(answer)
	}
	c.picture("university-without-scripts-questions")
	c.button("Save").follow(200)
	c.isAt("/")
	c.visit(c.at+"/account/security", 200).sees("You can get back in today with", "5 questions answered.")
	c.picture("university-without-scripts-security")
}

func TestChangeOfPassword(t *testing.T) {
	t.Parallel()
	c := newCampus(t)
	c.signIn(c.who.Password, "/")
	c.openMenu("My account")
	c.openMenu(securityPage)
	c.link("Password").follow(200)
	c.isAt("/account/password").judge("university-change")
	c.field("Old password").fill("not the old one")
	c.field("New password").fill(freshCampus)
	c.field("Confirm new password").fill(freshCampus)
	c.button("Submit").follow(422)
	c.glance("university-change-refused")
	c.field("Old password").fill(c.who.Password)
	c.field("New password").fill(freshCampus)
	c.field("Confirm new password").fill(freshCampus)
	c.button("Submit").follow(200)
	c.isAt("/account").sees("Your new password is set.")
}

func TestChangeOfPasswordByKeyboardAlone(t *testing.T) {
	t.Parallel()
	c := newCampus(t)
	c.visit(c.at+"/login", 200)
	c.tabTo("Alliant User ID")
	c.types(c.who.SignIn)
	c.enter(200)
	c.tabTo("Password")
	c.types(c.who.Password)
	c.enter(200)
	c.tabTo("Mateo Villanueva")
	c.pressEnter()
	c.until("the menu is open", `document.querySelector('.menu').open`)
	c.tabTo(securityPage)
	c.enter(200)
	c.tabTo("Password")
	c.enter(200)
	c.tabTo("Old password")
	c.types(c.who.Password)
	c.tabTo("New password")
	c.types(freshCampus)
	c.tabTo("Confirm new password")
	c.types(freshCampus)
	c.enter(200)
	c.isAt("/account").sees("Your new password is set.")
}
