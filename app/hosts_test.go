package app_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"portico/app/apptest"
	"portico/rbac"
	"portico/tenants/domains"
	"portico/tenants/domains/domainstest"
)

// A customer's host is claimed, proved, made canonical and given up by the pages alone.
func TestStaffBringACustomersHostUp(t *testing.T) {
	t.Parallel()
	p, server := apptest.Start(t, apptest.Options{}), domainstest.Start(t)
	p.Domains.Looker.DNS = &domains.DNS{Servers: []string{server.Addr}}
	server.Set(t, "edge.portico.example. 60 IN A 192.0.2.10", "edge.portico.example. 60 IN AAAA 2001:db8::10")
	seedStaff(t, p, "olga@portico.example", rbac.StaffOwner)
	b := asStaff(t, p, "olga@portico.example")
	at := platformOrigin(p) + "/platform/customers/first/addresses"
	page := b.Get(at).Sees(200, "sign-in.first.example", "Vouched for")
	for typed, said := range map[string]string{"": "Enter a host", "192.0.2.1": "This is an IP address", "co.uk": "Everybody can get names below", "x.localhost": "not exist in the public DNS",
		"login.аpple.example": "mixes letters", "a b": "not a host name"} {
		page.Submit("Claim the host", map[string]string{"host": typed}).Sees(422, said)
	}
	claimed := page.Submit("Claim the host", map[string]string{"host": "Login.House.Example"}).Follow().Sees(200, "login.house.example", "Waiting for its proof", "Nothing is there. Add the record.")
	p.Browser().Get("http://login.house.example:" + p.Port + "/login").Sees(421)
	proof := claimed.Body[strings.Index(claimed.Body, "portico-verify="):][:len("portico-verify=")+64]
	server.Set(t, `_portico-verify.login.house.example. 60 IN TXT "`+proof+`"`, "login.house.example. 60 IN CNAME edge.portico.example.")
	token := claimed.Value("token")
	b.Post(at+"/check", url.Values{"token": {token}, "host": {"login.house.example"}}).Follow().Sees(200, "Verified", "Keep the proof in DNS")
	p.Browser().Get("http://login.house.example:"+p.Port+"/login").Sees(200, "First House")
	b.Get(platformOrigin(p)+"/platform/customers/first").Sees(200, "Addresses", "Done")

	b.Post(at+"/canonical", url.Values{"token": {token}, "host": {"login.house.example"}}).Follow().Sees(200, "main address")
	if a := p.Browser().Get(p.Origin("first") + "/login"); a.Status != 308 || !strings.HasPrefix(a.Location, "http://login.house.example:") {
		t.Errorf("the old address: %d %q", a.Status, a.Location)
	}
	b.Get(at+"/release/login.house.example").Sees(200, "stops answering at once", "It is the main address now").
		Submit("Give it up now", nil).Follow().Sees(200)
	p.Browser().Get("http://login.house.example:" + p.Port + "/login").Sees(421)
	p.Browser().Get(p.Origin("first") + "/login").Sees(200)
	b.Get(at + "/release/login.house.example").Sees(404)
	for kind, n := range map[string]int{"host.claimed": 1, "host.verified": 1, "host.canonical": 1, "host.released": 1} {
		if got := p.Count("audit_events WHERE kind = '" + kind + "'"); got != n {
			t.Errorf("%s stands %d times in the audit", kind, got)
		}
	}
}

// Another customer's host is out of reach, whatever the form says.
func TestStaffChangeOneCustomersHostsAtATime(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t, apptest.Options{})
	seedStaff(t, p, "olga@portico.example", rbac.StaffOwner)
	seedStaff(t, p, "ada@portico.example", rbac.StaffAuditor)
	b := asStaff(t, p, "olga@portico.example")
	at := platformOrigin(p) + "/platform/customers/second/addresses"
	token := b.Get(at).Sees(200).Value("token")
	for _, path := range []string{"/check", "/canonical"} {
		b.Post(at+path, url.Values{"token": {token}, "host": {"sign-in.first.example"}}).Sees(404)
	}
	b.Get(at + "/release/sign-in.first.example").Sees(404)
	b.Post(at+"/release/sign-in.first.example", url.Values{"token": {token}}).Sees(404)
	p.Browser().Get("http://sign-in.first.example:" + p.Port + "/login").Sees(200)
	auditor := asStaff(t, p, "ada@portico.example")
	seen := auditor.Get(at).Sees(200, "portal.second.example")
	if strings.Contains(seen.Body, "<form method=\"post\" action=\"/platform/customers") {
		t.Error("an auditor is shown forms")
	}
}

// A shared link shows one checklist to whoever has it, and nothing to anybody else.
func TestASharedChecklist(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t, apptest.Options{})
	seedStaff(t, p, "olga@portico.example", rbac.StaffOwner)
	b := asStaff(t, p, "olga@portico.example")
	at := platformOrigin(p) + "/platform/customers/first/addresses"
	made := b.Get(at).Submit("Make a link", map[string]string{"days": "7"}).Sees(200, "it is shown this once")
	link := made.Body[strings.Index(made.Body, platformOrigin(p)+"/dns/"):][:len(platformOrigin(p)+"/dns/")+43]
	stranger := p.Browser()
	a := stranger.Get(link).Sees(200, "First House", "sign-in.first.example", "_portico-verify.sign-in.first.example")
	if len(a.Header.Values("Set-Cookie")) > 0 || !strings.Contains(a.Header.Get("X-Robots-Tag"), "noindex") || strings.Contains(a.Body, "portal.second.example") || strings.Contains(a.Body, "<form") {
		t.Errorf("the shared page has cookies, forms, or more than it should: %v", a.Header)
	}
	odd := byte('A')
	if link[len(link)-2] == 'A' {
		odd = 'B'
	}
	for _, wrong := range []string{link[:len(link)-1], link + "A", link[:len(link)-2] + string(odd) + link[len(link)-1:], platformOrigin(p) + "/dns/x", platformOrigin(p) + "/dns/"} {
		if a := p.Browser().Get(wrong); a.Status != 404 {
			t.Errorf("%s answers %d", wrong, a.Status)
		}
	}
	if a := p.Browser().Get(p.Origin("first") + "/dns/" + link[len(link)-43:]); a.Status != 404 {
		t.Errorf("at a customer's address it answers %d", a.Status)
	}
	b.Get(at).Submit("End it", nil).Sees(303)
	stranger.Get(link).Sees(404)
	made = b.Get(at).Submit("Make a link", map[string]string{"days": "1"}).Sees(200)
	link = made.Body[strings.Index(made.Body, platformOrigin(p)+"/dns/"):][:len(link)]
	stranger.Get(link).Sees(200)
	p.Clock.Advance(25 * time.Hour)
	stranger.Get(link).Sees(404)
	b = asStaff(t, p, "olga@portico.example")
	b.Post(at+"/share", url.Values{"token": {b.Get(at).Value("token")}, "days": {"15"}}).Sees(400)
}
