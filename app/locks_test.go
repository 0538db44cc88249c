package app_test

import (
	"context"
	"fmt"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"time"

	"portico/app/accounts"
	"portico/app/apptest"
)

const avaIsLocked = "account_locks WHERE device = 'unknown' AND locked_until IS NOT NULL"

// TestParallelGuessesDoNotOutrunTheLock: of 50 tries at once, the right password among them may win only
// while the threshold of five was not reached, and once it was, nothing gets in.
func TestParallelGuessesDoNotOutrunTheLock(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t, apptest.Options{Tenants: []string{unbounded}})
	tenant, ctx := p.Tenant("first"), context.Background()
	try := func(i int, password string) error {
		_, err := p.Accounts.SignIn(ctx, tenant, accounts.Try{Identifier: "ava@first.example", Password: password,
			Client: accounts.Client{Address: netip.AddrFrom4([4]byte{203, 0, 113, byte(i)})}})
		return err
	}
	together(50, func(i int) {
		if err := try(i, fmt.Sprint("wrong ", i)); err == nil {
			t.Error("a wrong password signed in")
		}
	})
	var failures int
	p.Scan("SELECT failures FROM account_locks WHERE device = 'unknown'", nil, &failures)
	if failures != 5 {
		t.Errorf("%d of 50 guesses were looked at, the policy says 5", failures)
	}
	if n := p.Count("audit_events WHERE kind = 'signin.failed' AND reason = 'wrong'"); n != 5 {
		t.Errorf("%d guesses are audited as wrong", n)
	}
	together(20, func(i int) {
		if err := try(100+i, apptest.Password); err == nil {
			t.Error("the right password passed the lock")
		}
	})
	var lockedUntil time.Time
	p.Scan("SELECT locked_until FROM account_locks WHERE device = 'unknown'", nil, &lockedUntil)
	p.Clock.Advance(lockedUntil.Sub(p.Clock.Now()) - time.Minute)
	if try(1, apptest.Password) == nil {
		t.Error("the lock ended early")
	}
	p.Clock.Advance(time.Minute)
	if err := try(1, apptest.Password); err != nil {
		t.Errorf("the lock did not end: %v", err)
	}
	if n := p.Count("letters WHERE kind = 'unlock'"); n != 1 {
		t.Errorf("%d unlock letters were written", n)
	}
}

// storm locks ava for strangers, as a stranger would.
func storm(p *apptest.Portal) {
	for i := range 7 {
		p.Browser().SignIn(p.Origin("first"), "ava@first.example", fmt.Sprint("guess ", i)).Sees(422)
	}
}

func TestALockNeitherHelpsNorShutsOut(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t, apptest.Options{})
	at, since := p.Origin("first"), p.Clock.Now()
	owner := p.Browser()
	owner.SignIn(at, "ava@first.example", apptest.Password).Sees(303)
	page := owner.Get(at + "/account").Sees(200)
	owner.Post(at+"/logout", url.Values{"token": {page.Value("token")}}).Sees(303)
	storm(p)
	if p.Count(avaIsLocked) != 1 {
		t.Fatal("nothing is locked")
	}
	p.Browser().SignIn(at, "ava@first.example", apptest.Password).Sees(422)
	owner.SignIn(at, "ava@first.example", apptest.Password).Sees(303) // the known device gets in
	p.Browser().SignIn(at, "ava@first.example", apptest.Password).Sees(422)
	stolen := p.Browser() // a device cookie of somebody else opens nothing
	stolen.SignIn(at, "tariq@first.example", apptest.Password).Sees(303)
	form := stolen.Get(at + "/account").Sees(200)
	stolen.Post(at+"/logout", url.Values{"token": {form.Value("token")}}).Sees(303)
	stolen.SignIn(at, "ava@first.example", apptest.Password).Sees(422)

	letter := p.Letter("ava@first.example", since)
	link := letter.Links[0]
	if !strings.HasPrefix(link, at+"/unlock/") {
		t.Fatalf("the letter leads to %q", link)
	}
	stranger := p.Browser()
	stranger.From = "203.0.113.9"
	stranger.Get(at + "/recover/" + tokenOf(link)).Follow().Sees(410) // an unlock token resets nothing
	b := p.Browser()
	for range 20 {
		b.Get(link).Follow().Sees(200)
	}
	if p.Count(avaIsLocked) != 1 {
		t.Error("opening the link unlocked")
	}
	b.Get(link).Follow().Submit("Unlock my account", nil).Sees(200)
	p.Browser().SignIn(at, "ava@first.example", apptest.Password).Sees(303)
	b.Get(link).Follow().Sees(410)

	storm(p)
	p.Browser().Get(linkFor(t, p, "first", "ava@first.example")).Follow().Submit("Save new password", map[string]string{"password": another}).Sees(303)
	p.Browser().SignIn(at, "ava@first.example", another).Sees(303) // a reset lifts the lock
}

// TestTheFirstLockOfADayIsTold, the later ones of that day are not.
func TestTheFirstLockOfADayIsTold(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t, apptest.Options{})
	for day := 1; day <= 2; day++ {
		for range 3 {
			storm(p)
			p.Clock.Advance(16 * time.Minute)
		}
		if n := p.Count("letters WHERE kind = 'unlock'"); n != day {
			t.Errorf("day %d: %d letters", day, n)
		}
		p.Clock.Advance(24 * time.Hour)
	}
}

// TestOneCounterForAllSpellings: whatever names the account, its failures are one count.
func TestOneCounterForAllSpellings(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t, apptest.Options{})
	at := p.Origin("first")
	for i, typed := range []string{"ava@first.example", "AVA@FIRST.EXAMPLE", " ava@first.example ", "Ava@First.example.", "aVa@first.EXAMPLE"} {
		p.Browser().SignIn(at, typed, fmt.Sprint("guess ", i)).Sees(422)
	}
	if p.Count(avaIsLocked) != 1 {
		t.Error("five spellings got five counters")
	}
}

// limits is First with the bounds of security.md 4.2 and a network of the tenant's own.
var limits = strings.Replace(apptest.First, "  users:", `  throttle:
    ceiling: 5000
    signin_ip: {limit: 20, window: 1m, block: 0s}
    networks: [{cidr: 198.51.100.0/24, factor: 3}]
  users:`, 1)

// guesses signs in with wrong passwords for people who do not exist until 429, at most 100 times.
func guesses(p *apptest.Portal, from func(i int) string) (tries int, last *apptest.Answer) {
	b := p.Browser()
	for tries = 0; tries < 100; tries++ {
		b.From = from(tries)
		if last = b.SignIn(p.Origin("first"), fmt.Sprintf("nobody%d@first.example", tries), "wrong"); last.Status == 429 {
			break
		}
	}
	return tries, last
}

func TestAddressesAreLimited(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t, apptest.Options{Tenants: []string{limits}})
	beside := apptest.Start(t, apptest.Options{Beside: p})
	for name, c := range map[string]struct {
		from func(int) string
		want int
	}{
		"one address":           {func(int) string { return "203.0.113.1" }, 20},
		"one /64":               {func(i int) string { return fmt.Sprintf("2001:db8:1:2::%x", i+1) }, 20},
		"mapped":                {func(i int) string { return []string{"203.0.113.3", "::ffff:203.0.113.3"}[i%2] }, 20},
		"a lie in front":        {func(i int) string { return fmt.Sprintf("192.0.2.%d, 203.0.113.4", i) }, 20},
		"a lie of no address":   {func(i int) string { return fmt.Sprintf("<script%d>, 203.0.113.5", i) }, 20},
		"behind two of ours":    {func(i int) string { return fmt.Sprintf("192.0.2.%d, 203.0.113.6, 127.0.0.2", i) }, 20},
		"the tenant's network":  {func(int) string { return "198.51.100.7" }, 60},
		"ports and zones of it": {func(int) string { return "fe80::1%eth0" }, 20},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tries, last := guesses(p, c.from)
			if tries != c.want || last.Status != 429 {
				t.Fatalf("%d tries passed, then %d; want %d, then 429", tries, last.Status, c.want)
			}
			var wait int
			if _, err := fmt.Sscan(last.Header.Get("Retry-After"), &wait); err != nil || wait < 1 || wait > 60 {
				t.Errorf("Retry-After %q", last.Header.Get("Retry-After"))
			}
			b := beside.Browser() // the other instance counts with us, and an address that is full asks for nobody
			b.From = c.from(99)
			if a := b.SignIn(beside.Origin("first"), "tariq@first.example", apptest.Password); a.Status != 429 {
				t.Errorf("the other instance answers %d", a.Status)
			}
		})
	}
}

func TestForwardedAddressesOfStrangersCountForNothing(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t, apptest.Options{Tenants: []string{limits}, Untrusted: true})
	if tries, _ := guesses(p, func(i int) string { return fmt.Sprintf("203.0.113.%d", i) }); tries != 20 {
		t.Errorf("%d tries passed", tries)
	}
}

// TestManyPeopleBehindOneAddress: successes don't count (decisions.md 21), five times as many as the
// bound and several at once, and a few slips among them change nothing.
func TestManyPeopleBehindOneAddress(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t, apptest.Options{Tenants: []string{limits}})
	tenant, ctx := p.Tenant("first"), context.Background()
	for round := range 12 {
		together(8, func(i int) {
			_, err := p.Accounts.SignIn(ctx, tenant, accounts.Try{Identifier: []string{"ava", "tariq", "shared"}[i%3] + []string{"@first.example", "@first.example", "@both.example"}[i%3],
				Password: apptest.Password, Client: accounts.Client{Address: netip.MustParseAddr("203.0.113.77")}})
			if err != nil {
				t.Errorf("round %d: %v", round, err)
			}
		})
	}
}

// TestABlockHolds: a limit with a block refuses for as long as it says, not just until its window ends.
func TestABlockHolds(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t, apptest.Options{Tenants: []string{strings.Replace(limits, "block: 0s", "block: 30m", 1)}})
	same := func(int) string { return "203.0.113.1" }
	if tries, last := guesses(p, same); tries != 20 || last.Header.Get("Retry-After") != "1800" {
		t.Fatalf("%d tries, Retry-After %q", tries, last.Header.Get("Retry-After"))
	}
	p.Clock.Advance(2 * time.Minute)
	if tries, _ := guesses(p, same); tries != 0 {
		t.Errorf("after two of thirty minutes %d more tries passed", tries)
	}
	p.Clock.Advance(29 * time.Minute)
	if tries, _ := guesses(p, same); tries != 20 {
		t.Errorf("after the block %d tries passed", tries)
	}
}

// TestHowOftenALinkIsMailed is decisions.md 20, to the letter.
func TestHowOftenALinkIsMailed(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t, apptest.Options{Tenants: []string{unbounded}, NoWorkers: true})
	at, from := p.Origin("first"), 0
	sent := func(b *apptest.Browser) bool {
		before := p.Count("letters WHERE recipient <> ''")
		standing := ""
		const find = "SELECT coalesce(max(id::text), '') FROM links WHERE account_id IS NOT NULL AND used_at IS NULL AND replaced_at IS NULL AND revoked_at IS NULL"
		p.Scan(find, nil, &standing)
		from++
		b.From = fmt.Sprintf("203.0.%d.%d", from/200, from%200+1)
		b.AskForLink(at, "ava@first.example").Sees(200)
		went := p.Count("letters WHERE recipient <> ''") > before
		after := ""
		if p.Scan(find, nil, &after); !went && after != standing {
			t.Error("a limited request ended the standing link")
		}
		return went
	}
	stranger := p.Browser()
	ask := func(name string, after time.Duration, want bool) {
		t.Helper()
		p.Clock.Advance(after)
		if got := sent(stranger); got != want {
			t.Errorf("%s: sent %v, want %v", name, got, want)
		}
	}
	ask("first at once", 0, true)
	ask("second at once", 0, true)
	ask("third at once", 0, true)
	ask("fourth at once", 0, false)
	ask("fourth after a minute", time.Minute, true)
	ask("fifth too soon", 30*time.Second, false)
	ask("fifth after a minute", 31*time.Second, true)
	ask("sixth of the hour", 2*time.Minute, false)
	owner := p.Browser()
	owner.SignIn(at, "ava@first.example", apptest.Password).Sees(303)
	if !sent(owner) {
		t.Error("strangers used up the budget of the owner's own device")
	}
	ask("after the hour", 61*time.Minute, true)
	for i := range 4 {
		ask(fmt.Sprint("more of the day ", i), 2*time.Minute, true)
	}
	ask("eleventh of the day", 2*time.Hour, false)
	ask("the next day", 24*time.Hour, true)
}

func TestAskingIsLimitedByAddressToo(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t, apptest.Options{Tenants: []string{unbounded}, NoWorkers: true})
	b, at := p.Browser(), p.Origin("first")
	b.From = "203.0.113.1"
	for i := range 10 {
		b.AskForLink(at, fmt.Sprintf("nobody%d@first.example", i)).Sees(200)
	}
	if a := b.AskForLink(at, "ava@first.example").Sees(429); a.Header.Get("Retry-After") == "" {
		t.Error("no Retry-After")
	}
	other := p.Browser()
	other.From = "203.0.113.2"
	other.AskForLink(at, "ava@first.example").Sees(200)
}
