package main

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// pages measures the branded sign-in page beside a page from memory: the tenant named by host, by
// path, and with its caches emptied several times a second by another instance's changes.
func pages(ctx context.Context, b *bench) ([]row, error) {
	const conns = 64
	w := b.world
	limit := fetches(b.limits.addr, conns, 200, same(get("localhost", "/page", "")))
	byHost := fetches(w.addr, conns, 200, same(get(w.main.host, "/login", "")))
	byPath := fetches(w.addr, conns, 200, same(get("localhost:"+w.port, "/t/bench/login", "")))
	evicted := func(ctx context.Context, warm, d time.Duration) (f figure, err error) {
		stop := b.evict(ctx, w)
		f, err = byHost(ctx, warm, d)
		if e := stop(); err == nil {
			err = e
		}
		return f, err
	}
	var rows []row
	for _, v := range []struct {
		how  string
		ours measurer
	}{{"by host", byHost}, {"by path", byPath}, {"evicted 4 times a second", evicted}} {
		w.server.resetPeak()
		c, err := b.beside(ctx, b.quickly, limit, v.ours)
		if err != nil {
			return rows, err
		}
		r := c.row(fmt.Sprintf("sign-in page %s ÷ Fiber's 6 KB", v.how)).atLeast(0.5)
		r.Memory = w.server.peak()
		rows = append(rows, r)
	}
	return rows, nil
}

// evict raises the main tenant's version and tells all instances, four times a second until stopped.
func (b *bench) evict(ctx context.Context, w *world) (stop func() error) {
	ctx, cancel := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() {
		ended <- b.asSuperuser(context.WithoutCancel(ctx), w.database, func(c *pgx.Conn) error {
			tick := time.NewTicker(250 * time.Millisecond)
			defer tick.Stop()
			for {
				select {
				case <-ctx.Done():
					return nil
				case <-tick.C:
				}
				if _, err := c.Exec(context.WithoutCancel(ctx), touchTenant, w.main.slug); err != nil {
					return err
				}
			}
		})
	}()
	return func() error { cancel(); return <-ended }
}

// touchTenant is what saving a setting does: the version rises and every instance is told.
const touchTenant = `WITH touched AS (UPDATE tenants SET version = version + 1 WHERE slug = $1 RETURNING id)
	SELECT pg_notify('portico_cache', id::text) FROM touched`

// signedIn measures a page behind a session check beside one SELECT.
func signedIn(ctx context.Context, b *bench) ([]row, error) {
	const conns = 16
	w := b.world
	var requests, accounts [][]byte
	c := &conn{addr: w.addr}
	defer c.close()
	for range conns {
		a, err := c.do(w.post(w.main, "/login", "identifier", w.main.anybody(), "password", password))
		if err != nil {
			return nil, err
		}
		if err := a.want(303); err != nil {
			return nil, err
		}
		cookies := "pre=" + w.main.pre + "; sid=" + a.cookie("sid") + "; dev=" + a.cookie("dev")
		requests = append(requests, get(w.main.host, "/", cookies))
		accounts = append(accounts, get(w.main.host, "/account", cookies))
	}
	limit := fetches(b.limits.addr, conns, 200, same(get("localhost", "/row", "")))
	w.server.resetPeak()
	home, err := b.beside(ctx, b.quickly, limit, fetches(w.addr, conns, 200, func(client, _ int) []byte { return requests[client] }))
	if err != nil {
		return nil, err
	}
	r := home.row("signed-in page ÷ Fiber + one SELECT").atLeast(0.5)
	r.Memory = w.server.peak()
	account, err := b.beside(ctx, b.quickly, limit, fetches(w.addr, conns, 200, func(client, _ int) []byte { return accounts[client] }))
	if err != nil {
		return []row{r}, err
	}
	other := account.row("account page (3 queries), for comparison")
	other.Bar, other.OK = "none", true
	return []row{r, other}, nil
}
