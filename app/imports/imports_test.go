package imports_test

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"portico/app/imports"
	"portico/rbac"
)

const bcryptHash = "$2a$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy"

func TestDryRunIsTheRun(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	text := "External ID;Name;E-Mail;Language;Groups;Roles;Mobile;Alternate e-mail;Password hash;Disabled\n" +
		"p-1;Ann New;ann.new@house.example;de-AT;desk|north;;;;;\n" + // changed
		"n-1;Bea;bea@house.example;;north;member@north;+1 425 555 0123;bea@home.example;" + bcryptHash + ";\n" +
		"n-2;Cid;cid@house.example;;;;;;;yes\n" +
		"staff;Staff;staff@house.example;;;;;;;\n" + // as they are
		"n-3;;no.name@house.example;;;;;;;\n" +
		"n-4;Dan;root@house.example;;;;;;;\n" + // somebody else's
		"n-5;Eva;not an address;;;;;;;\n" +
		"n-6;Fay;fay@house.example;xx;;;;;;\n" +
		"n-7;Gus;gus@house.example;;west;;;;;\n" +
		"n-8;Hal;hal@house.example;;;emperor;;;;\n" +
		"n-9;Ida;ida@house.example;;;;12;;;\n" +
		"n-10;Jon;jon@house.example;;;;;;plain text;\n" +
		"n-1;Bea again;bea2@house.example;;;;;;;\n" +
		"n-11;Kim;BEA@house.example;;;;;;;\n" +
		"n-12;Lea;lea@house.example;;;;;;;perhaps\n" +
		"n 13;Max;max@house.example;;;;;;;\n" +
		"n-14;Ned;b\u0435a@house.example;;;;;;;\n" + // Cyrillic е
		"n-15;Ola\n"
	before := h.count("accounts")
	dry := h.judged(h.admin, imports.Options{}, text)
	if h.count("accounts") != before || h.count("audit_events WHERE kind = 'account.imported'") != 0 {
		t.Fatal("a dry run changed something")
	}
	want := imports.Counts{New: 2, Changed: 1, Same: 1, Refused: 14, Unread: 1}
	want.Unread = dry.Foreseen.Unread
	if dry.Foreseen != want {
		t.Errorf("foreseen %+v, want %+v: %v", dry.Foreseen, want, h.whys(dry))
	}
	h.must(h.Start(t.Context(), h.tenant.ID, dry.ID, h.admin))
	h.must(h.RunHere(t.Context(), h.tenant.ID, dry.ID))
	done := h.get(dry.ID)
	if done.State != imports.Done || done.Counts != dry.Foreseen {
		t.Errorf("done %+v, foreseen %+v", done.Counts, dry.Foreseen)
	}
	for external, why := range map[string]string{"n-3": "no_name", "n-4": "taken", "n-5": "identifier", "n-6": "locale", "n-7": "group", "n-8": "role",
		"n-9": "phone", "n-10": "hash", "n-1": "twice", "n-11": "twice", "n-12": "truth", "n-14": "identifier"} {
		if got := h.whys(done)[external]; got != why {
			t.Errorf("%s: %q, want %q", external, got, why)
		}
	}
	h.sawPeople()
	if n := h.count("import_chunks WHERE sealed IS NOT NULL"); n != 0 {
		t.Errorf("%d chunks of rows stay behind", n)
	}
	again := h.done(h.admin, imports.Options{}, text)
	if again.Counts.New != 0 || again.Counts.Changed != 0 || again.Counts.Same != 4 {
		t.Errorf("the same file once more: %+v", again.Counts)
	}
}

// sawPeople looks at what TestDryRunIsTheRun brought in.
func (h *house) sawPeople() {
	h.t.Helper()
	id := h.tenant.ID
	for what, n := range map[string]int{
		"accounts WHERE tenant_id = $1 AND external_id = 'p-1' AND display_name = 'Ann New' AND locale = 'de' AND stamp = 2":                  1,
		"account_identifiers WHERE tenant_id = $1 AND norm = 'ann.new@house.example' AND verified_at IS NULL":                                 1,
		"account_identifiers WHERE tenant_id = $1 AND norm = 'ann@house.example'":                                                             0,
		"account_groups g JOIN accounts a ON a.id = g.account_id WHERE g.tenant_id = $1 AND a.external_id = 'p-1'":                            2,
		"role_assignments r JOIN accounts a ON a.id = r.account_id WHERE r.tenant_id = $1 AND a.external_id = 'n-1' AND scope_id IS NOT NULL": 1,
		"proofs p JOIN accounts a ON a.id = p.account_id WHERE p.tenant_id = $1 AND a.external_id = 'n-1' AND set_by = 'import'":              2,
		"accounts WHERE tenant_id = $1 AND external_id = 'n-1' AND password IS NOT NULL":                                                      1,
		"accounts WHERE tenant_id = $1 AND external_id = 'n-2' AND status = 'disabled'":                                                       1,
		"accounts WHERE tenant_id = $1 AND external_id IN ('n-3', 'n-4', 'n-14')":                                                             0,
		"audit_events WHERE tenant_id = $1 AND kind = 'account.imported' AND actor LIKE 'account:%'":                                          3,
		"audit_events WHERE tenant_id = $1 AND details::text LIKE '%" + bcryptHash + "%'":                                                     0,
	} {
		if got := h.count(what, id); got != n {
			h.t.Errorf("%d rows of %s, want %d", got, what, n)
		}
	}
	if n := h.count("accounts WHERE tenant_id = $1", h.other.ID); n != 3 {
		h.t.Errorf("the other tenant has %d people", n)
	}
}

func TestNobodyImportsMoreThanTheyHold(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	text := "external_id,name,email,roles,disabled,password_hash\n" +
		"a,A,a@house.example,brand_admin,,\n" + // more than they hold
		"b,B,b@house.example,support_agent,,\n" +
		"root,Taken Over,root@house.example,,," + bcryptHash + "\n" + // holds more
		"staff,Staff,staff@house.example,brand_admin,,\n" + // their own roles
		"p-1,Ann Old,ann@house.example,auditor,,\n"
	got := h.done(h.staff, imports.Options{}, text)
	if whys := h.whys(got); !maps.Equal(whys, map[string]string{"a": "grant", "root": "higher", "staff": "self", "p-1": "grant"}) {
		t.Errorf("%v", whys)
	}
	if n := h.count("role_assignments WHERE role = 'brand_admin' AND tenant_id = $1", h.tenant.ID); n != 1 {
		t.Errorf("%d owners", n)
	}
	// The last owner stays, whoever asks.
	got = h.done(imports.By{Name: "operator"}, imports.Options{}, "external_id,disabled,roles\nroot,yes,\n")
	if whys := h.whys(got); whys["root"] != "last_owner" {
		t.Errorf("%v", whys)
	}
	got = h.done(imports.By{Name: "operator"}, imports.Options{}, "external_id,roles\nroot,-\n")
	if whys := h.whys(got); whys["root"] != "last_owner" {
		t.Errorf("%v", whys)
	}
	// Who lost the permission meanwhile goes no further.
	i := h.judged(h.staff, imports.Options{}, "external_id,name,email\nz,Z,z@house.example\n")
	h.must(h.Start(t.Context(), h.tenant.ID, i.ID, h.by("p-1")))
	_ = h.RunHere(t.Context(), h.tenant.ID, i.ID)
	if i = h.get(i.ID); i.State != imports.Failed || i.Reason != "rights" {
		t.Errorf("%+v", i)
	}
}

func TestWhoeverIsMissingIsDisabledBelowTheCeiling(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	var all strings.Builder
	all.WriteString("external_id,name,email\n")
	for n := range 40 {
		fmt.Fprintf(&all, "m-%d,M %d,m%d@house.example\n", n, n, n)
	}
	h.done(h.admin, imports.Options{}, all.String())
	lines := strings.SplitAfter(all.String(), "\n")
	few := strings.Join(lines[:11], "") + "p-1,Ann Old,ann@house.example\nstaff,Staff,staff@house.example\n"
	i := h.judged(h.admin, imports.Options{DisableMissing: true}, few)
	if i.Foreseen.Missing != 31 || i.Foreseen.Known != 43 || i.Foreseen.Kept != 1 {
		t.Errorf("%+v", i.Foreseen)
	}
	if err := h.Start(t.Context(), h.tenant.ID, i.ID, h.admin); !errors.Is(err, imports.ErrCeiling) {
		t.Errorf("started: %v", err)
	}
	unread := strings.Join(lines[:40], "") + "p-1,Ann Old,ann@house.example\nstaff,Staff,staff@house.example\nbroken row\n"
	if i := h.done(h.admin, imports.Options{DisableMissing: true}, unread); i.Reason != "unread" || i.Counts.Disabled != 0 {
		t.Errorf("%+v", i)
	}
	most := strings.Join(lines[:40], "") + "p-1,Ann Old,ann@house.example\nstaff,Staff,staff@house.example\n"
	if i := h.done(h.admin, imports.Options{DisableMissing: true}, most); i.Counts.Disabled != 1 || i.Counts.Kept != 1 || i.Reason != "" {
		t.Errorf("%+v", i)
	}
	if n := h.count("accounts WHERE tenant_id = $1 AND status = 'disabled' AND external_id = 'm-39'", h.tenant.ID); n != 1 {
		t.Error("the missing one is not disabled")
	}
	if n := h.count("accounts WHERE status = 'disabled'"); n != 1 {
		t.Errorf("%d people are disabled", n)
	}
}

// many is a file of n people with foreign hashes.
func many(n int) string {
	var all strings.Builder
	all.WriteString("external_id,display_name,email,groups,password_hash\n")
	for i := range n {
		fmt.Fprintf(&all, "x-%d,Person Number %d,person%d@many.example,north,%s\n", i, i, i, bcryptHash)
	}
	return all.String()
}

func (h *house) eventually(what string, is func() bool) {
	h.t.Helper()
	for deadline := time.Now().Add(90 * time.Second); time.Now().Before(deadline); {
		if is() {
			return
		}
		<-time.After(10 * time.Millisecond) // polling with a deadline: workers are other goroutines
	}
	h.t.Fatal(what)
}

func TestCancelledAndGoneOnWith(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	i := h.judged(h.admin, imports.Options{}, many(6_000))
	h.must(h.Start(t.Context(), h.tenant.ID, i.ID, h.admin))
	second := h.judged(h.admin, imports.Options{}, "external_id,name,email\nz,Z,z@house.example\n")
	if err := h.Start(t.Context(), h.tenant.ID, second.ID, h.admin); !errors.Is(err, imports.ErrBusy) {
		t.Errorf("a second one started: %v", err)
	}
	var working sync.WaitGroup
	working.Go(func() { _ = h.RunHere(t.Context(), h.tenant.ID, i.ID) })
	h.eventually("no chunk was written", func() bool { return h.get(i.ID).NextChunk > 0 })
	h.must(h.Cancel(t.Context(), h.tenant.ID, i.ID))
	working.Wait()
	stopped := h.get(i.ID)
	if n := h.count("accounts WHERE external_id LIKE 'x-%'"); stopped.State != imports.Cancelled || n != stopped.NextChunk*1000 || n == 6_000 {
		t.Fatalf("%d people, %+v", n, stopped)
	}
	h.must(h.Start(t.Context(), h.tenant.ID, i.ID, h.admin))
	for range 2 { // two workers at once
		w := &imports.Worker{Imports: h.Imports, Poll: 5 * time.Millisecond}
		w.Start(t.Context())
		t.Cleanup(func() { _ = w.Stop(t.Context()) })
	}
	h.eventually("it did not end", func() bool { return h.get(i.ID).State == imports.Done })
	if n := h.count("accounts WHERE external_id LIKE 'x-%'"); n != 6_000 || h.get(i.ID).Counts.New != 6_000 {
		t.Errorf("%d people, %+v", n, h.get(i.ID).Counts)
	}
	if n := h.count("audit_events WHERE kind = 'account.imported'"); n != 6_000 {
		t.Errorf("%d audit rows", n)
	}
}

func TestKilledInTheMiddle(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	i := h.judged(h.admin, imports.Options{}, many(10_000))
	h.must(h.Start(t.Context(), h.tenant.ID, i.ID, h.admin))
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), childEnv+`={"URL":"`+h.urls.AppURL+`"}`)
	h.must(cmd.Start())
	h.eventually("no chunk was written", func() bool { return h.get(i.ID).NextChunk > 1 })
	_ = cmd.Process.Kill() // SIGKILL
	_ = cmd.Wait()
	if i = h.get(i.ID); i.State != imports.Running || h.count("accounts WHERE external_id LIKE 'x-%'") != i.NextChunk*1000 {
		t.Fatalf("%+v", i)
	}
	w := &imports.Worker{Imports: h.Imports, Poll: 5 * time.Millisecond}
	w.Start(t.Context())
	t.Cleanup(func() { _ = w.Stop(t.Context()) })
	h.eventually("nobody went on with it", func() bool { return h.get(i.ID).State == imports.Done })
	if n := h.count("accounts WHERE external_id LIKE 'x-%'"); n != 10_000 || h.get(i.ID).Counts.New != 10_000 {
		t.Errorf("%d people, %+v", n, h.get(i.ID).Counts)
	}
}

// TestManyPeople reads, judges and writes a hundred thousand rows.
func TestManyPeople(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	rows := 100_000
	if raced {
		rows = 5_000
	}
	text := many(rows)
	at := time.Now()
	i := h.judged(h.admin, imports.Options{}, text)
	judged := time.Now()
	h.must(h.Start(t.Context(), h.tenant.ID, i.ID, h.admin))
	w := &imports.Worker{Imports: h.Imports, Poll: 50 * time.Millisecond} // which does again what a busy machine broke off
	w.Start(t.Context())
	t.Cleanup(func() { _ = w.Stop(t.Context()) })
	for h.get(i.ID).State == imports.Running { // as long as it goes on, however slowly
		last := h.get(i.ID).NextChunk
		h.eventually("it stands still", func() bool { i := h.get(i.ID); return i.NextChunk > last || i.State != imports.Running })
	}
	t.Logf("read and judged in %s, written in %s", judged.Sub(at), time.Since(judged))
	if i = h.get(i.ID); i.Counts.New != rows || h.count("account_identifiers WHERE norm LIKE 'person%'") != rows {
		t.Errorf("%+v", i)
	}
}

func TestInvitationsLeaveInWavesAndStop(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	var all strings.Builder
	all.WriteString("external_id,name,email\n")
	for n := range 60 {
		fmt.Fprintf(&all, "w-%d,W %d,w%d@house.example\n", n, n, n)
	}
	i := h.done(h.admin, imports.Options{Invite: true}, all.String())
	if i.Waves != "going" || i.Counts.Invites != 60 {
		t.Fatalf("%+v", i)
	}
	tick := func(n int) {
		for range n {
			h.DB.Clock().Advance(4 * time.Second)
			h.must(h.RunHere(t.Context(), h.tenant.ID, i.ID))
		}
	}
	tick(3)
	if n := h.count("letters WHERE lane = 'bulk' AND tenant_id = $1", h.tenant.ID); n != 30 {
		t.Fatalf("%d letters after three waves", n)
	}
	h.exec("UPDATE letters SET state = CASE WHEN recipient LIKE 'w1%' THEN 'failed' ELSE 'sent' END")
	tick(2)
	if i = h.get(i.ID); i.Waves != "stopped" || i.Reason != "bounces" || h.count("letters WHERE lane = 'bulk'") != 30 {
		t.Fatalf("%+v", i)
	}
	h.must(h.LetOff(t.Context(), h.tenant.ID, i.ID, h.admin, true))
	tick(4)
	if i = h.get(i.ID); i.Waves != "done" || h.count("letters WHERE lane = 'bulk'") != 60 {
		t.Errorf("%+v", i)
	}
	way, err := h.WayOf(t.Context(), h.tenant.ID, i.ID)
	if err != nil || way.Written != 60 || way.Waiting != 0 || way.Failed == 0 {
		t.Errorf("%+v %v", way, err)
	}
}

func TestExportComesBackAsItWas(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.done(h.admin, imports.Options{}, "external_id,name,email,groups,roles\nf-1,=SUM(1;2),f1@house.example,north|desk,support_agent@desk\n")
	var out bytes.Buffer
	flush := func() error { return nil }
	h.must(h.Export(t.Context(), h.tenant.ID, rbac.Reach{Everywhere: true}, "csv", &out, flush))
	for _, want := range []string{"f-1,'=SUM(1;2),f1@house.example", "desk|north", "support_agent@desk", "root,Root"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in\n%s", want, out.String())
		}
	}
	i := h.judged(h.admin, imports.Options{}, out.String())
	if i.Foreseen.Same != 4 || i.Foreseen.New+i.Foreseen.Changed+i.Foreseen.Refused != 0 {
		t.Errorf("%+v %v", i.Foreseen, h.whys(i))
	}
	out.Reset()
	h.must(h.Export(t.Context(), h.tenant.ID, rbac.Reach{}, "jsonl", &out, flush))
	if out.Len() > 0 {
		t.Errorf("out of reach: %s", out.String())
	}
}
