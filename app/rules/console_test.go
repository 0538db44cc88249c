package rules_test

import (
	"strings"
	"testing"
	"time"

	"portico/app/apptest"
)

func TestRulesFromReadingToRollingBack(t *testing.T) {
	t.Parallel()
	g := newGround(t)
	beside := apptest.Start(t, apptest.Options{Beside: g.Portal})
	_ = beside.Tenant("college") // kept there from now on
	b := g.in("B1001")
	b.Get(g.at+"/console/rules").Sees(200, "Rules", "Life of a link", "Not conformant", "Two proofs")
	b.Get(g.at+"/console/rules?show=marked").Sees(200, "Security questions").Hides("Help panel")
	b.Get(g.at + "/console/rules?show=../").Sees(404)
	b.Get(g.at+"/console/rules/compare?preset=nist").Sees(200, "differ.", "Shortest password")
	b.Get(g.at + "/console/rules/compare?preset=root").Sees(404)
	b.Get(g.at + "/console/rules/edit/nothing").Sees(404)

	form := b.Get(g.at+"/console/rules/edit/session").Sees(200, "Session without use")
	form.Submit("See what it would do", map[string]string{"session.ttl": "soon"}).Sees(422, "Write a length of time")
	form.Submit("See what it would do", map[string]string{"session.ttl": "25 h"}).Sees(422, "from 1 min to 24 h")
	form.Submit("See what it would do", map[string]string{"session.absolute": "2 h"}).Sees(422, "which could never be reached")
	form.Submit("See what it would do", nil).Sees(200, "Nothing would change")
	impact := form.Submit("See what it would do", map[string]string{"session.ttl": "30 min"}).Sees(200, "What this would do", "24 hours", "30 minutes", "Nobody who can sign in")
	if n := g.Count("settings WHERE subject = 'policy' AND document->'session'->>'ttl' = '30m'"); n != 0 {
		t.Fatal("saved before it was confirmed")
	}
	other := b.Get(g.at+"/console/rules/edit/link").Sees(200).Submit("See what it would do", map[string]string{"link.ttl": "45 min"}).Sees(200, "Weaker than before")
	impact.Submit("Save and apply now", nil).Sees(303).Follow().Sees(200, "The rules are saved", "30 minutes")
	if n := g.Count(`audit_events WHERE kind = 'policy.changed' AND details->'changes'->0 @> '{"field": "policy.session.ttl", "before": "24h", "after": "30m"}'`); n != 1 {
		t.Errorf("%d audit rows", n)
	}
	for deadline := time.Now().Add(20 * time.Second); beside.Tenant("college").Policy.Session.TTL.String() != "30m"; {
		if time.Now().After(deadline) {
			t.Fatal("the second instance does not know")
		}
		b.Get(g.at + "/console/rules") // takes a moment
	}

	clash := other.Submit("Save and apply now", nil).Sees(409, "Somebody saved other rules meanwhile", "45 minutes", "30 minutes", "Mateo Villanueva")
	clash.Submit("Look at my change on top of it", nil).Sees(200, "45 minutes").Submit("Save and apply now", nil).Sees(303)
	now := g.Tenant("college").Policy
	if now.Session.TTL.String() != "30m" || now.Link.TTL.String() != "45m" {
		t.Errorf("%v %v", now.Session.TTL, now.Link.TTL)
	}

	b.Get(g.at+"/console/rules/history").Sees(200, "Version 3", "In force", "Mateo Villanueva")
	b.Get(g.at + "/console/rules/history/0").Sees(404)
	b.Get(g.at + "/console/rules/history/99").Sees(404)
	b.Get(g.at+"/console/rules/history/1").Sees(200, "This is the first version").Submit("See what going back would do", nil).
		Sees(200, "What this would do", "24 hours").Submit("Save and apply now", nil).Sees(303)
	if now := g.Tenant("college").Policy; now.Session.TTL.String() != "24h" {
		t.Errorf("went back to %v", now.Session.TTL)
	}
	b.Get(g.at+"/console/rules/compare?preset=nist").Sees(200).Submit("See what taking it over would do", nil).Sees(200, "could no longer")
	if g.Tenant("first").Policy.Preset == "two-gate" {
		t.Error("another tenant changed")
	}
}

func TestRulesAreRefused(t *testing.T) {
	t.Parallel()
	g := newGround(t)
	auditor := g.in("B1003")
	auditor.Get(g.at+"/console/rules").Sees(200, "Life of a link").Hides("/console/rules/edit")
	auditor.Get(g.at + "/console/rules/edit/link").Sees(403)
	helper := g.in("B1004")
	helper.Get(g.at + "/console/rules").Sees(403)
	admin := g.in("B1001")
	page := admin.Get(g.at + "/console/rules/edit/link").Sees(200)
	token := page.Value("token")
	send := func(b *apptest.Browser, path, body string) *apptest.Answer {
		header := apptest.SameOrigin(g.at)
		header["Content-Type"] = "application/x-www-form-urlencoded"
		return b.Send("POST", g.at+path, body, header)
	}
	for _, body := range []string{
		"base=1&set%3Alink.ttl=45m", "token=" + token + "&base=01&set%3Alink.ttl=45m", "token=" + token + "&base=1&set%3Ano.such=1",
		"token=" + token + "&base=1&set%3Alink.ttl=45m&set%3Alink.ttl=50m", "token=" + token + "&base=-1", "token=" + token,
	} {
		if a := send(admin, "/console/rules/save", body); a.Status != 400 && a.Status != 403 {
			t.Errorf("%s: %d", strings.ReplaceAll(body, token, "…"), a.Status)
		}
	}
	send(admin, "/console/rules/save", "token="+token+"&base=1&set%3Alink.ttl=99h").Sees(422, "from 5 min to 24 h")
	send(admin, "/console/rules/save", "token="+token+"&base=1&set%3Afinish.auto_sign_in=true").Sees(422, "same for everybody")
	if a := send(auditor, "/console/rules/save", "token="+token+"&base=1&set%3Alink.ttl=45m"); a.Status != 403 {
		t.Errorf("an auditor saves: %d", a.Status)
	}
	if n := g.Count("settings s JOIN tenants t ON t.id = s.tenant_id WHERE s.subject = 'policy' AND t.slug = 'college'"); n != 1 {
		t.Errorf("%d versions", n)
	}
}
