package domains

import (
	"context"
	"errors"
	"time"

	"portico/tenants"
)

// job is one check that this process holds until its lease runs out.
type job struct {
	tenant    tenants.ID
	host      string
	challenge string
	round     int64
}

// Check looks at a claim now and answers how it stands afterwards. It takes a check of somebody else over:
// whichever began last is written down. ErrNoClaim.
func (d *Domains) Check(ctx context.Context, tenant tenants.ID, host string) (Host, error) {
	j := job{tenant: tenant, host: host}
	err := d.DB.AcrossAll(ctx, tenants.ForAddresses, func(a *tenants.Across) error {
		err := a.Row(ctx, `UPDATE hosts SET round = round + 1, tried_at = $3, due_at = $4 WHERE tenant_id = $1 AND host = $2 RETURNING challenge, round`,
			[]any{tenant, host, a.Now(), a.Now().Add(lease)}, &j.challenge, &j.round)
		if errors.Is(err, tenants.ErrNotFound) {
			return ErrNoClaim
		}
		return err
	})
	if err != nil {
		return Host{}, err
	}
	if err := d.work(ctx, j); err != nil {
		return Host{}, err
	}
	return d.Host(ctx, tenant, host)
}

// work asks DNS, outside of any transaction, and writes down what it said.
func (d *Domains) work(ctx context.Context, j job) error {
	asking, cancel := context.WithTimeout(ctx, lease/2)
	defer cancel()
	p := d.Looker.proof(asking, j.host, j.challenge)
	records := append([]Record{p.record}, d.Looker.host(asking, j.host)...)
	mail, known := d.lookAtMail(asking, j.tenant)
	return d.record(ctx, j, p, records, mail, known)
}

// lookAtMail asks for what letters need; known is false where that is not known just now.
func (d *Domains) lookAtMail(ctx context.Context, tenant tenants.ID) (records []Record, known bool) {
	if d.Mail == nil {
		return nil, true
	}
	m, err := d.Mail(ctx, tenant)
	if err != nil {
		d.Log.WarnContext(ctx, "what a sender needs in DNS is not known", "tenant", tenant.String(), "error", err)
		return nil, false
	}
	return d.Looker.mail(ctx, m), true
}

// CheckMail looks at what the tenant's letters need in DNS, and at nothing else.
func (d *Domains) CheckMail(ctx context.Context, tenant tenants.ID) error {
	records, known := d.lookAtMail(ctx, tenant)
	if !known {
		return nil
	}
	return d.DB.In(ctx, tenant, func(s *tenants.Scope) error { return keep(ctx, s, "", records) })
}

// record writes a look down, unless the claim is gone or a later look has begun.
func (d *Domains) record(ctx context.Context, j job, p proof, records, mail []Record, mailKnown bool) error {
	touched, begins := []tenants.ID{}, false
	err := d.DB.AcrossAll(ctx, tenants.ForAddresses, func(a *tenants.Across) error {
		mine, others, err := claims(ctx, a, j)
		if err != nil || mine == nil {
			return err
		}
		v := judge(a.Now(), j.host, *mine, p, others)
		if v.taken {
			records[0] = records[0].with(Conflict, CodeHostTaken, records[0].Found)
		}
		if v.out != nil { // first: only one may hold the host
			if err := d.putOut(ctx, a, j, *v.out); err != nil {
				return err
			}
			touched = append(touched, v.out.tenant)
		}
		if err := save(ctx, a, j, v); err != nil {
			return err
		}
		err = a.In(ctx, j.tenant, func(s *tenants.Scope) error {
			if err := keep(ctx, s, j.host, records); err != nil || !mailKnown {
				return err
			}
			return keep(ctx, s, "", mail)
		})
		if err != nil {
			return err
		}
		if err := d.note(ctx, a, j.tenant, v.events...); err != nil || !v.serving {
			return err
		}
		touched, begins = append(touched, j.tenant), v.row.verifiedAt != nil
		return tenants.Touch(ctx, a, j.tenant)
	})
	if err == nil {
		d.forget(touched...)
	}
	if err == nil && begins && d.Served != nil {
		d.Served(ctx, j.host)
	}
	return err
}

// claims holds every tenant's claim of the host, tenants first as everything that changes addresses does. mine
// is nil when there is nothing to write down any more.
func claims(ctx context.Context, a *tenants.Across, j job) (mine *claimRow, others []claimRow, err error) {
	b := &tenants.Batch{}
	b.Exec("SELECT id FROM tenants WHERE id IN (SELECT tenant_id FROM hosts WHERE host = $1) ORDER BY id FOR NO KEY UPDATE", j.host)
	b.Rows(`SELECT tenant_id, challenge, round, tries, created_at, verified_at, proved_at, missing_since, lost_at
		FROM hosts WHERE host = $1 ORDER BY tenant_id FOR UPDATE`, []any{j.host}, func(scan func(...any) error) error {
		var c claimRow
		err := scan(&c.tenant, &c.challenge, &c.round, &c.tries, &c.createdAt, &c.verifiedAt, &c.provedAt, &c.missingSince, &c.lostAt)
		switch {
		case c.tenant != j.tenant:
			others = append(others, c)
		case c.round == j.round && c.challenge == j.challenge:
			mine = &c
		}
		return err
	})
	return mine, others, a.Send(ctx, b)
}

func save(ctx context.Context, a *tenants.Across, j job, v verdict) error {
	var checked *time.Time
	if v.answered {
		now := a.Now()
		checked = &now
	}
	_, err := a.Exec(ctx, `UPDATE hosts SET verified_at = $3, proved_at = $4, missing_since = $5, lost_at = $6, tries = $7, due_at = $8,
		checked_at = coalesce($9, checked_at), tried_at = $10 WHERE tenant_id = $1 AND host = $2`,
		j.tenant, j.host, v.row.verifiedAt, v.row.provedAt, v.row.missingSince, v.row.lostAt, v.row.tries, v.dueAt, checked, a.Now())
	return err
}

// putOut ends the serving of a tenant whose proof is gone while another's stands.
func (d *Domains) putOut(ctx context.Context, a *tenants.Across, j job, c claimRow) error {
	_, err := a.Exec(ctx, "UPDATE hosts SET verified_at = NULL, missing_since = $3, lost_at = $4, tries = 0, due_at = $5 WHERE tenant_id = $1 AND host = $2",
		c.tenant, j.host, c.missingSince, c.lostAt, a.Now().Add(firstWait))
	if err != nil {
		return err
	}
	if err := d.note(ctx, a, c.tenant, Event{Kind: EventLost, Reason: "proved_elsewhere", Host: j.host}); err != nil {
		return err
	}
	return tenants.Touch(ctx, a, c.tenant)
}
