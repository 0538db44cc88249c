package browser

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/chromedp/cdproto/accessibility"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/dom"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// What a person does and sees: things are found by their role and their name, as a screen reader
// tells them, and clicked where they are.

// element is one thing on the page.
type element struct {
	b    *tab
	id   cdp.BackendNodeID
	what string
}

// all finds what has the role and the name, among what is not hidden.
func (b *tab) all(role, name string) []element {
	b.t.Helper()
	page := call(b, runtime.Evaluate, runtime.EvaluateParams{Expression: "document"})
	found := call(b, accessibility.QueryAXTree, accessibility.QueryAXTreeParams{ObjectID: page.Result.ObjectID, Role: role, AccessibleName: name})
	var all []element
	for _, n := range found.Nodes {
		if !n.Ignored {
			all = append(all, element{b, n.BackendDOMNodeID, fmt.Sprintf("the %s %q", role, name)})
		}
	}
	return all
}

// the finds the one thing that has the role and the name.
func (b *tab) the(role, name string) element {
	b.t.Helper()
	all := b.all(role, name)
	if len(all) != 1 {
		b.t.Fatalf("%d times the %s %q, want once, on %s:\n%s", len(all), role, name, b.address(), b.text())
	}
	return all[0]
}

func (b *tab) link(name string) element    { b.t.Helper(); return b.the("link", name) }
func (b *tab) button(name string) element  { b.t.Helper(); return b.the("button", name) }
func (b *tab) field(label string) element  { b.t.Helper(); return b.the("textbox", label) }
func (b *tab) heading(text string) element { b.t.Helper(); return b.the("heading", text) }

// lacks fails the test if there is such a thing.
func (b *tab) lacks(role, name string) {
	b.t.Helper()
	if n := len(b.all(role, name)); n > 0 {
		b.t.Fatalf("there is a %s %q on %s", role, name, b.address())
	}
}

// js runs a function on the element; the element is `this`.
func js[T any](e element, function string) T {
	e.b.t.Helper()
	object := call(e.b, dom.ResolveNode, dom.ResolveNodeParams{BackendNodeID: e.id})
	ctx := e.b.ctx
	got, err := chromedp.Run(ctx, chromedp.CallFunctionOn[T](function, func(p *runtime.CallFunctionOnParams) {
		p.ObjectID = object.Object.ObjectID
	}))
	if err != nil {
		e.b.t.Fatalf("%s: %v", e.what, err)
	}
	return got
}

// at scrolls the element into view and answers its middle. Something in front of it fails the test.
func (e element) at() (x, y float64) {
	e.b.t.Helper()
	call(e.b, dom.ScrollIntoViewIfNeeded, dom.ScrollIntoViewIfNeededParams{BackendNodeID: e.id})
	at := js[[]float64](e, `function () {
		const r = [...this.getClientRects()].find((r) => r.width > 0 && r.height > 0)
		if (!r) return []
		const x = r.left + r.width / 2, y = r.top + r.height / 2, top = document.elementFromPoint(x, y)
		return top && (this.contains(top) || top.contains(this) || top.closest('label')?.control === this) ? [x, y] : []
	}`)
	if len(at) != 2 {
		e.b.t.Fatalf("%s cannot be reached with the mouse on %s", e.what, e.b.address())
	}
	return at[0], at[1]
}

// click presses the left button on the element.
func (e element) click() {
	e.b.t.Helper()
	x, y := e.at()
	e.b.do(chromedp.MouseClickXY(x, y))
}

// follow clicks and waits for the page that comes, which must answer with the status.
func (e element) follow(status int) {
	e.b.t.Helper()
	x, y := e.at()
	if got := e.b.land(chromedp.MouseClickXY(x, y)); got != status {
		e.b.t.Fatalf("%s led to a page with status %d, want %d: %s\n%s", e.what, got, status, e.b.address(), e.b.text())
	}
}

// fill replaces what stands in the field, key by key.
func (e element) fill(text string) {
	e.b.t.Helper()
	e.click()
	js[chromedp.Void](e, "function () { this.select() }")
	if text == "" {
		text = kb.Delete
	}
	e.b.do(chromedp.KeyEvent(text))
}

// sees waits for texts to stand on the page.
func (b *tab) sees(texts ...string) *tab {
	b.t.Helper()
	for _, text := range texts {
		want := strconv.Quote(strings.Join(strings.Fields(text), " "))
		b.until(want, "document.body.innerText.replace(/\\s+/g, ' ').includes("+want+")")
	}
	return b
}

// misses fails the test if one of the texts stands on the page, which must have come already.
func (b *tab) misses(texts ...string) *tab {
	b.t.Helper()
	for _, text := range texts {
		if strings.Contains(b.text(), text) {
			b.t.Fatalf("%q is on %s:\n%s", text, b.address(), b.text())
		}
	}
	return b
}

// isAt fails the test unless the page's path is this one.
func (b *tab) isAt(path string) *tab {
	b.t.Helper()
	if got := eval[string](b, "location.pathname"); got != path {
		b.t.Fatalf("the page is %s, want %s:\n%s", got, path, b.text())
	}
	return b
}

// scriptsOff is how the tab is from now on.
func (b *tab) scriptsOff() {
	b.t.Helper()
	call(b, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
}

// types presses keys where the focus is.
func (b *tab) types(keys string) { b.t.Helper(); b.do(chromedp.KeyEvent(keys)) }
