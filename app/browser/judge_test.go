package browser

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// look is one way to see a page.
type look struct {
	name   string
	width  int64
	height int64
	scheme string
	axe    string // what axe judges: everything, or what colour and width can change
}

const (
	everyRule = `{runOnly: {type: 'tag', values: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']}}`
	someRules = `{runOnly: {type: 'rule', values: ['color-contrast', 'link-in-text-block', 'target-size']}, rules: {'target-size': {enabled: true}}}`
)

// looks begins with two in which axe judges everything: both widths and both schemes are among them.
func looks() []look {
	return []look{
		{"wide-light", 1280, 900, "light", everyRule},
		{"narrow-dark", 320, 700, "dark", everyRule},
		{"wide-dark", 1280, 900, "dark", someRules},
		{"narrow-light", 320, 700, "light", someRules},
	}
}

// see puts the tab into a look. Nothing moves, so that colours are not judged on their way.
func (b *tab) see(l look) {
	b.t.Helper()
	b.do(chromedp.EmulateViewport(l.width, l.height))
	b.scheme(l.scheme)
}

func (b *tab) scheme(scheme string) {
	b.t.Helper()
	call(b, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{
		{Name: "prefers-color-scheme", Value: scheme}, {Name: "prefers-reduced-motion", Value: "reduce"}}})
}

// judge looks at the page as it stands in every look: axe finds nothing, nothing is cut off or needs
// sideways scrolling, and nothing moved while the page came. It leaves pictures under the name.
func (b *tab) judge(name string) {
	b.t.Helper()
	b.judgeIn(name, looks())
}

// glance is judge for a page that differs from a judged one by a sentence or two.
func (b *tab) glance(name string) {
	b.t.Helper()
	b.judgeIn(name, looks()[:2])
}

func (b *tab) judgeIn(name string, in []look) {
	b.t.Helper()
	b.settled(name)
	world := b.axe()
	for _, l := range in {
		b.see(l)
		for _, fault := range b.violations(world, l.axe) {
			b.t.Errorf("%s, %s: axe: %s", name, l.name, fault)
		}
		b.fits(name + ", " + l.name)
		b.picture(strings.TrimSuffix(name+"-"+l.name, "-wide-light")) // the plain name is the plain look
	}
	b.zoomed(name)
	b.see(looks()[0])
	b.noComplaints()
}

// How much a page may move while it comes, as a share of the window (the web's own bar is 0.1). On a
// visitor's page a font that arrives after the first paint takes the place of its stand-in; where that
// breaks a line elsewhere, what stands below moves by one line. The console's pages come in one piece.
const (
	still        = 0.02
	stillConsole = 0.001
)

// settled fails the test if anything that an eye could see moved while the page came.
func (b *tab) settled(name string) {
	b.t.Helper()
	moved := eval[struct {
		Sum     float64  `json:"sum"`
		What    []string `json:"what"`
		Console bool     `json:"console"`
	}](b, `new Promise((done) => {
		const seen = { sum: 0, what: [], console: document.body.dataset.layout === 'console' }
		const note = (list) => { for (const e of list) if (!e.hadRecentInput) {
			seen.sum += e.value
			seen.what.push(...e.sources.map((s) => s.node?.outerHTML?.slice(0, 80) ?? 'text'))
		} }
		const observer = new PerformanceObserver((list) => note(list.getEntries()))
		observer.observe({ type: 'layout-shift', buffered: true })
		document.fonts.ready.then(() => requestAnimationFrame(() => requestAnimationFrame(() => { note(observer.takeRecords()); done(seen) })))
	})`)
	most := still
	if moved.Console {
		most = stillConsole
	}
	if moved.Sum > most {
		b.t.Errorf("%s moves by %.4f while it comes: %v", name, moved.Sum, moved.What)
	}
}

//go:embed testdata/axe/axe.min.js
var axeScript string

// axe brings axe into the page, in a world of its own: the page's policy lets no foreign script in, and
// stays as strict as visitors have it.
func (b *tab) axe() runtime.ExecutionContextID {
	b.t.Helper()
	tree := call(b, page.GetFrameTree, cdp.Empty{})
	world := call(b, page.CreateIsolatedWorld, page.CreateIsolatedWorldParams{FrameID: tree.FrameTree.Frame.ID, WorldName: "axe"})
	evalIn[bool](b, world.ExecutionContextID, axeScript+"\n;true")
	return world.ExecutionContextID
}

func evalIn[T any](b *tab, world runtime.ExecutionContextID, script string) T {
	b.t.Helper()
	yes := true
	res := call(b, runtime.Evaluate, runtime.EvaluateParams{Expression: script, ContextID: world, ReturnByValue: &yes, AwaitPromise: &yes})
	if res.ExceptionDetails != nil {
		b.t.Fatalf("browser: %s %v", res.ExceptionDetails.Text, res.ExceptionDetails.Exception)
	}
	var got T
	if err := json.Unmarshal(res.Result.Value, &got); err != nil {
		b.t.Fatalf("browser: %v", err)
	}
	return got
}

type violation struct {
	ID    string `json:"id"`
	Help  string `json:"help"`
	Nodes []struct {
		HTML    string `json:"html"`
		Summary string `json:"failureSummary"`
	} `json:"nodes"`
}

func (b *tab) violations(world runtime.ExecutionContextID, rules string) []string {
	b.t.Helper()
	found := evalIn[[]violation](b, world, `axe.run(document, `+rules+`).then((r) => JSON.parse(JSON.stringify(r.violations)))`)
	var faults []string
	for _, v := range found {
		for _, n := range v.Nodes {
			faults = append(faults, fmt.Sprintf("%s (%s): %s\n%s", v.ID, v.Help, n.HTML, n.Summary))
		}
	}
	return faults
}

// fits fails the test if the page scrolls sideways or something sticks out of it.
func (b *tab) fits(where string) {
	b.t.Helper()
	out := eval[[]string](b, `(async () => {
		for (let i = 0; i < 2; i++) await new Promise(requestAnimationFrame) // what follows its box has followed
		const root = document.documentElement, out = []
		if (root.scrollWidth > innerWidth) out.push('the page is ' + root.scrollWidth + ' wide')
		for (const e of document.body.querySelectorAll('*')) {
			if (!e.checkVisibility()) continue // a menu that is closed
			const r = e.getBoundingClientRect(), s = getComputedStyle(e)
			if (r.width > 1 && r.height > 1 && (r.left < -1 || r.right > root.clientWidth + 1) && s.position !== 'fixed' && !e.closest('.skip, .unseen, svg, .preview-frame > *')) out.push(e.outerHTML.slice(0, 120))
			if (e.matches('button, a, label, h1, h2, p, li, dd') && e.scrollWidth > e.clientWidth + 1 && e.clientWidth > 1 && s.display !== 'inline') out.push('cut off: ' + e.outerHTML.slice(0, 120))
		}
		return out })()`)
	for i, o := range out {
		if i == 0 || i > len(out)-3 { // the outermost, and the innermost, which is to blame
			b.t.Errorf("%s: %s", where, o)
		}
	}
}

// zoomed doubles the page (half the width in CSS pixels) and then the text alone; both must fit.
func (b *tab) zoomed(name string) {
	b.t.Helper()
	b.do(chromedp.EmulateViewport(640, 450, chromedp.EmulateScale(2)))
	b.fits(name + ", zoomed to 200 %")
	b.do(chromedp.EmulateViewport(1280, 900))
	eval[bool](b, `document.documentElement.style.setProperty('font-size', '200%'), true`)
	b.fits(name + ", text at 200 %")
	eval[bool](b, `document.documentElement.style.removeProperty('font-size'), true`)
}

// picture keeps what the tab shows, from top to bottom, if pictures are wanted.
func (b *tab) picture(name string) {
	b.t.Helper()
	folder := os.Getenv("PORTICO_SCREENSHOTS")
	if folder == "" {
		return
	}
	size := eval[[]int64](b, `[innerWidth, innerHeight, Math.max(innerHeight, document.documentElement.scrollHeight)]`)
	// A window as high as the page: pictures beyond the window come out shifted from right to left.
	b.do(chromedp.EmulateViewport(size[0], size[2]))
	shot := call(b, page.CaptureScreenshot, page.CaptureScreenshotParams{})
	b.do(chromedp.EmulateViewport(size[0], size[1]))
	if err := os.MkdirAll(folder, 0o755); err != nil {
		b.t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, name+".png"), shot.Data, 0o644); err != nil {
		b.t.Fatal(err)
	}
}
