package app_test

import (
	"net/url"
	"strings"
	"testing"

	"portico/app/apptest"
)

// harbour is a tenant with locations: north with the desk below it, and south. lena looks after north.
const harbour = `portico: 1
slug: harbour
name: Harbour House
policy:
  preset: email-link
  signin: {external: "off"}
  users: {registration_mode: [invite], roles: portico}
  help: {escalation: Brand Administrator, email: help@harbour.example}
sender: {transport: platform, from: noreply@harbour.example, from_name: Harbour House}
groups:
  - {external_id: north, kind: location, name: North Pier}
  - {external_id: desk, kind: department, name: Front Desk, parent: north}
  - {external_id: south, kind: location, name: South Pier}
accounts:
  - {external_id: h-1, name: Ada Quist, email: ada@harbour.example, password: "env:PORTICO_TENANT_P", roles: [{role: brand_admin}]}
  - {external_id: h-2, name: Lena Moor, email: lena@harbour.example, password: "env:PORTICO_TENANT_P", groups: [north], roles: [{role: people_manager, scope: north}]}
  - {external_id: h-3, name: Bram Øster, email: bram@harbour.example, password: "env:PORTICO_TENANT_P", groups: [desk]}
  - {external_id: h-4, name: Cleo Sander, email: cleo@harbour.example, groups: [south], status: disabled}
  - {external_id: h-5, name: Dora Sanders, email: dora.s@harbour.example, sign_in: sso, groups: [south], roles: [{role: auditor}]}
  - {external_id: h-6, name: Oddly Placed, email: oddly@harbour.example, password: "env:PORTICO_TENANT_P"}
`

// startHarbour is a portal with it and First.
func startHarbour(t *testing.T) (*apptest.Portal, string) {
	t.Helper()
	p := apptest.Start(t, apptest.Options{Tenants: []string{harbour, apptest.First}})
	return p, p.Origin("harbour")
}

func enter(t *testing.T, p *apptest.Portal, at, who string) *apptest.Browser {
	t.Helper()
	b := p.Browser()
	b.SignIn(at, who, apptest.Password).Sees(303)
	return b
}

func TestPeopleListShowsWhoIsWithinReach(t *testing.T) {
	t.Parallel()
	p, at := startHarbour(t)
	ada, lena := enter(t, p, at, "ada@harbour.example"), enter(t, p, at, "lena@harbour.example")
	ada.Get(at+"/console/people").Sees(200, "6 people", "Ada Quist", "Lena Moor", "People Manager in North Pier", "Bram Øster", "Cleo Sander",
		"Disabled", "signs in elsewhere", "Front Desk", "Oddly Placed", "Never").Hides("Ava Lindqvist")
	lena.Get(at+"/console/people").Sees(200, "2 people", "Lena Moor", "Bram Øster").Hides("Ada Quist", "Cleo", "Dora", "Oddly", "South Pier")
	south := ""
	p.Scan("SELECT id::text FROM groups WHERE external_id = 'south'", nil, &south)
	for path, sees := range map[string]string{
		"?q=sander": "Nobody fits", "?q=ada%40harbour.example": "Nobody fits", "?group=" + south: "Nobody fits", "?state=disabled": "Nobody fits",
		"?role=auditor": "Nobody fits", "?q=oster": "Bram Øster", "?q=bramm": "Bram Øster",
	} {
		lena.Get(at+"/console/people"+path).Sees(200, sees).Hides("Cleo", "Dora", "Quist")
	}
	enter(t, p, at, "bram@harbour.example").Get(at + "/console/people").Sees(403).Hides("Ada Quist")
	p.Browser().Get(at + "/console/people").Sees(303)
}

func TestPeopleListSearchesAndFilters(t *testing.T) {
	t.Parallel()
	p, at := startHarbour(t)
	ada := enter(t, p, at, "ada@harbour.example")
	p.Exec(`INSERT INTO account_locks (tenant_id, account_id, device, failures, locks, locked_until)
		SELECT tenant_id, id, 'unknown', 5, 1, '9999-12-31' FROM accounts WHERE display_name = 'Bram Øster'`)
	north := ""
	p.Scan("SELECT id::text FROM groups WHERE external_id = 'north'", nil, &north)
	for query, want := range map[string]string{
		"q=sander":                       "Cleo Sander, Dora Sanders",
		"q=SANDERS":                      "Dora Sanders, Cleo Sander",
		"q=sannders":                     "Dora Sanders",
		"q=oster":                        "Bram Øster",
		"q=dora.s":                       "Dora Sanders",
		"q=dora.s%40harb":                "Dora Sanders",
		"q=lena+moor":                    "Lena Moor",
		"q=sander&state=active":          "Dora Sanders",
		"q=o":                            "Oddly Placed",
		"q=%25":                          "",
		"q=" + strings.Repeat("x", 5000): "",
		"state=disabled":                 "Cleo Sander",
		"state=locked":                   "Bram Øster",
		"state=invited":                  "",
		"state=nonsense":                 "Ada Quist, Bram Øster, Cleo Sander, Dora Sanders, Lena Moor, Oddly Placed",
		"role=auditor":                   "Dora Sanders",
		"role=%27":                       "Ada Quist, Bram Øster, Cleo Sander, Dora Sanders, Lena Moor, Oddly Placed",
		"group=" + north:                 "Bram Øster, Lena Moor",
		"order=signed_in":                "Ada Quist",
		"order=added":                    "Oddly Placed",
		"order=name;DROP":                "Ada Quist, Bram Øster, Cleo Sander, Dora Sanders, Lena Moor, Oddly Placed",
	} {
		got := namesIn(ada.Get(at + "/console/people?" + query).Sees(200).Body)
		if strings.HasPrefix(query, "order=") && !strings.Contains(query, ";") {
			got, _, _ = strings.Cut(got, ",")
		}
		if got != want {
			t.Errorf("%s: %q, want %q", query, got, want)
		}
	}
	ada.Get(at + "/console/people?q=%00%ff").Sees(404) // no text
	page := ada.Get(at + "/console/people?q=bram")
	if !strings.Contains(page.Body, `type="search"`) || !strings.Contains(page.Body, `value="bram"`) || !strings.Contains(page.Body, `data-label="Last sign-in"`) {
		t.Error("the page has no search field with what was typed, or its cells no headings for phones")
	}
	page.Sees(200, "until somebody unlocks it")
}

// namesIn are the names of a list's rows, in their order.
func namesIn(body string) string {
	var names []string
	for _, piece := range strings.Split(body, `<th scope="row">`)[1:] {
		_, piece, _ = strings.Cut(piece, "<bdi>")
		name, _, _ := strings.Cut(piece, "</bdi>")
		names = append(names, name)
	}
	return strings.Join(names, ", ")
}

func TestPeopleListTurnsPages(t *testing.T) {
	t.Parallel()
	p, at := startHarbour(t)
	ada := enter(t, p, at, "ada@harbour.example")
	p.Exec(`INSERT INTO accounts (tenant_id, id, display_name, status, sign_in, created_at, updated_at)
		SELECT t.id, gen_random_uuid(), 'Zoe ' || to_char(n / 2, 'FM000'), 'active', 'local', '2026-01-01'::timestamptz + n / 3 * interval '1 hour', '2026-01-01'
		FROM tenants t, generate_series(1, 120) n WHERE t.slug = 'harbour'`)
	for _, query := range []string{"", "?order=signed_in", "?order=added", "?state=active", "?q=zoe"} {
		seen := map[string]int{}
		var pages []string
		address := at + "/console/people" + query
		for address != "" {
			page := ada.Get(address).Sees(200)
			pages = append(pages, namesIn(page.Body))
			for _, id := range idsIn(page.Body) {
				seen[id]++
			}
			if address = hrefOf(page.Body, "next"); address != "" {
				address = at + address
			} else if back := hrefOf(page.Body, "prev"); namesIn(ada.Get(at+back).Sees(200).Body) != pages[len(pages)-2] {
				t.Errorf("%q: the page before the last is another one on the way back", query)
			}
		}
		want := map[string]int{"?state=active": 125, "?q=zoe": 120}[query]
		if want == 0 {
			want = 126
		}
		if len(seen) != want || len(pages) != 3 {
			t.Errorf("%q: %d people on %d pages, want %d on 3", query, len(seen), len(pages), want)
		}
		for id, n := range seen {
			if n != 1 {
				t.Errorf("%q: %s stands on %d pages", query, id, n)
			}
		}
	}
}

func idsIn(body string) []string {
	var ids []string
	for _, piece := range strings.Split(body, `<th scope="row"><a href="/console/people/`)[1:] {
		ids = append(ids, piece[:36])
	}
	return ids
}

// hrefOf is the address of the link with a relation; "" is none.
func hrefOf(body, rel string) string {
	_, rest, ok := strings.Cut(body, `rel="`+rel+`" href="`)
	if !ok {
		return ""
	}
	href, _, _ := strings.Cut(rest, `"`)
	return strings.ReplaceAll(href, "&amp;", "&")
}

func TestPlacesInAListCannotBeMadeUp(t *testing.T) {
	t.Parallel()
	p, at := startHarbour(t)
	ada := enter(t, p, at, "ada@harbour.example")
	tariq := enter(t, p, p.Origin("first"), "tariq@first.example")
	fill := `INSERT INTO accounts (tenant_id, id, display_name, status, sign_in, created_at, updated_at)
		SELECT t.id, gen_random_uuid(), 'Zoe ' || n, 'active', 'local', '2026-01-01', '2026-01-01' FROM tenants t, generate_series(1, 60) n`
	p.Exec(fill)
	place := func(b *apptest.Browser, at, query string) string {
		u, err := url.Parse(hrefOf(b.Get(at+"/console/people"+query).Sees(200).Body, "next"))
		if err != nil || u.Query().Get("at") == "" {
			t.Fatalf("%s has no second page: %v", query, err)
		}
		return u.Query().Get("at")
	}
	own, found := place(ada, at, ""), place(ada, at, "?q=zoe")
	for name, c := range map[string]struct{ query, at string }{
		"nonsense":               {"", "x"},
		"half of one":            {"", own[:len(own)/2]},
		"another letter":         {"", "A" + own[1:]},
		"without its proof":      {"", strings.Split(own, ".")[0] + "."},
		"of another tenant":      {"", place(tariq, p.Origin("first"), "")},
		"of another order":       {"order=added&", own},
		"of a search, in a list": {"", found},
		"of a list, in a search": {"q=zoe&", own},
		"an SQL text":            {"", "' OR 1=1 --"},
		"a very long one":        {"", strings.Repeat("A", 6000)},
	} {
		answer := ada.Get(at + "/console/people?" + c.query + "at=" + url.QueryEscape(c.at))
		if answer.Status != 303 || strings.Contains(answer.Location, "at=") {
			t.Errorf("%s: %d %s", name, answer.Status, answer.Location)
		}
	}
	if names := namesIn(ada.Get(at + "/console/people?at=" + url.QueryEscape(own)).Sees(200).Body); names == "" {
		t.Error("the genuine place shows nobody")
	}
}
