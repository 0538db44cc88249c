package browser

import "testing"

const byWork = "preset: two-gate\n  reset: {captcha_kind: work}\n"

// TestBrowsersWorkForThemselves lets the page's script solve a proof of work: nobody types anything.
func TestBrowsersWorkForThemselves(t *testing.T) {
	t.Parallel()
	c := newCampus(t, "preset: two-gate\n", byWork)
	c.visit(c.at+"/recover", 200)
	c.lacks("textbox", c.says("captcha.label"))
	c.field("Alliant User ID").fill(c.who.SignIn)
	c.sees("Your browser is checked.").judge("captcha-work")
	c.next(200)
	c.isAt("/recover/goal")

	// Whoever is faster than the script presses once, and goes on when it is done.
	c.visit(c.at+"/recover", 200)
	c.field("Alliant User ID").fill(c.who.SignIn)
	c.next(200)
	c.isAt("/recover/goal")

	// Whom the script does not help types characters.
	c.visit(c.at+"/recover", 200)
	c.link("Type characters from a picture instead").follow(200)
	c.identify()
	c.isAt("/recover/goal")
}

func TestCharactersStandInForWorkWithoutScripts(t *testing.T) {
	t.Parallel()
	c := newCampus(t, "preset: two-gate\n", byWork)
	c.scriptsOff()
	c.visit(c.at+"/recover", 200).misses("Checking your browser")
	c.lacks("link", "Type characters from a picture instead")
	c.link("New characters")
	c.picture("captcha-work-without-scripts")
	c.field("Alliant User ID").fill(c.who.SignIn)
	c.next(422)
	c.sees("Type the characters that you see or hear.")
	c.identify()
	c.isAt("/recover/goal")
}

// TestNewCharacters asks for others, with a script (what was typed stays) and without.
func TestNewCharacters(t *testing.T) {
	t.Parallel()
	c := newCampus(t)
	c.visit(c.at+"/recover", 200)
	c.field("Alliant User ID").fill(c.who.SignIn)
	first := c.characters()
	c.link("New characters").click()
	c.until("other characters", `document.activeElement.name === 'captcha_answer'`)
	if c.characters() == first {
		t.Error("the same characters again")
	}
	c.until("the picture", `document.querySelector('.captcha img').complete && document.querySelector('.captcha img').naturalWidth > 0`)
	c.field("Enter the characters you see on the screen").fill("none")
	c.next(422)
	c.sees("These are not the characters that were shown").glance("captcha-wrong")
	if typed := js[string](c.field("Alliant User ID"), "function () { return this.value }"); typed != c.who.SignIn {
		t.Errorf("the page keeps %q", typed)
	}
	c.scriptsOff()
	c.visit(c.at+"/recover", 200)
	first = c.characters()
	c.link("New characters").follow(200)
	if c.characters() == first {
		t.Error("the same characters again")
	}
	c.identify()
	c.isAt("/recover/goal")
}
