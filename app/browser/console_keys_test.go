package browser

import (
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// TestConsoleByKeyboardAlone finds somebody, sends them a letter, changes a rule after seeing what it does, and
// publishes another colour: with Tab, arrows, Enter and the console's own keys.
func TestConsoleByKeyboardAlone(t *testing.T) {
	t.Parallel()
	s := takeSeat(t)
	ava := people()["alliants"][0]
	s.visit(s.at+"/console/people", 200)
	s.do(chromedp.KeyEvent("/"))
	s.until("the search has the focus", `document.activeElement.type === 'search'`)
	s.types("ava")
	s.enter(200)
	s.sees("Ava Lindqvist").misses("Kofi Tanaka")
	s.visit(s.at+"/console/people", 200)
	s.tabTo("Ava Lindqvist")
	s.do(chromedp.KeyEvent(kb.ArrowDown))
	s.until("the next row has the focus", `document.activeElement.innerText.includes('Carvalho')`)
	s.do(chromedp.KeyEvent(kb.ArrowUp))
	s.enter(200)
	s.heading("Ava Lindqvist")
	since := s.portal.Clock.Now()
	s.tabTo("Send a recovery mail")
	s.enter(200)
	s.letter(ava.Email, since)

	s.visit(s.at+"/console/rules/edit/link", 200)
	s.tabTo("Life of a link")
	s.do(chromedp.KeyEvent("1h"))
	s.tabTo("See what it would do")
	s.enter(200)
	s.sees("Life of a link", "1 h")
	s.tabTo("Save and apply now")
	s.enter(200)
	s.isAt("/console/rules")

	s.visit(s.at+"/console/look", 200)
	s.tabTo("Accent colour")
	s.do(chromedp.KeyEvent("#1d5c63"))
	s.enter(200)
	s.isAt("/console/look").sees("The draft is saved. Nobody sees it yet.", "#1d5c63")
	s.tabTo("Publish")
	s.enter(200)
	s.sees("It is published. Everybody sees it now.")
}

// TestConsoleWithoutScripts invites somebody and brings a file in, narrow and dark.
func TestConsoleWithoutScripts(t *testing.T) {
	t.Parallel()
	s := takeSeat(t)
	s.scriptsOff()
	s.see(looks()[1])
	since := s.portal.Clock.Now()
	s.visit(s.at+"/console/people/invite", 200)
	s.all("textbox", "Name")[0].fill("Nia Winter")
	s.all("textbox", "Mail address")[0].fill("nia.winter@alliants.example")
	s.button("Send the invitation").follow(200)
	s.letter("nia.winter@alliants.example", since)
	s.picture("console-without-scripts-invited")
	s.visit(s.at+"/console/imports", 200)
	s.upload("file", "people.csv", "id,full name,mail\nnew-1,Pia Summer,pia.summer@alliants.example\n")
	s.button("Read the file").follow(200)
	s.button("Check the rows").follow(200)
	at := s.address()
	s.wait("the dry run", func() bool { return len(s.visit(at, 200).all("button", "Bring them in")) == 1 })
	s.button("Bring them in").follow(200)
	s.wait("the end", func() bool { return len(s.visit(at, 200).all("link", "All rows as a file")) == 1 })
	s.picture("console-without-scripts-import")
	s.visit(s.at+"/console/people?q=summer", 200).sees("Pia Summer")
	s.visit(s.at+"/console/dashboard", 200).sees("As a table")
	s.picture("console-without-scripts-dashboard")
}
