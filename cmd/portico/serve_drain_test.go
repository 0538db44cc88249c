package main

import (
	"strings"
	"syscall"
	"testing"
	"time"

	"portico/tenants/tenantstest"
)

// TestServeShowsThatItLeaves: after SIGTERM /readyz says no while pages are still answered.
func TestServeShowsThatItLeaves(t *testing.T) {
	t.Parallel()
	p := newProduction(t)
	p.env = append(p.env, "PORTICO_DRAIN_WAIT=4s")
	r := p.serve(t)
	if err := r.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	until(t, 20*time.Second, "/readyz says no", func() bool { return status(t, "http://"+p.addr+"/readyz") == 503 })
	if got := status(t, "http://"+p.addr+"/healthz"); got != 200 {
		t.Errorf("while balancers look, a request is answered %d", got)
	}
	if code := r.ended(40 * time.Second); code != 0 {
		t.Errorf("exit %d:\n%s", code, r.said())
	}
}

// TestServeRefusesARoleWithoutWalls: row security does not hold the owner's or an administrator's role.
func TestServeRefusesARoleWithoutWalls(t *testing.T) {
	t.Parallel()
	p, db := newProduction(t), tenantstest.Database(t)
	for _, strong := range []string{db.SuperURL, db.OwnerURL} {
		got := runs(t, append(p.env, "DATABASE_URL="+strong), "serve")
		if got.code != 1 || !strings.Contains(got.err, "wall between tenants") {
			t.Errorf("exit %d: %s", got.code, got.err)
		}
	}
}
