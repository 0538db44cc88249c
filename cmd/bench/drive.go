package main

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"
)

// figure is what one stretch of load came to.
type figure struct {
	rate    float64 // completions a second
	lat     latencies
	refused int // answered with 503; not among the completions
}

// errRefused is an answer that says "later": it counts for nothing but is no fault.
var errRefused = errors.New("refused for now")

// closed keeps n clients busy, each with one request after the other: first for warm, which does not
// count, then for d. The first error ends it.
func closed(ctx context.Context, n int, warm, d time.Duration, do func(client int) error) (figure, error) {
	var running sync.WaitGroup
	var failed atomic.Pointer[error]
	var refused atomic.Int64
	parts := make([]latencies, n)
	from := time.Now().Add(warm)
	to := from.Add(d)
	for i := range n {
		running.Go(func() {
			for failed.Load() == nil && ctx.Err() == nil {
				began := time.Now()
				if began.After(to) {
					return
				}
				err := do(i)
				if errors.Is(err, errRefused) {
					refused.Add(1)
					pause(ctx, afterRefusal)
					continue
				}
				if err != nil {
					failed.CompareAndSwap(nil, &err)
					return
				}
				if ended := time.Now(); ended.After(from) && ended.Before(to) {
					parts[i] = append(parts[i], ended.Sub(began))
				}
			}
		})
	}
	running.Wait()
	var f figure
	for _, p := range parts {
		f.lat = append(f.lat, p...)
	}
	f.refused = int(refused.Load())
	f.rate = float64(len(f.lat)) / d.Seconds()
	if err := failed.Load(); err != nil {
		return f, *err
	}
	return f, ctx.Err()
}

// afterRefusal is how long a client that was told "later" waits, so that refusals are not the load.
const afterRefusal = 200 * time.Millisecond

func pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

// open sends at a steady rate for d, whether or not earlier requests have come back (an open loop does
// not spare a slow server), and waits for all of them. Arrivals that find none of the n clients free
// are counted in missed. due is when the request should have left; it is its latency's beginning.
func open(ctx context.Context, n int, rate float64, d time.Duration, do func(client int, due time.Time)) (missed int) {
	free := make(chan int, n)
	for i := range n {
		free <- i
	}
	var running sync.WaitGroup
	began := time.Now()
	gap := time.Duration(float64(time.Second) / rate)
	timer := time.NewTimer(0)
	defer timer.Stop()
	for i := 0; ; i++ {
		due := began.Add(time.Duration(i) * gap)
		if due.Sub(began) >= d || ctx.Err() != nil {
			break
		}
		if wait := time.Until(due); wait > 0 {
			timer.Reset(wait)
			select {
			case <-timer.C:
			case <-ctx.Done():
			}
		}
		select {
		case client := <-free:
			running.Go(func() {
				do(client, due)
				free <- client
			})
		default:
			missed++
		}
	}
	running.Wait()
	return missed
}

// measurer measures one thing for a while.
type measurer func(ctx context.Context, warm, d time.Duration) (figure, error)

// compared is ours beside a limit.
type compared struct {
	ours, limit, ratio float64 // medians over the rounds
	lat                latencies
	refused            int
}

// beside measures limit, ours, limit, ours, limit, …: each round of ours is held against the mean of
// the two limits around it, and the medians over the rounds count.
func (b *bench) beside(ctx context.Context, p pace, limit, ours measurer) (compared, error) {
	var c compared
	var limits, all, ratios []float64
	before, err := limit(ctx, p.warm, p.slice)
	if err != nil {
		return c, err
	}
	limits = append(limits, before.rate)
	for range p.rounds {
		own, err := ours(ctx, p.warm, p.slice)
		if err != nil {
			return c, err
		}
		after, err := limit(ctx, p.warm, p.slice)
		if err != nil {
			return c, err
		}
		all, limits = append(all, own.rate), append(limits, after.rate)
		ratios = append(ratios, own.rate/((before.rate+after.rate)/2))
		c.lat, c.refused = append(c.lat, own.lat...), c.refused+own.refused
		before = after
	}
	c.ours, c.limit, c.ratio = median(all), median(limits), median(ratios)
	return c, nil
}

// row is the comparison as a line of the table.
func (c compared) row(work string) row {
	r := row{Work: work, Ours: c.ours, Limit: c.limit, Unit: "/s", Ratio: c.ratio}.with(c.lat)
	if c.refused > 0 {
		r.Note = fmt.Sprintf("%d answers were 503 and are not counted", c.refused)
	}
	return r
}
