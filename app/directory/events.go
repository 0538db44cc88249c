package directory

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"portico/app/audit"
	"portico/tenants"
)

// Event is one row of the platform's audit.
type Event struct {
	ID      uuid.UUID
	At      time.Time
	Kind    audit.Kind
	Outcome audit.Outcome
	Reason  string
	Who     string // name of the staff, or the actor as it was kept
	Slug    string // of the customer that it was about; "" is none, or gone
	From    string // client address
}

// EventsQuery is a place in the audit: behind Before or in front of After, at most Most rows.
type EventsQuery struct {
	Before, After uuid.UUID
	Most          int
}

// Events reads the platform's audit, newest first: of one customer, or of all (nil).
func (d *Directory) Events(ctx context.Context, of *tenants.ID, q EventsQuery) (all []Event, err error) {
	where, args, order := []string{"true"}, []any{}, "DESC"
	add := func(condition string, v any) {
		args = append(args, v)
		where = append(where, condition+" $"+strconv.Itoa(len(args)))
	}
	if of != nil {
		add("e.tenant_id =", *of)
	}
	if q.Before != (uuid.UUID{}) {
		add("e.id <", q.Before)
	}
	if q.After != (uuid.UUID{}) {
		add("e.id >", q.After)
		order = "ASC"
	}
	err = d.DB.AcrossAll(ctx, tenants.ForStaff, func(a *tenants.Across) error {
		return a.Each(ctx, `SELECT e.id, e.at, e.kind, e.outcome, e.reason, coalesce(s.name, e.actor), coalesce(t.slug, ''), e.client_address
			FROM platform.audit_events e LEFT JOIN tenants t ON t.id = e.tenant_id
			LEFT JOIN platform.staff s ON 'staff:' || s.id::text = e.actor
			WHERE `+strings.Join(where, " AND ")+` AND e.kind <> 'portal.sought' ORDER BY e.id `+order+` LIMIT `+strconv.Itoa(q.Most), args,
			func(scan func(...any) error) error {
				var e Event
				err := scan(&e.ID, &e.At, &e.Kind, &e.Outcome, &e.Reason, &e.Who, &e.Slug, &e.From)
				all = append(all, e)
				return err
			})
	})
	if order == "ASC" {
		slices.Reverse(all)
	}
	return all, err
}
