package accounts_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"portico/app/accounts"
	"portico/app/apptest"
)

// rows counts everything that a request for a link writes.
const rows = `SELECT (SELECT count(*) FROM recovery_flows) * 1000000 + (SELECT count(*) FROM links) * 10000
	+ (SELECT count(*) FROM letters) * 1000 + (SELECT count(*) FROM river.river_job) * 100 + (SELECT count(*) FROM audit_events WHERE kind LIKE '%reset%')`

func TestEverybodysRequestWritesTheSameRows(t *testing.T) {
	t.Parallel()
	p, first := ground(t)
	change(t, p, "DELETE FROM account_identifiers WHERE norm = 'tariq@first.example'")
	change(t, p, `INSERT INTO account_identifiers (tenant_id, kind, norm, value, account_id, created_at)
		SELECT tenant_id, 'username', 'noaddress', 'noaddress', id, created_at FROM accounts WHERE external_id = 'f-2'`)
	want, at := 0, 1
	for _, typed := range []string{ava, "nobody@first.example", "ines@first.example", "kofi@first.example", "not an address", "tariq@first.example"} {
		before := count(t, p, rows)
		_, err := p.Accounts.RequestLink(t.Context(), first, typed, "", from(fmt.Sprintf("192.0.2.%d", at)))
		must(t, err)
		at++
		if got := count(t, p, rows) - before; want == 0 {
			want = got
		} else if got != want {
			t.Errorf("%s writes %d, ava %d", typed, got, want)
		}
	}
	if n := len(tokens(t, p, "recovery", ava)); n != 1 {
		t.Errorf("ava got %d links", n)
	}
	for to, n := range map[string]int{"kofi@first.example": 1, "ines@first.example": 0, "nobody@first.example": 0} {
		if got := count(t, p, "SELECT count(*) FROM letters WHERE recipient = $1", to); got != n {
			t.Errorf("%s got %d letters, want %d", to, got, n)
		}
	}
	if n := count(t, p, "SELECT count(*) FROM links WHERE account_id IS NOT NULL"); n != 1 {
		t.Errorf("%d links belong to somebody", n)
	}
	policy := *first
	policy.Policy.Reset.RequiresConfirmedEmail = true
	change(t, p, "UPDATE account_identifiers SET verified_at = NULL")
	_, err := p.Accounts.RequestLink(t.Context(), &policy, "shared@both.example", "", from("192.0.2.99"))
	must(t, err)
	if n := count(t, p, "SELECT count(*) FROM letters WHERE recipient = 'shared@both.example'"); n != 0 {
		t.Error("an address that nobody confirmed got a letter")
	}
}

func TestLettersPerAccountAreBounded(t *testing.T) {
	t.Parallel()
	p, first := ground(t)
	for _, who := range []string{ava, "kofi@first.example"} { // a link, and the word on how they sign in
		sent := func() int { return count(t, p, "SELECT count(*) FROM letters WHERE recipient = $1", who) }
		for i, step := range []struct {
			after time.Duration
			want  int
		}{
			{0, 1}, {time.Second, 2}, {time.Second, 3}, {time.Second, 3}, {59 * time.Second, 4}, {30 * time.Second, 4}, {31 * time.Second, 5}, {5 * time.Minute, 5},
			{54 * time.Minute, 6}, {time.Minute, 7}, {time.Minute, 8}, {time.Minute, 9}, {time.Minute, 10}, {2 * hour, 10}, {24 * hour, 11},
		} {
			p.Clock.Advance(step.after)
			_, err := p.Accounts.RequestLink(t.Context(), first, who, "", from(fmt.Sprintf("198.51.100.%d", i+1)))
			must(t, err)
			if got := sent(); got != step.want {
				t.Fatalf("%s, request %d: %d letters, want %d", who, i+1, got, step.want)
			}
		}
	}
	if n := count(t, p, `SELECT count(*) FROM links WHERE account_id IS NOT NULL AND used_at IS NULL AND replaced_at IS NULL AND revoked_at IS NULL`); n != 1 {
		t.Errorf("%d links stand: a limited request must leave the standing one", n)
	}
}

func TestRequestsPerAddressAreBounded(t *testing.T) {
	t.Parallel()
	p, first := ground(t)
	for i := range 11 {
		_, err := p.Accounts.RequestLink(t.Context(), first, fmt.Sprintf("n%d@first.example", i), "", from("2001:db8::1"))
		var limit *accounts.LimitError
		if errors.As(err, &limit) != (i == 10) {
			t.Fatalf("request %d: %v", i+1, err)
		}
	}
	if _, err := p.Accounts.RequestLink(t.Context(), first, ava, "", from("2001:db8::ffff")); err == nil {
		t.Error("the same /64 has a limit of its own")
	}
	_, err := p.Accounts.RequestLink(t.Context(), first, ava, "", from("2001:db8:0:1::1"))
	must(t, err)
}

func TestLinksSayWhyTheyEnded(t *testing.T) {
	t.Parallel()
	p, first := ground(t)
	ask := func(returnTo string) string {
		t.Helper()
		p.Clock.Advance(2 * hour)
		_, err := p.Accounts.RequestLink(t.Context(), first, ava, returnTo, from("192.0.2.1"))
		must(t, err)
		all := tokens(t, p, "recovery", ava)
		return all[len(all)-1]
	}
	check := func(token, want string) {
		t.Helper()
		if _, err := p.Accounts.CheckLink(t.Context(), first, accounts.ForRecovery, token, from("192.0.2.1")); linkReason(err) != want {
			t.Errorf("a link is %v, want %q", err, want)
		}
		if want == "" {
			return
		}
		if err := p.Accounts.ResetPassword(t.Context(), first, token, "Lantern!meadow9", from("192.0.2.1")); linkReason(err) != want {
			t.Errorf("spending a link: %v, want %q", err, want)
		}
	}
	one := ask("https://desk.first.example/x")
	two := ask("")
	check(one, "replaced")
	check(two, "")
	if _, err := p.Accounts.CheckLink(t.Context(), p.Tenant("second"), accounts.ForRecovery, two, from("192.0.2.1")); linkReason(err) != "unknown" {
		t.Errorf("at another tenant: %v", err)
	}
	if _, err := p.Accounts.CheckLink(t.Context(), first, accounts.ForUnlock, two, from("192.0.2.1")); linkReason(err) != "unknown" {
		t.Errorf("for another purpose: %v", err)
	}
	for _, bad := range []string{"", two[:42], two + "A", two[:42] + "!"} {
		check(bad, "unknown")
	}
	p.Clock.Advance(24*hour - time.Second)
	check(two, "")
	p.Clock.Advance(2 * time.Second)
	check(two, "expired")
	p.Clock.Advance(2 * hour)
	_, err := p.Accounts.RequestLinkAgain(t.Context(), first, one, from("192.0.2.1"))
	must(t, err)
	all := tokens(t, p, "recovery", ava)
	three := all[len(all)-1]
	l, err := p.Accounts.CheckLink(t.Context(), first, accounts.ForRecovery, three, from("192.0.2.1"))
	if err != nil || l.ReturnTo != "https://desk.first.example/x" {
		t.Errorf("asked again: %q, %v", l.ReturnTo, err)
	}
	var weak *accounts.PasswordError
	if err := p.Accounts.ResetPassword(t.Context(), first, three, "Lindqvist!", from("192.0.2.1")); !errors.As(err, &weak) || weak.Broken[0].Word != "lindqvist" {
		t.Errorf("a password made of the name: %v", err)
	}
	must(t, p.Accounts.ResetPassword(t.Context(), first, three, "Lantern!meadow9", from("192.0.2.1")))
	check(three, "used")
	four := ask("")
	change(t, p, "UPDATE accounts SET status = 'disabled', stamp = stamp + 1 WHERE external_id = 'f-1'")
	check(four, "revoked")
}

func TestAResetEndsWhatTheOldPasswordBegan(t *testing.T) {
	t.Parallel()
	p, first := ground(t)
	in, err := p.Accounts.SignIn(t.Context(), first, try(ava, apptest.Password, from("192.0.2.1")))
	must(t, err)
	for range 5 {
		_, err := p.Accounts.SignIn(t.Context(), first, try(ava, "wrong", from("192.0.2.2")))
		if !errors.Is(err, accounts.ErrWrong) {
			t.Fatal(err)
		}
	}
	if n := len(tokens(t, p, "unlock", ava)); n != 1 {
		t.Errorf("%d unlock letters", n)
	}
	if _, err := p.Accounts.SignIn(t.Context(), first, try(ava, apptest.Password, from("192.0.2.3"))); !errors.Is(err, accounts.ErrWrong) {
		t.Errorf("the right password at a locked account: %v", err)
	}
	_, err = p.Accounts.RequestLink(t.Context(), first, ava, "", from("192.0.2.1"))
	must(t, err)
	token := tokens(t, p, "recovery", ava)[0]
	must(t, p.Accounts.ResetPassword(t.Context(), first, token, "Lantern!meadow9", from("192.0.2.1")))
	if _, err := p.Accounts.Session(t.Context(), first, in.Session.Value); !errors.Is(err, accounts.ErrNoSession) {
		t.Errorf("the old session: %v", err)
	}
	if err := p.Accounts.Unlock(t.Context(), first, tokens(t, p, "unlock", ava)[0]); linkReason(err) != "revoked" {
		t.Errorf("the old unlock link: %v", err)
	}
	if n := count(t, p, "SELECT count(*) FROM recovery_flows WHERE ended_at IS NULL AND account_id IS NOT NULL"); n != 0 {
		t.Errorf("%d flows are still open", n)
	}
	if n := count(t, p, "SELECT count(*) FROM letters WHERE recipient = $1 AND lane = 'notice'", ava); n != 1 {
		t.Errorf("%d notices", n)
	}
	_, err = p.Accounts.SignIn(t.Context(), first, try(ava, "Lantern!meadow9", from("192.0.2.4")))
	must(t, err)
}

func TestRacesHaveOneWinnerAndNoDeadlock(t *testing.T) {
	t.Parallel()
	p, first := ground(t)
	var all sync.WaitGroup
	ask := func(n int) {
		for i := range n {
			all.Go(func() {
				if _, err := p.Accounts.RequestLink(context.Background(), first, ava, "", from(fmt.Sprintf("203.0.113.%d", i+1))); err != nil {
					t.Error(err)
				}
			})
		}
	}
	standing := `SELECT count(*) FROM links WHERE account_id IS NOT NULL AND used_at IS NULL AND replaced_at IS NULL AND revoked_at IS NULL`
	ask(20)
	all.Wait()
	if n, sent := count(t, p, standing), len(tokens(t, p, "recovery", ava)); n != 1 || sent != 3 {
		t.Errorf("%d links stand, %d were sent", n, sent)
	}
	var token string
	for _, tk := range tokens(t, p, "recovery", ava) {
		if _, err := p.Accounts.CheckLink(t.Context(), first, accounts.ForRecovery, tk, from("192.0.2.1")); err == nil {
			token = tk
		}
	}
	p.Clock.Advance(2 * time.Minute)
	var mu sync.Mutex
	won := 0
	for range 10 {
		all.Go(func() {
			err := p.Accounts.ResetPassword(context.Background(), first, token, "Lantern!meadow9", from("192.0.2.1"))
			var link *accounts.LinkError
			mu.Lock()
			defer mu.Unlock()
			if err == nil {
				won++
			} else if !errors.As(err, &link) {
				t.Errorf("spending at once: %v", err)
			}
		})
	}
	ask(3) // a newer link may replace it in between: then nobody wins
	all.Wait()
	if used := count(t, p, "SELECT count(*) FROM links WHERE used_at IS NOT NULL"); won > 1 || used != won {
		t.Errorf("%d won, %d links were used", won, used)
	}
	change(t, p, "UPDATE accounts SET stamp = stamp") // nothing holds the row any more
	for range 4 {                                     // fewer than the lock's threshold: tries are charged before they are looked at
		all.Go(func() {
			_, err := p.Accounts.SignIn(context.Background(), first, try("tariq@first.example", apptest.Password, from("192.0.2.7")))
			if err != nil {
				t.Errorf("right sign-ins at once: %v", err)
			}
		})
	}
	all.Wait()
}
