package letters

import (
	"testing"
	"time"

	"portico/tenants"
)

func TestTurnsPutAFloodBehindItself(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)
	a, b := tenants.NewID(), tenants.NewID()
	line := newTurns()
	var floods []time.Time
	for range 4_000 {
		floods = append(floods, line.next(Urgent, a, now))
	}
	for i := 1; i < len(floods); i++ {
		if !floods[i].After(floods[i-1]) {
			t.Fatalf("letter %d does not stand behind the one before it", i)
		}
	}
	if last := floods[len(floods)-1]; last.After(now.Add(-zoneEnd)) {
		t.Errorf("the flood reaches %v, into real time", last)
	}
	other := line.next(Urgent, b, now.Add(3*time.Second))
	before := 0
	for _, f := range floods {
		if f.Before(other) {
			before++
		}
	}
	if before > 1 {
		t.Errorf("%d letters of the flood stand before another tenant's", before)
	}
	if elsewhere := line.next(Bulk, a, now); !elsewhere.Equal(now.Add(-zoneStart)) {
		t.Errorf("another lane knows of the flood: %v", elsewhere)
	}
}

func TestTurnsForgetADrainedBacklog(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)
	a, b := tenants.NewID(), tenants.NewID()
	line := newTurns()
	for range 1_000 {
		line.next(Urgent, a, now)
	}
	later := now.Add(time.Minute)
	var bs []time.Time
	for range 1_000 {
		bs = append(bs, line.next(Urgent, b, later))
	}
	line.learn(Urgent, bs[10], map[tenants.ID]time.Time{b: bs[999]}, later.Add(time.Second))
	if at := line.next(Urgent, a, later.Add(2*time.Second)); at.After(bs[11]) {
		t.Errorf("a tenant whose backlog is gone stands at %v, behind %v", at, bs[11])
	}
	if at := line.next(Urgent, b, later.Add(2*time.Second)); !at.After(bs[999]) {
		t.Error("the one with a backlog overtook itself")
	}
}

func TestTurnsLearnFromOtherInstances(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)
	a := tenants.NewID()
	line := newTurns()
	last := now.Add(-zoneStart).Add(5 * time.Hour)
	line.learn(Notice, now.Add(-zoneStart), map[tenants.ID]time.Time{a: last}, now)
	if at := line.next(Notice, a, now); !at.Equal(last.Add(oneTurn)) {
		t.Errorf("stands at %v, want one turn behind %v", at, last)
	}
}

func TestTurnsStayBounded(t *testing.T) {
	t.Parallel()
	now := time.Now()
	line := newTurns()
	for range keptTenants + 10 {
		line.next(Urgent, tenants.NewID(), now)
	}
	if n := len(line.lanes[Urgent].last); n > keptTenants {
		t.Errorf("%d tenants kept", n)
	}
	id := tenants.NewID()
	for range 10_000 {
		if at := line.next(Urgent, id, now); at.After(now.Add(-zoneEnd)) {
			t.Fatalf("a tag in real time: %v", at)
		}
	}
}

func TestBackOffGrowsToAnHour(t *testing.T) {
	t.Parallel()
	for attempt, want := range map[int]time.Duration{1: 5 * time.Second, 2: 10 * time.Second, 5: 80 * time.Second, 10: 2560 * time.Second, 11: time.Hour, 900: time.Hour} {
		if got := backOff(attempt); got < want || got > want+want/10 {
			t.Errorf("backOff(%d) = %v, want %v and a tenth at most", attempt, got, want)
		}
	}
}

func TestRelaysRestAndShare(t *testing.T) {
	t.Parallel()
	r, id, now := newRelays(), tenants.NewID(), time.Now()
	var leaves []func()
	for range relayShare {
		leave, _ := r.enter(id, 0, now)
		if leave == nil {
			t.Fatal("no room")
		}
		leaves = append(leaves, leave)
	}
	if leave, wait := r.enter(id, 0, now); leave != nil || wait <= 0 {
		t.Error("one more than its share")
	}
	if leave, _ := r.enter(tenants.NewID(), 0, now); leave == nil {
		t.Error("another tenant's relay is held up")
	}
	r.learn(id, temporary("down", nil), now)
	for _, leave := range leaves {
		leave()
	}
	if leave, wait := r.enter(id, 0, now); leave != nil || wait != 5*time.Second {
		t.Errorf("a failed relay rests %v", wait)
	}
	leave, _ := r.enter(id, 0, now.Add(6*time.Second))
	if leave == nil {
		t.Fatal("it rests too long")
	}
	r.learn(id, nil, now.Add(7*time.Second))
	leave()
	if len(r.busy) != 1 {
		t.Errorf("%d relays kept, want the other tenant's alone", len(r.busy))
	}
}
