package app_test

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"portico/app/accounts"
	"portico/app/apptest"
	"portico/tenants"
)

// nora is somebody new at First.
func nora() accounts.Invitation {
	return accounts.Invitation{By: "test", Roles: []accounts.Grant{{Role: "location_admin"}},
		New: accounts.New{DisplayName: "Nora Newcomer", Locale: "en", Identifiers: map[string]string{accounts.Email: "nora@first.example"}}}
}

func invite(t *testing.T, p *apptest.Portal, slug string, inv accounts.Invitation) (out accounts.Invited, err error) {
	t.Helper()
	tenant := p.Tenant(slug)
	err = p.DB.In(context.Background(), tenant.ID, func(s *tenants.Scope) (err error) {
		out, err = p.Accounts.Invite(context.Background(), s, tenant, inv)
		return err
	})
	return out, err
}

// invitationFor invites and gives the mailed link.
func invitationFor(t *testing.T, p *apptest.Portal, inv accounts.Invitation) string {
	t.Helper()
	since := p.Clock.Now()
	out, err := invite(t, p, "first", inv)
	if err != nil {
		t.Fatal(err)
	}
	return p.Letter(out.To, since).Links[0]
}

func TestAnInvitationOpensAFirstPassword(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t, apptest.Options{})
	at, b := p.Origin("first"), p.Browser()
	link := invitationFor(t, p, nora())
	if !strings.HasPrefix(link, at+"/invite/") {
		t.Fatalf("the letter leads to %s", link)
	}
	if n := p.Count("letters WHERE kind = 'invitation' AND lane = 'bulk'"); n != 1 {
		t.Errorf("%d invitations stand in the bulk lane", n)
	}
	if n := p.Count("role_assignments WHERE role = 'location_admin' AND scope_id IS NULL AND granted_by = 'test'"); n != 1 {
		t.Errorf("%d roles were granted", n)
	}
	page := b.Get(link).Follow().Sees(200, "Choose your password", "Welcome to First House", "nora@first.example")
	if page.Header.Get("Location") != "" || strings.Contains(page.Body, tokenOf(link)) {
		t.Error("the page shows the link's token")
	}
	page.Submit("Save password", map[string]string{"password": "short"}).Sees(422, "too short")
	done := page.Submit("Save password", map[string]string{"password": another}).Sees(303)
	if done.Location != "/login" {
		t.Errorf("leads to %s", done.Location)
	}
	done.Follow().Sees(200, "Sign in with it now")
	b.Get(at + "/account").Sees(303) // nobody is signed in by a link
	b.SignIn(at, "nora@first.example", another).Sees(303)
	p.Browser().Get(link).Follow().Sees(410, "already used", "new invitation")
	if n := p.Count("account_identifiers WHERE norm = 'nora@first.example' AND verified_at IS NOT NULL"); n != 1 {
		t.Error("the address is not confirmed")
	}
	if sent, redeemed := p.Count("audit_events WHERE kind = 'invite.sent'"), p.Count("audit_events WHERE kind = 'invite.redeemed' AND outcome = 'success'"); sent != 1 || redeemed != 1 {
		t.Errorf("the audit has %d sent and %d redeemed", sent, redeemed)
	}
}

// TestInvitationsThatEndedSayWhy walks every way in which one ends. None offers strangers another mail.
func TestInvitationsThatEndedSayWhy(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		end  func(t *testing.T, p *apptest.Portal)
		says string
	}{
		"replaced": {func(t *testing.T, p *apptest.Portal) {
			if _, err := invite(t, p, "first", accounts.Invitation{New: accounts.New{Identifiers: map[string]string{accounts.Email: "NORA@first.example"}}}); err != nil {
				t.Fatal(err)
			}
		}, "newest invitation"},
		"expired": {func(_ *testing.T, p *apptest.Portal) { p.Clock.Advance(7*24*time.Hour + time.Second) }, "expired"},
		"revoked": {func(t *testing.T, p *apptest.Portal) {
			err := p.DB.In(t.Context(), p.Tenant("first").ID, func(s *tenants.Scope) error {
				id, err := accounts.Find(t.Context(), s, "nora@first.example")
				if err != nil {
					return err
				}
				return p.Accounts.RevokeInvitation(t.Context(), s, id, "test")
			})
			if err != nil {
				t.Fatal(err)
			}
		}, "withdrawn"},
		"disabled": {func(t *testing.T, p *apptest.Portal) { setStatus(t, p, "nora@first.example", true) }, "withdrawn"},
		"signs in elsewhere by now": {func(_ *testing.T, p *apptest.Portal) {
			p.Exec("UPDATE accounts SET sign_in = 'sso' WHERE display_name = 'Nora Newcomer'")
		}, "withdrawn"},
		"has a password by now": {func(_ *testing.T, p *apptest.Portal) {
			p.Exec("UPDATE accounts SET password = 'x' WHERE display_name = 'Nora Newcomer'")
		}, "withdrawn"},
		"reset by mail meanwhile": {func(t *testing.T, p *apptest.Portal) {
			link := linkFor(t, p, "first", "nora@first.example")
			p.Browser().Get(link).Follow().Submit("Save new password", map[string]string{"password": "Velvet!Harbour93"}).Sees(303)
		}, "withdrawn"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := apptest.Start(t, apptest.Options{})
			link, open := invitationFor(t, p, nora()), p.Browser()
			form := open.Get(link).Follow().Sees(200)
			c.end(t, p)
			before := ""
			p.Scan("SELECT coalesce(encode(password, 'hex'), '') FROM accounts WHERE display_name = 'Nora Newcomer'", nil, &before)
			page := p.Browser().Get(link).Follow().Sees(410, c.says)
			if strings.Contains(page.Body, "Nora") || strings.Contains(page.Body, "nora@") || strings.Contains(page.Body, "/recover/again") {
				t.Error("the page says whose it was, or has another one sent")
			}
			if name != "expired" { // a week is more than the form and its cookie live
				open.Post(p.Origin("first")+"/invite/accept", url.Values{"token": {form.Value("token")}, "password": {another}}).Sees(410, c.says)
			}
			after := ""
			p.Scan("SELECT coalesce(encode(password, 'hex'), '') FROM accounts WHERE display_name = 'Nora Newcomer'", nil, &after)
			if before != after {
				t.Error("an ended invitation set a password")
			}
		})
	}
}

func TestOneInvitationIsSpentOnce(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t, apptest.Options{Tenants: []string{unbounded}})
	at, link := p.Origin("first"), invitationFor(t, p, nora())
	const n = 8
	browsers, tokens, status := make([]*apptest.Browser, n), make([]string, n), make([]int, n)
	for i := range browsers {
		browsers[i] = p.Browser()
		tokens[i] = browsers[i].Get(link).Follow().Sees(200).Value("token")
	}
	together(n, func(i int) {
		body := url.Values{"token": {tokens[i]}, "password": {fmt.Sprintf("%s-%d", another, i)}}.Encode()
		status[i] = browsers[i].Send("POST", at+"/invite/accept", body, apptest.SameOrigin(at)).Status
	})
	won := 0
	for i, s := range status {
		if s == 303 {
			won++
			p.Browser().SignIn(at, "nora@first.example", fmt.Sprintf("%s-%d", another, i)).Sees(303)
		} else if s != 410 {
			t.Errorf("%d was answered %d", i, s)
		}
	}
	if won != 1 {
		t.Errorf("%d won", won)
	}
}

func TestInvitationsStayWithTheirTenantAndPurpose(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t, apptest.Options{})
	link := invitationFor(t, p, nora())
	token := tokenOf(link)
	before := p.Rows("second")
	p.Browser().Get(p.Origin("second")+"/invite/"+token).Follow().Sees(410, "not valid")
	p.Browser().Get(p.Origin("first")+"/recover/"+token).Follow().Sees(410, "not valid")
	p.Browser().Get(p.Origin("first")+"/unlock/"+token).Follow().Sees(410, "not valid")
	p.Browser().Get(p.Origin("first") + "/invite/nonsense").Sees(410)
	p.Browser().Get(p.Origin("first") + "/invite/accept").Sees(410) // no cookie: nothing was opened here
	delete(before, "public.limits")                                 // wrong links of an address are counted
	after := p.Rows("second")
	if changed := before.Differ(after); len(changed) > 0 {
		t.Errorf("another tenant's rows changed: %v", changed)
	}
	recovery := linkFor(t, p, "first", "nora@first.example")
	p.Browser().Get(p.Origin("first")+"/invite/"+tokenOf(recovery)).Follow().Sees(410, "not valid")
	before = p.Rows("first")
	for range 20 {
		p.Browser().Get(link).Follow().Sees(200)
	}
	for _, c := range before.Differ(p.Rows("first")) {
		if !strings.HasPrefix(c, "public.letters ") {
			t.Errorf("opening changed %s", c)
		}
	}
}

func TestWhoCannotBeInvited(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t, apptest.Options{NoWorkers: true})
	before := p.Rows("")
	known := func(address string) accounts.Invitation {
		return accounts.Invitation{New: accounts.New{Identifiers: map[string]string{accounts.Email: address}}}
	}
	elsewhere := nora()
	elsewhere.Groups = []string{"nowhere"}
	scoped := nora()
	scoped.Roles = []accounts.Grant{{Role: "location_admin", Scope: "nowhere"}}
	promoted := known("ava@first.example")
	promoted.Roles = nora().Roles
	username := accounts.Invitation{New: accounts.New{DisplayName: "Nora", Identifiers: map[string]string{accounts.Email: "nora@second.example"}}}
	for name, c := range map[string]struct {
		slug string
		inv  accounts.Invitation
		says string
	}{
		"has a password": {"first", known("ava@first.example"), "has a password"}, "disabled": {"first", known("ines@first.example"), "disabled"},
		"elsewhere": {"first", known("kofi@first.example"), "signs in elsewhere"}, "new without a name": {"first", known("nora@first.example"), "name"},
		"no group": {"first", elsewhere, "nowhere"}, "no scope": {"first", scoped, "nowhere"}, "known and promoted": {"first", promoted, "keeps its"},
		"could never sign in": {"second", username, "no username"}, "no address": {"first", known("nora"), ""},
	} {
		_, err := invite(t, p, c.slug, c.inv)
		if err == nil || !strings.Contains(err.Error(), c.says) || c.says != "" && !errors.Is(err, accounts.ErrNotInvited) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if changed := before.Differ(p.Rows("")); len(changed) > 0 {
		t.Errorf("refused invitations changed %v", changed)
	}
}
