package accounts

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"log/slog"
	"net/netip"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"portico/app/audit"
	"portico/tenants"
	"portico/tenants/tenantstest"
)

// gate counts tries without passwords, whose hashes would be all that a test of thousands measures.
type gate struct {
	*Accounts
	t      *testing.T
	tenant tenants.ID
	policy tenants.Policy
}

func openGate(t *testing.T) gate {
	t.Helper()
	key := make([]byte, 32)
	_, _ = rand.Read(key)
	ring, err := tenants.ParseKeyring("t1:" + base64.StdEncoding.EncodeToString(key))
	if err != nil {
		t.Fatal(err)
	}
	db, err := tenants.Open(tenants.DBSettings{URL: tenantstest.Database(t).AppURL, MaxConns: 8, Clock: &tenants.Clock{}, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(db.Close)
	policy, _ := tenants.Preset("nist")
	policy.Throttle.SignInIP = window(20, time.Minute)
	policy.Throttle.Networks = []tenants.Network{{CIDR: "198.51.100.0/24", Factor: 40}}
	return gate{Accounts: &Accounts{DB: db, Seals: ring}, t: t, tenant: tenants.NewID(), policy: policy}
}

// try counts one try as sign-in does, and takes it back when it succeeds.
func (g gate) try(l addressLimit, succeeds bool) error {
	var answer addressAnswer
	err := g.DB.In(context.Background(), g.tenant, func(s *tenants.Scope) error {
		b := &tenants.Batch{}
		g.takeAddress(b, s, l, &answer)
		if err := s.Send(context.Background(), b); err != nil {
			return err
		}
		return answer.blocked(context.Background(), s, audit.SignInBlocked)
	})
	if err == nil {
		err = answer.err()
	}
	if err != nil || !succeeds {
		return err
	}
	return g.DB.In(context.Background(), g.tenant, func(s *tenants.Scope) error {
		b := &tenants.Batch{}
		g.giveBack(b, s, l.taken(answer)...)
		return s.SendAndCommit(context.Background(), b)
	})
}

func (g gate) client(address string, c Captcha) addressLimit {
	return signInLimit(g.policy, Client{Address: netip.MustParseAddr(address), Captcha: c})
}

// passes tells how many tries in a row pass, at most most, and what ended them.
func (g gate) passes(l addressLimit, most int) (n int, end *LimitError) {
	g.t.Helper()
	for n < most {
		err := g.try(l, false)
		if errors.As(err, &end) {
			return n, end
		}
		if err != nil {
			g.t.Fatal(err)
		}
		n++
	}
	return n, nil
}

func (g gate) blocks() (n int) {
	g.t.Helper()
	err := g.DB.In(context.Background(), g.tenant, func(s *tenants.Scope) error {
		return s.Row(context.Background(), "SELECT count(*) FROM audit_events WHERE kind = 'signin.blocked'", nil, &n)
	})
	if err != nil {
		g.t.Fatal(err)
	}
	return n
}

// TestACaptchaComesBefore429 is decisions.md 21: the ordinary bound, then a CAPTCHA, then the end.
func TestACaptchaComesBefore429(t *testing.T) {
	t.Parallel()
	g := openGate(t)
	none, solved := g.client("203.0.113.1", CaptchaNone), g.client("203.0.113.1", CaptchaSolved)
	if n, end := g.passes(none, 100); n != 20 || end == nil || !end.Solvable {
		t.Fatalf("%d passed, then %+v", n, end)
	}
	if n, end := g.passes(solved, 200); n != 80 || end == nil || end.Solvable {
		t.Fatalf("with a CAPTCHA %d more passed, then %+v", n, end)
	}
	if _, end := g.passes(none, 1); end == nil || end.Solvable || end.RetryAt.IsZero() {
		t.Errorf("when a CAPTCHA would not help either: %+v", end)
	}
	g.DB.Clock().Advance(61 * time.Second)
	if n, _ := g.passes(none, 5); n != 5 {
		t.Errorf("a minute later %d passed", n)
	}
	if n, _ := g.passes(g.client("203.0.113.2", CaptchaNone), 5); n != 5 {
		t.Error("another address was refused")
	}
}

// Whoever solves a CAPTCHA below the limit counts as everybody.
func TestSolvingEarlyRaisesNothing(t *testing.T) {
	t.Parallel()
	g := openGate(t)
	if n, _ := g.passes(g.client("203.0.113.1", CaptchaSolved), 500); n != 100 {
		t.Errorf("%d passed", n)
	}
}

func TestLimitsTightenWhileTheProviderIsDown(t *testing.T) {
	t.Parallel()
	g := openGate(t)
	if n, end := g.passes(g.client("203.0.113.1", CaptchaDown), 500); n != 50 || end.Solvable {
		t.Errorf("%d passed, then %+v", n, end)
	}
	g.policy.Throttle.SignInIP.Limit = 1
	if n, _ := g.passes(g.client("203.0.113.2", CaptchaDown), 1); n != 1 {
		t.Error("half of one is nobody")
	}
}

// A refused flood leaves one row: when it begins, and again when it begins anew.
func TestARefusedFloodLeavesOneTrace(t *testing.T) {
	t.Parallel()
	g := openGate(t)
	g.policy.Throttle.SignInIP.Block = tenants.Duration(10 * time.Minute)
	l := g.client("203.0.113.1", CaptchaNone)
	if g.passes(l, 20); g.blocks() != 0 {
		t.Fatal("a row without a refusal")
	}
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 10 {
				var limit *LimitError
				if err := g.try(l, false); !errors.As(err, &limit) {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	if n := g.blocks(); n != 1 {
		t.Fatalf("%d rows of 80 refused tries", n)
	}
	g.DB.Clock().Advance(10*time.Minute + time.Second)
	g.passes(l, 100)
	g.passes(l, 100)
	if n := g.blocks(); n != 2 {
		t.Errorf("%d rows of two blocks", n)
	}
}

// TestACampusSignsInWithoutACaptcha: 4,000 people behind one address of a listed network, every tenth of
// whom mistypes once; behind an address that nobody listed the same slips ask for a CAPTCHA.
func TestACampusSignsInWithoutACaptcha(t *testing.T) {
	t.Parallel()
	g := openGate(t)
	const people, slips = 4000, 10
	for address, want := range map[string]bool{"198.51.100.7": true, "203.0.113.7": false} {
		l := g.client(address, CaptchaNone)
		var next, refused atomic.Int32
		var all sync.WaitGroup
		for range 8 {
			all.Go(func() {
				for i := next.Add(1); i <= people && refused.Load() == 0; i = next.Add(1) {
					if i%slips == 0 && g.try(l, false) != nil || g.try(l, true) != nil {
						refused.Add(1)
					}
				}
			})
		}
		all.Wait()
		if passed := refused.Load() == 0; passed != want {
			t.Errorf("%s: everybody got in without a CAPTCHA: %v, want %v", address, passed, want)
		}
	}
}
