package tenantfile

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"portico/app/accounts"
	"portico/tenants"
	"portico/tenants/tenantstest"
	"portico/themes"
)

// bench is a database with what applies files to it.
type bench struct {
	*Files
	t     testing.TB
	owner *pgx.Conn // looks behind the wall
}

func keyring(t testing.TB, letter string) tenants.Keyring {
	t.Helper()
	key := base64.StdEncoding.EncodeToString([]byte("0" + strings.Repeat(letter, 31)))
	k, err := tenants.ParseKeyring("k1:" + key)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func newBench(t testing.TB) *bench {
	t.Helper()
	d := tenantstest.Database(t)
	db, err := tenants.Open(tenants.DBSettings{URL: d.AppURL, MaxConns: 4, Clock: &tenants.Clock{}, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(db.Close)
	words, err := themes.NewRenderer()
	if err != nil {
		t.Fatal(err)
	}
	people := &accounts.Accounts{DB: db, Seals: keyring(t, "s"), Peppers: keyring(t, "p"), Hasher: accounts.NewHasher(2, time.Minute)}
	owner, err := pgx.Connect(context.Background(), d.SuperURL)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = owner.Close(context.Background()) })
	return &bench{t: t, owner: owner, Files: &Files{
		DB: db, Keys: keyring(t, "k"), Words: words, BaseDomain: "portico.test", Platform: "portico.test",
		CreateAccount: CreateWith(people),
	}}
}

// parse reads a file that must be without faults.
func parse(t testing.TB, doc string) tenants.File {
	t.Helper()
	file, faults := tenants.ParseFile([]byte(doc))
	for _, f := range faults {
		t.Errorf("%s", f)
	}
	if len(faults) > 0 {
		t.FailNow()
	}
	return file
}

func (b *bench) apply(file tenants.File, o Options) Plan {
	b.t.Helper()
	plan, err := b.Apply(b.t.Context(), file, o)
	if err != nil {
		b.t.Fatal(err)
	}
	return plan
}

func (b *bench) export(slug string) []byte {
	b.t.Helper()
	doc, err := b.Export(b.t.Context(), slug)
	if err != nil {
		b.t.Fatal(err)
	}
	return doc
}

// rows is everything a tenant owns, as the database has it, for comparing before and after.
func (b *bench) rows(slug string) string {
	b.t.Helper()
	var out strings.Builder
	for _, table := range []string{"hosts", "settings", "groups", "accounts", "account_identifiers", "account_groups", "role_assignments", "audit_events"} {
		list, err := b.owner.Query(b.t.Context(), fmt.Sprintf(
			"SELECT row_to_json(x)::text FROM %s x WHERE tenant_id = (SELECT id FROM tenants WHERE slug = $1) ORDER BY 1", table), slug)
		if err != nil {
			b.t.Fatal(err)
		}
		lines, err := pgx.CollectRows(list, pgx.RowTo[string])
		if err != nil {
			b.t.Fatal(err)
		}
		fmt.Fprintf(&out, "%s\n%s\n", table, strings.Join(lines, "\n"))
	}
	var row string
	if err := b.owner.QueryRow(b.t.Context(), "SELECT row_to_json(t)::text FROM tenants t WHERE slug = $1", slug).Scan(&row); err != nil {
		b.t.Fatal(err)
	}
	return out.String() + row
}

func (b *bench) count(query string, args ...any) (n int) {
	b.t.Helper()
	if err := b.owner.QueryRow(b.t.Context(), query, args...).Scan(&n); err != nil {
		b.t.Fatal(err)
	}
	return n
}

func TestDemoTenantsApplyAndRoundTrip(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	o := Options{Secrets: demoSecrets(t), TrustHosts: true}
	for _, slug := range []string{"alliants", "university", "power"} {
		file := demoFile(t, slug)
		if plan := b.apply(file, o); !plan.Create || plan.Empty() {
			t.Errorf("%s: first plan %+v", slug, plan)
		}
		before := b.rows(slug)
		again := b.apply(file, o)
		if !again.Empty() {
			t.Errorf("%s: a second application changes\n%s", slug, again)
		}
		if after := b.rows(slug); after != before {
			t.Errorf("%s: a second application wrote rows", slug)
		}
		first := b.export(slug)
		exported := parse(t, string(first))
		if plan := b.apply(exported, o); !plan.Empty() {
			t.Errorf("%s: the export changes\n%s", slug, plan)
		}
		if second := b.export(slug); !bytes.Equal(first, second) {
			t.Errorf("%s: exports differ\n%s\n---\n%s", slug, first, second)
		}
		if n := b.count("SELECT count(*) FROM accounts a JOIN tenants t ON t.id = a.tenant_id WHERE t.slug = $1", slug); n != len(file.Accounts) {
			t.Errorf("%s: %d accounts, want %d", slug, n, len(file.Accounts))
		}
	}
	if n := b.count("SELECT count(*) FROM hosts WHERE verified_at IS NOT NULL"); n != 2 {
		t.Errorf("%d hosts are verified by the operator's word, want 2", n)
	}
	if n := b.count("SELECT count(*) FROM role_assignments WHERE scope_id IS NOT NULL"); n != 2 {
		t.Errorf("%d roles have a scope, want 2", n)
	}
}

// An export goes to a fresh system and comes back the same.
func TestExportCarriesATenantElsewhere(t *testing.T) {
	t.Parallel()
	here, there := newBench(t), newBench(t)
	here.apply(demoFile(t, "university"), Options{Secrets: demoSecrets(t)})
	first := here.export("university")
	there.apply(parse(t, string(first)), Options{})
	if second := there.export("university"); !bytes.Equal(first, second) {
		t.Errorf("got\n%s\nwant\n%s", second, first)
	}
}

func TestPlanWritesNothing(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	plan, err := b.Plan(t.Context(), demoFile(t, "power"), Options{Secrets: demoSecrets(t)})
	if err != nil {
		t.Fatal(err)
	}
	if !plan.Create || !strings.Contains(plan.String(), "+ accounts.pw-001") || !strings.Contains(plan.String(), "policy.preset") {
		t.Errorf("plan\n%s", plan)
	}
	if n := b.count("SELECT count(*) FROM tenants"); n != 0 {
		t.Errorf("a plan made %d tenants", n)
	}
	if _, err := b.Export(t.Context(), "power"); !errors.Is(err, ErrNoTenant) {
		t.Errorf("export of nobody: %v", err)
	}
}

const small = `portico: 1
slug: acme
name: Acme
policy:
  preset: nist
`

func TestChangeIsOneVersionOfOneSubject(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.apply(parse(t, small+"words: {en: {signin.submit: Enter}}\n"), Options{})
	version := b.count("SELECT version FROM tenants")
	plan := b.apply(parse(t, strings.Replace(small, "preset: nist", "preset: nist\n  link: {ttl: 1h}", 1)+"words: {en: {signin.submit: Enter}}\n"), Options{By: "ops"})
	want := []Change{{"change", "policy.link.ttl", "30m", "1h"}, {Action: "keep", Field: "words"}}
	if !slices.Equal(plan.Changes, want) {
		t.Errorf("changes %+v\nwant %+v", plan.Changes, want)
	}
	if n := b.count("SELECT count(*) FROM settings WHERE subject = 'policy' AND created_by = 'ops'"); n != 1 {
		t.Errorf("%d new versions of the policy, want 1", n)
	}
	if n := b.count("SELECT count(*) FROM settings WHERE subject = 'words'"); n != 1 {
		t.Errorf("%d versions of the words, want the first alone", n)
	}
	if now := b.count("SELECT version FROM tenants"); now != version+1 {
		t.Errorf("version %d after %d", now, version)
	}
	if n := b.count("SELECT count(*) FROM audit_events WHERE kind = 'tenant.applied'"); n != 2 {
		t.Errorf("%d audit rows, want 2", n)
	}
}

// What a file does not speak of stays.
func TestAbsentSectionsStay(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.apply(demoFile(t, "alliants"), Options{Secrets: demoSecrets(t), TrustHosts: true})
	before := b.export("alliants")
	plan := b.apply(parse(t, "portico: 1\nslug: alliants\nname: Alliants\n"), Options{})
	if !plan.Empty() {
		t.Errorf("a file of a name alone changes\n%s", plan)
	}
	if after := b.export("alliants"); !bytes.Equal(before, after) {
		t.Errorf("the tenant changed to\n%s", after)
	}
	plan = b.apply(parse(t, "portico: 1\nslug: alliants\nname: Alliants\nhosts: []\n"), Options{})
	if !slices.Contains(plan.Changes, Change{"remove", "hosts", "alliants.app", ""}) {
		t.Errorf("an empty list of hosts does not remove them: %+v", plan.Changes)
	}
}

// A tenant's file never reaches another tenant's rows.
func TestOneTenantNeverChangesAnother(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	o := Options{Secrets: demoSecrets(t), TrustHosts: true}
	b.apply(demoFile(t, "alliants"), o)
	before := b.rows("alliants")
	b.apply(demoFile(t, "power"), o)
	// The same people, groups and ids in another tenant.
	twin := demoFile(t, "alliants")
	twin.Slug, twin.Hosts = "twin", nil
	b.apply(twin, o)
	b.apply(parse(t, "portico: 1\nslug: twin\nname: Twin\nstate: suspended\ngroups:\n  - {external_id: harbour-house, kind: group, name: Elsewhere}\n"), o)
	if after := b.rows("alliants"); after != before {
		t.Errorf("another tenant's file changed\n%s\nto\n%s", before, after)
	}
}

func TestHostOfAnotherTenantIsRefused(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	doc := small + "hosts:\n  - {host: login.acme.example, canonical: true}\n"
	b.apply(parse(t, doc), Options{TrustHosts: true})
	other := strings.Replace(doc, "slug: acme", "slug: other", 1)
	_, err := b.Apply(t.Context(), parse(t, other), Options{TrustHosts: true})
	var refused *Refused
	if !errors.As(err, &refused) || refused.Faults[0].Field != "hosts[0].host" || refused.Faults[0].Line != 7 {
		t.Errorf("a claim on a served host: %v", err)
	}
	if n := b.count("SELECT count(*) FROM tenants WHERE slug = 'other'"); n != 0 {
		t.Error("a refused file left a tenant behind")
	}
	for _, host := range []string{"portico.test", "acme.portico.test"} {
		claim := strings.Replace(other, "login.acme.example", host, 1)
		if _, err := b.Apply(t.Context(), parse(t, claim), Options{TrustHosts: true}); !errors.As(err, &refused) {
			t.Errorf("the platform's own host %s was given away: %v", host, err)
		}
	}
	// A claim alone takes nothing: both may wait.
	b.apply(parse(t, small+"hosts:\n  - host: wait.acme.example\n"), Options{})
	b.apply(parse(t, strings.Replace(small, "acme", "other", 1)+"hosts:\n  - host: wait.acme.example\n"), Options{})
}

func TestTwoAppliesAtOnceTakeTurns(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	file, o := demoFile(t, "university"), Options{Secrets: demoSecrets(t)}
	type result struct {
		plan Plan
		err  error
	}
	results := make(chan result)
	for range 4 {
		go func() {
			plan, err := b.Apply(context.Background(), file, o)
			results <- result{plan, err}
		}()
	}
	made := 0
	for range 4 {
		r := <-results
		if r.err != nil {
			t.Errorf("apply: %v", r.err)
		}
		if r.plan.Create {
			made++
		} else if !r.plan.Empty() {
			t.Errorf("a later one changes\n%s", r.plan)
		}
	}
	if made != 1 {
		t.Errorf("%d of 4 made the tenant", made)
	}
}

// What was agreed to is what happens: a plan that no longer holds is refused and changes nothing.
func TestApplyKeepsToTheShownPlan(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.apply(parse(t, small), Options{})
	file := parse(t, small+"words: {en: {signin.submit: Enter}}\n")
	shown, err := b.Plan(t.Context(), file, Options{})
	if err != nil {
		t.Fatal(err)
	}
	b.apply(parse(t, small+"words: {en: {signin.submit: Go}}\n"), Options{}) // somebody else, meanwhile
	if _, err := b.Apply(t.Context(), file, Options{Shown: &shown}); !errors.Is(err, ErrChanged) {
		t.Fatalf("a plan that no longer holds was applied: %v", err)
	}
	if got := string(b.export("acme")); !strings.Contains(got, "Go") || strings.Contains(got, "Enter") {
		t.Errorf("the refused plan changed the tenant:\n%s", got)
	}
	if shown, err = b.Plan(t.Context(), file, Options{}); err != nil {
		t.Fatal(err)
	}
	b.apply(file, Options{Shown: &shown})
}

const relayed = small + `sender:
  transport: smtp
  from: noreply@acme.example
  from_name: Acme
  reply_to: ""
  smtp: {host: mail.acme.example, port: 587, tls: starttls, username: acme, password: env:PORTICO_TENANT_ACME_SMTP}
accounts:
  - {external_id: a1, email: ada@acme.example, name: Ada Ekwueme, password: env:PORTICO_TENANT_ACME_ADA}
  - {external_id: a2, email: bo@acme.example, name: Bo Lind, password_hash: "$2a$10$YiQZJ1gpRH3vVB6JhwvBLul3oCya8qFqnZ9HfrDSDGLbQeAwUSXGG"}
`

// Neither passwords nor hashes ever leave by plan, export, error or audit; the relay's password is
// sealed, kept while it is the same, and sealed anew when it is another.
func TestSecretsStayIn(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	secret := "relay-Tungsten-river-9"
	env := map[string]string{"PORTICO_TENANT_ACME_SMTP": secret, "PORTICO_TENANT_ACME_ADA": "plum harvester beyond sleepy dunes"}
	o := Options{Secrets: tenants.Secrets{Env: func(name string) (string, bool) { v, ok := env[name]; return v, ok }}}
	file := parse(t, relayed)
	plan := b.apply(file, o)
	seen := plan.String() + string(b.export("acme")) + fmt.Sprintf("%+v", plan)
	var audited string
	if err := b.owner.QueryRow(t.Context(), "SELECT string_agg(details::text, ' ') FROM audit_events").Scan(&audited); err != nil {
		t.Fatal(err)
	}
	for _, leak := range []string{secret, "plum harvester", "$2a$10$", "sealed_password"} {
		if strings.Contains(seen, leak) || strings.Contains(audited, leak) {
			t.Errorf("%q is seen in the plan, the export or the audit", leak)
		}
	}
	if strings.Contains(b.rows("acme"), secret) {
		t.Error("the relay's password stands in the database as it is")
	}
	if again := b.apply(file, o); !again.Empty() {
		t.Errorf("the same password changes\n%s", again)
	}
	sealed := b.sealed()
	env["PORTICO_TENANT_ACME_SMTP"] = "relay-Osmium-valley-4"
	if plan := b.apply(file, o); plan.Empty() || strings.Contains(plan.String(), "Osmium") {
		t.Errorf("another password gives\n%s", plan)
	}
	if bytes.Equal(sealed, b.sealed()) {
		t.Error("the old password is still sealed")
	}
	delete(env, "PORTICO_TENANT_ACME_SMTP")
	var refused *Refused
	if _, err := b.Apply(t.Context(), file, o); !errors.As(err, &refused) || refused.Faults[0].Field != "sender.smtp.password" || refused.Faults[0].Line == 0 {
		t.Errorf("a missing secret: %v", err)
	}
}

// sealed is the relay's password as letters will open it.
func (b *bench) sealed() []byte {
	b.t.Helper()
	var t *tenants.Tenant
	err := b.DB.AcrossAll(b.t.Context(), tenants.ForTenantFile, func(a *tenants.Across) error {
		var id tenants.ID
		if err := a.Row(b.t.Context(), "SELECT id FROM tenants", nil, &id); err != nil {
			return err
		}
		var err error
		t, err = tenants.ReadTenant(b.t.Context(), a, id)
		return err
	})
	if err != nil {
		b.t.Fatal(err)
	}
	return t.Sender.SMTP.SealedPassword
}

// What only the whole system can know is refused by line, all at once, and nothing is left behind.
func TestApplyRefuses(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.apply(parse(t, small+"accounts:\n  - {external_id: a1, email: ada@acme.example, name: Ada}\n"), Options{})
	before := b.rows("acme")
	secrets := tenants.Secrets{Env: func(string) (string, bool) { return "password1", true }}
	for _, row := range []struct {
		name, doc, field, says string
		line                   int
	}{
		{"colour", "theme: {colors: {accent: red}}\n", "theme.colors.accent", "", 6},
		{"contrast", "theme:\n  colors:\n    accent: \"#1f5fbf\"\n    light: {text: \"#eeeeee\", surface: \"#ffffff\"}\n", "theme.colors.light.text", ":1", 9},
		{"unknown token", "theme: {glow: true}\n", "theme", "glow", 6},
		{"picture", "theme:\n  logo: {image: \"" + strings.Repeat("ab", 32) + "\"}\n", "theme", "not been uploaded", 6},
		{"text", "words: {en: {signin.greeting: Hi}}\n", "words.en.signin.greeting", "no such text", 6},
		{"placeholder", "words: {en: {reset.sent: \"{password}\"}}\n", "words.en.reset.sent", "{password}", 6},
		{"language of words", "words: {tlh: {signin.submit: Qapla}}\n", "words.tlh", "languages", 6},
		{"weak password", "accounts:\n  - {external_id: a2, email: bo@acme.example, name: Bo, password: env:PORTICO_TENANT_X}\n", "accounts[0].password", "breaks the tenant's own rules", 7},
		{"taken address", "accounts:\n  - {external_id: a2, email: ADA@acme.example, name: Bo}\n", "accounts[0].email", "another account's", 7},
		{"unknown group", "accounts:\n  - {external_id: a2, email: bo@acme.example, name: Bo, groups: [moon]}\n", "accounts[0].groups[0]", "no group", 7},
		{"language", "accounts:\n  - {external_id: a2, email: bo@acme.example, name: Bo, locale: tlh}\n", "accounts[0].locale", "none of", 7},
		{"hash", "accounts:\n  - {external_id: a2, email: bo@acme.example, name: Bo, password_hash: \"$9z$abcdefghijklmnopqrstuvwxyz\"}\n", "accounts[0].password_hash", "hash", 7},
	} {
		_, err := b.Apply(t.Context(), parse(t, small+row.doc), Options{Secrets: secrets})
		var refused *Refused
		if !errors.As(err, &refused) || !slices.ContainsFunc(refused.Faults, func(f tenants.Fault) bool {
			return f.Field == row.field && f.Line == row.line && strings.Contains(f.Problem, row.says)
		}) {
			t.Errorf("%s: no fault %d %s %q in %v", row.name, row.line, row.field, row.says, err)
		}
		if err != nil && strings.Contains(err.Error(), "password1") {
			t.Errorf("%s: the error repeats the password", row.name)
		}
	}
	if after := b.rows("acme"); after != before {
		t.Errorf("refused files changed\n%s\nto\n%s", before, after)
	}
}

// A change of policy is judged with the sections that the file leaves out.
func TestSectionsAreJudgedTogether(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.apply(parse(t, small+"portal: {links: [], return_targets: [\"https://app.acme.example/\"]}\n"), Options{})
	doc := strings.Replace(small, "preset: nist", "preset: nist\n  finish: {after_login: \"https://%s.acme.example/home\"}", 1)
	if _, err := b.Apply(t.Context(), parse(t, fmt.Sprintf(doc, "app")), Options{}); err != nil {
		t.Errorf("an address below the stored return targets: %v", err)
	}
	var refused *Refused
	if _, err := b.Apply(t.Context(), parse(t, fmt.Sprintf(doc, "evil")), Options{}); !errors.As(err, &refused) {
		t.Errorf("an address that no return target allows: %v", err)
	}
}

func TestGroupsAreAddedAndChanged(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.apply(parse(t, small+"groups:\n  - {external_id: z, kind: location, name: Zurich}\n  - {external_id: a, kind: department, name: Desk, parent: z}\n"), Options{})
	plan := b.apply(parse(t, small+"groups:\n  - {external_id: a, kind: department, name: Front desk}\n"), Options{})
	want := []Change{{"change", "groups.a.name", "Desk", "Front desk"}, {"change", "groups.a.parent", "z", ""}}
	for _, c := range want {
		if !slices.Contains(plan.Changes, c) {
			t.Errorf("%+v is not in %+v", c, plan.Changes)
		}
	}
	doc := string(b.export("acme"))
	if !strings.Contains(doc, "name: Front desk") || !strings.Contains(doc, "name: Zurich") || strings.Contains(doc, "parent:") {
		t.Errorf("export\n%s", doc)
	}
}
