package certs

import (
	"context"
	"errors"
	"fmt"
	"time"

	"portico/tenants"
)

var (
	errRests = errors.New("the certificate could not be had")
	errSpent = errors.New("as many new certificates were ordered below the base domain this week as may be")
)

// A name whose certificate could not be had rests, everywhere: authorities count failures (Let's Encrypt: five an
// hour for a name), and one try asks in up to two ways, each of which counts.
const (
	restFirst   = 20 * time.Minute // then twice as long each time
	restLongest = 12 * time.Hour

	// mostWeekly stays below what Let's Encrypt gives to a registered domain in a week: 50 new certificates.
	mostWeekly = 40

	week      = 7 * 24 * time.Hour
	keepCount = 8 * week

	longestNote = 5 * time.Second
)

// order tells whether the authority may be asked for a name now, and counts a new one where it counts. The caller
// holds the name's lock, so that no other instance asks for it.
func (a *ACME) order(ctx context.Context, name string, renewal bool) error {
	counts := false
	if a.set.Fresh != nil && !renewal {
		var err error
		if counts, err = a.set.Fresh(ctx, name); err != nil {
			a.count("refused")
			return err
		}
	}
	err := a.set.DB.AcrossAll(ctx, tenants.ForCertificates, func(x *tenants.Across) error {
		var rests bool
		if err := x.Row(ctx, "SELECT EXISTS (SELECT FROM platform.certificate_failures WHERE name = $1 AND rests_until > $2)", []any{name, x.Now()}, &rests); err != nil {
			return err
		}
		if rests {
			return fmt.Errorf("%w a moment ago: %s", errRests, name)
		}
		if !counts {
			return nil
		}
		n, err := x.Exec(ctx, `INSERT INTO platform.certificate_orders AS o (week, orders) VALUES ($1, 1)
			ON CONFLICT (week) DO UPDATE SET orders = o.orders + 1 WHERE o.orders < $2`, x.Now().UTC().Truncate(week), mostWeekly)
		if err == nil && n == 0 {
			err = errSpent
		}
		return err
	})
	if errors.Is(err, errSpent) {
		a.count("refused")
		a.set.Log.WarnContext(ctx, "no new certificate below the base domain before next week: a wildcard certificate before this program has no such bound", "host", name)
	}
	return err
}

// noteFailure lets a name rest, twice as long as the last time.
func (a *ACME) noteFailure(ctx context.Context, name string) {
	a.note(ctx, name, func(ctx context.Context, x *tenants.Across) error {
		_, err := x.Exec(ctx, `INSERT INTO platform.certificate_failures AS f (name, tries, failed_at, rests_until)
			VALUES ($1, 1, $2::timestamptz, $2::timestamptz + make_interval(secs => $3))
			ON CONFLICT (name) DO UPDATE SET tries = f.tries + 1, failed_at = $2::timestamptz,
			rests_until = $2::timestamptz + make_interval(secs => least($4, $3 * 2 ^ least(f.tries, 20)))`,
			name, x.Now(), restFirst.Seconds(), restLongest.Seconds())
		return err
	})
}

func (a *ACME) noteSuccess(ctx context.Context, name string) {
	a.note(ctx, name, func(ctx context.Context, x *tenants.Across) error {
		_, err := x.Exec(ctx, "DELETE FROM platform.certificate_failures WHERE name = $1", name)
		return err
	})
}

// note writes down how an order ended, even when whoever asked for it is gone.
func (a *ACME) note(ctx context.Context, name string, write func(context.Context, *tenants.Across) error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), longestNote)
	defer cancel()
	err := a.set.DB.AcrossAll(ctx, tenants.ForCertificates, func(x *tenants.Across) error { return write(ctx, x) })
	if err != nil {
		a.set.Log.WarnContext(ctx, "how an order of a certificate ended could not be written down", "host", name, "error", err)
	}
}

func (a *ACME) forgetCounts(ctx context.Context) error {
	return a.set.DB.AcrossAll(ctx, tenants.ForCertificates, func(x *tenants.Across) error {
		b := &tenants.Batch{}
		b.Exec("DELETE FROM platform.certificate_failures WHERE failed_at < $1", x.Now().Add(-week))
		b.Exec("DELETE FROM platform.certificate_orders WHERE week < $1", x.Now().Add(-keepCount))
		return x.Send(ctx, b)
	})
}
