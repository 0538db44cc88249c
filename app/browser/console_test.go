package browser

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/dom"
	"github.com/chromedp/cdproto/runtime"
	"github.com/google/uuid"

	"portico/app"
	"portico/app/apptest"
)

// The console's pages, as the brand's administrator sees them. Each story makes what its pages show by
// doing it in the browser, and then opens every page that the routes know below its paths: a page that is
// new is judged without being named here, and one that nobody can open fails.

// seat is the administrator of the demo's first brand, signed in.
type seat struct {
	*tab
	at  string
	ids map[string]string // what stands in a path, by the part of the path before it
}

// stories are the paths of the console that each test takes; every path belongs to one of them.
var stories = map[string][]string{
	"people":    {"/console/people", "/console/groups", "/console/roles", "/console/requests", "/console/staff"},
	"documents": {"/console/look", "/console/words", "/console/rules"},
	"events":    {"/console/dashboard", "/console/letters", "/console/audit", "/console/imports", "/console/keys", "/console/sender", "/console"},
}

// files are the answers of the console that are no pages: downloads, and what stands in frames without scripts.
var files = []string{"/console/look/preview/style", "/console/look/preview/page", "/console/imports/:id/progress", "/console/imports/:id/report.csv"}

func takeSeat(t *testing.T) *seat {
	t.Helper()
	chromium.turns <- struct{}{}
	t.Cleanup(func() { <-chromium.turns })
	p := apptest.Start(t, apptest.Options{Tenants: []string{brandFile(t, "alliants")}, Dev: true, Secret: secret, Imports: true})
	s := &seat{tab: open(t, p), at: p.Origin("alliants"), ids: map[string]string{}}
	s.signIn(people()["alliants"][1])
	return s
}

func (s *seat) signIn(who person) {
	s.t.Helper()
	s.visit(s.at+"/login", 200)
	s.field("Email").fill(who.SignIn)
	s.field("Password").fill(who.Password)
	s.button("Log in").follow(200)
}

// row is the id of a row.
func (s *seat) row(query string, args ...any) string {
	s.t.Helper()
	var id uuid.UUID
	s.portal.Scan(query, args, &id)
	return id.String()
}

func (s *seat) account(name string) string {
	s.t.Helper()
	return s.row("SELECT account_id FROM account_identifiers WHERE value LIKE $1 || '@%'", name)
}

// pages opens every page of a story's paths and judges it.
func (s *seat) pages(story string) {
	s.t.Helper()
	seen := 0
	for _, r := range s.portal.Server.Routes() {
		if r.Trust != app.Permitted || r.Method != "GET" || storyOf(s.t, r.Path) != story || isFile(r.Path) {
			continue
		}
		path := s.path(r.Path)
		s.visit(s.at+path, 200)
		s.glance("console" + strings.NewReplacer("/console", "", "/", "-", ":", "").Replace(r.Path))
		seen++
	}
	if seen < 4 {
		s.t.Errorf("the story %s has %d pages", story, seen)
	}
}

// rightToLeft opens some of the story's pages in Arabic, wide and narrow.
func (s *seat) rightToLeft(paths ...string) {
	s.t.Helper()
	for _, path := range paths {
		s.visit(s.at+path+"?ui_locales=ar", 200)
		if dir := eval[string](s.tab, "document.documentElement.dir"); dir != "rtl" {
			s.t.Fatalf("%s is written %q", path, dir)
		}
		s.glance("console-rtl" + strings.NewReplacer("/console", "", "/", "-").Replace(path))
	}
}

// path puts what the story made in the place of a route's parameters.
func (s *seat) path(route string) string {
	s.t.Helper()
	parts := strings.Split(route, "/")
	for i, p := range parts {
		if strings.HasPrefix(p, ":") {
			id := s.ids[parts[i-1]]
			if id == "" {
				s.t.Fatalf("no %s for %s", p, route)
			}
			parts[i] = id
		}
	}
	path := strings.Join(parts, "/")
	if q := s.ids[route]; q != "" {
		path += "?" + q
	}
	return path
}

// storyOf is the story with the longest path that the route begins with.
func storyOf(t *testing.T, route string) string {
	t.Helper()
	best, longest := "", ""
	for story, paths := range stories {
		for _, p := range paths {
			if (route == p || strings.HasPrefix(route, p+"/")) && len(p) > len(longest) {
				best, longest = story, p
			}
		}
	}
	if best == "" || longest == "/console" && route != "/console" {
		t.Fatalf("%s belongs to no story", route)
	}
	return best
}

func isFile(route string) bool {
	for _, f := range files {
		if f == route {
			return true
		}
	}
	return false
}

// upload gives the file field a file with these bytes.
func (s *seat) upload(field, name, content string) {
	s.t.Helper()
	path := filepath.Join(s.t.TempDir(), name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		s.t.Fatal(err)
	}
	input := call(s.tab, runtime.Evaluate, runtime.EvaluateParams{Expression: "document.querySelector('input[name=" + field + "]')"})
	call(s.tab, dom.SetFileInputFiles, dom.SetFileInputFilesParams{ObjectID: input.Result.ObjectID, Files: []string{path}})
}

func TestConsolePagesOfPeople(t *testing.T) {
	t.Parallel()
	s := takeSeat(t)
	s.visit(s.at+"/console/people", 200).judge("console-people-list")
	s.visit(s.at+"/console/people?q=nobody-of-that-name", 200).glance("console-people-none")
	s.visit(s.at+"/console/people/invite", 200)
	s.button("Send the invitation").follow(422)
	s.glance("console-people-invite-empty")
	s.ids["people"] = s.account("ava.lindqvist")
	s.ids["groups"] = s.row("SELECT id FROM groups WHERE external_id = 'harbour-house'")
	s.ids["roles"] = "brand_admin"
	s.pages("people")
	s.visit(s.at+"/console/people/"+s.account("ines.carvalho"), 200).glance("console-person-disabled")
	s.visit(s.at+"/console/people/"+s.account("kofi.tanaka"), 200).glance("console-person-sso")
	s.rightToLeft("/console/people", "/console/people/"+s.ids["people"], "/console/roles")
}

func TestConsolePagesOfDocuments(t *testing.T) {
	t.Parallel()
	s := takeSeat(t)
	s.ids["edit"] = "password"
	s.ids["history"] = "1"
	s.ids["/console/words/text"] = "in=en&key=signin.title"
	s.ids["letters"] = "recovery"
	s.pages("documents")
	s.rightToLeft("/console/look", "/console/words", "/console/rules")
}

func TestConsolePagesOfEvents(t *testing.T) {
	t.Parallel()
	s := takeSeat(t)
	stranger := s.portal.Browser()
	since := s.portal.Clock.Now()
	stranger.AskForLink(s.at, people()["alliants"][0].Email)
	s.letter(people()["alliants"][0].Email, since)
	lockOut(s.portal, brands()[0], people()["alliants"][0])
	s.visit(s.at+"/console/imports", 200)
	s.upload("file", "people.csv", "id,full name,mail\nnew-1,Pia Winter,pia.winter@alliants.example\nnew-2,,not an address\n")
	s.button("Read the file").follow(200)
	s.glance("console-import-columns")
	s.ids["imports"] = s.row("SELECT id FROM imports LIMIT 1")
	s.ids["letters"] = s.row("SELECT id FROM letters ORDER BY created_at LIMIT 1")
	s.ids["audit"] = s.row("SELECT id FROM audit_events WHERE kind = 'reset.requested' LIMIT 1")
	s.pages("events")
	s.rightToLeft("/console/dashboard", "/console/audit", "/console/imports/"+s.ids["imports"])
}
