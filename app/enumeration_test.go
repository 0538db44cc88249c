package app_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"portico/app/accounts"
	"portico/app/apptest"
	"portico/app/letters"
)

// shut is a relay that takes nothing.
type shut struct{}

func (shut) Send(context.Context, letters.Envelope) (string, error) {
	return "", errors.New("connection refused")
}

var masks = []struct {
	what *regexp.Regexp
	with string
}{
	{regexp.MustCompile(`nonce-[A-Za-z0-9_-]{22}`), "nonce-N"},
	{regexp.MustCompile(`nonce="[^"]*"`), `nonce="N"`},
	{regexp.MustCompile(`(name="(?:token|resend|return_to)" value=")[^"]*`), "${1}T"},
	{regexp.MustCompile(`\b(pre|rs)=[^;]*`), "${1}=T"},
	{regexp.MustCompile(`\d{4}-\d\d-\d\dT[0-9:.]+(Z|[+-]\d\d:\d\d)`), "TIME"},
	{regexp.MustCompile(`\d{1,2}:\d\d(:\d\d)?([  ][AP]M)?`), "TIME"},
	{regexp.MustCompile(`\b[0-9a-f]{16}\b`), "ID"},
	{regexp.MustCompile(`max-age=\d+`), "max-age=S"},
}

// masked is an answer without what differs from one request to the next (decisions.md 22): all headers
// with their values, all cookies, all bytes.
func masked(a *apptest.Answer, typed string) string {
	var out strings.Builder
	fmt.Fprintln(&out, a.Status)
	for _, name := range slices.Sorted(maps.Keys(a.Header)) {
		if name != "Date" && name != "Content-Length" {
			fmt.Fprintln(&out, name, a.Header[name])
		}
	}
	out.WriteString(a.Body)
	// Long addresses offer places to break, which belong to the address.
	s := strings.ReplaceAll(strings.ReplaceAll(out.String(), "<wbr>", ""), typed, "TYPED")
	for _, m := range masks {
		s = m.what.ReplaceAllString(s, m.with)
	}
	return s
}

func sameAnswers(t *testing.T, answers map[string]string) {
	t.Helper()
	names := slices.Sorted(maps.Keys(answers))
	for _, name := range names[1:] {
		if answers[name] == answers[names[0]] {
			continue
		}
		one, two := strings.Split(answers[names[0]], "\n"), strings.Split(answers[name], "\n")
		for i := range min(len(one), len(two)) {
			if one[i] != two[i] {
				t.Errorf("%q and %q are told apart:\n%s\n%s", names[0], name, one[i], two[i])
				break
			}
		}
		if len(one) != len(two) {
			t.Errorf("%q and %q differ in length: %d and %d lines", names[0], name, len(one), len(two))
		}
	}
}

// manyKinds is First with one more account, which has no password yet.
var manyKinds = strings.Replace(unbounded, "  - {external_id: f-5", "  - {external_id: f-6, name: Nora Newcomer, email: nora@first.example}\n  - {external_id: f-5", 1)

// people are one account of every kind that a stranger must not tell apart.
var people = map[string]string{
	"unknown": "nobody@first.example", "known": "ava@first.example", "disabled": "ines@first.example", "sso": "kofi@first.example",
	"no password": "nora@first.example", "locked": "tariq@first.example", "of another tenant": "mina@second.example", "no address at all": "nobody",
}

func TestSignInTellsNobodyWhoIsWho(t *testing.T) {
	t.Parallel()
	var log lines
	p := apptest.Start(t, apptest.Options{Tenants: []string{manyKinds, apptest.Second}, NoWorkers: true, Log: &log})
	signInTellsNothing(t, p, &log)
}

// Whoever does not know the password does not learn whether a code would follow it.
func TestASecondFactorTellsNobodyWhoIsWho(t *testing.T) {
	t.Parallel()
	var log lines
	p := apptest.Start(t, apptest.Options{Tenants: []string{withFactor(manyKinds), apptest.Second}, NoWorkers: true, Log: &log})
	for _, kind := range []string{"known", "disabled", "locked"} {
		hasApp(t, p, "first", accounts.Email, people[kind])
	}
	signInTellsNothing(t, p, &log)
}

func signInTellsNothing(t *testing.T, p *apptest.Portal, log *lines) {
	t.Helper()
	at := p.Origin("first")
	for range 6 {
		p.Browser().SignIn(at, people["locked"], "wrong-"+tokenOf(at)).Sees(422)
		p.Browser().SignIn(at, people["locked"], "again wrong").Sees(422)
	}
	if p.Count("account_locks WHERE locked_until IS NOT NULL") != 1 {
		t.Fatal("nobody is locked")
	}
	answers := map[string]string{}
	for kind, typed := range people {
		for name, password := range map[string]string{"wrong": "wrong", "right": apptest.Password, "73 bytes": strings.Repeat("a", 73), "1025 bytes": strings.Repeat("a", 1025),
			"300 points": strings.Repeat("ä", 300), "spaces": "   ", "right and more": apptest.Password + " "} {
			if kind == "known" && name == "right" {
				continue
			}
			if name != "wrong" && name != "right" && kind != "known" && kind != "unknown" {
				continue
			}
			answers[kind+", "+name] = masked(p.Browser().SignIn(at, typed, password), typed)
		}
	}
	sameAnswers(t, answers)
	for name, a := range answers {
		if !strings.HasPrefix(a, "422\n") || strings.Contains(a, "sid=") {
			t.Errorf("%s: %.200s\n%s", name, a, log.String())
		}
	}
}

func TestRecoveryTellsNobodyWhoIsWho(t *testing.T) {
	t.Parallel()
	for name, transport := range map[string]letters.Transport{"mail works": nil, "mail is down": shut{}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := apptest.Start(t, apptest.Options{Tenants: []string{manyKinds, apptest.Second}, Transport: transport})
			at := p.Origin("first")
			answers, from := map[string]string{}, 0
			ask := func(name, typed string) {
				b := p.Browser()
				from++
				b.From = fmt.Sprintf("203.0.113.%d", from)
				answers[name] = masked(b.AskForLink(at, typed), typed)
			}
			for kind, typed := range people {
				if strings.Contains(typed, "@") { // a text that is no address is told so, whoever asks
					ask(kind, typed)
				}
			}
			for i := range 12 { // over every silent limit
				ask(fmt.Sprint("known, again ", i), people["known"])
				ask(fmt.Sprint("unknown, again ", i), people["unknown"])
			}
			sameAnswers(t, answers)
			if !strings.HasPrefix(answers["known"], "200\n") {
				t.Errorf("%.300s", answers["known"])
			}
			rows := map[string]int{}
			for kind, typed := range map[string]string{"known": "shared@both.example", "unknown": "another-nobody@first.example", "sso": people["sso"]} {
				before := p.Count("letters") + p.Count("links") + p.Count("recovery_flows") + p.Count("audit_events WHERE kind LIKE 'reset%'")
				ask(kind+" counted", typed)
				rows[kind] = p.Count("letters") + p.Count("links") + p.Count("recovery_flows") + p.Count("audit_events WHERE kind LIKE 'reset%'") - before
			}
			if rows["known"] != rows["unknown"] || rows["known"] != rows["sso"] || rows["known"] == 0 {
				t.Errorf("rows written: %v", rows)
			}
		})
	}
}

func TestFindMyPortalTellsNobodyWhoIsWho(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t, apptest.Options{})
	at := "http://localhost:" + p.Port
	answers := map[string]string{}
	for name, typed := range map[string]string{"unknown": "nobody@first.example", "one": "ava@first.example", "two": "shared@both.example", "disabled": "ines@first.example"} {
		b := p.Browser()
		page := b.Get(at + "/").Sees(200)
		answers[name] = masked(page.Submit("Send me the addresses", map[string]string{"email": typed}).Sees(200), typed)
	}
	sameAnswers(t, answers)
}
