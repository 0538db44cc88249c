package domains

import (
	"testing"
	"time"

	"portico/tenants"
)

func TestJudgingAClaim(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	ago := func(d time.Duration) *time.Time { at := now.Add(-d); return &at }
	old := now.Add(-60 * 24 * time.Hour)
	shows := func(challenges ...string) (p proof) {
		for _, c := range challenges {
			p.values = append(p.values, ProofValue(c))
		}
		return p
	}
	other := func(set func(*claimRow)) []claimRow {
		c := claimRow{tenant: tenants.NewID(), challenge: "theirs", createdAt: old}
		set(&c)
		return []claimRow{c}
	}
	for name, c := range map[string]struct {
		row     claimRow
		proof   proof
		others  []claimRow
		serves  bool
		due     time.Duration // 0: not by itself; a day: within the last two hours of it
		events  []string
		putsOut bool
		taken   bool
	}{
		"first look, not there":            {row: claimRow{createdAt: now}, due: time.Minute},
		"fifth look, not there":            {row: claimRow{createdAt: now, tries: 4}, due: 16 * time.Minute},
		"much later, not there":            {row: claimRow{createdAt: *ago(20 * 24 * time.Hour), tries: 90}, due: 6 * time.Hour},
		"after a month nobody looks":       {row: claimRow{createdAt: old, tries: 90}},
		"there":                            {row: claimRow{createdAt: now}, proof: shows("mine"), serves: true, due: 24 * time.Hour, events: []string{EventVerified}},
		"there after a month":              {row: claimRow{createdAt: old}, proof: shows("x", "mine"), serves: true, due: 24 * time.Hour, events: []string{EventVerified}},
		"another value":                    {row: claimRow{createdAt: now}, proof: shows("theirs"), due: time.Minute},
		"still there":                      {row: claimRow{createdAt: old, verifiedAt: &old, provedAt: ago(time.Hour)}, proof: shows("mine"), serves: true, due: 24 * time.Hour},
		"gone":                             {row: claimRow{createdAt: old, verifiedAt: &old, provedAt: ago(time.Hour)}, serves: true, due: time.Hour, events: []string{EventMissing}},
		"gone for three days less a bit":   {row: claimRow{createdAt: old, verifiedAt: &old, provedAt: &old, missingSince: ago(Grace - time.Minute)}, serves: true, due: time.Minute},
		"gone for three days":              {row: claimRow{createdAt: old, verifiedAt: &old, provedAt: &old, missingSince: ago(Grace)}, due: time.Minute, events: []string{EventLost}},
		"back in time":                     {row: claimRow{createdAt: old, verifiedAt: &old, provedAt: &old, missingSince: ago(time.Hour)}, proof: shows("mine"), serves: true, due: 24 * time.Hour, events: []string{EventFound}},
		"back after the loss":              {row: claimRow{createdAt: old, provedAt: &old, missingSince: ago(Grace), lostAt: ago(time.Hour)}, proof: shows("mine"), serves: true, due: 24 * time.Hour, events: []string{EventVerified}},
		"outage while pending":             {row: claimRow{createdAt: now}, proof: proof{unknown: true}, due: 5 * time.Minute},
		"long outage while verified":       {row: claimRow{createdAt: old, verifiedAt: &old, provedAt: &old, tries: 50}, proof: proof{unknown: true}, serves: true, due: time.Hour},
		"outage beyond the end of grace":   {row: claimRow{createdAt: old, verifiedAt: &old, provedAt: &old, missingSince: ago(9 * Grace)}, proof: proof{unknown: true}, serves: true, due: 5 * time.Minute},
		"by the operator's word":           {row: claimRow{createdAt: old, verifiedAt: &old}, serves: true, due: 24 * time.Hour},
		"operator's word, then proved":     {row: claimRow{createdAt: old, verifiedAt: &old}, proof: shows("mine"), serves: true, due: 24 * time.Hour},
		"another's claim is nothing":       {row: claimRow{createdAt: now}, proof: shows("mine", "theirs"), others: other(func(*claimRow) {}), serves: true, due: 24 * time.Hour, events: []string{EventVerified}},
		"another's proof stands":           {row: claimRow{createdAt: now}, proof: shows("mine", "theirs"), others: other(func(c *claimRow) { c.verifiedAt, c.provedAt = &old, &old }), due: time.Minute, taken: true},
		"another's proof is gone just now": {row: claimRow{createdAt: now}, proof: shows("mine"), others: other(func(c *claimRow) { c.verifiedAt, c.provedAt = &old, &old }), serves: true, due: 24 * time.Hour, events: []string{EventVerified}, putsOut: true},
		"another's is lost already":        {row: claimRow{createdAt: now}, proof: shows("mine"), others: other(func(c *claimRow) { c.provedAt, c.lostAt = &old, &old }), serves: true, due: 24 * time.Hour, events: []string{EventVerified}},
		"the operator vouches for another": {row: claimRow{createdAt: now}, proof: shows("mine"), others: other(func(c *claimRow) { c.verifiedAt = &old }), due: time.Minute, taken: true},
	} {
		c.row.challenge = "mine"
		v := judge(now, "login.a.example", c.row, c.proof, c.others)
		if (v.row.verifiedAt != nil) != c.serves || v.taken != c.taken || (v.out != nil) != c.putsOut {
			t.Errorf("%s: serves %v, taken %v, puts out %v", name, v.row.verifiedAt != nil, v.taken, v.out != nil)
		}
		if (v.row.verifiedAt != nil) != (c.row.verifiedAt != nil) != v.serving {
			t.Errorf("%s: says that serving changed: %v", name, v.serving)
		}
		var kinds []string
		for _, e := range v.events {
			kinds = append(kinds, e.Kind)
		}
		if len(kinds) != len(c.events) || len(kinds) > 0 && kinds[0] != c.events[0] {
			t.Errorf("%s: events %v, want %v", name, kinds, c.events)
		}
		switch {
		case c.due == 0 && v.dueAt != nil, c.due != 0 && v.dueAt == nil:
			t.Errorf("%s: due at %v", name, v.dueAt)
		case c.due == 24*time.Hour:
			if wait := v.dueAt.Sub(now); wait <= 22*time.Hour || wait > 24*time.Hour {
				t.Errorf("%s: due in %s", name, wait)
			}
		case c.due != 0 && !v.dueAt.Equal(now.Add(c.due)):
			t.Errorf("%s: due in %s, want %s", name, v.dueAt.Sub(now), c.due)
		}
		if v.out != nil && (v.out.verifiedAt != nil || v.out.lostAt == nil) {
			t.Errorf("%s: who was put out still serves", name)
		}
	}
}
