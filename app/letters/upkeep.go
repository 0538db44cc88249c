package letters

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/riverqueue/river"

	"portico/tenants"
)

const upkeepQueue = "upkeep"

// upkeepJob is the hourly tidying: rows past their age go, in small batches.
type upkeepJob struct{}

// Kind is River's name for the job.
func (upkeepJob) Kind() string { return "upkeep" }

func upkeep() *river.PeriodicJob {
	return river.NewPeriodicJob(river.PeriodicInterval(time.Hour), func() (river.JobArgs, *river.InsertOpts) {
		return upkeepJob{}, &river.InsertOpts{Queue: upkeepQueue, MaxAttempts: 3}
	}, &river.PeriodicJobOpts{RunOnStart: true})
}

type janitor struct {
	river.WorkerDefaults[upkeepJob]
	o *Outbox
}

// Timeout gives a large backlog its time; what is left waits for the next hour.
func (w *janitor) Timeout(*river.Job[upkeepJob]) time.Duration { return 4 * time.Minute }

// Work runs Tidy.
func (w *janitor) Work(ctx context.Context, _ *river.Job[upkeepJob]) error { return w.o.Tidy(ctx) }

const (
	day       = 24 * time.Hour
	tidyBatch = 1_000
)

// ages say how long rows are kept after they ended (decisions.md 9); audit follows each tenant's policy.
// Ended links and sessions stay a month, so that they explain themselves and can be looked into.
var ages = []struct {
	remove string
	age    time.Duration
}{
	{"remove_limits", time.Hour},
	{"remove_platform_limits", time.Hour},
	{"remove_sessions", 30 * day},
	{"remove_links", 30 * day},
	{"remove_staff_sessions", 30 * day},
	{"remove_staff_links", 30 * day},
	{"remove_recovery_flows", 30 * day},
	{"remove_known_devices", day},
	{"remove_captchas_spent", time.Hour},
	{"remove_challenges", 30 * day},
	{"remove_signin_challenges", 30 * day},
	{"remove_recovery_blocks", day},
	{"remove_passes", 30 * day},
	{"remove_support_requests", 90 * day},
	{"remove_access_requests", 90 * day},
	{"remove_look_previews", 7 * day},
	{"remove_imports", 7 * day}, // with their rows
	{"remove_phone_hours", 30 * day},
	{"remove_hour_figures", 92 * day},
	{"remove_letters", 90 * day},
	{"remove_suppressions", 365 * day},
	{"remove_platform_letters", 90 * day},
	{"remove_platform_audit_events", 365 * day},
	{"remove_api_answers", day},
	{"remove_platform_api_answers", day},
	{"remove_api_keys", 90 * day},
	{"remove_platform_api_keys", 90 * day},
}

// Tidy removes what is past its age, a batch a transaction, until nothing is left or ctx ends. It goes
// on with the next table when one fails and returns all failures.
func (o *Outbox) Tidy(ctx context.Context) error {
	var failed []error
	for _, a := range ages {
		if err := o.remove(ctx, a.remove, "SELECT "+a.remove+"($1, $2)", a.age); err != nil {
			failed = append(failed, err)
		}
	}
	return errors.Join(append(failed, o.countHours(ctx), o.tidyAudit(ctx))...)
}

// countHours counts what happened in the hours that ended, a day of them a transaction, for dashboards.
func (o *Outbox) countHours(ctx context.Context) error {
	for {
		var left int
		err := o.DB.AcrossAll(ctx, tenants.ForMaintenance, func(a *tenants.Across) error {
			return a.Row(ctx, "SELECT count_hours($1, 24)", []any{a.Now()}, &left)
		})
		if err != nil {
			return fmt.Errorf("count_hours: %w", err)
		}
		if left <= 0 {
			return nil
		}
	}
}

func (o *Outbox) tidyAudit(ctx context.Context) error {
	var ids []tenants.ID
	err := o.DB.AcrossAll(ctx, tenants.ForMaintenance, func(a *tenants.Across) error {
		return a.Each(ctx, "SELECT id FROM tenants", nil, func(scan func(...any) error) error {
			var id tenants.ID
			err := scan(&id)
			ids = append(ids, id)
			return err
		})
	})
	for _, id := range ids {
		t, e := o.Resolver.ByID(ctx, id)
		if e != nil {
			err = errors.Join(err, e)
			continue
		}
		if t.Policy.Audit.RetentionDays <= 0 {
			continue // no age known: nothing goes
		}
		age := time.Duration(t.Policy.Audit.RetentionDays) * day
		err = errors.Join(err, o.remove(ctx, "remove_audit_events", "SELECT remove_audit_events($3, $1, $2)", age, id))
	}
	return err
}

func (o *Outbox) remove(ctx context.Context, what, stmt string, age time.Duration, more ...any) error {
	for {
		var n int
		err := o.DB.AcrossAll(ctx, tenants.ForMaintenance, func(a *tenants.Across) error {
			return a.Row(ctx, stmt, append([]any{a.Now().Add(-age), tidyBatch}, more...), &n)
		})
		if err != nil {
			return fmt.Errorf("%s: %w", what, err)
		}
		if n < tidyBatch {
			return nil
		}
	}
}
