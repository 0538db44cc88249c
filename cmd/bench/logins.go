package main

import (
	"context"
	"fmt"
	"runtime"
	"time"

	"golang.org/x/crypto/argon2"
)

// The hash of the limit: OWASP's argon2id, as the portal makes it.
const (
	hashMemory = 19456
	hashTime   = 2
	hashLanes  = 1
	hashTag    = 32
)

// hashes is the limit: nothing but hashes, as many at once as cores.
func hashes(ctx context.Context, warm, d time.Duration) (figure, error) {
	salt := []byte("sixteen bytes...")
	return closed(ctx, runtime.NumCPU(), warm, d, func(int) error {
		argon2.IDKey([]byte(password), salt, hashTime, hashMemory, hashLanes, hashTag)
		return nil
	})
}

// signsIn is n clients that sign in one after the other, each time somebody else; more than one tenant
// take turns.
func (w *world) signsIn(n int, at ...*tenant) measurer {
	return func(ctx context.Context, warm, d time.Duration) (figure, error) {
		conns := newConns(w.addr, n)
		defer closeConns(conns)
		turn := make([]int, n)
		return closed(ctx, n, warm, d, func(client int) error {
			t := at[(client+turn[client]*n)%len(at)]
			turn[client]++
			return w.login(conns[client], t, t.anybody())
		})
	}
}

// logins measures sign-ins beside bare hashes, and the memory that they take.
func logins(ctx context.Context, b *bench) ([]row, error) {
	var rows []row
	b.world.server.resetPeak()
	for _, clients := range []int{8, 64} {
		c, err := b.beside(ctx, b.slowly, hashes, b.world.signsIn(clients, b.world.main))
		if err != nil {
			return rows, err
		}
		r := c.row(fmt.Sprintf("password logins, %d clients ÷ hashes", clients)).atLeast(0.95)
		r.Memory = b.world.server.peak()
		rows = append(rows, r)
	}
	peak := b.world.server.peak()
	return append(rows, row{Work: "peak memory during logins", Ours: peak, Limit: mostMemory, Unit: "MiB", Ratio: peak / mostMemory,
		Memory: peak, Bar: "< 150 MiB", OK: peak > 0 && peak < mostMemory}), nil
}

const mostMemory = 150
