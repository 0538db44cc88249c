package letters

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"github.com/riverqueue/river"

	"portico/tenants"
	"portico/themes"
)

// sender works a letter's job. It never returns a plain error for what a letter met: River would keep
// its text, which may name a person. What happened stands in the letter's row.
type sender struct {
	river.WorkerDefaults[job]
	o *Outbox
}

// Work sends one letter, or puts its job off.
func (w *sender) Work(ctx context.Context, j *river.Job[job]) error {
	again, err := w.o.deliver(ctx, j.Args)
	switch {
	case err != nil:
		w.o.Log.WarnContext(ctx, "a letter waits for the next try", "letter", j.Args.Letter, "tenant", j.Args.Tenant, "error", err)
		return river.JobSnooze(max(again, time.Second))
	case again > 0:
		return river.JobSnooze(again)
	}
	return nil
}

// deliver brings one letter a step on and says after how long to come back, 0 for never. An error is
// the machine's (database away), not the letter's.
func (o *Outbox) deliver(ctx context.Context, j job) (time.Duration, error) {
	w, unfit := o.wayOf(ctx, j.Tenant, j.Channel)
	switch {
	case errors.Is(unfit, tenants.ErrNoTenant):
		return 0, nil // the tenant left, and its rows with it
	case errors.Is(unfit, tenants.ErrUnavailable), ctx.Err() != nil:
		return retryDatabase, errors.Join(unfit, ctx.Err())
	}
	leave, wait := o.relaysOf(j.Channel).enter(w.relay, w.share, time.Now())
	if leave == nil {
		return wait, nil
	}
	defer leave()
	d := desk{db: o.DB, tenant: j.Tenant, id: j.Letter}
	c, err := d.claim(ctx, o.Lease, letterLife, w.wanted)
	switch {
	case errors.Is(err, tenants.ErrNotFound):
		return 0, nil
	case err != nil:
		return retryDatabase, err
	case !c.Ours && c.State == Sending:
		return max(c.BusyUntil.Sub(o.DB.Clock().Now()), time.Second), nil
	case !c.Ours:
		return 0, nil
	}
	if c.State == Queued {
		return restingFor(), nil // its sender rests
	}
	o.counts.add(c.Lane, Sending)
	if unfit == nil && !w.closed {
		w = o.choose(w, &c)
	}
	switch {
	case c.State != Sending:
		o.counts.add(c.Lane, c.State)
		return 0, nil
	case w.closed:
		return 0, o.finish(ctx, d, c, Skipped, "the tenant is not live", "")
	case unfit != nil:
		return o.settle(ctx, d, c, "", unfit)
	}
	messageID, err := o.send(ctx, d, w, c)
	return o.settle(ctx, d, c, messageID, err)
}

const retryDatabase = 2 * time.Second

// settle writes down how a try ended: sent, refused for good, or to be tried again within the day.
func (o *Outbox) settle(ctx context.Context, d desk, c claimed, messageID string, err error) (time.Duration, error) {
	if err == nil {
		return 0, o.finish(ctx, d, c, Sent, "", messageID)
	}
	left := c.Since.Add(letterLife).Sub(o.DB.Clock().Now())
	o.Log.WarnContext(ctx, "a letter was not handed over", "letter", d.id, "tenant", d.tenant, "kind", c.Kind,
		"attempt", c.Attempt, "cause", causeOf(err), "for_good", errors.Is(err, ErrRefused) || left <= 0)
	switch {
	case errors.Is(err, ErrRefused):
		return 0, o.finish(ctx, d, c, Failed, causeOf(err), "")
	case left <= 0:
		return 0, o.finish(ctx, d, c, Failed, "could not be handed over in a day", "")
	}
	o.counts.retries.Add(1)
	return min(max(backOff(c.Attempt), patience(err)), left), o.finish(ctx, d, c, Queued, causeOf(err), "")
}

// send opens, renders, and hands over outside of any transaction.
func (o *Outbox) send(ctx context.Context, d desk, w way, c claimed) (string, error) {
	e, err := o.open(d, w, c)
	if err != nil {
		return "", err
	}
	ctx, cancel := handOverTime(ctx, c.Channel)
	defer cancel()
	messageID, err := w.transport.Send(ctx, e)
	o.relaysOf(c.Channel).learn(w.relay, err, time.Now())
	if errors.Is(err, errNoSet) || errors.Is(err, errNotVerified) {
		o.doubt(ctx, d.tenant, w, err)
	}
	return messageID, err
}

// open turns the sealed values into a mail, a text or a call. What cannot be opened or rendered now will not be later.
func (o *Outbox) open(d desk, w way, c claimed) (Envelope, error) {
	plain, err := o.Keys.Open(sealPurpose, d.tenant, d.id.String(), c.Sealed)
	if err != nil {
		return Envelope{}, refused("could not be opened", err)
	}
	letter, locale, err := decode(c.Kind, plain)
	if err != nil {
		return Envelope{}, refused("could not be read", err)
	}
	if c.Channel != Email {
		return o.speak(d, w, c, locale, letter)
	}
	mail, err := o.Renderer.Letter(w.brand, locale, letter)
	if err != nil {
		return Envelope{}, refused("could not be rendered", err)
	}
	e, err := compose(d.id, w.from, c.To, locale, mail, o.DB.Clock().Now())
	e.Tenant, e.Channel, e.Locale, e.Set = w.slug, Email, locale, w.set
	if code, ok := letter.(themes.CodeLetter); ok {
		e.Code = code.Code
	}
	return e, err
}

// finish writes down how a try ended, even when the workers are being stopped meanwhile: a mail that
// left but is not known to have left would go again.
func (o *Outbox) finish(ctx context.Context, d desk, c claimed, to State, reason, messageID string) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 8*time.Second)
	defer cancel()
	for wait := 50 * time.Millisecond; ; wait *= 2 {
		err := d.end(ctx, c, to, reason, messageID)
		if err == nil {
			o.counts.add(c.Lane, to)
			return nil
		}
		select {
		case <-ctx.Done():
			return err // the lease ends by itself
		case <-time.After(wait):
		}
	}
}

// backOff grows from 5 s to an hour, with a tenth of chance so that retries do not march in step.
func backOff(attempt int) time.Duration {
	d := time.Hour
	if attempt < 11 {
		d = min(5*time.Second<<(attempt-1), time.Hour)
	}
	return d + time.Duration(rand.Int64N(int64(d/10))) //nolint:gosec // spreads load, hides nothing
}
