package accounts_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"portico/app/accounts"
	"portico/app/apptest"
	"portico/tenants"
)

// inside signs ava in and returns the session, with its browser.
func inside(t *testing.T, p *apptest.Portal, first *tenants.Tenant, address, password string) (accounts.Session, accounts.Client) {
	t.Helper()
	c := from(address)
	in, err := p.Accounts.SignIn(t.Context(), first, try(ava, password, c))
	must(t, err)
	c.Device = in.Device.Value
	s, err := p.Accounts.Session(t.Context(), first, in.Session.Value)
	must(t, err)
	return s, c
}

// with is a tenant whose password policy differs.
func with(first *tenants.Tenant, change func(*tenants.PasswordPolicy)) *tenants.Tenant {
	other := *first
	change(&other.Policy.Password)
	return &other
}

// broken names the rules of a *PasswordError; other errors show themselves.
func broken(err error) string {
	var refused *accounts.PasswordError
	if !errors.As(err, &refused) {
		return fmt.Sprint(err)
	}
	var all []string
	for _, r := range refused.Broken {
		all = append(all, r.Name)
	}
	return strings.Join(all, " ")
}

const (
	passA, passB, passC = "Amber-Kettle-window1", "Birch-Lantern-garden2", "Cobalt-Orchard-thimble3"

	openSessions = "SELECT count(*) FROM sessions s JOIN accounts a ON a.tenant_id = s.tenant_id AND a.id = s.account_id AND a.stamp = s.stamp WHERE s.ended_at IS NULL AND a.external_id = 'f-1'"
	keptHashes   = "SELECT count(*) FROM earlier_passwords"
)

func TestAChangeEndsEverythingButThisSession(t *testing.T) {
	t.Parallel()
	p, first := ground(t)
	other, far := inside(t, p, first, "192.0.2.9", apptest.Password)
	own, c := inside(t, p, first, "192.0.2.1", apptest.Password)
	_, err := p.Accounts.RequestLink(t.Context(), first, ava, "", c)
	must(t, err)
	link := tokens(t, p, "recovery", ava)[0]
	cookie, err := p.Accounts.ChangePassword(t.Context(), first, own, apptest.Password, passA, c)
	must(t, err)
	again, err := p.Accounts.Session(t.Context(), first, cookie.Value)
	must(t, err)
	if again.PublicID != own.PublicID || !cookie.Ends.IsZero() {
		t.Errorf("the session under the new cookie is another: %+v, %+v", again, cookie)
	}
	if n := count(t, p, openSessions); n != 1 {
		t.Errorf("%d sessions hold", n)
	}
	if _, err := p.Accounts.ChangePassword(t.Context(), first, other, passA, passB, far); !errors.Is(err, accounts.ErrNoSession) {
		t.Errorf("a session that ended changed the password: %v", err)
	}
	_, err = p.Accounts.CheckLink(t.Context(), first, accounts.ForRecovery, link, c)
	if linkReason(err) != "revoked" {
		t.Errorf("the link that stood: %v", err)
	}
	if n := count(t, p, "SELECT count(*) FROM recovery_flows WHERE ended_at IS NULL AND account_id IS NOT NULL"); n != 0 {
		t.Errorf("%d recoveries go on", n)
	}
	if n := count(t, p, devicesOfAva); n != 2 {
		t.Errorf("%d devices are known, want both", n)
	}
	if n := count(t, p, "SELECT count(*) FROM letters WHERE kind = 'reset_notice' AND recipient = $1", ava); n != 1 {
		t.Errorf("%d notices", n)
	}
	if n := count(t, p, "SELECT count(*) FROM audit_events WHERE kind = 'password.changed' AND outcome = 'success' AND actor = 'account:' || account_id"); n != 1 {
		t.Errorf("%d changes stand in the audit", n)
	}
	if _, err := p.Accounts.SignIn(t.Context(), first, try(ava, apptest.Password, far)); !errors.Is(err, accounts.ErrWrong) {
		t.Errorf("the old password: %v", err)
	}
	inside(t, p, first, "192.0.2.9", passA)
}

func TestHistoryOnChangeAndOnReset(t *testing.T) {
	t.Parallel()
	p, first := ground(t)
	three := with(first, func(w *tenants.PasswordPolicy) { w.HistoryChange = 3 })
	s, c := inside(t, p, first, "192.0.2.1", apptest.Password)
	now := apptest.Password
	change := func(on *tenants.Tenant, to, want string) {
		t.Helper()
		cookie, err := p.Accounts.ChangePassword(t.Context(), on, s, now, to, c)
		if broken(err) != want {
			t.Fatalf("from %q to %q: %v, want %s", now, to, err, want)
		}
		if err == nil {
			now = to
			p.Clock.Advance(time.Second)
			s, err = p.Accounts.Session(t.Context(), on, cookie.Value)
			must(t, err)
		}
	}
	change(three, passA, "<nil>")
	change(three, passB, "<nil>")
	for _, used := range []string{apptest.Password, passA, passB} {
		change(three, used, "reused")
	}
	change(three, passC, "<nil>")
	if n := count(t, p, keptHashes); n != 2 {
		t.Errorf("%d earlier passwords are kept, want the 2 that are compared", n)
	}
	change(three, passA, "reused")
	change(three, apptest.Password, "<nil>") // the fourth from the end
	change(first, apptest.Password, "<nil>") // history 0: even the one in use
	if n := count(t, p, keptHashes); n != 0 {
		t.Errorf("%d earlier passwords are kept for nothing", n)
	}
	if n := count(t, p, "SELECT count(*) FROM audit_events WHERE kind = 'password.changed' AND outcome = 'failure' AND reason = 'reused'"); n != 4 {
		t.Errorf("%d refusals stand in the audit", n)
	}
	reset := func(on *tenants.Tenant, to, want string) {
		t.Helper()
		p.Clock.Advance(11 * time.Minute)
		_, err := p.Accounts.RequestLink(t.Context(), on, ava, "", c)
		must(t, err)
		links := tokens(t, p, "recovery", ava)
		if err := p.Accounts.ResetPassword(t.Context(), on, links[len(links)-1], to, c); broken(err) != want {
			t.Fatalf("reset to %q: %v, want %s", to, err, want)
		}
	}
	reset(three, apptest.Password, "<nil>") // history_change is not for resets
	one := with(first, func(w *tenants.PasswordPolicy) { w.HistoryReset = 1 })
	reset(one, apptest.Password, "reused")
	reset(one, "abcdefg!", "upper")
	if n := count(t, p, "SELECT count(*) FROM audit_events WHERE kind = 'reset.step' AND outcome = 'failure' AND reason IN ('reused', 'upper') AND details::text NOT LIKE '%bcdef%'"); n != 2 {
		t.Errorf("%d refused resets stand in the audit", n)
	}
}

func TestOfTwoChangesAtOnceOneWins(t *testing.T) {
	t.Parallel()
	p, first := ground(t)
	history := with(first, func(w *tenants.PasswordPolicy) { w.HistoryChange = 2 })
	errs := make([]error, 4)
	var sessions [4]accounts.Session
	var clients [4]accounts.Client
	for i := range errs {
		sessions[i], clients[i] = inside(t, p, first, fmt.Sprintf("192.0.2.%d", i+1), apptest.Password)
	}
	var all sync.WaitGroup
	for i := range errs {
		all.Go(func() {
			_, errs[i] = p.Accounts.ChangePassword(context.Background(), history, sessions[i], apptest.Password, fmt.Sprintf("%s-%d", passA, i), clients[i])
		})
	}
	all.Wait()
	winner := -1
	for i, err := range errs {
		switch {
		case err == nil && winner < 0:
			winner = i
		case !errors.Is(err, accounts.ErrNoSession) && !errors.Is(err, accounts.ErrWrong): // ErrWrong: it came to the old password after the winner
			t.Errorf("change %d: %v", i, err)
		}
	}
	if winner < 0 {
		t.Fatalf("nobody won: %v", errs)
	}
	if n := count(t, p, openSessions); n != 1 {
		t.Errorf("%d sessions hold", n)
	}
	if n := count(t, p, keptHashes); n != 1 {
		t.Errorf("%d earlier passwords", n)
	}
	inside(t, p, first, "192.0.2.77", fmt.Sprintf("%s-%d", passA, winner))
}

func TestWrongOldPasswordsLockAsAtSignIn(t *testing.T) {
	t.Parallel()
	p, first := ground(t)
	s, c := inside(t, p, first, "192.0.2.1", apptest.Password)
	for range 3 { // the right old one never counts, whatever is wrong with the new
		for _, bad := range []string{"short", "Ava!Lindqvist"} {
			if _, err := p.Accounts.ChangePassword(t.Context(), first, s, apptest.Password, bad, c); broken(err) == "<nil>" {
				t.Fatal("a bad password was taken")
			}
		}
	}
	stranger := from("192.0.2.2") // the device cookie is gone: it counts with all other strangers
	var locked *accounts.LockedError
	for i := range 5 {
		_, err := p.Accounts.ChangePassword(t.Context(), first, s, "wrong", passA, stranger)
		if errors.As(err, &locked) != (i == 4) {
			t.Fatalf("try %d: %v", i+1, err)
		}
	}
	if left := locked.Until.Sub(p.Clock.Now()); left < 14*time.Minute || left > 15*time.Minute {
		t.Errorf("locked for %s", left)
	}
	if _, err := p.Accounts.ChangePassword(t.Context(), first, s, apptest.Password, passA, stranger); !errors.As(err, &locked) {
		t.Errorf("the right old password while it is locked: %v", err)
	}
	if _, err := p.Accounts.SignIn(t.Context(), first, try(ava, apptest.Password, stranger)); !errors.Is(err, accounts.ErrWrong) {
		t.Errorf("signing in from another browser while it is locked: %v", err)
	}
	if n := count(t, p, "SELECT count(*) FROM audit_events WHERE kind = 'password.changed' AND outcome = 'failure' AND reason IN ('wrong', 'locked')"); n != 6 {
		t.Errorf("%d wrong tries stand in the audit", n)
	}
	if n := count(t, p, "SELECT count(*) FROM letters WHERE kind = 'unlock' AND recipient = $1", ava); n != 1 {
		t.Errorf("%d letters about the lock", n)
	}
	cookie, err := p.Accounts.ChangePassword(t.Context(), first, s, apptest.Password, passA, c) // the known device counts apart
	must(t, err)
	_, err = p.Accounts.Session(t.Context(), first, cookie.Value)
	must(t, err)
}

func TestAForeignSessionChangesNothing(t *testing.T) {
	t.Parallel()
	p, first := ground(t)
	s, c := inside(t, p, first, "192.0.2.1", apptest.Password)
	before := p.Rows("first")["public.accounts"]
	if _, err := p.Accounts.ChangePassword(t.Context(), p.Tenant("second"), s, apptest.Password, passA, c); !errors.Is(err, accounts.ErrWrong) {
		t.Errorf("another tenant: %v", err)
	}
	if p.Rows("first")["public.accounts"] != before {
		t.Error("the account changed")
	}
	must(t, p.Accounts.SignOut(t.Context(), first, s))
	if _, err := p.Accounts.ChangePassword(t.Context(), first, s, apptest.Password, passA, c); !errors.Is(err, accounts.ErrNoSession) {
		t.Errorf("a session that was signed out meanwhile: %v", err)
	}
	change(t, p, "UPDATE accounts SET status = 'disabled' WHERE external_id = 'f-1'")
	if _, err := p.Accounts.ChangePassword(t.Context(), first, s, apptest.Password, passA, c); !errors.Is(err, accounts.ErrWrong) {
		t.Errorf("a disabled account: %v", err)
	}
	if p.Rows("first")["public.sessions"] == "" || count(t, p, "SELECT count(*) FROM audit_events WHERE kind = 'password.changed' AND outcome = 'success'") != 0 {
		t.Error("a change stands in the audit")
	}
}

func TestAnOldPasswordIsADuty(t *testing.T) {
	t.Parallel()
	p, first := ground(t)
	aged := with(first, func(w *tenants.PasswordPolicy) { w.MaxAgeDays, w.ChangeInside = 180, true })
	duty := func(password string) (string, accounts.Session, accounts.Client) {
		t.Helper()
		c := from("192.0.2.1")
		in, err := p.Accounts.SignIn(t.Context(), aged, try(ava, password, c))
		must(t, err)
		s, err := p.Accounts.Session(t.Context(), aged, in.Session.Value)
		must(t, err)
		if s.Duty != in.Duty {
			t.Errorf("the session has %q, signing in said %q", s.Duty, in.Duty)
		}
		return s.Duty, s, c
	}
	p.Clock.Advance(180*24*time.Hour - time.Minute)
	if d, _, _ := duty(apptest.Password); d != "" {
		t.Errorf("a minute too early: %q", d)
	}
	p.Clock.Advance(2 * time.Minute)
	d, s, c := duty(apptest.Password)
	if d != accounts.DutyPassword {
		t.Fatalf("after 180 days: %q", d)
	}
	cookie, err := p.Accounts.ChangePassword(t.Context(), aged, s, apptest.Password, passA, c)
	must(t, err)
	if s, err = p.Accounts.Session(t.Context(), aged, cookie.Value); err != nil || s.Duty != "" {
		t.Errorf("after the change: %+v, %v", s, err)
	}
	if d, _, _ = duty(passA); d != "" {
		t.Errorf("at the next sign-in: %q", d)
	}
}
