package staff

import (
	"time"

	"portico/app/accounts"
	"portico/tenants"
)

// counter is one limit that a try counts against.
type counter struct {
	name, subject string
	limit         int
	window        time.Duration
}

// signInCounters bound the tries from one address (security.md 4.2), those of one address for one account, and
// those for one account from wherever they come: 100 a day (NIST SP 800-63B-4 §3.2.2). Strangers who use up the
// last one shut nobody out: it does not count where this person signed in lately (known), and a new link to begin
// with frees it.
func signInCounters(norm string, client accounts.Client, known bool) []counter {
	from := client.AddressKey()
	all := []counter{
		{"staff address", from, 20, time.Minute},
		{"staff address hour", from, 200, time.Hour},
		{"staff both", norm + " " + from, 10, 15 * time.Minute},
	}
	if known {
		return all
	}
	return append(all, counter{"staff account", norm, 100, 24 * time.Hour})
}

// ownCounters are those that somebody who showed both proofs frees.
func ownCounters(norm string, client accounts.Client) []counter {
	return signInCounters(norm, client, false)[2:]
}

// codeCounter bounds the codes of one person (security.md 4.2: 30 a day), whatever sessions they are tried in.
func codeCounter(w who) []counter {
	return []counter{{"staff code", w.id.String(), 30, 24 * time.Hour}}
}

// take adds the counting of one try to a batch; all counters must allow.
func (f *Staff) take(b *tenants.Batch, a *tenants.Across, counters []counter, allowed *bool, retryAt **time.Time) {
	keys, limits, windows, blocks := f.args(counters)
	b.Row(nil, "SELECT allowed, retry_at FROM platform.take_limits($1, $2, $3, $4, $5, $6)",
		[]any{a.Now(), keys, limits, windows, blocks, 1}, allowed, retryAt)
}

// forget frees an account's own counters after a sign-in that went right.
func (f *Staff) forget(b *tenants.Batch, counters []counter) {
	keys, _, _, _ := f.args(counters)
	b.Exec("DELETE FROM platform.limits WHERE key = ANY ($1)", keys)
}

func (f *Staff) args(counters []counter) (keys [][]byte, limits []int32, windows, blocks []time.Duration) {
	for _, c := range counters {
		keys = append(keys, f.Seals.MAC("limit", tenants.ID{}, c.name, c.subject))
		limits = append(limits, int32(c.limit)) //nolint:gosec // the constants above
		windows = append(windows, c.window)
		blocks = append(blocks, 0)
	}
	return keys, limits, windows, blocks
}
