package letters_test

import (
	"context"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivermigrate"

	"portico/app/letters"
	"portico/tenants"
	"portico/themes"
)

// letterJob is our job as River's own insert takes it.
type letterJob struct {
	Tenant tenants.ID `json:"tenant_id"`
	Letter uuid.UUID  `json:"letter_id"`
}

func (letterJob) Kind() string { return "letter" }

// TestJobRowIsRivers holds our own INSERT against River's: the same columns with the same values. When
// River's schema grows, this test asks for insertJob to be read again.
func TestJobRowIsRivers(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	o := h.outbox(func(*letters.Settings) {})
	id := h.write(o, h.a, recovery("ada@people.example", "r1"))
	driver := riverpgxv5.New(h.db.Pool())
	client, err := river.NewClient(driver, &river.Config{Schema: "river"})
	if err != nil {
		t.Fatal(err)
	}
	_, err = client.Insert(t.Context(), letterJob{h.a, id}, &river.InsertOpts{Queue: "letters_urgent", MaxAttempts: 1000})
	if err != nil {
		t.Fatal(err)
	}
	var ours, rivers string
	row := `SELECT (to_jsonb(j) - '{id,created_at,scheduled_at}'::text[])::text FROM river.river_job j ORDER BY id LIMIT 1 OFFSET `
	h.asSuper(row+"0", nil, &ours)
	h.asSuper(row+"1", nil, &rivers)
	if ours != rivers {
		t.Errorf("our row:   %s\nRiver's is: %s", ours, rivers)
	}
	migrator, err := rivermigrate.New(driver, &rivermigrate.Config{Schema: "river"})
	if err != nil {
		t.Fatal(err)
	}
	all := migrator.AllVersions()
	if newest := all[len(all)-1].Version; newest != 8 {
		t.Errorf("River's schema is at version %d; insertJob, rescue and sweep were written for 8", newest)
	}
}

func TestFloodOfOneTenantCostsAnotherATurn(t *testing.T) {
	t.Parallel()
	for _, lane := range letters.Lanes() {
		t.Run(string(lane), func(t *testing.T) {
			t.Parallel()
			h := newHouse(t)
			o := h.outbox(func(*letters.Settings) {})
			began := time.Now()
			h.flood(o, h.a, lane, 4_000)
			d := recovery("bob@people.example", "r1")
			d.Lane = lane
			h.write(o, h.b, d)
			s := &sink{}
			h.working(s, func(s *letters.Settings) {
				s.Workers = map[letters.Lane]int{lane: 1} // one at a time: the order of the line is the order at the sink
			})
			place := -1
			h.eventually("the other tenant's letter is handed over", func() bool {
				for i, e := range s.all() {
					if e.Tenant == "beta" {
						place = i
						return true
					}
				}
				return false
			}, func() string { return fmt.Sprintf("%d letters", len(s.all())) })
			// The flood's first letter stands before it, and one more for every 20 s that writing took.
			if most := 1 + int(time.Since(began)/(20*time.Second)); place > most {
				t.Errorf("%d letters of the flood left before it, want %d at most", place, most)
			}
		})
	}
}

// flood writes n letters of one tenant, 500 a transaction.
func (h *house) flood(o *letters.Outbox, tenant tenants.ID, lane letters.Lane, n int) {
	h.t.Helper()
	for from := 0; from < n; from += 500 {
		err := h.db.In(h.t.Context(), tenant, func(s *tenants.Scope) error {
			b := &tenants.Batch{}
			for i := from; i < min(from+500, n); i++ {
				d := recovery(fmt.Sprintf("p%d@people.example", i), "flood")
				d.Lane = lane
				if _, err := o.Add(b, s, d); err != nil {
					return err
				}
			}
			return s.SendAndCommit(h.t.Context(), b)
		})
		if err != nil {
			h.t.Fatal(err)
		}
	}
}

// gate holds every hand-over of bulk letters until it opens.
type gate struct {
	sink
	open chan struct{}
	held sync.WaitGroup
}

func (g *gate) Send(ctx context.Context, e letters.Envelope) (string, error) {
	if strings.HasPrefix(e.To, "p") {
		g.held.Done()
		select {
		case <-g.open:
		case <-ctx.Done():
			return "", ctx.Err()
		}
	}
	return g.sink.Send(ctx, e)
}

func TestUrgentNeverWaitsForBulk(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	g := &gate{open: make(chan struct{})}
	g.held.Add(2)
	o := h.working(g, func(s *letters.Settings) { s.Workers = map[letters.Lane]int{letters.Bulk: 2} })
	h.flood(o, h.a, letters.Bulk, 2)
	g.held.Wait() // all bulk workers are busy
	h.row(h.a, h.write(o, h.a, recovery("ada@people.example", "r1")), letters.Sent)
	close(g.open)
	for _, r := range h.settled(h.a) {
		if r.State != letters.Sent || r.Attempts != 1 {
			t.Errorf("%+v", r)
		}
	}
}

func TestTwoWorkersOnOneQueue(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	s := &sink{}
	one, two := h.working(s), h.working(s)
	h.flood(one, h.a, letters.Urgent, 150)
	h.flood(two, h.b, letters.Notice, 150)
	for _, tenant := range []tenants.ID{h.a, h.b} {
		for _, r := range h.settledQuietly(tenant, 150) {
			if r.State != letters.Sent || r.Attempts != 1 {
				t.Errorf("%+v", r)
			}
		}
	}
	onceEach(t, s.all(), 300)
}

// settledQuietly waits until n letters have ended, hurrying nothing.
func (h *house) settledQuietly(tenant tenants.ID, n int) []letters.Row {
	h.t.Helper()
	var rows []letters.Row
	h.eventually("all letters have ended", func() bool {
		rows = h.list(tenant, letters.Filter{Limit: 500})
		ended := 0
		for _, r := range rows {
			if r.EndedAt != nil {
				ended++
			}
		}
		return ended == n
	}, func() string { return fmt.Sprintf("%+v", rows) })
	return rows
}

func onceEach(t *testing.T, got []letters.Envelope, n int) {
	t.Helper()
	seen := map[string]bool{}
	for _, e := range got {
		if seen[e.MessageID] {
			t.Errorf("%s left twice", e.MessageID)
		}
		seen[e.MessageID] = true
	}
	if len(seen) != n {
		t.Errorf("%d letters left, want %d", len(seen), n)
	}
}

func TestRetryKeepsItsPlaceInLine(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	o := h.outbox(func(*letters.Settings) {})
	id := h.write(o, h.a, recovery("ada@people.example", "r1"))
	// As after a try that failed: due now, by River's own time, behind everybody's tags.
	h.asSuper("UPDATE river.river_job SET scheduled_at = now()", nil)
	h.flood(o, h.b, letters.Urgent, 100)
	hold := make(chan struct{})
	s := &sink{answer: func(int, letters.Envelope) error { <-hold; return nil }}
	h.working(s, func(s *letters.Settings) { s.Workers = map[letters.Lane]int{letters.Urgent: 1} })
	h.eventually("the retry has a tag", func() bool {
		var tagged bool
		h.asSuper("SELECT bool_and(scheduled_at < now() - interval '30 minutes') FROM river.river_job WHERE args->>'letter_id' = $1", []any{id.String()}, &tagged)
		return tagged
	}, func() string { return "" })
	close(hold)
	h.row(h.a, id, letters.Sent)
	for i, e := range s.all() {
		if e.Tenant == "alpha" && i > 5 {
			t.Errorf("it waited for %d letters of the other tenant", i)
		}
	}
}

func TestStopWaitsForLettersInTheAir(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	g := &gate{open: make(chan struct{})}
	g.held.Add(1)
	o := h.working(g)
	h.flood(o, h.a, letters.Urgent, 1)
	g.held.Wait()
	stopped := make(chan error, 1)
	go func() {
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		stopped <- o.Stop(ctx)
	}()
	close(g.open)
	if err := <-stopped; err != nil {
		t.Fatal(err)
	}
	if rows := h.list(h.a, letters.Filter{}); len(rows) != 1 || rows[0].State != letters.Sent {
		t.Errorf("after Stop: %+v", rows)
	}
}

func TestCountsAndNothingToSend(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	s := &sink{}
	o := h.working(s)
	h.row(h.a, h.write(o, h.a, recovery("ada@people.example", "r1")), letters.Sent)
	h.row(h.a, h.write(o, h.a, recovery("not an address", "r2")), letters.Failed)
	for state, want := range map[letters.State]int64{letters.Queued: 2, letters.Sending: 2, letters.Sent: 1, letters.Failed: 1, letters.Skipped: 0} {
		// A row says how it ended a moment before the count does: what is not committed has not happened.
		for deadline := time.Now().Add(20 * time.Second); o.Counts().Of(letters.Urgent, state) < want && time.Now().Before(deadline); {
			runtime.Gosched()
		}
		if got := o.Counts().Of(letters.Urgent, state); got != want {
			t.Errorf("%s: %d, want %d", state, got, want)
		}
	}
	err := h.db.In(t.Context(), h.a, func(s *tenants.Scope) error {
		for _, d := range []letters.Draft{{To: "a@b.example", Event: "x"}, {Letter: themes.UnlockNotice{}, To: "a@b.example"}} {
			if _, err := o.Add(&tenants.Batch{}, s, d); err == nil {
				t.Errorf("%+v was taken", d)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
