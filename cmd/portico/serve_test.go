package main

import (
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"portico/app/apptest"
)

func TestServeNamesAllFaultsAtOnce(t *testing.T) {
	t.Parallel()
	short := "k1:c2hvcnQ="
	got := runs(t, []string{"PORTICO_SEAL_KEYS=" + short, "PORTICO_PEPPERS=p1:" + strings.Repeat("A", 43) + "=", "PORTICO_TRUSTED_PROXIES=everyone",
		"PORTICO_SMTP_URL=relay.example", "PORTICO_SES_REGION=eu-west-1", "PORTICO_TWILIO_AUTH_TOKEN=AAAA", "PORTICO_SMS_REGION=here", "PORTICO_BASE_URLS=https://typo.example"}, "serve")
	if got.code != 1 || got.out != "" {
		t.Errorf("exit %d, printed %q", got.code, got.out)
	}
	for _, want := range []string{"DATABASE_URL", "PORTICO_BASE_URL", "PORTICO_SEAL_KEYS", "PORTICO_PEPPERS", "PORTICO_TRUSTED_PROXIES", "PORTICO_SMTP_URL",
		"PORTICO_TWILIO_ACCOUNT_SID", "PORTICO_TWILIO_FROM", "PORTICO_SMS_REGION", "PORTICO_BASE_URLS", "placeholder"} {
		if !strings.Contains(got.err, want) {
			t.Errorf("does not name %s:\n%s", want, got.err)
		}
	}
	if strings.Contains(got.err, "c2hvcnQ") || strings.Contains(got.err, "AAAA") {
		t.Errorf("shows a secret:\n%s", got.err)
	}
}

func TestSecretsComeFromFiles(t *testing.T) {
	t.Parallel()
	p := newProduction(t)
	secret := filepath.Join(t.TempDir(), "keys")
	var env []string
	for _, pair := range p.env {
		if value, ok := strings.CutPrefix(pair, "PORTICO_SEAL_KEYS="); ok {
			if err := os.WriteFile(secret, []byte(value+"\n"), 0o600); err != nil {
				t.Fatal(err)
			}
			pair = "PORTICO_SEAL_KEYS_FILE=" + secret
		}
		env = append(env, pair)
	}
	if got := runs(t, env, "tenant", "list"); got.code != 0 {
		t.Errorf("exit %d: %s", got.code, got.err)
	}
	if got := runs(t, append(env, "PORTICO_SEAL_KEYS=x"), "tenant", "list"); got.code == 0 || !strings.Contains(got.err, "both set") {
		t.Errorf("exit %d: %s", got.code, got.err)
	}
}

func TestVerbsOfTheOperator(t *testing.T) {
	t.Parallel()
	p, file, folder := newProduction(t), tenantOf(t, 2), filepath.Join(t.TempDir(), "harbour")
	for _, step := range []struct {
		args string
		code int
		out  string
		err  string
	}{
		{"version", 0, "portico", ""},
		{"nonsense", 2, "", "nonsense"},
		{"tenant apply", 2, "", "--file"},
		{"tenant export harbour", 1, "", "no such tenant"},
		{"tenant apply --dry-run -f " + file, 0, "", ""},
		{"tenant export harbour", 1, "", "no such tenant"},
		{"tenant apply -f " + file, 0, "applied to harbour", ""},
		{"tenant apply -f " + file, 0, "", ""},
		{"tenant list", 0, "harbour", ""},
		{"tenant export harbour", 0, "slug: harbour", ""},
		{"tenant export harbour --dir " + folder, 0, "", ""},
		{"tenant apply -f " + folder, 0, "nothing to change", ""},
		{"tenant suspend harbour", 0, "", ""},
		{"tenant list", 0, "suspended", ""},
		{"tenant resume harbour", 0, "", ""},
		{"tenant suspend nobody", 1, "", "nobody"},
		{"user disable harbour p1@harbour.example", 0, "", ""},
		{"user enable harbour p1@harbour.example", 0, "", ""},
		{"user blocks harbour p1@harbour.example", 0, "", ""},
		{"user blocks harbour p1@harbour.example --json", 0, "[]", ""},
		{"user blocks harbour stranger@harbour.example", 1, "", "stranger"},
		{"user unlock harbour p1@harbour.example", 0, "", ""},
		{"user unlock harbour stranger@harbour.example", 1, "", "stranger"},
		{"user unlock nobody p1@harbour.example", 1, "", "nobody"},
		{"user invite harbour", 2, "", "--email"},
		{"user invite harbour --email p0@harbour.example", 1, "", "has a password"},
		{"user invite harbour --email p1@harbour.example", 0, "known account", ""},
		{"user invite harbour --email p1@harbour.example --role brand_admin", 1, "", "keeps its"},
		{"user invite harbour --email p1@harbour.example --revoke", 0, "", ""},
		{"user invite harbour --email p1@harbour.example --revoke", 1, "", "no invitation"},
		{"user invite harbour --email new@harbour.example", 1, "", "name"},
		{"user invite harbour --email new@harbour.example --name Nora --role Root!", 1, "", "role"},
		{"user invite harbour --email new@harbour.example --name Nora --role brand_admin:nowhere", 1, "", "no group"},
		{"user invite harbour --email new@harbour.example --name Nora --locale xx", 1, "", "--locale"},
		{"user invite harbour --email new@harbour.example --name Nora --role brand_admin --locale de", 0, "new account", ""},
		{"user invite harbour --email not-an-address --name Nora", 1, "", "mail address"},
		{"user invite nobody --email p1@harbour.example", 1, "", "no tenant"},
		{"migrate status", 0, "", ""},
		{"doctor", 0, "", ""},
	} {
		got := runs(t, p.env, strings.Fields(step.args)...)
		if got.code != step.code || !strings.Contains(got.out, step.out) || !strings.Contains(got.err, step.err) {
			t.Errorf("portico %s: exit %d, want %d\nout: %s\nerr: %s", step.args, got.code, step.code, got.out, got.err)
		}
	}
	for _, args := range []string{"tenant list --json", "version --json", "migrate status --json", "doctor --json", "tenant apply --json --dry-run -f " + file} {
		if got := runs(t, p.env, strings.Fields(args)...); got.code != 0 || !json.Valid([]byte(got.out)) {
			t.Errorf("portico %s: exit %d\n%s%s", args, got.code, got.out, got.err)
		}
	}
}

// ask asks for a link at the tenant Harbour of an instance, as a browser does.
func ask(t *testing.T, addr, who string) int {
	b := apptest.NewBrowser(t, addr)
	at := "http://harbour.portico.test"
	page := b.Send("GET", at+"/recover", "", nil)
	return b.Send("POST", at+"/recover", url.Values{"token": {page.Value("token")}, "identifier": {who}}.Encode(), apptest.SameOrigin(at)).Status
}

// TestKilledBetweenCommitAndSending: whatever the moment of kill -9, every letter leaves. One whose acceptance
// was lost with the process goes again, under the same Message-ID.
func TestKilledBetweenCommitAndSending(t *testing.T) {
	t.Parallel()
	p, people := newProduction(t), 12
	if got := runs(t, p.env, "tenant", "apply", "-f", tenantOf(t, people)); got.code != 0 {
		t.Fatal(got.err)
	}
	for i := range people {
		if i%4 == 0 {
			r := p.serve(t)
			defer func() { _ = r.cmd.Process.Kill() }()
			for j := i; j < i+4; j++ {
				if s := ask(t, p.addr, fmt.Sprintf("p%d@harbour.example", j)); s != 200 {
					t.Fatalf("asking answered %d\n%s", s, r.said())
				}
			}
			if err := r.cmd.Process.Kill(); err != nil { // the answers are committed, the letters on their way
				t.Fatal(err)
			}
			r.ended(10 * time.Second)
		}
	}
	p.serve(t)
	got := map[string]int{}
	count := func() int {
		clear(got)
		for _, m := range p.relay.Got() {
			got[m.To]++
		}
		return len(got)
	}
	until(t, 100*time.Second, "every letter left", func() bool { return count() == people })
	ids := map[string]string{}
	for _, m := range p.relay.Got() {
		_, rest, _ := strings.Cut(m.Raw, "Message-ID: <")
		id, _, _ := strings.Cut(rest, ">")
		if first, again := ids[m.To]; id == "" || again && id != first || got[m.To] > 2 {
			t.Errorf("%s got %d letters, %q and %q", m.To, got[m.To], first, id)
		}
		ids[m.To] = id
	}
}

// TestStopLosesNothing: SIGTERM under load ends with code 0, no request that was taken goes unanswered,
// and every letter of an answered request leaves.
func TestStopLosesNothing(t *testing.T) {
	t.Parallel()
	p, people := newProduction(t), 8
	if got := runs(t, p.env, "tenant", "apply", "-f", tenantOf(t, people)); got.code != 0 {
		t.Fatal(got.err)
	}
	r := p.serve(t)
	for i := range people {
		if s := ask(t, p.addr, fmt.Sprintf("p%d@harbour.example", i)); s != 200 {
			t.Fatalf("asking answered %d", s)
		}
	}
	if err := r.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if code := r.ended(40 * time.Second); code != 0 {
		t.Errorf("exit %d:\n%s", code, r.said())
	}
	p.serve(t) // what was still queued is the next instance's
	until(t, 60*time.Second, "every letter left", func() bool { return len(p.relay.Got()) >= people })
	if n := len(p.relay.Got()); n != people {
		t.Errorf("%d letters left for %d people", n, people)
	}
	for _, secret := range []string{"/recover/", "Copper-Kettle"} {
		if strings.Contains(r.said(), secret) {
			t.Errorf("the log shows %q", secret)
		}
	}
}

// TestRolesShareTheWork: what people ask of an instance for the web is done by a worker, which nobody can ask,
// and waits while there is none.
func TestRolesShareTheWork(t *testing.T) {
	t.Parallel()
	p := newProduction(t)
	if got := runs(t, p.env, "tenant", "apply", "-f", tenantOf(t, 3)); got.code != 0 {
		t.Fatal(got.err)
	}
	begin(t, p.env, "serve", "--role", "web")
	until(t, 40*time.Second, "the web is ready", func() bool { return status(t, "http://"+p.addr+"/readyz") == 200 })
	if s := ask(t, p.addr, "p1@harbour.example"); s != 200 {
		t.Fatalf("asking answered %d", s)
	}
	addr := freeAddr(t)
	worker := production{addr: addr, env: append(slices.Clone(p.env), "PORTICO_ADDR="+addr, "PORTICO_ROLE=worker"), relay: p.relay}
	if n := len(p.relay.Got()); n != 0 {
		t.Fatalf("%d letters left before there was a worker", n)
	}
	first := worker.serve(t)
	until(t, 60*time.Second, "the worker sent what waited", func() bool { return len(p.relay.Got()) == 1 })
	for _, path := range []string{"/", "/login", "/t/harbour/login", "/console", "/platform", "/assets/portico.css"} {
		if s := status(t, "http://"+worker.addr+path); s != 421 {
			t.Errorf("the worker answers %s with %d", path, s)
		}
	}
	if s := ask(t, worker.addr, "p2@harbour.example"); s != 421 {
		t.Errorf("asking the worker answered %d", s)
	}
	if err := first.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	first.ended(10 * time.Second)
	if s := ask(t, p.addr, "p2@harbour.example"); s != 200 {
		t.Errorf("without a worker asking answered %d", s)
	}
	worker.serve(t)
	until(t, 60*time.Second, "the next worker sent what waited", func() bool { return len(p.relay.Got()) == 2 })
	if got := runs(t, append(slices.Clone(p.env), "PORTICO_ROLE=cook"), "serve"); got.code == 0 || !strings.Contains(got.err, "web") {
		t.Errorf("a role that is none: exit %d, %s", got.code, got.err)
	}
}
