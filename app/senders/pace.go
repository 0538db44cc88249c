package senders

import (
	"cmp"
	"context"
	"errors"
	"time"

	"github.com/google/uuid"

	"portico/tenants"
)

// All times of platform.sender_work are real ones: SES does not follow the program's clock.
const (
	leaseFor = 45 * time.Second // where Senders.Lease says nothing: after which another instance takes over from one that is silent
	callTime = 10 * time.Second // for one call of SES
	dnsTime  = 5 * time.Second  // for one look-up
	pace     = 1100 * time.Millisecond
)

// errLost means that another instance speaks to SES now.
var errLost = errors.New("senders: another instance does this work now")

// lease is one instance's right to speak to SES about identities.
type lease struct {
	x      *Senders
	holder uuid.UUID
}

// take makes this instance the one that works, when no other is or it has been silent too long.
func (l lease) take(ctx context.Context) (bool, error) {
	took := false
	err := l.x.DB.AcrossAll(ctx, tenants.ForSenderWorker, func(a *tenants.Across) error {
		now := time.Now().UTC()
		n, err := a.Exec(ctx, `UPDATE platform.sender_work SET holder = $1, lease_until = $3
			WHERE holder IS NULL OR holder = $1 OR lease_until IS NULL OR lease_until <= $2`, l.holder, now, now.Add(cmp.Or(l.x.Lease, leaseFor)))
		took = n == 1
		return err
	})
	return took, err
}

// leave gives the work to whoever asks next.
func (l lease) leave(ctx context.Context) error {
	return l.x.DB.AcrossAll(ctx, tenants.ForSenderWorker, func(a *tenants.Across) error {
		_, err := a.Exec(ctx, "UPDATE platform.sender_work SET holder = NULL, lease_until = NULL WHERE holder = $1", l.holder)
		return err
	})
}

// turn waits until the next call of SES may be made. The moment is reserved in the database by the holder
// alone: one that was thought dead and wakes up gets none (errLost), and the pace holds across all instances.
func (l lease) turn(ctx context.Context) error {
	var at time.Time
	every := cmp.Or(l.x.Pace, pace)
	err := l.x.DB.AcrossAll(ctx, tenants.ForSenderWorker, func(a *tenants.Across) error {
		now := time.Now().UTC()
		return a.Row(ctx, `UPDATE platform.sender_work SET lease_until = $3, next_call_at = greatest(next_call_at, $2) + make_interval(secs => $4)
			WHERE holder = $1 RETURNING next_call_at - make_interval(secs => $4)`, []any{l.holder, now, now.Add(cmp.Or(l.x.Lease, leaseFor)), every.Seconds()}, &at)
	})
	if errors.Is(err, tenants.ErrNotFound) {
		return errLost
	}
	if err != nil {
		return err
	}
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(time.Until(at)):
		return nil
	}
}

// hold tells the others that this instance is at work, between steps that do not call SES.
func (l lease) hold(ctx context.Context) error {
	took, err := l.take(ctx)
	if err == nil && !took {
		return errLost
	}
	return err
}

// call makes one call of SES at its turn and answers the trouble that it met, "" for none. An error is the
// machine's: the lease or the database are gone.
func (l lease) call(ctx context.Context, do func(context.Context) error) (trouble string, err error) {
	if err := l.turn(ctx); err != nil {
		return "", err
	}
	limited, cancel := context.WithTimeout(ctx, cmp.Or(l.x.Call, callTime))
	defer cancel()
	failed := do(limited)
	if ctx.Err() != nil {
		return "", ctx.Err() // this instance stops; it says nothing about SES
	}
	if failed == nil {
		l.x.counts.calls.Add(1)
		return "", nil
	}
	trouble = l.x.SES.Trouble(failed)
	l.x.counts.troubled(trouble)
	l.x.Log.WarnContext(ctx, "SES did not do what it was asked about a sender", "trouble", trouble, "error", failed)
	return trouble, nil
}
