package browser

import (
	"strings"
	"testing"
)

// TestTheJudgesSeeFaults plants a fault of each kind: a judge that finds nothing anywhere is no judge.
func TestTheJudgesSeeFaults(t *testing.T) {
	t.Parallel()
	p := demo(t, "alliants")
	b := open(t, p)
	b.visit(p.Origin("alliants")+"/login", 200)
	eval[bool](b, `(() => {
		document.querySelector('label').removeAttribute('for')
		document.querySelector('.lead').style.color = '#ddd'
		return true })()`)
	faults := strings.Join(b.violations(b.axe(), everyRule), "\n")
	for _, want := range []string{"label", "color-contrast"} {
		if !strings.Contains(faults, want) {
			t.Errorf("axe does not see a fault of %s under the page's policy:\n%s", want, faults)
		}
	}
	eval[bool](b, `(() => { const s = document.createElement('script'); try { s.textContent = '1'; document.body.append(s) } catch { } return true })()`)
	b.heard("ContentSecurityPolicyIssue")
	eval[bool](b, `console.error('planted'), true`)
	b.heard("console.error")
	b.forget()
}

// heard waits for a complaint.
func (b *tab) heard(part string) {
	b.t.Helper()
	b.wait("a complaint about "+part, func() bool {
		b.mu.Lock()
		defer b.mu.Unlock()
		return strings.Contains(strings.Join(b.complaints, "\n"), part)
	})
}

func (b *tab) forget() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.complaints = nil
}
