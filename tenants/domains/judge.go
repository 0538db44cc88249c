package domains

import (
	"hash/fnv"
	"time"

	"portico/tenants"
)

// claimRow is a claim as a check holds it.
type claimRow struct {
	tenant    tenants.ID
	challenge string
	round     int64
	tries     int
	createdAt time.Time

	verifiedAt, provedAt, missingSince, lostAt *time.Time
}

// verdict is what a look at DNS does to a claim, and to the one that held the host before.
type verdict struct {
	row      claimRow
	dueAt    *time.Time // nil: not by itself
	answered bool       // DNS said something
	taken    bool       // proved, and yet somebody else's
	serving  bool       // whether it serves has changed
	events   []Event
	out      *claimRow // of another tenant, that loses the host to this one
}

// judge decides what a look means for a claim; others are the claims of the same host by other tenants. An
// outage changes nothing but when to ask again.
func judge(now time.Time, host string, c claimRow, p proof, others []claimRow) verdict {
	v := verdict{row: c, answered: !p.unknown}
	switch {
	case p.unknown:
		v.row.tries++
		v.dueAt = after(now, backOff(outageWait, longestOut, v.row.tries))
	case p.shows(c.challenge):
		v.proved(now, host, p, others)
	case c.verifiedAt != nil && c.provedAt == nil: // the operator's word needs no proof
		v.row.tries = 0
		v.dueAt = daily(now, host)
	case c.verifiedAt != nil:
		v.missing(now, host)
	default:
		v.wait(now)
	}
	return v
}

// proved is for a claim whose challenge stands in DNS. The host is another tenant's for as long as that one's
// challenge stands beside it, or the operator vouches for it; else the zone's owner has decided.
func (v *verdict) proved(now time.Time, host string, p proof, others []claimRow) {
	for _, o := range others {
		if o.verifiedAt == nil {
			continue
		}
		if o.provedAt == nil || p.shows(o.challenge) {
			v.taken = true
			v.wait(now)
			return
		}
		o.verifiedAt, o.lostAt = nil, &now
		if o.missingSince == nil {
			o.missingSince = &now
		}
		v.out = &o
	}
	first, again := v.row.verifiedAt == nil, v.row.missingSince != nil && v.row.verifiedAt != nil
	if first {
		v.row.verifiedAt, v.serving = &now, true
		v.events = append(v.events, Event{Kind: EventVerified, Host: host})
	}
	if again {
		v.events = append(v.events, Event{Kind: EventFound, Host: host})
	}
	v.row.provedAt, v.row.missingSince, v.row.lostAt, v.row.tries = &now, nil, nil, 0
	v.dueAt = daily(now, host)
}

// missing is for a host that serves and whose proof is not there.
func (v *verdict) missing(now time.Time, host string) {
	if v.row.missingSince == nil {
		v.row.missingSince = &now
		v.events = append(v.events, Event{Kind: EventMissing, Host: host, Details: map[string]any{"ends": now.Add(Grace).UTC().Format(time.RFC3339)}})
	}
	ends := v.row.missingSince.Add(Grace)
	if now.Before(ends) {
		next := now.Add(whileMissing)
		if ends.Before(next) {
			next = ends
		}
		v.dueAt = &next
		return
	}
	v.row.verifiedAt, v.row.lostAt, v.row.tries, v.serving = nil, &now, 0, true
	v.events = append(v.events, Event{Kind: EventLost, Reason: "proof_missing", Host: host})
	v.wait(now)
}

// wait asks again later and later, and after a month not by itself any more.
func (v *verdict) wait(now time.Time) {
	v.row.tries++
	since := v.row.createdAt
	if v.row.lostAt != nil && v.row.lostAt.After(since) {
		since = *v.row.lostAt
	}
	if now.Sub(since) < giveUpAfter {
		v.dueAt = after(now, backOff(firstWait, longestWait, v.row.tries))
	}
}

// backOff doubles a wait with every try, from the first on.
func backOff(first, longest time.Duration, tries int) time.Duration {
	return min(longest, first<<min(max(tries-1, 0), 16))
}

func after(now time.Time, wait time.Duration) *time.Time {
	at := now.Add(wait)
	return &at
}

// daily spreads the hosts over two hours, so that those of one import are not asked for at one moment for ever.
func daily(now time.Time, host string) *time.Time {
	h := fnv.New32a()
	_, _ = h.Write([]byte(host)) // never fails
	return after(now, onceVerified-time.Duration(h.Sum32()%7_200)*time.Second)
}
