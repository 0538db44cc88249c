package domains

import (
	"context"
	"time"

	"portico/tenants"
)

// Checklist is what a host and the tenant's mail need in DNS, as last looked at: no question is asked. place ""
// is the mail's part alone. A claim that nobody looked at yet has its first lines with nothing found.
func (d *Domains) Checklist(ctx context.Context, tenant tenants.ID, place string) ([]Record, error) {
	var h Host
	if place != "" {
		var err error
		if h, err = d.Host(ctx, tenant, place); err != nil {
			return nil, err
		}
	}
	var all []Record
	err := d.DB.In(ctx, tenant, func(s *tenants.Scope) error {
		last, err := kept(ctx, s, place)
		if err != nil {
			return err
		}
		if len(last) == 0 && place != "" {
			last = d.Looker.expected(h)
		}
		all = last
		if place == "" {
			return nil
		}
		mail, err := kept(ctx, s, "")
		all = append(all, mail...)
		return err
	})
	return all, err
}

// expected are the lines of a claim before anybody asked DNS.
func (l *Looker) expected(h Host) []Record {
	address := Record{Item: ItemAddress, Kind: "CNAME", Name: h.Name, Expected: l.Target}
	if Apex(h.Name) {
		address.Kind = "A/AAAA"
		address.Expected = shown(printed(l.Addresses))
	}
	return []Record{
		Record{Item: ItemProof, Kind: "TXT", Name: ProofName(h.Name), Expected: ProofValue(h.Challenge)}.with(Unknown, CodeUnknown),
		address.with(Unknown, CodeUnknown),
	}
}

func kept(ctx context.Context, s *tenants.Scope, place string) (all []Record, err error) {
	err = s.Each(ctx, `SELECT item, kind, name, expected, found, state, code, checked_at, tried_at FROM host_records
		WHERE tenant_id = $1 AND place = $2 ORDER BY sort, item`, []any{s.Tenant(), place}, func(scan func(...any) error) error {
		var r Record
		var checked *time.Time
		err := scan(&r.Item, &r.Kind, &r.Name, &r.Expected, &r.Found, &r.State, &r.Code, &checked, &r.TriedAt)
		if checked != nil {
			r.CheckedAt = *checked
		}
		all = append(all, r)
		return err
	})
	return all, err
}

// keep replaces what is known of a place; what DNS did not answer stays as it was, with its age.
func keep(ctx context.Context, s *tenants.Scope, place string, records []Record) error {
	last, err := kept(ctx, s, place)
	if err != nil {
		return err
	}
	known := map[string]Record{}
	for _, r := range last {
		known[r.Item] = r
	}
	b := &tenants.Batch{}
	items := make([]string, 0, len(records))
	for i, r := range records {
		r.TriedAt = s.Now()
		if r.State != Unknown {
			r.CheckedAt = s.Now()
		}
		before, was := known[r.Item]
		r = r.keepKnown(before, was)
		var checked *time.Time
		if !r.CheckedAt.IsZero() {
			checked = &r.CheckedAt
		}
		items = append(items, r.Item)
		b.Exec(`INSERT INTO host_records (tenant_id, place, item, sort, kind, name, expected, found, state, code, checked_at, tried_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
			ON CONFLICT (tenant_id, place, item) DO UPDATE SET sort = excluded.sort, kind = excluded.kind, name = excluded.name, expected = excluded.expected,
			found = excluded.found, state = excluded.state, code = excluded.code, checked_at = excluded.checked_at, tried_at = excluded.tried_at`,
			s.Tenant(), place, r.Item, i, r.Kind, r.Name, r.Expected, r.Found, string(r.State), r.Code, checked, r.TriedAt)
	}
	b.Exec("DELETE FROM host_records WHERE tenant_id = $1 AND place = $2 AND item <> ALL ($3)", s.Tenant(), place, items)
	return s.Send(ctx, b)
}
