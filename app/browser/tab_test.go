package browser

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/audits"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"portico/app/apptest"
)

// patience is how long anything on a page may take before the test gives it up.
const patience = 20 * time.Second

// tab is one tab of the shared browser. It writes down what the page complains about, and the test
// fails on it at its end.
type tab struct {
	t      *testing.T
	ctx    context.Context
	portal *apptest.Portal

	mu         sync.Mutex
	complaints []string
	loaded     map[network.RequestID]network.ResourceType
	bytes      float64 // over the wire, without fonts
}

// open gives the test a browser of its own, with empty cookies and cache.
func open(t *testing.T, p *apptest.Portal) *tab {
	t.Helper()
	browser, err := chromium.start()
	if err != nil {
		t.Fatal(err)
	}
	return newTab(t, p, browser, chromedp.WithNewBrowserContext())
}

func newTab(t *testing.T, p *apptest.Portal, from context.Context, o ...chromedp.ContextOption) *tab { //nolint:revive // the test goes first
	t.Helper()
	b := &tab{t: t, portal: p, loaded: map[network.RequestID]network.ResourceType{}}
	ctx, cancel := chromedp.NewContext(from, append(o, chromedp.WithListener(b.hear))...)
	b.ctx = ctx
	t.Cleanup(func() {
		cancel()
		b.noComplaints()
	})
	b.do(chromedp.EmulateViewport(1280, 900))
	call(b, audits.Enable, cdp.Empty{})
	call(b, emulation.SetFocusEmulationEnabled, emulation.SetFocusEmulationEnabledParams{Enabled: true})
	return b
}

// hear runs between the browser's messages: it only writes down.
func (b *tab) hear(event any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch e := event.(type) {
	case *runtime.EventExceptionThrown:
		b.complaints = append(b.complaints, fmt.Sprintf("exception: %s %v", e.ExceptionDetails.Text, e.ExceptionDetails.Exception))
	case *runtime.EventConsoleAPICalled:
		if e.Type != "debug" {
			b.complaints = append(b.complaints, fmt.Sprintf("console.%s %v", e.Type, e.Args))
		}
	case *log.EventEntryAdded:
		if !expected(e.Entry) {
			b.complaints = append(b.complaints, fmt.Sprintf("%s: %s %s", e.Entry.Source, e.Entry.Text, e.Entry.URL))
		}
	case *audits.EventIssueAdded:
		if d := e.Issue.Details; d.ContentSecurityPolicyIssueDetails != nil || d.CookieIssueDetails != nil || d.MixedContentIssueDetails != nil {
			b.complaints = append(b.complaints, fmt.Sprintf("issue %s: %+v %+v", e.Issue.Code, d.ContentSecurityPolicyIssueDetails, d.CookieIssueDetails))
		}
	case *network.EventResponseReceived:
		b.loaded[e.RequestID] = e.Type
		if e.Type != network.ResourceTypeDocument && e.Response.Status >= 400 {
			b.complaints = append(b.complaints, fmt.Sprintf("%s answered %v", e.Response.URL, e.Response.Status))
		}
	case *network.EventLoadingFinished:
		if b.loaded[e.RequestID] != network.ResourceTypeFont {
			b.bytes += e.EncodedDataLength
		}
	}
}

// expected tells what Chromium logs though nothing is wrong: a page that answers 4xx on purpose, what
// signing out clears, and the inbox's letters, which are sandboxed and so may not even have the icon of their host.
func expected(e *log.Entry) bool {
	return strings.Contains(e.Text, "Failed to load resource: the server responded with a status of 4") ||
		strings.HasPrefix(e.Text, "Clear-Site-Data header on ") && strings.HasSuffix(e.Text, `Cleared data types: "cache".`) ||
		strings.Contains(e.Text, "ERR_BLOCKED_BY_RESPONSE.NotSameOrigin") && strings.HasSuffix(e.URL, "/favicon.ico")
}

// noComplaints fails the test for everything that the console, the log or the policy reported.
func (b *tab) noComplaints() {
	b.t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, c := range b.complaints {
		b.t.Errorf("the browser complains: %s", c)
	}
	b.complaints = nil
}

func (b *tab) do(steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	if len(steps) > 0 && chromedp.FromContext(b.ctx).Target == nil {
		ctx = b.ctx // the first call makes the tab, which lives as long as its context
	}
	if err := chromedp.Do(ctx, steps...); err != nil {
		b.t.Fatalf("browser: %v", err)
	}
}

// land runs steps that lead to a page and answers the page's status once it is loaded.
func (b *tab) land(steps ...chromedp.Action[chromedp.Void]) int {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	res, err := chromedp.RunResponse(ctx, steps...)
	if err != nil {
		b.t.Fatalf("browser: no page came: %v; still at:\n%s", err, b.text())
	}
	if res == nil {
		return 0
	}
	return int(res.Status)
}

// visit opens an address and wants the page to answer with the status.
func (b *tab) visit(address string, status int) *tab {
	b.t.Helper()
	if got := b.land(chromedp.Navigate(address)); got != status {
		b.t.Fatalf("%s answered %d, want %d:\n%s", address, got, status, b.text())
	}
	return b
}

// call sends one command of the protocol.
func call[P, R any](b *tab, cmd cdp.Command[P, R], params P) R {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	res, err := chromedp.Call(ctx, cmd, params)
	if err != nil {
		b.t.Fatalf("browser: %s: %v", cmd.Method, err)
	}
	return res
}

// eval evaluates an expression in the page, a promise to its end.
func eval[T any](b *tab, script string) T {
	b.t.Helper()
	got, err := tryEval[T](b, script)
	if err != nil {
		b.t.Fatalf("browser: %v in %s", err, script)
	}
	return got
}

func tryEval[T any](b *tab, script string) (T, error) {
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	return chromedp.Run(ctx, chromedp.Evaluate[T](script, chromedp.EvalAwaitPromise))
}

// until waits for an expression to become true; between two looks the page may change under it.
func (b *tab) until(what, script string) {
	b.t.Helper()
	b.wait(what, func() bool {
		yes, err := tryEval[bool](b, script)
		return err == nil && yes
	})
}

// wait looks again and again until what it waits for is there.
func (b *tab) wait(what string, there func() bool) {
	b.t.Helper()
	again := time.NewTicker(15 * time.Millisecond)
	defer again.Stop()
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); <-again.C {
		if there() {
			return
		}
	}
	b.t.Fatalf("%s: not seen on %s:\n%s", what, b.address(), b.text())
}

func (b *tab) address() string { b.t.Helper(); return eval[string](b, "location.href") }

// text is what a reader sees, in one line.
func (b *tab) text() string {
	got, err := tryEval[string](b, "document.title + ' | ' + document.body.innerText")
	if err != nil {
		return err.Error()
	}
	return strings.Join(strings.Fields(got), " ")
}
