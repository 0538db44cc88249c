package main

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// queueDeadline is how long a sign-in may wait for its hash, with what the way there and back takes.
const queueDeadline = 2*time.Second + 250*time.Millisecond

// offered is what came of a flood of sign-ins.
type offered struct {
	mu       sync.Mutex
	good     latencies // that ended within the window
	refused  latencies
	late     int // good, outside of the window
	bare     int // 503 without Retry-After
	timeouts int
	others   map[int]int
	fault    error
}

func (o *offered) add(a *answer, err error, took time.Duration, counts bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	switch {
	case err != nil:
		o.timeouts++
		o.fault = err
	case a.status == 303 && counts:
		o.good = append(o.good, took)
	case a.status == 303:
		o.late++
	case a.status == 503:
		o.refused = append(o.refused, took)
		if a.header("Retry-After") == "" {
			o.bare++
		}
	default:
		o.others[a.status]++
	}
}

// overload offers four times as many sign-ins as hashes are possible, whatever comes back.
func overload(ctx context.Context, b *bench) ([]row, error) {
	w := b.world
	warm, d := 3*time.Second, 10*time.Second
	if b.quick {
		warm, d = 2*time.Second, 3*time.Second
	}
	peak := func() (figure, error) { return w.signsIn(64, w.main)(ctx, b.slowly.warm, b.slowly.slice) }
	before, err := peak()
	if err != nil {
		return nil, err
	}
	w.server.resetPeak()
	conns := newConns(w.addr, 1024)
	defer closeConns(conns)
	o := &offered{others: map[int]int{}}
	from := time.Now().Add(warm)
	to := from.Add(d)
	missed := open(ctx, len(conns), 4*before.rate, warm+d, func(client int, due time.Time) {
		a, err := conns[client].do(w.post(w.main, "/login", "identifier", w.main.anybody(), "password", password))
		now := time.Now()
		o.add(a, err, now.Sub(due), now.After(from) && now.Before(to))
	})
	memory := w.server.peak()
	after, err := peak()
	if err != nil {
		return nil, err
	}
	limit := (before.rate + after.rate) / 2
	goodput := float64(len(o.good)) / d.Seconds()
	slow := o.refused.quantile(0.99)
	r := row{Work: "logins offered at 4 × the peak", Ours: goodput, Limit: limit, Unit: "/s", Ratio: goodput / limit, Memory: memory}.
		with(o.good).atLeast(0.9)
	r.Bar += ", rest 503"
	r.OK = r.OK && len(o.refused) > 0 && o.bare == 0 && o.timeouts == 0 && len(o.others) == 0 && missed == 0 && slow <= queueDeadline
	r.Note = fmt.Sprintf("%d refused with 503 (p50 %.0f ms, p99 %.0f ms), %d of them without Retry-After, %d broken, %d never sent, others %v",
		len(o.refused), ms(o.refused.quantile(0.5)), ms(slow), o.bare, o.timeouts, missed, o.others)
	if o.fault != nil {
		r.Note += ": " + o.fault.Error()
	}
	return []row{r}, nil
}

// storm measures a page's answer while 16 clients sign in without a pause.
func storm(ctx context.Context, b *bench) ([]row, error) {
	const bar = 15
	w := b.world
	d := 8 * time.Second
	if b.quick {
		d = 2500 * time.Millisecond
	}
	w.server.resetPeak()
	var background sync.WaitGroup
	var busy figure
	var fault error
	background.Go(func() { busy, fault = w.signsIn(16, w.main)(ctx, 500*time.Millisecond, d) })
	conns := newConns(w.addr, 8)
	defer closeConns(conns)
	request := get(w.main.host, "/login", "")
	parts := make([]latencies, len(conns))
	var once sync.Once
	from := time.Now().Add(500 * time.Millisecond)
	missed := open(ctx, len(conns), 200, 500*time.Millisecond+d, func(client int, due time.Time) {
		a, err := conns[client].do(request)
		if err == nil {
			err = a.want(200)
		}
		if err != nil {
			once.Do(func() { fault = err })
			return
		}
		if due.After(from) {
			parts[client] = append(parts[client], time.Since(due))
		}
	})
	background.Wait()
	var lat latencies
	for _, p := range parts {
		lat = append(lat, p...)
	}
	p99 := ms(lat.quantile(0.99))
	r := row{Work: "page while 16 clients log in", Ours: p99, Limit: bar, Unit: "ms", Ratio: p99 / bar, Memory: w.server.peak(),
		Bar: "p99 < 15 ms", OK: p99 > 0 && p99 < bar && missed == 0,
		Note: fmt.Sprintf("%d pages, %.1f logins/s meanwhile, %d pages found no connection free", len(lat), busy.rate, missed)}
	return []row{r.with(lat)}, fault
}
