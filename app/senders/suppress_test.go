package senders_test

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"portico/app/letters"
	"portico/app/senders"
	"portico/tenants"
)

// told tells of a letter what a carrier would.
func (h *house) told(id tenants.ID, letter uuid.UUID, fate letters.Fate, permanent bool) {
	h.t.Helper()
	err := h.db.In(h.t.Context(), id, func(s *tenants.Scope) error {
		_, err := letters.Feedback(h.t.Context(), s, letters.Told{Letter: letter, Fate: fate, Permanent: permanent, Reason: "NoEmail", At: s.Now()})
		return err
	})
	if err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) in(id tenants.ID, do func(*tenants.Scope) error) {
	h.t.Helper()
	if err := h.db.In(h.t.Context(), id, do); err != nil {
		h.t.Fatal(err)
	}
}

func TestSuppressedAddressGetsNothingButWhatIsAskedFor(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	o := h.outbox(true)
	a, b := h.addTenant("alpha", ""), h.addTenant("beta", "")
	const dead = "Gone@People.example"
	send := func(id tenants.ID, d letters.Draft) letters.Delivery { return h.letter(id, h.write(o, id, d), ended) }
	is := func(what string, d letters.Delivery, state letters.State, why string) {
		t.Helper()
		if d.State != state || letters.Why(d.Reason) != why {
			t.Errorf("%s: %s %q", what, d.State, d.Reason)
		}
	}
	first := send(a, invitation(dead, "1"))
	h.told(a, first.ID, letters.Bounced, true)
	h.told(a, first.ID, letters.Bounced, true) // SNS brings it twice

	is("an invitation", send(a, invitation("gone@people.EXAMPLE", "2")), letters.Skipped, "suppressed")
	is("another tenant's", send(b, invitation(dead, "1")), letters.Sent, "")
	is("somebody else", send(a, invitation("alive@people.example", "2")), letters.Sent, "")
	asked := send(a, recovery(dead, "r1"))
	is("the first that the person asks for", asked, letters.Sent, "")
	is("the second", send(a, recovery(dead, "r2")), letters.Skipped, "suppressed")
	if r := send(a, recovery(dead, "r3")); !r.Suppressed {
		t.Error("the delivery view does not say that the address is suppressed")
	}

	h.in(a, func(s *tenants.Scope) error { return letters.LetOne(t.Context(), s, dead) })
	is("one that an administrator let go", send(a, recovery(dead, "r4")), letters.Sent, "")
	is("and no second", send(a, recovery(dead, "r5")), letters.Skipped, "suppressed")
	if err := h.db.In(t.Context(), a, func(s *tenants.Scope) error { return letters.LetOne(t.Context(), s, dead) }); !errors.Is(err, letters.ErrForced) {
		t.Errorf("again: %v", err)
	}
	if err := h.db.In(t.Context(), b, func(s *tenants.Scope) error { return letters.LetOne(t.Context(), s, dead) }); !errors.Is(err, tenants.ErrNotFound) {
		t.Errorf("another tenant's: %v", err)
	}
	// One that bounces once more gives no new chance; one that arrives frees the address.
	h.told(a, asked.ID, letters.Bounced, true)
	is("after another bounce", send(a, recovery(dead, "r6")), letters.Skipped, "suppressed")
	h.in(a, func(s *tenants.Scope) error { return letters.Lift(t.Context(), s, "gone@people.example") })
	is("lifted", send(a, invitation(dead, "3")), letters.Sent, "")
	if err := h.db.In(t.Context(), a, func(s *tenants.Scope) error { return letters.Lift(t.Context(), s, dead) }); !errors.Is(err, tenants.ErrNotFound) {
		t.Errorf("lifted twice: %v", err)
	}
	if got := fmt.Sprint(h.kinds(a)); got != "[address.spared address.lifted]" {
		t.Errorf("the audit: %s", got)
	}
}

func TestArrivalFreesAndComplaintStays(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	o := h.outbox(true)
	a := h.addTenant("alpha", "")
	for _, c := range []struct {
		fate  letters.Fate
		freed bool
		why   string
	}{{letters.Bounced, true, ""}, {letters.Complained, false, "unwanted"}} {
		to := string(c.fate) + "@people.example"
		h.told(a, h.letter(a, h.write(o, a, invitation(to, "1")), ended).ID, c.fate, true)
		through := h.letter(a, h.write(o, a, recovery(to, "2")), ended)
		h.clock.Advance(time.Minute)
		h.told(a, through.ID, letters.Delivered, false)
		if got := h.letter(a, h.write(o, a, invitation(to, "3")), ended); (got.State == letters.Sent) != c.freed || letters.Why(got.Reason) != c.why {
			t.Errorf("%s: %s %q", c.fate, got.State, got.Reason)
		}
	}
}

// Of ten recoveries at once one goes; one that the carrier did not take is tried again as the same letter.
func TestOneLetterIsOne(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	o := h.outbox(true)
	h.outbox(true) // another instance
	a := h.addTenant("alpha", "")
	h.told(a, h.letter(a, h.write(o, a, invitation("x@people.example", "1")), ended).ID, letters.Bounced, true)
	var all sync.WaitGroup
	ids := make([]uuid.UUID, 10)
	for i := range ids {
		all.Go(func() { ids[i] = h.write(o, a, recovery("x@people.example", fmt.Sprint("r", i))) })
	}
	all.Wait()
	sent := 0
	for _, id := range ids {
		if h.letter(a, id, ended).State == letters.Sent {
			sent++
		}
	}
	if sent != 1 {
		t.Errorf("%d letters went", sent)
	}
}

func TestPauseKeepsLettersAndLetsPeopleIn(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	x, o := h.senders(), h.outbox(true)
	x.Outbox = o
	a, b := h.addTenant("alpha", ""), h.addTenant("beta", "")
	h.admin(a, "admin@alpha.example")
	h.work(x)
	arrived := h.letter(a, h.write(o, a, recovery("known@people.example", "old")), ended)
	h.told(a, arrived.ID, letters.Delivered, false)
	h.bad(o, a, letters.Urgent, 300, 19, letters.Bounced)
	h.level(x, a, senders.Well) // nineteen are too few to mean anything
	h.bad(o, a, letters.Bulk, 60, 20, letters.Bounced)
	h.level(x, a, senders.Warned)
	h.bad(o, a, letters.Bulk, 11, 11, letters.Bounced)
	h.level(x, a, senders.Paused)

	waits := h.write(o, a, invitation("new@people.example", "w"))
	held := h.letter(a, waits, func(d letters.Delivery) bool { return d.Reason != "" })
	if held.State != letters.Queued || letters.Why(held.Reason) != "paused" || held.Attempts != 0 {
		t.Errorf("%+v", held)
	}
	if d := h.letter(a, h.write(o, a, recovery("new@people.example", "w")), ended); d.State != letters.Sent {
		t.Errorf("a recovery does not leave: %s %q", d.State, d.Reason)
	}
	if d := h.letter(b, h.write(o, b, invitation("new@people.example", "w")), ended); d.State != letters.Sent {
		t.Errorf("another tenant's waits: %s %q", d.State, d.Reason)
	}
	h.eventually("word of the pause leaves", func() bool {
		var n int
		h.asSuper("SELECT count(*) FROM letters WHERE tenant_id = $1 AND kind = 'sender_notice' AND state = 'sent'", []any{a}, &n)
		return n == 2 // warned, paused
	}, func() string { return fmt.Sprint(h.notices(a)) })

	// Recoveries that come back stop those too, but to where letters arrive.
	h.bad(o, a, letters.Urgent, 40, 20, letters.Bounced)
	h.level(x, a, senders.Stopped)
	if d := h.letter(a, h.write(o, a, recovery("stranger@people.example", "s")), func(d letters.Delivery) bool { return d.Reason != "" }); d.State != letters.Queued {
		t.Errorf("%s %q", d.State, d.Reason)
	}
	if d := h.letter(a, h.write(o, a, recovery("known@people.example", "s")), ended); d.State != letters.Sent {
		t.Errorf("%s %q", d.State, d.Reason)
	}

	// A day and more later it is resumed: what waited leaves, and the figures begin anew.
	h.clock.Advance(30 * time.Hour)
	if err := x.Resume(t.Context(), a); err != nil {
		t.Fatal(err)
	}
	if err := x.Resume(t.Context(), a); !errors.Is(err, tenants.ErrNotFound) {
		t.Errorf("resumed twice: %v", err)
	}
	if d := h.letter(a, waits, ended); d.State != letters.Sent {
		t.Errorf("what waited: %s %q", d.State, d.Reason)
	}
	h.bad(o, a, letters.Bulk, 20, 1, letters.Bounced)
	h.level(x, a, senders.Well)
	if got := fmt.Sprint(h.kinds(a)); got != "[sender.warned bounces sender.paused bounces sender.paused bounces sender.resumed]" {
		t.Errorf("the audit: %s", got)
	}
}

func TestComplaintsPauseToo(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	x, o := h.senders(), h.outbox(false)
	a := h.addTenant("alpha", "")
	h.work(x)
	h.bad(o, a, letters.Bulk, 1000, 3, letters.Complained)
	h.level(x, a, senders.Warned)
	h.bad(o, a, letters.Bulk, 1000, 7, letters.Complained)
	h.level(x, a, senders.Paused)
	if st := h.of(x, a); st.Health.Cause != "complaints" || st.Health.Complained != 10 || st.Health.Sent != 2000 {
		t.Errorf("%+v", st.Health)
	}
}

// bad makes n sent letters, of which some came back.
func (h *house) bad(_ *letters.Outbox, id tenants.ID, lane letters.Lane, n, bad int, fate letters.Fate) {
	h.t.Helper()
	now := h.clock.Now()
	h.asSuper(`INSERT INTO letters (tenant_id, id, kind, lane, channel, recipient, event, state, created_at, sent_at, ended_at)
		SELECT $1, (lpad(to_hex((extract(epoch FROM clock_timestamp()) * 1000)::bigint), 12, '0') || right(replace(gen_random_uuid()::text, '-', ''), 20))::uuid,
			'made', $2, 'email', 'made-' || gen_random_uuid() || '@people.example', 'made', 'sent', $3, $3, $3 FROM generate_series(1, $4)`, []any{id, string(lane), now, n})
	var ids []uuid.UUID
	h.asSuper(`SELECT array_agg(id) FROM (SELECT l.id FROM letters l WHERE l.tenant_id = $1 AND l.kind = 'made' AND l.lane = $2 AND NOT EXISTS
		(SELECT FROM letter_feedback f WHERE f.tenant_id = l.tenant_id AND f.letter_id = l.id) AND l.sent_at = $3 LIMIT $4) x`, []any{id, string(lane), now, bad}, &ids)
	for _, letter := range ids {
		h.told(id, letter, fate, true)
	}
}

func (h *house) level(x *senders.Senders, id tenants.ID, want senders.Level) {
	h.t.Helper()
	h.eventually("the level is "+string(want), func() bool {
		st := h.of(x, id)
		var due int
		h.asSuper("SELECT count(*) FROM senders WHERE tenant_id = $1 AND due_at <= $2", []any{id, h.clock.Now()}, &due)
		return st.Health.Level == want && due == 0
	}, func() string { return fmt.Sprintf("%+v", h.of(x, id).Health) })
}
