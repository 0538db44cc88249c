package main

import (
	"bytes"
	"context"
	"fmt"
	"regexp"
	"time"
)

// someone is a kind of account whose answer must not be told from another's.
type someone struct {
	name string
	kind byte // first letter of the address; nobody is seeded under 'u'
}

// masks are what differs between any two answers: nonces, tokens, sealed texts, ids and times.
var masks = []*regexp.Regexp{
	regexp.MustCompile(`nonce[-=]"?[A-Za-z0-9_-]{16,}`),
	regexp.MustCompile(`value="[A-Za-z0-9_-]{40,}"`),
	regexp.MustCompile(`Date: [^\r]+`),
	regexp.MustCompile(`\d{4}-\d\d-\d\dT[0-9:.]+Z?`),
	regexp.MustCompile(`Content-Length: \d+`), // of sealed times with fewer digits; the masked body is compared
}

// masked is an answer without them, and without the name that was typed.
func masked(a *answer, typed string) string {
	out := bytes.Join([][]byte{a.head, a.body}, nil)
	for _, name := range []string{typed, string(bytes.ReplaceAll([]byte(typed), []byte("@"), []byte("&#64;")))} {
		out = bytes.ReplaceAll(out, []byte(name), []byte("~"))
	}
	for _, m := range masks {
		out = m.ReplaceAll(out, []byte("~"))
	}
	return string(out)
}

// equalTime asks, interleaved in an order of chance, as people who differ in what a stranger must not
// learn, and compares times and bytes.
func equalTime(ctx context.Context, b *bench) ([]row, error) {
	pairs, hashed := 300, 300
	if b.quick {
		hashed = 60
	}
	w := b.world
	signIn := func(c *conn, who string) (*answer, error) {
		return c.do(w.post(w.main, "/login", "identifier", who, "password", "Wrong-Kettle-harbour7"))
	}
	ask := func(c *conn, who string) (*answer, error) {
		return c.do(w.post(w.main, "/recover", "identifier", who))
	}
	kinds := []someone{{"wrong password", 'k'}, {"unknown", 'u'}, {"locked", 'l'}, {"disabled", 'd'}, {"SSO-only", 's'}}
	rows, err := b.tell(ctx, "sign-in", hashed, 422, kinds, signIn)
	if err != nil {
		return rows, err
	}
	kinds[0].name = "known"
	more, err := b.tell(ctx, "recovery", pairs, 200, kinds, ask)
	return append(rows, more...), err
}

// tell measures pairs of the first kind and each other one.
func (b *bench) tell(ctx context.Context, work string, pairs, status int, kinds []someone, try func(*conn, string) (*answer, error)) ([]row, error) {
	c := &conn{addr: b.world.addr}
	defer c.close()
	times := make([]latencies, len(kinds))
	bodies := make([]map[string]int, len(kinds))
	for i := range bodies {
		bodies[i] = map[string]int{}
	}
	const warm = 10
	for n := range pairs + warm {
		for _, k := range shuffled(len(kinds)) {
			if ctx.Err() != nil {
				return nil, ctx.Err()
			}
			who := b.world.main.person(kinds[k].kind, n)
			began := time.Now()
			a, err := try(c, who)
			took := time.Since(began)
			if err == nil {
				err = a.want(status)
			}
			if err != nil {
				return nil, fmt.Errorf("%s as %s: %w", work, kinds[k].name, err)
			}
			if n >= warm {
				times[k] = append(times[k], took)
				bodies[k][masked(a, who)]++
			}
		}
	}
	var rows []row
	for k := 1; k < len(kinds); k++ {
		rows = append(rows, verdict(work, kinds[0].name, kinds[k].name, times[0], times[k], bodies[0], bodies[k]))
	}
	return rows, nil
}

// enoughForMedians is how many pairs it takes before medians of a busy machine lie within 3 % of each
// other by themselves; fewer (--quick) are judged by their ranks alone.
const enoughForMedians = 300

// verdict is the bar: medians within 3 %, no difference in rank, the same bytes.
func verdict(work, first, other string, a, b latencies, seen, alike map[string]int) row {
	gap, p := medianGap(a, b), mannWhitney(a, b)
	same := len(seen) == 1 && len(alike) == 1
	for text := range alike {
		same = same && seen[text] > 0
	}
	r := row{Work: fmt.Sprintf("%s: %s as %s", work, other, first), Ours: ms(b.quantile(0.5)), Limit: ms(a.quantile(0.5)), Unit: "ms",
		Ratio: float64(b.quantile(0.5)) / float64(a.quantile(0.5)), Bar: "p > 0.01, same bytes", OK: p > 0.01 && same}.with(b)
	if len(a) >= enoughForMedians {
		r.Bar, r.OK = "p50 ±3 %, "+r.Bar, r.OK && gap <= 0.03
	}
	r.Note = fmt.Sprintf("%d pairs, p50 %.2f %% apart, Mann-Whitney p = %.3f, same bytes: %v", len(a), 100*gap, p, same)
	if !same {
		r.Note += fmt.Sprintf(" (%d and %d forms)%s", len(seen), len(alike), firstDifference(seen, alike))
	}
	return r
}

// firstDifference shows where two answers part.
func firstDifference(seen, alike map[string]int) string {
	var a, b string
	for text := range seen {
		a = text
	}
	for text := range alike {
		if text != a {
			b = text
		}
	}
	i := 0
	for i < len(a) && i < len(b) && a[i] == b[i] {
		i++
	}
	piece := func(s string) string { return s[min(max(0, i-30), len(s)):min(i+50, len(s))] }
	return fmt.Sprintf(": %q against %q", piece(a), piece(b))
}
