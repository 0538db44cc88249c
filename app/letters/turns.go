package letters

import (
	"sync"
	"time"

	"portico/tenants"
)

// River hands out jobs by (priority, scheduled_at, id). A letter that may leave at once has no use for
// its scheduled_at, so it carries a tag of start-time fair queueing instead: a moment in the past that
// grows by one turn with each letter of the same tenant. Four thousand letters of one tenant line up
// behind each other, and the next letter of any other tenant stands at the front.
const (
	oneTurn     = 20 * time.Second // of virtual time; the zone holds about 4,100 letters before the rest share its end
	zoneStart   = 24 * time.Hour   // before now: where a tenant without a backlog stands
	zoneEnd     = time.Hour        // before now: younger times are real ones (retries), which sweep gives a tag
	keptTenants = 10_000           // with a backlog, per lane; beyond it the map starts anew
)

// turns keeps each tenant's last tag per lane, as this instance knows it; sweep corrects it with what
// stands in the queue, so other instances' floods count and drained ones are forgotten.
type turns struct {
	mu    sync.Mutex
	lanes map[Lane]*lane
}

type lane struct {
	front time.Time // the tag of the first letter in line; zero while nothing waits
	last  map[tenants.ID]tag
}

type tag struct {
	at    time.Time // virtual
	given time.Time // real
}

func newTurns() *turns {
	t := &turns{lanes: map[Lane]*lane{}}
	for _, l := range Lanes() {
		t.lanes[l] = &lane{last: map[tenants.ID]tag{}}
	}
	return t
}

// next gives a tenant its next tag in a lane. The front of the line is where a newcomer stands; it
// never lies before the oldest letter that waits, or a newcomer would overtake for ever.
func (t *turns) next(name Lane, tenant tenants.ID, now time.Time) time.Time {
	t.mu.Lock()
	defer t.mu.Unlock()
	l := t.lanes[name]
	if l == nil {
		return now.Add(-zoneStart) // an unknown lane; the table's CHECK refuses it
	}
	at := now.Add(-zoneStart)
	if !l.front.IsZero() && l.front.Before(at) {
		at = l.front
	}
	if last, ok := l.last[tenant]; ok {
		if following := last.at.Add(oneTurn); following.After(at) {
			at = following
		}
	} else if len(l.last) >= keptTenants {
		clear(l.last)
	}
	if end := now.Add(-zoneEnd); at.After(end) {
		at = end
	}
	l.last[tenant] = tag{at: at, given: now}
	return at
}

// learn takes over what stands in a lane's line: its front and each tenant's last tag. Tags given after
// seen (real time) may not be committed yet and stay.
func (t *turns) learn(name Lane, front time.Time, waiting map[tenants.ID]time.Time, seen time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	l := t.lanes[name]
	l.front = front
	for id, last := range l.last {
		if _, ok := waiting[id]; !ok && last.given.Before(seen) {
			delete(l.last, id)
		}
	}
	for id, at := range waiting {
		if last := l.last[id]; at.After(last.at) {
			l.last[id] = tag{at: at, given: seen}
		}
	}
}
