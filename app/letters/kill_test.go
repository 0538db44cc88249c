package letters_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"portico/app/letters"
	"portico/app/letters/letterstest"
	"portico/tenants"
)

const childEnv = "PORTICO_LETTERS_CHILD"

func TestMain(m *testing.M) {
	if orders := os.Getenv(childEnv); orders != "" {
		if err := child(orders); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	goleak.VerifyTestMain(m,
		// The Resolver's cache ends its cleaner with the garbage collector, not with a test.
		goleak.IgnoreAnyFunction("github.com/maypok86/otter/v2.periodicCleanUp[...]"),
		// The process that started the tests' server waits for its end, which comes after all tests.
		goleak.IgnoreAnyFunction("portico/tenants/tenantstest.keep.func1"))
}

// orders are what a child process gets: a database, a relay, and how many letters to write.
type orders struct {
	URL    string
	Tenant tenants.ID
	Relay  int
	Write  int // letters to write, one a transaction, a line on stdout after each commit
	Work   bool
}

// child is a second Portico that works until it is killed.
func child(text string) error {
	var o orders
	if err := json.Unmarshal([]byte(text), &o); err != nil {
		return err
	}
	ctx := context.Background()
	db, err := tenants.Open(tenants.DBSettings{URL: o.URL, Clock: &tenants.Clock{}, Log: slog.New(slog.DiscardHandler), MaxConns: 6})
	if err != nil {
		return err
	}
	resolver, err := tenants.NewResolver(db, tenants.Addresses{BaseURL: "http://localhost:8080", BaseDomain: "localhost"})
	if err != nil {
		return err
	}
	renderer, err := theRenderer()
	if err != nil {
		return err
	}
	keys, err := tenants.ParseKeyring(testKey)
	if err != nil {
		return err
	}
	box, err := letters.New(letters.Settings{
		DB: db, Resolver: resolver, Keys: keys, Renderer: renderer, Log: slog.New(slog.DiscardHandler),
		Platform: letters.Identity{From: "portico@platform.example"}, Poll: 5 * time.Millisecond,
		Transport: &letters.SMTP{Host: "127.0.0.1", Port: o.Relay, TLS: "none"}, Work: o.Work, Lease: 2 * time.Second,
	})
	if err != nil {
		return err
	}
	box.Start(ctx)
	for i := range o.Write {
		err := db.In(ctx, o.Tenant, func(s *tenants.Scope) error {
			b := &tenants.Batch{}
			if _, err := box.Add(b, s, recovery(fmt.Sprintf("p%d@people.example", i), "kill")); err != nil {
				return err
			}
			return s.SendAndCommit(ctx, b)
		})
		if err != nil {
			return err
		}
		_, _ = fmt.Fprintln(os.Stdout, i)
	}
	select {} // until killed
}

// start runs a child; lines counts what it wrote.
func (h *house) start(o orders) (kill func(), lines *bufio.Scanner) {
	h.t.Helper()
	text, err := json.Marshal(o)
	if err != nil {
		h.t.Fatal(err)
	}
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childEnv+"="+string(text))
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		h.t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		h.t.Fatal(err)
	}
	killed := false
	kill = func() {
		if !killed {
			killed = true
			_ = cmd.Process.Kill() // SIGKILL
			_ = cmd.Wait()
		}
	}
	h.t.Cleanup(kill)
	return kill, bufio.NewScanner(out)
}

func TestKilledBetweenCommitAndSending(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	relay := letterstest.NewRelay(t, letterstest.RelaySettings{})
	kill, lines := h.start(orders{URL: h.urls.AppURL, Tenant: h.a, Relay: relay.Port, Write: 100_000})
	for range 40 {
		if !lines.Scan() {
			t.Fatal("the writer ended early")
		}
	}
	kill()
	h.finishAndCount(relay, 40)
}

func TestKilledWhileHandingOver(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	never := make(chan struct{})
	relay := letterstest.NewRelay(t, letterstest.RelaySettings{Fault: func(session int) letterstest.Fault {
		if session <= 8 { // the child's eight workers hang at the greeting, their letters claimed
			return letterstest.Fault{Until: never}
		}
		return letterstest.Fault{}
	}})
	t.Cleanup(func() { close(never) })
	kill, lines := h.start(orders{URL: h.urls.AppURL, Tenant: h.a, Relay: relay.Port, Write: 20, Work: true})
	for range 20 {
		if !lines.Scan() {
			t.Fatal("the writer ended early")
		}
	}
	h.eventually("eight letters hang", func() bool { return relay.Sessions() == 8 }, func() string { return fmt.Sprint(relay.Sessions()) })
	if n := len(h.list(h.a, letters.Filter{State: letters.Sending})); n != 8 {
		t.Fatalf("%d letters are claimed", n)
	}
	kill()
	h.finishAndCount(relay, 20)
}

func TestKilledAtWork(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	relay := letterstest.NewRelay(t, letterstest.RelaySettings{})
	kill, lines := h.start(orders{URL: h.urls.AppURL, Tenant: h.a, Relay: relay.Port, Write: 60, Work: true})
	for range 60 {
		if !lines.Scan() {
			t.Fatal("the writer ended early")
		}
	}
	kill()
	// Whatever was between DATA and the note of its 250 may go again, with the same Message-ID: eight at most.
	h.finish(relay, 60)
	got := map[string]int{}
	for _, m := range relay.Got() {
		got[messageID(m.Raw)]++
	}
	twice := 0
	for id, n := range got {
		if n > 2 {
			t.Errorf("%s left %d times", id, n)
		}
		twice += n - 1
	}
	if len(got) != 60 || twice > 8 {
		t.Errorf("%d letters left, %d of them twice", len(got), twice)
	}
}

// finish lets a second instance send what is left and waits until all letters were sent.
func (h *house) finish(relay *letterstest.Relay, atLeast int) int {
	h.t.Helper()
	var n int
	h.asSuper("SELECT count(*) FROM letters", nil, &n)
	if n < atLeast {
		h.t.Fatalf("%d letters were committed, want %d at least", n, atLeast)
	}
	h.working(&letters.SMTP{Host: relay.Host, Port: relay.Port, TLS: "none"}, func(s *letters.Settings) { s.Lease = 2 * time.Second })
	for _, r := range h.settledQuietly(h.a, n) {
		if r.State != letters.Sent {
			h.t.Errorf("%+v", r)
		}
	}
	return n
}

// finishAndCount is finish, and every letter reached the relay once.
func (h *house) finishAndCount(relay *letterstest.Relay, atLeast int) {
	h.t.Helper()
	n := h.finish(relay, atLeast)
	seen := map[string]bool{}
	for _, m := range relay.Got() {
		if seen[m.To] {
			h.t.Errorf("%s got it twice", m.To)
		}
		seen[m.To] = true
	}
	if len(seen) != n {
		h.t.Errorf("%d letters left, %d were committed", len(seen), n)
	}
}

func messageID(raw string) string {
	_, rest, _ := strings.Cut(raw, "Message-ID: <")
	id, _, _ := strings.Cut(rest, ">")
	return id
}
