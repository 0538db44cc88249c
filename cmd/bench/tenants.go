package main

import (
	"bytes"
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// manyTenants compares a portal of a thousand tenants with one of ten, each on its own database.
func manyTenants(ctx context.Context, b *bench) ([]row, error) {
	few, many := b.world, b.many
	page := func(w *world) measurer {
		requests := make([][]byte, 0, len(w.tenants))
		for _, t := range w.tenants {
			requests = append(requests, get(t.host, "/login", ""))
		}
		return fetches(w.addr, 64, 200, func(client, i int) []byte { return requests[(client+i*64)%len(requests)] })
	}
	var rows []row
	for _, v := range []struct {
		work        string
		pace        pace
		limit, ours measurer
	}{
		{"page", b.quickly, page(few), page(many)},
		{"login", b.slowly, few.signsIn(8, few.tenants...), many.signsIn(8, many.tenants...)},
		{"recovery", b.quickly, b.calmly(few.asks(16, few.tenants...)), b.calmly(many.asks(16, many.tenants...))},
	} {
		many.server.resetPeak()
		c, err := b.beside(ctx, v.pace, v.limit, v.ours)
		if err != nil {
			return rows, fmt.Errorf("%s: %w", v.work, err)
		}
		r := c.row(fmt.Sprintf("%s: 1,000 tenants ÷ 10", v.work)).atLeast(0.9)
		r.Memory = many.server.peak()
		rows = append(rows, r)
	}
	return rows, nil
}

// calmly takes the letters that a stretch left behind out of the queue before the next one.
func (b *bench) calmly(m measurer) measurer {
	return func(ctx context.Context, warm, d time.Duration) (figure, error) {
		f, err := m(ctx, warm, d)
		if err != nil {
			return f, err
		}
		return f, b.quiet(ctx)
	}
}

// changeSeen saves a tenant's file through one process and watches another one's page: from the
// beginning of the saving transaction to the first page that shows the change.
func changeSeen(ctx context.Context, b *bench) ([]row, error) {
	w, times := b.world, 8
	if b.quick {
		times = 3
	}
	var lat latencies
	for n := range times {
		took, err := b.change(ctx, w, fmt.Sprintf("Welcome, version %d.", n))
		if err != nil {
			return nil, err
		}
		lat = append(lat, took)
	}
	worst := ms(lat.quantile(1))
	return []row{row{Work: "saved change on another instance", Ours: worst, Limit: 1000, Unit: "ms", Ratio: worst / 1000,
		Bar: "< 1 s", OK: worst < 1000, Note: fmt.Sprintf("slowest of %d changes, from the start of the saving transaction", times)}.with(lat)}, nil
}

func (b *bench) change(ctx context.Context, w *world, lead string) (time.Duration, error) {
	saved := make(chan error, 1)
	go func() { saved <- b.apply(ctx, w, lead) }()
	c := &conn{addr: w.addr}
	defer c.close()
	request := get(w.main.host, "/login", "")
	var seen time.Time
	err := until(ctx, 20*time.Second, 2*time.Millisecond, func() (bool, error) {
		a, err := c.do(request)
		if err != nil {
			return false, err
		}
		seen = time.Now()
		return bytes.Contains(a.body, []byte(lead)), nil
	})
	if e := <-saved; e != nil {
		return 0, e
	}
	if err != nil {
		return 0, err
	}
	var at time.Time
	err = b.asSuperuser(ctx, w.database, func(conn *pgx.Conn) error {
		return conn.QueryRow(ctx, "SELECT updated_at FROM tenants WHERE slug = $1", w.main.slug).Scan(&at)
	})
	return seen.Sub(at), err
}
