package app_test

import (
	"errors"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"portico/app/accounts"
	"portico/app/apptest"
	"portico/app/letters"
	"portico/tenants"
)

// letter is the newest letter to an address.
func (h *watched) letter(to string) uuid.UUID {
	h.t.Helper()
	var id uuid.UUID
	h.Scan("SELECT id FROM letters WHERE recipient = $1 ORDER BY id DESC LIMIT 1", []any{to}, &id)
	return id
}

// ask asks for a recovery and waits until its letter has left.
func (h *watched) ask(email string) uuid.UUID {
	h.t.Helper()
	since := h.Clock.Now()
	h.Browser().AskForLink(h.at, email).On().Sees(200)
	h.Letter(email, since)
	return h.letter(email)
}

func (h *watched) within(work func(s *tenants.Scope) error) {
	h.t.Helper()
	var id tenants.ID
	h.Scan("SELECT id FROM tenants WHERE slug = 'looked'", nil, &id)
	if err := h.DB.In(h.t.Context(), id, work); err != nil {
		h.t.Fatal(err)
	}
}

func TestLettersAreSeenWithinReach(t *testing.T) {
	t.Parallel()
	h := newLooked(t)
	desa, sol := h.ask("desa@looked.example"), h.ask("sol@looked.example")
	h.Browser().AskForLink(h.at, "stranger@looked.example").On().Sees(200)
	h.Exec(`INSERT INTO letters (tenant_id, id, kind, lane, channel, recipient, event, state, created_at)
		SELECT id, gen_random_uuid(), 'contact_admin', 'notice', 'email', 'outside@partner.example', 'x', 'queued', '2026-11-22' FROM tenants WHERE slug = 'looked'`)
	ada := h.in("ada").Get(h.at+"/console/letters").Sees(200, "Recovery link", "Desa Desk", "Sol South", "outside@ partner. example", "Handed over")
	if n := strings.Count(ada.Body, "/console/letters/0"); n != 2 {
		t.Logf("%d letters are linked", n)
	}
	ada.Hides("stranger@looked.example")
	var decoy uuid.UUID
	h.Scan("SELECT id FROM letters WHERE recipient = ''", nil, &decoy)
	h.in("ada").Get(h.at + "/console/letters/" + decoy.String()).Sees(404)
	north := h.in("nils")
	north.Get(h.at+"/console/letters").Sees(200, "Desa Desk").Hides("Sol South", "outside@partner.example")
	north.Get(h.at+"/console/letters/"+desa.String()).Sees(200, "Written and queued", "Handed over to the carrier").Hides("Send it anew")
	north.Get(h.at + "/console/letters/" + sol.String()).Sees(404)
	north.Get(h.at+"/console/letters?to=sol%40looked.example").Sees(200, "No letter was found")
	first := h.Origin("first")
	tariq := h.Browser()
	tariq.SignIn(first, "tariq@first.example", apptest.Password).Sees(303)
	tariq.Get(first + "/console/letters/" + desa.String()).Sees(404)
	b := h.in("ada")
	b.Get(h.at+"/console/letters?to=sol%40looked.example&stage=sent&kind=recovery").Sees(200, "Sol South").Hides("Desa Desk")
	b.Get(h.at+"/console/letters?stage=failed").Sees(200, "No letter was found")
	b.Get(h.at+"/console/letters?from=soon").Sees(422, "This is not a day")
	for _, tampered := range []string{"before=1", "after=%00", "stage=gone", "kind=A", "before=" + desa.String() + "&after=" + sol.String()} {
		b.Get(h.at + "/console/letters?" + tampered).Sees(404)
	}
}

func TestLetterIsWrittenAnew(t *testing.T) {
	t.Parallel()
	h := newLooked(t)
	old := h.ask("desa@looked.example")
	ada := h.in("ada")
	h.Clock.Advance(2 * time.Minute)
	since := h.Clock.Now()
	page := ada.Get(h.at+"/console/letters/"+old.String()).Sees(200, "Send it anew")
	page.Submit("Send a letter with a new link", nil).On().Sees(200, "A letter with a new link was written")
	h.Letter("desa@looked.example", since)
	if again := h.letter("desa@looked.example"); again == old {
		t.Error("no new letter was written")
	}
	if n := h.Count("links WHERE purpose = 'recovery' AND account_id = $1 AND replaced_at IS NULL AND used_at IS NULL", h.id("desa@looked.example")); n != 1 {
		t.Errorf("%d links stand, want one", n)
	}
	if n := h.Count("audit_events WHERE kind = 'letter.resent' AND account_id = $1", h.id("desa@looked.example")); n != 1 {
		t.Errorf("%d times written down", n)
	}
	// The person's own limits hold, and a refusal writes nothing.
	for range 6 {
		page.Submit("Send a letter with a new link", nil)
	}
	page.Submit("Send a letter with a new link", nil).Sees(409, "as many letters lately as the rules allow")
	if n := h.Count("recovery_flows WHERE account_id = $1", h.id("desa@looked.example")); n > 5 {
		t.Errorf("%d recoveries were begun", n)
	}
	// An auditor reads alone; a code is never sent again.
	nils := h.in("nils")
	token := nils.Get(h.at + "/account/password").Value("token")
	nils.Post(h.at+"/console/letters/"+old.String()+"/again", url.Values{"token": {token}}).Sees(403)
	h.Exec("UPDATE letters SET kind = 'code' WHERE id = $1", old)
	ada.Get(h.at + "/console/letters/" + old.String()).Sees(200).Hides("Send it anew")
	ada.Post(h.at+"/console/letters/"+old.String()+"/again", url.Values{"token": {page.Value("token")}}).Sees(404)
}

func TestFeedbackIsKeptOnce(t *testing.T) {
	t.Parallel()
	h := newLooked(t)
	id := h.ask("desa@looked.example")
	at := h.Clock.Now()
	told := func(fate letters.Fate, permanent bool, when time.Time) (recorded bool) {
		h.within(func(s *tenants.Scope) (err error) {
			recorded, err = letters.Feedback(t.Context(), s, letters.Told{Letter: id, Fate: fate, Permanent: permanent, Reason: "NoEmail", At: when})
			return err
		})
		return recorded
	}
	if !told(letters.Bounced, true, at) || told(letters.Bounced, true, at.Add(time.Hour)) {
		t.Error("a bounce is kept twice, or not at all")
	}
	var as string
	h.Scan("SELECT bounced_as FROM account_identifiers WHERE norm = 'desa@looked.example'", nil, &as)
	if as != "bounced" {
		t.Errorf("the address is marked %q", as)
	}
	if n := h.Count("audit_events WHERE kind = 'letter.bounced'"); n != 1 {
		t.Errorf("%d times written down", n)
	}
	ada := h.in("ada")
	ada.Get(h.at+"/console/letters?stage=bounced").Sees(200, "Came back", "Nothing arrives here")
	ada.Get(h.at+"/console/letters/"+id.String()).Sees(200, "Came back, for good", "NoEmail")
	if n := h.Count("account_identifiers WHERE bounced_at IS NOT NULL"); n != 1 {
		t.Errorf("%d addresses came back", n)
	}
	told(letters.Delivered, false, at.Add(-time.Hour)) // told late: it was before the bounce
	if h.Count("account_identifiers WHERE bounced_at IS NOT NULL") != 1 {
		t.Error("an earlier arrival frees the address")
	}
	h.Clock.Advance(2 * time.Minute)
	id = h.ask("desa@looked.example")
	if !told(letters.Delivered, false, h.Clock.Now()) || h.Count("account_identifiers WHERE bounced_at IS NOT NULL") != 0 {
		t.Error("a later arrival does not free the address")
	}
	h.Scan("SELECT id FROM letters WHERE recipient <> '' LIMIT 1", nil, &id)
	var first tenants.ID
	h.Scan("SELECT id FROM tenants WHERE slug = 'first'", nil, &first)
	err := h.DB.In(t.Context(), first, func(s *tenants.Scope) error {
		recorded, err := letters.Feedback(t.Context(), s, letters.Told{Letter: id, Fate: letters.Complained, At: at})
		if recorded {
			t.Error("another tenant's letter was told of")
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// invited is the account of somebody who was invited just now.
func (h *watched) invited(email string, inv accounts.Invitation) uuid.UUID {
	h.t.Helper()
	var done accounts.Invited
	inv.By, inv.New = "test", accounts.New{DisplayName: email, Identifiers: map[string]string{accounts.Email: email}}
	h.within(func(s *tenants.Scope) (err error) {
		done, err = h.Accounts.Invite(h.t.Context(), s, h.Tenant("looked"), inv)
		return err
	})
	return done.AccountID
}

// Somebody else may have the address by now to which an invitation went.
func TestInvitationGoesAgainToWhomItWentTo(t *testing.T) {
	t.Parallel()
	h := newLooked(t)
	anna := h.invited("old@looked.example", accounts.Invitation{Groups: []string{"desk"}})
	letter := h.letter("old@looked.example")
	h.Exec("UPDATE account_identifiers SET norm = 'new@looked.example', value = 'new@looked.example' WHERE norm = 'old@looked.example'")
	boss := h.invited("old@looked.example", accounts.Invitation{Roles: []accounts.Grant{{Role: "brand_admin"}}})
	h.Exec(`INSERT INTO role_assignments (tenant_id, id, account_id, role, scope_id, granted_by, created_at)
		SELECT a.tenant_id, gen_random_uuid(), a.id, 'support_agent', g.id, 'test', a.created_at
		FROM accounts a JOIN groups g ON g.tenant_id = a.tenant_id WHERE a.external_id = 'l-2' AND g.external_id = 'north'`)
	nils := h.in("nils")
	page := nils.Get(h.at+"/console/letters/"+letter.String()).Sees(200, "Send it anew")
	since := h.Clock.Now()
	page.Submit("Send a letter with a new link", nil).On().Sees(200, "A letter with a new link was written")
	h.Letter("new@looked.example", since)
	if n := h.Count("links WHERE account_id = $1 AND (replaced_at IS NOT NULL OR revoked_at IS NOT NULL)", boss); n != 0 {
		t.Error("the link of somebody else has ended")
	}
	if n := h.Count("letters WHERE account_id = $1", boss); n != 1 {
		t.Errorf("somebody else got %d letters, want their own", n)
	}
	if n := h.Count("links WHERE account_id = $1 AND replaced_at IS NULL", anna); n != 1 {
		t.Errorf("%d links stand for whom the letter went to, want one", n)
	}

	// However often it is asked for, and wherever, one person gets so many and no more.
	for range 20 {
		page.Submit("Send a letter with a new link", nil)
	}
	page.Submit("Send a letter with a new link", nil).Sees(409, "as many letters lately as the rules allow")
	ada := h.in("ada")
	ada.Get(h.at+"/console/people/"+anna.String()).Sees(200).Submit("Send the invitation again", nil).Sees(409, "as many invitations as one person may get")
	ada.Get(h.at + "/console/people/invitations").Sees(200)
	if n := h.Count("letters WHERE account_id = $1", anna); n != 3 {
		t.Errorf("%d invitations were written to one person", n)
	}
	h.Clock.Advance(time.Minute)
	page.Submit("Send a letter with a new link", nil).On().Sees(200, "A letter with a new link was written")
}

// Of many at once no more get through than one after the other.
func TestInvitationsAtOnceAreCounted(t *testing.T) {
	t.Parallel()
	h := newLooked(t)
	anna := h.invited("anna@looked.example", accounts.Invitation{})
	var wait sync.WaitGroup
	for range 8 {
		wait.Go(func() {
			err := h.DB.In(t.Context(), h.Tenant("looked").ID, func(s *tenants.Scope) error {
				_, err := h.Accounts.InviteAgain(t.Context(), s, h.Tenant("looked"), anna, "test")
				return err
			})
			if err != nil && !errors.Is(err, accounts.ErrInvitedLately) {
				t.Error(err)
			}
		})
	}
	wait.Wait()
	if n := h.Count("links WHERE account_id = $1", anna); n != 3 {
		t.Errorf("%d invitations were written, want 3", n)
	}
}
