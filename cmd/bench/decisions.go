package main

import (
	"context"
	"fmt"
	"runtime"
	"time"

	"portico/rbac"
	"portico/tenants"
)

// decisions measures what it costs to decide whether somebody may do something, in this process: at ten
// tenants and at a hundred thousand, each with roles of its own.
func decisions(ctx context.Context, b *bench) ([]row, error) {
	n := 100_000
	if b.quick {
		n = 20_000
	}
	all := make([]*tenants.Tenant, n)
	for i := range all {
		all[i] = withRoles(3)
	}
	few, err := rbac.NewGuard()
	if err != nil {
		return nil, err
	}
	many, err := rbac.NewGuard()
	if err != nil {
		return nil, err
	}
	empty := heap()
	if _, err := decides(many, all, ownRole)(ctx, 0, time.Second); err != nil { // fills what is kept
		return nil, err
	}
	for _, t := range all {
		many.Decide(t, holder(ownRole), rbac.PeopleRead)
	}
	kept := heap() - empty
	var rows []row
	for _, m := range []struct {
		work, role string
		at         []*tenants.Tenant
		bar        float64
	}{
		{"decision by a built-in role", rbac.PeopleManager, all, 0.9},
		{"decision by an own role, rules kept", ownRole, all[n-100:], 0.9},
		{"decision by an own role, rules made anew", ownRole, all, 0},
	} {
		c, err := b.beside(ctx, b.quickly, decides(few, all[:10], m.role), decides(many, m.at, m.role))
		if err != nil {
			return rows, err
		}
		r := c.row(fmt.Sprintf("%s: %d,000 tenants ÷ 10", m.work, n/1000))
		r.Memory, r.Bar, r.OK = kept, "none", true
		r.P50, r.P99 = 0, 0 // a batch's
		r.Note = fmt.Sprintf("%.0f ns a decision, %.0f at ten tenants", 1e9/c.ours, 1e9/c.limit)
		if m.bar > 0 {
			r = r.atLeast(m.bar)
		}
		rows = append(rows, r)
	}
	rows[0].Note += fmt.Sprintf("; the rules that are kept of tenants with three roles take %.1f MiB", kept)
	return rows, ctx.Err()
}

// ownRole is a role that every tenant made.
const ownRole = "night_desk"

// withRoles is a tenant with n roles of its own.
func withRoles(n int) *tenants.Tenant {
	t := &tenants.Tenant{ID: tenants.NewID(), Version: 1}
	for i := range n {
		r := tenants.OwnRole{Name: fmt.Sprintf("role_%d", i), Label: "Night desk"}
		if i == 0 {
			r.Name = ownRole
		}
		for _, p := range rbac.Permissions()[:10] {
			r.Permissions = append(r.Permissions, string(p))
		}
		t.Roles = append(t.Roles, r)
	}
	return t
}

func holder(role string) rbac.Subject {
	return rbac.Subject{ID: tenants.NewID(), Holdings: []rbac.Holding{{Role: role}}}
}

// decides asks one after the other of some tenants, a hundred questions between two looks at the clock.
func decides(g *rbac.Guard, at []*tenants.Tenant, role string) measurer {
	who, next := holder(role), 0
	return func(ctx context.Context, warm, d time.Duration) (figure, error) {
		f, err := closed(ctx, 1, warm, d, func(int) error {
			for range 100 {
				g.Decide(at[next%len(at)], who, rbac.PeopleRead)
				next += 7919 // far from the last one
			}
			return nil
		})
		f.rate *= 100
		return f, err
	}
}

// heap is what this process holds on to, in MiB.
func heap() float64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return float64(m.HeapAlloc) / (1 << 20)
}
