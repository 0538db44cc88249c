package app_test

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"portico/app"
	"portico/app/apptest"
	"portico/app/letters/letterstest"
)

var update = flag.Bool("update", false, "write the golden files of this package anew")

// TestRoutesStandAsReviewed holds every URL with its guards against the reviewed list: a route that is
// new, gone or less guarded shows in the diff of testdata/routes.golden.
func TestRoutesStandAsReviewed(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t, apptest.Options{SNS: letterstest.NewSNS(t)})
	trust := map[app.Trust]string{app.Script: "script", app.Signed: "signed", app.Keyed: "keyed", app.Open: "open", app.Tenanted: "tenant", app.SignedIn: "signed in", app.Permitted: "permitted", app.Staffed: "staff"}
	var got strings.Builder
	for _, r := range p.Server.Routes() {
		if _, known := trust[r.Trust]; !known {
			t.Errorf("%s %s: trust %d has no name here", r.Method, r.Path, r.Trust)
		}
		form := "-"
		if r.Method != "GET" && r.Method != "HEAD" && r.Trust > app.Signed {
			form = "same origin + form token"
		}
		fmt.Fprintln(&got, strings.TrimRight(fmt.Sprintf("%-5s %-30s %-10s %-25s %-8s %s%s", r.Method, r.Path, trust[r.Trust], form, r.Ceiling, opens(r), marks(r)), " "))
	}
	golden(t, "routes.golden", got.String())
}

// TestNothingOfDevIsServed holds that the pages of `portico dev` exist only where they were asked for.
func TestNothingOfDevIsServed(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t, apptest.Options{})
	for _, r := range p.Server.Routes() {
		if strings.HasPrefix(r.Path, "/dev") || r.Trust == app.Script {
			t.Errorf("%s %s stands among the routes of serve", r.Method, r.Path)
		}
	}
	b := p.Browser()
	for _, path := range []string{"/dev/inbox", "/dev/inbox.json", "/dev/demo.json", "/dev/clock", "/dev/captcha/x", "/dev/", "/metrics", "/debug/pprof/"} {
		for _, origin := range []string{"http://localhost:" + p.Port, p.Origin("first")} {
			b.Get(origin + path).Sees(404)
			b.Send("POST", origin+path, `{"advance":"1h"}`, map[string]string{"Content-Type": "application/json"}).Sees(404)
		}
	}
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := "testdata/" + name
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil { //nolint:gosec // a file of the repository
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path) //nolint:gosec // below testdata
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s is not what stands there; if it should be: go test ./app -run %s -update\n%s", path, t.Name(), got)
	}
}

func marks(r app.Route) string {
	marks := ""
	if r.Fresh {
		marks += " fresh"
	}
	if r.FreshFor != "" {
		marks += " fresh for " + string(r.FreshFor)
	}
	if r.Upload {
		marks += " upload"
	}
	return marks
}

// opens is the permission that opens a route, of the console or of the staff's pages.
func opens(r app.Route) string { return string(r.Permission) + string(r.Staff) }
