package domains

import (
	"context"

	"portico/tenants"
)

// Summary is how a tenant's addresses stand, for lists and the wizard.
type Summary struct {
	Hosts     int // claimed
	Serving   int
	Pending   int // waiting for their proof, the lost ones too
	Losing    int
	Amiss     int // records that are not as they should be, of hosts and mail
	Canonical string
	Done      bool // every claimed host serves and none is about to stop; true where none is claimed
}

// StateOf reads how a tenant's addresses stand, from what was last found.
func (d *Domains) StateOf(ctx context.Context, tenant tenants.ID) (Summary, error) {
	hosts, lists, err := d.Everything(ctx, tenant)
	if err != nil {
		return Summary{}, err
	}
	var s Summary
	for _, h := range hosts {
		s.Hosts++
		if h.Canonical {
			s.Canonical = h.Name
		}
		switch {
		case h.Standing == Losing:
			s.Losing++
			s.Serving++
		case h.Serves():
			s.Serving++
		default:
			s.Pending++
		}
	}
	for _, list := range lists {
		for _, r := range list {
			if r.Blocks() {
				s.Amiss++
			}
		}
	}
	s.Done = s.Pending == 0 && s.Losing == 0
	return s, nil
}

// Count is how many claims of all tenants stand how, for metrics.
func (d *Domains) Count(ctx context.Context) (map[Standing]int, error) {
	counts := map[Standing]int{Pending: 0, Verified: 0, Trusted: 0, Losing: 0, Lost: 0}
	err := d.DB.AcrossAll(ctx, tenants.ForAddresses, func(a *tenants.Across) error {
		return a.Each(ctx, `SELECT CASE WHEN verified_at IS NOT NULL AND proved_at IS NULL THEN 'trusted'
			WHEN verified_at IS NOT NULL AND missing_since IS NOT NULL THEN 'losing'
			WHEN verified_at IS NOT NULL THEN 'verified' WHEN lost_at IS NOT NULL THEN 'lost' ELSE 'pending' END, count(*)
			FROM hosts GROUP BY 1`, nil, func(scan func(...any) error) error {
			var standing Standing
			var n int
			err := scan(&standing, &n)
			counts[standing] = n
			return err
		})
	})
	return counts, err
}
