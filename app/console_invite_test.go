package app_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"portico/app/apptest"
)

func TestInvitingOnePersonFromTheConsole(t *testing.T) {
	t.Parallel()
	p, at := startHarbour(t)
	ada := enter(t, p, at, "ada@harbour.example")
	since := p.Clock.Now()
	form := ada.Get(at+"/console/people/invite").Sees(200, "Invite people", "One person a line")
	form.Submit("Send the invitation", map[string]string{"address": "nobody", "name": "Nora Newcomer"}).Sees(422, "This is no mail address")
	form.Submit("Send the invitation", map[string]string{"address": "ADA@harbour.example", "name": "Twin"}).Sees(422, "already")
	form.Submit("Send the invitation", map[string]string{"address": "nora@harbour.example", "name": "Nora Newcomer", "role": "support_agent"}).On().
		Sees(200, "on its way", "Nora Newcomer", "Pending", "Support Agent")
	ada.Get(at+"/console/people?state=invited").Sees(200, "Nora Newcomer", "Invited")
	first := p.Letter("nora@harbour.example", since).Links[0]

	link := ""
	p.Scan("SELECT id::text FROM links WHERE purpose = 'invite' AND replaced_at IS NULL", nil, &link)
	page := ada.Get(at + "/console/people/invitations").Sees(200)
	later := p.Clock.Now()
	page.Submit("Send again", nil).On().Sees(200, "The link in the older one no longer works")
	second := p.Letter("nora@harbour.example", later).Links[0]
	if p.Count("links WHERE purpose = 'invite' AND replaced_at IS NOT NULL") != 1 || first == second {
		t.Error("the older link still stands")
	}
	p.Browser().Get(first).Follow().Sees(410, "replaced").Hides("Choose your password")
	page.Submit("Revoke", nil).On().Sees(200, "ended meanwhile") // the form shows the link before
	p.Browser().Get(second).Follow().Sees(200, "Choose your password").Submit("Save password", map[string]string{"password": apptest.Password, "confirm": apptest.Password})
	ada.Get(at+"/console/people/invitations").Sees(200, "Nora Newcomer", "Accepted").Hides("Pending on")
	if n := p.Count("role_assignments WHERE role = 'support_agent' AND granted_by LIKE 'account:%'"); n != 1 {
		t.Errorf("%d roles were given", n)
	}
}

func TestAnInvitationGivesNoMoreThanItsSenderHolds(t *testing.T) {
	t.Parallel()
	p, at := startHarbour(t)
	lena := enter(t, p, at, "lena@harbour.example")
	group := func(external string) (id string) {
		p.Scan("SELECT id::text FROM groups WHERE external_id = $1", []any{external}, &id)
		return id
	}
	page := lena.Get(at+"/console/people/invite").Sees(200, "North Pier", "Front Desk").Hides("South Pier", "Brand Administrator", "Everywhere")
	try := func(fields map[string]string) *apptest.Answer {
		values := url.Values{"token": {page.Value("token")}, "name": {"Nora"}, "address": {"nora@harbour.example"}, "group": {group("desk")}}
		for name, value := range fields {
			values.Set(name, value)
		}
		return lena.Post(at+"/console/people/invite", values)
	}
	for name, fields := range map[string]map[string]string{
		"a higher role":              {"role": "brand_admin", "scope": group("north")},
		"a role beyond the reach":    {"role": "support_agent", "scope": group("south")},
		"a role everywhere":          {"role": "support_agent", "scope": ""},
		"a role that does not exist": {"role": "emperor", "scope": group("north")},
		"a group out of reach":       {"group": group("south")},
		"no group":                   {"group": ""},
		"a group that is none":       {"group": "'; --"},
	} {
		if answer := try(fields); answer.Status != 422 {
			t.Errorf("%s: %d", name, answer.Status)
		}
	}
	if n := p.Count("links WHERE purpose = 'invite'"); n != 0 {
		t.Errorf("%d invitations went out", n)
	}
	try(map[string]string{"role": "support_agent", "scope": group("desk")}).On().Sees(200, "Nora", "Support Agent in Front Desk")
	if n := p.Count("account_groups m JOIN groups g ON g.id = m.group_id JOIN accounts a ON a.id = m.account_id WHERE a.display_name = 'Nora' AND g.external_id = 'desk'"); n != 1 {
		t.Error("Nora is not at the desk")
	}
	bram := enter(t, p, at, "bram@harbour.example")
	bram.Get(at + "/console/people/invite").Sees(403)
	bram.Get(at + "/console/people/invitations").Sees(403)
}

func TestInvitingManyLeavesBadLinesOut(t *testing.T) {
	t.Parallel()
	p, at := startHarbour(t)
	ada := enter(t, p, at, "ada@harbour.example")
	page := ada.Get(at + "/console/people/invite").Sees(200)
	lines := "one@harbour.example, One First\r\n\r\nnot an address, Two\r\nthree@harbour.example\r\nONE@harbour.example, Again\r\n" +
		"ada@harbour.example, Ada\r\n=cmd@harbour.example; Formula\r\n" + strings.Repeat("x", 3000) + "\r\nlast@harbour.example\tLast One"
	page.Submit("Send the invitations", map[string]string{"lines": lines, "many_role": "member"}).
		Sees(200, "invitations were sent", "lines were left out", "not an address", "earlier line", "already")
	for address, want := range map[string]int{"one@harbour.example": 1, "last@harbour.example": 1, "three@harbour.example": 0} {
		if n := p.Count("account_identifiers WHERE norm = $1", address); n != want {
			t.Errorf("%s: %d", address, n)
		}
	}
	page.Submit("Send the invitations", map[string]string{"lines": " \r\n "}).Sees(422, "at least one line")
	page.Submit("Send the invitations", map[string]string{"lines": strings.Repeat("a@b.example, B\n", 501)}).Sees(422, "more than 500 lines")
	page.Submit("Send the invitations", map[string]string{"lines": "x@harbour.example, X", "many_role": "emperor"}).Sees(422, "cannot grant this role")

	// Another tenant's administrator finds none of it, and cannot end it.
	first := p.Origin("first")
	tariq := enter(t, p, first, "tariq@first.example")
	form := tariq.Get(first + "/console/people/invitations").Sees(200).Hides("One First")
	link := ""
	p.Scan("SELECT l.id::text FROM links l JOIN accounts a ON a.id = l.account_id WHERE a.display_name = 'One First'", nil, &link)
	token := tariq.Get(first + "/console/people/invite").Value("token")
	for _, act := range []string{"again", "revoke"} {
		tariq.Post(first+"/console/people/invitations/"+act, url.Values{"token": {token}, "link": {link}}).On().Sees(200, "ended meanwhile")
	}
	if n := p.Count(fmt.Sprintf("links WHERE id = '%s' AND revoked_at IS NULL AND replaced_at IS NULL", link)); n != 1 || form.Status != 200 {
		t.Error("another tenant's administrator changed an invitation")
	}
}
