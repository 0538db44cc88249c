package domains_test

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/miekg/dns"

	"portico/tenants"
	"portico/tenants/domains"
)

const login = "login.a.example"

func TestAClaimStandsAndIsProved(t *testing.T) {
	t.Parallel()
	g := newGround(t)
	h := g.claim(g.one, "Login.A.example.")
	if h.Name != login || h.Standing != domains.Pending || len(h.Challenge) != 64 {
		t.Fatalf("%+v", h)
	}
	if again := g.claim(g.one, login); again.Challenge != h.Challenge {
		t.Error("the challenge changed while the claim stood")
	}
	if other, theirs := g.claim(g.one, "other.a.example"), g.claim(g.two, login); other.Challenge == h.Challenge || theirs.Challenge == h.Challenge {
		t.Error("two claims share a challenge")
	}
	if h = g.check(g.one, login); h.Standing != domains.Pending || g.record(g.one, login, domains.ItemProof).State != domains.Missing {
		t.Errorf("without a proof: %+v", h)
	}
	g.prove(h)
	if h = g.check(g.one, login); h.Standing != domains.Verified || !g.happened("host.verified "+login+" ") {
		t.Errorf("with its proof: %+v", h)
	}
	r, err := tenants.NewResolver(g.d.DB, tenants.Addresses{BaseURL: "https://portico.example"})
	g.must(err)
	if found, err := r.ByHost(t.Context(), login); err != nil || found.ID != g.one {
		t.Errorf("the verified host answers %v, %v", found, err)
	}
	g.must(g.d.Release(t.Context(), g.one, login))
	if _, err := g.d.Host(t.Context(), g.one, login); !errors.Is(err, domains.ErrNoClaim) {
		t.Errorf("after the release: %v", err)
	}
	if fresh := g.claim(g.one, login); fresh.Challenge == h.Challenge {
		t.Error("a claim after a release has the old challenge: whoever kept the record would hold it")
	}
}

func TestTheSameClaimTwiceAtOnce(t *testing.T) {
	t.Parallel()
	g := newGround(t)
	var all sync.WaitGroup
	challenges := make([]string, 8)
	for i := range challenges {
		all.Go(func() {
			h, err := g.d.Claim(t.Context(), g.one, login)
			if err != nil {
				t.Error(err)
			}
			challenges[i] = h.Challenge
		})
	}
	all.Wait()
	for _, c := range challenges {
		if c != challenges[0] {
			t.Errorf("two challenges: %s, %s", c, challenges[0])
		}
	}
}

func TestTwoTenantsProveOneHost(t *testing.T) {
	t.Parallel()
	g := newGround(t)
	a := g.verified(g.one, login)
	b := g.claim(g.two, login)

	g.prove(a, b) // both stand: who came first keeps it
	if h := g.check(g.two, login); h.Standing != domains.Pending {
		t.Errorf("the second of two proofs made it %s", h.Standing)
	}
	if r := g.record(g.two, login, domains.ItemProof); r.State != domains.Conflict || r.Code != domains.CodeHostTaken {
		t.Errorf("and says %s %s", r.State, r.Code)
	}

	g.prove(b) // the zone's owner took the first one's away
	if h := g.check(g.two, login); h.Standing != domains.Verified {
		t.Errorf("with the only proof it is %s", h.Standing)
	}
	h, err := g.d.Host(t.Context(), g.one, login)
	g.must(err)
	if h.Standing != domains.Lost || !g.happened("host.lost "+login+" proved_elsewhere") {
		t.Errorf("who lost it stands as %s", h.Standing)
	}
	if h = g.check(g.one, login); h.Standing != domains.Lost {
		t.Errorf("and after its own check as %s", h.Standing)
	}

	g.prove(a, b) // putting it back does not take it back
	if h = g.check(g.one, login); h.Standing != domains.Lost {
		t.Errorf("who lost it and proves it again stands as %s beside a proof that stands", h.Standing)
	}
}

func TestALostProofStopsServingAfterTheGraceTime(t *testing.T) {
	t.Parallel()
	g := newGround(t)
	g.verified(g.one, login)
	g.must(g.d.SetCanonical(t.Context(), g.one, login))
	r, err := tenants.NewResolver(g.d.DB, tenants.Addresses{BaseURL: "https://portico.example", BaseDomain: "portico.example"})
	g.must(err)
	g.d.Forget = r.Forget
	serves := func() bool { _, err := r.ByHost(t.Context(), login); return err == nil }

	g.dns.Clear(domains.ProofName(login))
	h := g.check(g.one, login)
	if h.Standing != domains.Losing || !serves() || h.EndsAt().Sub(h.MissingSince) != 72*time.Hour {
		t.Fatalf("just missing: %+v", h)
	}
	g.clock.Advance(71 * time.Hour)
	if h = g.check(g.one, login); h.Standing != domains.Losing || !serves() {
		t.Fatalf("an hour before the end: %+v", h)
	}
	g.clock.Advance(2 * time.Hour)
	g.dns.Fail(dns.RcodeServerFailure) // an outage never ends it
	if h = g.check(g.one, login); h.Standing != domains.Losing || !serves() {
		t.Fatalf("past the end, in an outage: %+v", h)
	}
	g.dns.Fail(0)
	if h = g.check(g.one, login); h.Standing != domains.Lost || serves() || h.Canonical || !g.happened("host.lost "+login+" proof_missing") {
		t.Fatalf("past the end: %+v", h)
	}
	if home, err := r.ByID(t.Context(), g.one); err != nil || home.Origin != "https://one.portico.example" {
		t.Errorf("its links name %v, %v", home.Origin, err)
	}
	g.prove(h)
	if h = g.check(g.one, login); h.Standing != domains.Verified || !h.Canonical || !serves() {
		t.Errorf("with the proof back: %+v", h)
	}
}

func TestAnOutageLeavesWhatIsKnownWithItsAge(t *testing.T) {
	t.Parallel()
	g := newGround(t)
	h := g.verified(g.one, login)
	before := g.record(g.one, login, domains.ItemProof)
	g.clock.Advance(time.Hour)
	for name, broken := range map[string]func(){
		"server failure": func() { g.dns.Fail(dns.RcodeServerFailure) },
		"refused":        func() { g.dns.Fail(dns.RcodeRefused) },
		"another answer": func() {
			g.dns.Answer(func(q *dns.Msg) *dns.Msg {
				m := new(dns.Msg)
				m.SetQuestion("other.example.", dns.TypeTXT)
				m.Id, m.Response = q.Id, true
				return m
			})
		},
	} {
		broken()
		after := g.check(g.one, login)
		r := g.record(g.one, login, domains.ItemProof)
		if after.Standing != domains.Verified || !after.CheckedAt.Equal(h.CheckedAt) || r.State != domains.OK || !r.CheckedAt.Equal(before.CheckedAt) || !r.TriedAt.After(before.TriedAt) {
			t.Errorf("%s: %+v, %+v", name, after, r)
		}
		if wait := after.DueAt.Sub(after.TriedAt); wait <= 0 || wait > time.Hour {
			t.Errorf("%s: asked again in %s", name, wait)
		}
		g.dns.Fail(0)
		g.dns.Answer(nil)
	}
}

func TestClaimsThatAreRefused(t *testing.T) {
	t.Parallel()
	g := newGround(t)
	g.verified(g.one, "apple.example")
	if _, err := g.d.Claim(t.Context(), g.two, "аррӏе.example"); !errors.Is(err, domains.ErrLookAlike) {
		t.Errorf("a host that looks like another tenant's: %v", err)
	}
	if _, err := g.d.Claim(t.Context(), g.one, "аррӏе.example"); err != nil {
		t.Errorf("one that looks like its own: %v", err)
	}
	g.claim(g.two, "ѕсоре.example") // claimed alone, it is in nobody's way
	if _, err := g.d.Claim(t.Context(), g.one, "scope.example"); err != nil {
		t.Errorf("the rightful owner of what somebody's claim looks like: %v", err)
	}
	for i := range 17 {
		g.claim(g.one, fmt.Sprintf("h%d.a.example", i))
	}
	if _, err := g.d.Claim(t.Context(), g.one, "one.more.example"); !errors.Is(err, domains.ErrTooMany) {
		t.Errorf("the twenty-first claim: %v", err)
	}
	if _, err := g.d.Claim(t.Context(), tenants.NewID(), login); !errors.Is(err, tenants.ErrNotFound) {
		t.Errorf("a claim of nobody: %v", err)
	}
	if _, err := g.d.Check(t.Context(), g.two, "apple.example"); !errors.Is(err, domains.ErrNoClaim) {
		t.Errorf("a check of another tenant's host: %v", err)
	}
	if err := g.d.Release(t.Context(), g.two, "apple.example"); !errors.Is(err, domains.ErrNoClaim) {
		t.Errorf("a release of another tenant's host: %v", err)
	}
	if err := g.d.SetCanonical(t.Context(), g.two, "apple.example"); !errors.Is(err, domains.ErrNoClaim) {
		t.Errorf("another tenant's host as canonical: %v", err)
	}
	if err := g.d.SetCanonical(t.Context(), g.two, "xn--e1akkch.example"); err == nil {
		t.Error("a claim alone became canonical")
	}
}

func TestTheOperatorsWordNeedsNoProof(t *testing.T) {
	t.Parallel()
	g := newGround(t)
	g.sql("INSERT INTO hosts (tenant_id, host, verified_at, created_at) VALUES ($1, $2, $3, $3)", g.one, login, g.clock.Now())
	h := g.check(g.one, login)
	if h.Standing != domains.Trusted {
		t.Errorf("after a look it is %s", h.Standing)
	}
	g.clock.Advance(10 * 24 * time.Hour)
	if h = g.check(g.one, login); h.Standing != domains.Trusted {
		t.Errorf("and ten days later %s", h.Standing)
	}
	g.prove(g.claim(g.two, login))
	if theirs := g.check(g.two, login); theirs.Serves() {
		t.Error("a proof took a host that the operator vouches for")
	}
}

func TestTheCanonicalHostMoves(t *testing.T) {
	t.Parallel()
	g := newGround(t)
	g.verified(g.one, login)
	g.verified(g.one, "new.a.example")
	moved := func(name string) bool { h, err := g.d.Host(t.Context(), g.one, name); g.must(err); return h.Moved }
	r, err := tenants.NewResolver(g.d.DB, tenants.Addresses{BaseURL: "https://portico.example", BaseDomain: "portico.example"})
	g.must(err)
	g.d.Forget = r.Forget
	slugMoved := func() bool {
		home, err := r.ByID(t.Context(), g.one)
		g.must(err)
		return home.Moved("one.portico.example")
	}
	for _, step := range []struct {
		to                string
		slug, login, next bool
	}{{login, true, false, false}, {"new.a.example", true, true, false}, {login, true, false, true}, {"", false, true, true}, {"", false, true, true}} {
		g.must(g.d.SetCanonical(t.Context(), g.one, step.to))
		if slugMoved() != step.slug || moved(login) != step.login || moved("new.a.example") != step.next {
			t.Errorf("to %q: slug %v, %s %v, new %v", step.to, slugMoved(), login, moved(login), moved("new.a.example"))
		}
	}
	g.must(g.d.SetCanonical(t.Context(), g.one, login))
	g.must(g.d.Release(t.Context(), g.one, login))
	if slugMoved() {
		t.Error("the slug's address still sends people on to a host that was released")
	}
}
