package main

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"
)

// clicks are requests for letters with the moment of each, by recipient.
type clicks struct {
	mu    sync.Mutex
	at    map[string]time.Time
	fault error
}

func (k *clicks) ask(c *conn, w *world, t *tenant, due time.Time) {
	who := t.anybody()
	err := w.recover(c, t, who)
	k.mu.Lock()
	defer k.mu.Unlock()
	if err != nil {
		k.fault = err
		return
	}
	k.at[who] = due
}

// arrivals waits until every letter is at the sink, or a while, and gives the times from click to
// there; lost is how many never came.
func (k *clicks) arrivals(ctx context.Context, s *sink, longest time.Duration) (lat latencies, lost int) {
	_ = until(ctx, longest, 20*time.Millisecond, func() (bool, error) { // too late is counted as lost
		lat, lost = nil, 0
		for who, at := range k.at {
			if took, ok := s.took(who); ok && took.After(at) {
				lat = append(lat, took.Sub(at))
			} else {
				lost++
			}
		}
		return lost == 0, nil
	})
	return lat, lost
}

const letterBar = 1000 // ms

func letterRow(work string, lat latencies, lost int) row {
	p99 := ms(lat.quantile(0.99))
	return row{Work: work, Ours: p99, Limit: letterBar, Unit: "ms", Ratio: p99 / letterBar,
		Bar: "p99 < 1 s", OK: len(lat) > 0 && p99 < letterBar && lost == 0}.with(lat)
}

// letterDelay measures from the click to the sink at a steady 200 requests a second.
func letterDelay(ctx context.Context, b *bench) ([]row, error) {
	w, d := b.world, 10*time.Second
	if b.quick {
		d = 3 * time.Second
	}
	w.server.resetPeak()
	b.sink.forget()
	conns := newConns(w.addr, 64)
	defer closeConns(conns)
	k := &clicks{at: map[string]time.Time{}}
	missed := open(ctx, len(conns), 200, d, func(client int, due time.Time) { k.ask(conns[client], w, w.main, due) })
	if k.fault != nil {
		return nil, k.fault
	}
	lat, lost := k.arrivals(ctx, b.sink, 15*time.Second)
	r := letterRow("click to sink, 200 letters/s", lat, lost)
	r.OK = r.OK && missed == 0
	r.Memory = w.server.peak()
	r.Note = fmt.Sprintf("%d letters, slowest %.0f ms, %d lost, %d requests found no connection free", len(lat), ms(lat.quantile(1)), lost, missed)
	return []row{r}, nil
}

// flood lets one tenant ask for thousands of letters and try passwords while another one's people ask
// for a letter now and then.
func flood(ctx context.Context, b *bench) ([]row, error) {
	w, quiet := b.world, b.world.tenants[1]
	letters, d := 4000, 12*time.Second
	if b.quick {
		letters, d = 2000, 3*time.Second
	}
	w.server.resetPeak()
	b.sink.forget()
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	trying, stop := context.WithCancel(ctx)
	defer stop()
	var background sync.WaitGroup
	var asked atomic.Int64
	var posted atomic.Int64 // ms until the last letter of the flood was asked for
	var faults atomic.Pointer[error]
	began := time.Now()
	for range 16 {
		background.Go(func() {
			c := &conn{addr: w.addr}
			defer c.close()
			for asked.Add(1) <= int64(letters) && ctx.Err() == nil {
				if err := w.recover(c, w.main, w.main.anybody()); err != nil {
					faults.CompareAndSwap(nil, &err)
					return
				}
				posted.Store(time.Since(began).Milliseconds())
			}
		})
	}
	for range 64 {
		background.Go(func() { w.tryPasswords(trying) })
	}
	conns := newConns(w.addr, 32)
	defer closeConns(conns)
	k := &clicks{at: map[string]time.Time{}}
	missed := open(ctx, len(conns), 10, d, func(client int, due time.Time) { k.ask(conns[client], w, quiet, due) })
	lat, lost := k.arrivals(ctx, b.sink, 20*time.Second)
	stop()
	background.Wait()
	if k.fault != nil {
		return nil, k.fault
	}
	if err := faults.Load(); err != nil {
		return nil, *err
	}
	r := letterRow("another tenant's letter in a flood", lat, lost)
	r.OK = r.OK && missed == 0
	r.Memory = w.server.peak()
	r.Note = fmt.Sprintf("%d letters of the flood were asked for in %.1f s beside 64 clients that sign in; %d letters of the other tenant, slowest %.0f ms, %d lost",
		letters, float64(posted.Load())/1000, len(lat), ms(lat.quantile(1)), lost)
	return []row{r}, nil
}

// tryPasswords signs in without a pause; refusals are welcome.
func (w *world) tryPasswords(ctx context.Context) {
	c := &conn{addr: w.addr}
	defer c.close()
	for ctx.Err() == nil {
		_, _ = c.do(w.post(w.main, "/login", "identifier", w.main.anybody(), "password", password))
	}
}
