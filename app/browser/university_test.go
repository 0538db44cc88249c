package browser

import "testing"

func TestUniversityWalk(t *testing.T) {
	t.Parallel()
	p := demo(t, "university")
	b := open(t, p)
	mateo := people()["university"][0]
	b.visit(p.Origin("university")+"/login", 200).sees("Alliant International University")
	b.field("Alliant User ID")
	b.link("Can't access your account?").follow(200)
	b.heading("Get back into your account")
	b.atStep("Who are you", 1)
	b.field("Alliant User ID").fill(mateo.SignIn)
	since := p.Clock.Now()
	b.button("Next").follow(200)
	b.atStep("Open the link", 2)
	b.sees("If there is an account with this User ID, a link to set a new password is on its way to its email address.")
	b.misses(mateo.Email)
	b.visit(b.letter(mateo.Email, since).Links[0], 200)
	b.heading("Choose a new password")
	b.atStep("New password", 3)
	b.sees("Best is 12 to 16 characters")
	b.field("New password").fill("Atlas7Notebook-river")
	b.until("the strength", `document.querySelector('.strength [role=status]').innerText !== ''`)
	b.field("Confirm new password").fill("Atlas7Notebook-river")
	b.button("Finish").follow(200)
	b.sees("Your password has been reset")
	b.link("Sign in").follow(200)
	b.field("Alliant User ID").fill(mateo.SignIn)
	b.field("Password").fill("Atlas7Notebook-river")
	b.button("Sign in").follow(200)
	b.isAt("/").sees("Hello, Mateo Villanueva", "Courses", "Library")
}

// atStep fails the test unless the rail says that this step, of three, is the current one.
func (b *tab) atStep(name string, number int) {
	b.t.Helper()
	type steps struct {
		Count   int    `json:"count"`
		Done    int    `json:"done"`
		Current string `json:"current"`
	}
	got := eval[steps](b, `(() => { const all = [...document.querySelectorAll('nav[aria-label=Progress] li')]
		return { count: all.length, done: all.filter((e) => e.dataset.state === 'done').length,
			current: all.filter((e) => e.getAttribute('aria-current') === 'step').map((e) => e.querySelector('.step-label').textContent).join() } })()`)
	if want := (steps{3, number - 1, name}); got != want {
		b.t.Errorf("steps %+v, want %+v", got, want)
	}
}

// TestWhoCannotRecoverIsToldWhomToAsk ends in a page with a number to tap.
func TestWhoCannotRecoverIsToldWhomToAsk(t *testing.T) {
	t.Parallel()
	p := demo(t, "university")
	b := open(t, p)
	hana := people()["university"][3] // has no e-mail address
	b.visit(p.Origin("university")+"/recover", 200)
	b.field("Alliant User ID").fill(hana.SignIn)
	b.button("Next").follow(200)
	b.sees("Still stuck? Contact the Alliant Information Technology Helpdesk.")
	if tel := js[string](b.link("(858) 635-4357 option 1"), "function () { return this.href }"); tel != "tel:+18586354357" {
		t.Errorf("the helpdesk's number leads to %s", tel)
	}
}
