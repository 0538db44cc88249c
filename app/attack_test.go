package app_test

import (
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"portico/app/apptest"
)

// lines is a log that several goroutines write.
type lines struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *lines) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(b)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

var requestIn = regexp.MustCompile(`\b[0-9a-f]{16}\b`)

// until polls with a deadline; other goroutines and processes do the work.
func until(t *testing.T, within time.Duration, what string, done func() bool) {
	t.Helper()
	for deadline := time.Now().Add(within); time.Now().Before(deadline); <-time.After(5 * time.Millisecond) {
		if done() {
			return
		}
	}
	t.Fatalf("after %s still not: %s", within, what)
}

// linkFor asks for a link and takes it from the letter.
func linkFor(t *testing.T, p *apptest.Portal, slug, address string) string {
	t.Helper()
	since := p.Clock.Now()
	p.Browser().AskForLink(p.Origin(slug), address).Sees(200)
	return p.Letter(address, since).Links[0]
}

// tokenOf is the last segment of a mailed link.
func tokenOf(link string) string { return link[strings.LastIndexByte(link, '/')+1:] }

// another is a password that keeps the rules of the test tenants.
const another = "Quartz!Lantern48mq"
