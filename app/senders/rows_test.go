package senders_test

import (
	"fmt"
	"testing"
	"time"

	"portico/app/letters/letterstest"
	"portico/app/senders"
	"portico/tenants"
)

// What cannot be done for one tenant is left for later, and all others are looked at.
func TestOneTenantsFaultStopsNobody(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	x := h.senders()
	bad, top := h.addTenant("alpha", "a@bad.example"), h.addTenant("beta", "a@io")
	well := h.addTenant("gamma", "a@gamma.example")
	h.asSuper("ALTER TABLE sender_domains ADD CONSTRAINT fault CHECK (domain <> 'bad.example')", nil)
	h.work(x)
	h.until(x, well, "gamma.example", senders.Claimed)
	for _, id := range []tenants.ID{bad, top} {
		if d := h.of(x, id).Domain; d != nil {
			t.Errorf("%+v", d)
		}
	}
}

func TestOneTenantsFiguresStopNobody(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	x := h.senders()
	bad, well := h.addTenant("alpha", ""), h.addTenant("beta", "")
	now := h.clock.Now()
	h.asSuper("INSERT INTO senders (tenant_id, due_at) VALUES ($1, $3), ($2, $4)", []any{bad, well, now.Add(-time.Hour), now})
	h.asSuper(fmt.Sprintf("ALTER TABLE senders ADD CONSTRAINT fault CHECK (tenant_id <> '%s' OR looked_at IS NULL)", bad), nil)
	h.work(x)
	h.eventually("the second is looked at", func() bool { return h.of(x, well).Health.LookedAt != nil }, func() string { return "" })
	var later bool
	h.asSuper("SELECT due_at > $2 FROM senders WHERE tenant_id = $1", []any{bad, now.Add(time.Minute)}, &later)
	if !later {
		t.Error("the first stands before all others still")
	}
}

// Letters that cannot be written do not undo what they would have told.
func TestALossStandsThoughNobodyCanBeTold(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	x := h.senders()
	a := h.live(x, "alpha", "alpha.example")
	h.admin(a, "admin@alpha.example")
	h.asSuper("ALTER TABLE letters ADD CONSTRAINT fault CHECK (kind <> 'sender_notice') NOT VALID", nil)
	h.fake.Stands("alpha.example", "Failed", "Failed", "Failed")
	h.until(x, a, "alpha.example", senders.Lost)
	if n := h.notices(a); n != 0 {
		t.Errorf("%d notices: the fault is none", n)
	}
}

// What an operator had verified by hand stays the operator's, whatever proof is found beside it.
func TestWhatAnOperatorSetUpStays(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	x := h.senders()
	a := h.addTenant("alpha", "a@alpha.example")
	now := h.clock.Now()
	h.host(a, "alpha.example")
	h.asSuper(`INSERT INTO sender_domains (tenant_id, domain, from_address, wanted, state, state_since, challenge, owned_by, owned_at, verified_at, due_at)
		VALUES ($1, 'alpha.example', 'a@alpha.example', true, 'verified', $2, 'c', 'operator', $2, $2, $2)`, []any{a, now})
	h.fake.Stands("alpha.example", "Success", "", "")
	h.work(x)
	for range 3 {
		h.eventually("it is looked at", func() bool {
			at := h.of(x, a).Domain.CheckedAt
			return at != nil && !at.Before(now.Truncate(time.Microsecond))
		}, func() string { return fmt.Sprintf("%+v", h.of(x, a).Domain) })
		if d := h.of(x, a).Domain; d.State != senders.Verified || d.OwnedBy != "operator" {
			t.Fatalf("%+v", d)
		}
		h.clock.Advance(25 * time.Hour)
		now = h.clock.Now()
	}
}

// A batch that SES refuses is asked about in halves.
func TestARefusedBatchIsHalved(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	x := h.senders()
	h.fake.IdentityFault(func(action, many string) letterstest.SESFault {
		if action == "GetIdentityDkimAttributes" && many != "1" {
			return letterstest.SESFault{Code: "InvalidParameterValue"}
		}
		return letterstest.SESFault{}
	})
	ids, now := []tenants.ID{}, h.clock.Now()
	for _, slug := range []string{"alpha", "beta", "gamma"} {
		id, domain := h.addTenant(slug, "a@"+slug+".example"), slug+".example"
		h.asSuper(`INSERT INTO sender_domains (tenant_id, domain, from_address, wanted, state, state_since, challenge, owned_by, owned_at, verified_at, due_at)
			VALUES ($1, $2, 'a@' || $2, true, 'verified', $3, 'c', 'operator', $3, $3, $3)`, []any{id, domain, now})
		h.fake.Stands(domain, "Success", "Success", "Success")
		ids = append(ids, id)
	}
	h.work(x)
	for _, id := range ids {
		h.eventually("it is looked at", func() bool { return h.of(x, id).Domain.CheckedAt != nil }, func() string { return fmt.Sprintf("%+v", h.of(x, id).Domain) })
		if d := h.of(x, id).Domain; d.Trouble != "" || d.State != senders.Verified {
			t.Errorf("%+v", d)
		}
	}
}
