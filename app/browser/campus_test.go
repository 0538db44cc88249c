package browser

import (
	"strings"
	"testing"

	"github.com/chromedp/cdproto/network"

	"portico/themes"
)

// campus is one person of the demo's university in front of a browser.
type campus struct {
	*tab
	at     string
	who    person
	locale string
	brand  *themes.Brand
}

const (
	officePhone  = "+1 5550100801"
	freshCampus  = "Atlas7Notebook-river"
	lockedAt     = 10 // the university locks after so many wrong passwords
	allWays      = "Text my mobile phone|Call my mobile phone|Call my office phone|Answer my security questions"
	securityPage = "Security & privacy"
)

// newCampus opens the university as its tenant file has it. Its people have registered what the file
// says; Mateo has an office phone too, which his administrator set.
func newCampus(t *testing.T, knobs ...string) *campus {
	t.Helper()
	mateos := "auth_email: mateo.villanueva@mail.example"
	file := strings.Replace(brandFile(t, "university"), mateos, mateos+"\n      office_phone: \""+officePhone+"\"", 1)
	p := stand(t, strings.NewReplacer(knobs...).Replace(file))
	brand, err := themes.NewBrand(p.Tenant("university"))
	if err != nil {
		t.Fatal(err)
	}
	return &campus{tab: open(t, p), at: p.Origin("university"), who: people()["university"][0], locale: "en", brand: brand}
}

// speak asks for every page in a language.
func (c *campus) speak(locale string) {
	c.t.Helper()
	call(c.tab, network.SetExtraHTTPHeaders, network.SetExtraHTTPHeadersParams{Headers: network.Headers{"Accept-Language": locale}})
	c.locale = locale
}

// says is what the pages call something in the language at hand.
func (c *campus) says(key string) string {
	return c.portal.Renderer.Text(c.brand, c.locale, key, nil)
}

// characters tells what stands in the picture of the page.
func (c *campus) characters() string {
	c.t.Helper()
	answer, err := c.portal.Captcha.Reveal(eval[string](c.tab, `document.querySelector('.captcha').dataset.captchaId`))
	if err != nil {
		c.t.Fatal(err)
	}
	return answer
}

// identify answers the first page: who one is, and the characters.
func (c *campus) identify() {
	c.t.Helper()
	c.field(eval[string](c.tab, `document.querySelector('[name=identifier]').labels[0].innerText`)).fill(c.who.SignIn)
	c.field(c.says("captcha.label")).fill(c.characters())
	c.next(200)
}

func (c *campus) next(status int) { c.t.Helper(); c.button(c.says("gate.next")).follow(status) }

// pick ticks one of the options.
func (c *campus) pick(label string) { c.t.Helper(); c.the("radio", label).click() }

// prove passes the gate at hand by a code to a phone, whose number is typed in full.
func (c *campus) prove(way, phone string) {
	c.t.Helper()
	c.pick(way)
	c.next(200)
	c.field(c.says("gate.retype_phone")).fill(phone)
	since := c.portal.Clock.Now()
	c.next(200)
	c.codeField().fill(c.letter(strings.ReplaceAll(phone, " ", ""), since).Code)
	c.next(200)
}

func (c *campus) codeField() element {
	c.t.Helper()
	return c.field(c.portal.Renderer.Text(c.brand, c.locale, "answer.code", map[string]any{"count": 6}))
}

// answers gives for every question on the page, as it is written there, the person's answer.
func (c *campus) answers() map[string]string {
	c.t.Helper()
	found := map[string]string{}
	for id, answer := range c.who.Answers {
		if question := c.says("question." + id); len(c.all("textbox", question)) == 1 {
			found[question] = answer
		}
	}
	if len(found) != 3 {
		c.t.Fatalf("%d known questions, want three, on:\n%s", len(found), c.text())
	}
	return found
}

// answer passes the gate at hand by security questions.
func (c *campus) answer(way string) {
	c.t.Helper()
	c.pick(way)
	c.next(200)
	for question, answer := range c.answers() {
		c.field(question).fill(strings.ToUpper(answer) + " ")
	}
	c.next(200)
}

// signIn types the name, then the password, and lands on a path.
func (c *campus) signIn(password, path string) {
	c.t.Helper()
	c.visit(c.at+"/login", 200)
	c.field("Alliant User ID").fill(c.who.SignIn)
	c.next(200)
	c.field("Password").fill(password)
	c.button("Sign in").follow(200)
	c.isAt(path)
}

// atStep fails the test unless the rail says that this step, of so many, is the current one.
func (b *tab) atStep(name string, number, of int) {
	b.t.Helper()
	type steps struct {
		Count   int    `json:"count"`
		Done    int    `json:"done"`
		Current string `json:"current"`
	}
	got := eval[steps](b, `(() => { const all = [...document.querySelectorAll('nav[aria-label=Progress] li')]
		return { count: all.length, done: all.filter((e) => e.dataset.state === 'done').length,
			current: all.filter((e) => e.getAttribute('aria-current') === 'step').map((e) => e.querySelector('.step-label').textContent).join() } })()`)
	if want := (steps{of, number - 1, name}); got != want {
		b.t.Errorf("steps %+v, want %+v", got, want)
	}
}
