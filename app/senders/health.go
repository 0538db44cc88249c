package senders

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"portico/app/audit"
	"portico/app/letters"
	"portico/tenants"
)

// Level is how a tenant's mail stands as a whole.
type Level string

// The levels. Paused and Stopped end only when somebody resumes; what waits meanwhile is in letters/pause.go.
const (
	Well    Level = "ok"
	Warned  Level = "warned"
	Paused  Level = "paused"  // notices and bulk wait
	Stopped Level = "stopped" // codes and recovery too, but to addresses where a letter arrived before
)

// Health is how a tenant's mail stands, with the figures of the last look: letters of the last seven days, or
// since somebody resumed.
type Health struct {
	Level      Level
	Cause      string // bounces, complaints; "" while well
	Since      *time.Time
	Sent       int // at least: counting ends where it decides nothing any more
	Bounced    int // for good
	Complained int
	LookedAt   *time.Time
}

// bound is a rate from which something is done, once there are enough to mean something.
type bound struct {
	rate  float64
	least int
}

// The bounds. Amazon puts an account under review at 5 % hard bounces or 0.1 % complaints, and may pause it at
// 10 % and 0.5 % (Amazon SES developer guide, "Sending review process FAQs"). All tenants share the account, so
// each is paused by itself before it costs the others; at 0.3 % complaints Gmail and Yahoo stop taking bulk mail
// (their sender requirements of February 2024).
var (
	warnBounces, pauseBounces       = bound{.05, 20}, bound{.10, 50}
	warnComplaints, pauseComplaints = bound{.001, 3}, bound{.003, 10}
	// After the pause, of codes and recovery alone.
	stopBounces, stopComplaints = bound{.10, 20}, bound{.003, 5}
)

func (b bound) met(bad, sent int) bool {
	return bad >= b.least && float64(bad) >= b.rate*float64(sent)
}

const window = 7 * day

// lookAll looks at the figures of tenants of whose letters something bad was told.
func (x *Senders) lookAll(ctx context.Context, l lease) error {
	var ids []tenants.ID
	err := x.DB.AcrossAll(ctx, tenants.ForSenderWorker, func(a *tenants.Across) error {
		return a.Each(ctx, "SELECT tenant_id FROM senders WHERE due_at <= $1 ORDER BY due_at LIMIT $2", []any{a.Now(), atOnce}, func(scan func(...any) error) error {
			var id tenants.ID
			err := scan(&id)
			ids = append(ids, id)
			return err
		})
	})
	if err != nil {
		return err
	}
	for _, id := range ids {
		if err := l.hold(ctx); err != nil {
			return err
		}
		err := x.look(ctx, id)
		if err != nil && !stops(ctx, err) {
			x.Log.WarnContext(ctx, "the figures of a tenant's mail could not be looked at", "tenant", id, "error", err)
			err = x.putOff(ctx, id)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// putOff moves a look that failed on, apart from what failed, so that it does not stand before all others.
func (x *Senders) putOff(ctx context.Context, tenant tenants.ID) error {
	err := x.DB.In(ctx, tenant, func(s *tenants.Scope) error {
		_, err := s.Exec(ctx, "UPDATE senders SET due_at = $2 WHERE tenant_id = $1 AND due_at <= $3", s.Tenant(), s.Now().Add(15*time.Minute), s.Now())
		return err
	})
	if err != nil && !stops(ctx, err) {
		x.Log.WarnContext(ctx, "a look at a tenant's mail could not be put off", "tenant", tenant, "error", err)
		return nil
	}
	return err
}

const selectHealth = "SELECT level, cause, since, sent, bounced, complained, looked_at, counts_from FROM senders WHERE tenant_id = $1"

// look counts a tenant's figures and does what they demand. It holds the row: of two at once the second sees
// what the first did, and tells nobody twice.
func (x *Senders) look(ctx context.Context, tenant tenants.ID) error {
	return x.DB.In(ctx, tenant, func(s *tenants.Scope) error {
		var h Health
		var from *time.Time
		err := s.Row(ctx, selectHealth+" FOR UPDATE", []any{s.Tenant()},
			&h.Level, &h.Cause, &h.Since, &h.Sent, &h.Bounced, &h.Complained, &h.LookedAt, &from)
		if errors.Is(err, tenants.ErrNotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		since := s.Now().Add(-window)
		if from != nil && from.After(since) {
			since = *from
		}
		resting := h.Level == Paused || h.Level == Stopped
		lane := ""
		if resting {
			since, lane = *h.Since, string(letters.Urgent)
		}
		f, err := count(ctx, s, since, lane)
		if err != nil {
			return err
		}
		level, cause := f.judge(h)
		var next *time.Time
		if level == Warned { // it may mend by itself
			at := s.Now().Add(6 * time.Hour)
			next = &at
		}
		if resting { // the figures that led to the pause are those to show
			f = figures{h.Sent, h.Bounced, h.Complained}
		}
		changed := level != h.Level
		_, err = s.Exec(ctx, `UPDATE senders SET level = $2, cause = $3, since = CASE WHEN $4 THEN $5 ELSE since END, sent = $6, bounced = $7, complained = $8,
			looked_at = $5, due_at = $9 WHERE tenant_id = $1`, s.Tenant(), string(level), cause, changed, s.Now(), f.sent, f.bounced, f.complained, next)
		if err != nil || !changed {
			return err
		}
		return x.tellHealth(ctx, s, level, cause, f)
	})
}

type figures struct{ sent, bounced, complained int }

// judge says at which level the figures put a tenant. Who rests does so until somebody resumes.
func (f figures) judge(h Health) (Level, string) {
	switch h.Level {
	case Stopped:
		return Stopped, h.Cause
	case Paused:
		switch {
		case stopComplaints.met(f.complained, f.sent):
			return Stopped, "complaints"
		case stopBounces.met(f.bounced, f.sent):
			return Stopped, "bounces"
		}
		return Paused, h.Cause
	}
	switch {
	case pauseComplaints.met(f.complained, f.sent):
		return Paused, "complaints"
	case pauseBounces.met(f.bounced, f.sent):
		return Paused, "bounces"
	case warnComplaints.met(f.complained, f.sent):
		return Warned, "complaints"
	case warnBounces.met(f.bounced, f.sent):
		return Warned, "bounces"
	}
	return Well, ""
}

// count counts letters that left since a moment, of one lane or, "", of all, and what came of them. What was sent
// is counted, newest first, only as far as it can change the verdict, so that a look costs a tenant with
// millions of letters no more than its complaints are worth.
func count(ctx context.Context, s *tenants.Scope, since time.Time, lane string) (f figures, err error) {
	const bad = `SELECT count(*) FROM letter_feedback f JOIN letters l ON l.tenant_id = f.tenant_id AND l.id = f.letter_id
		WHERE f.tenant_id = $1 AND f.kind = $2 AND f.at >= $3 AND ($4 = '' OR l.lane = $4) AND ($2 <> 'bounced' OR f.permanent)
			AND l.sent_at >= $3`
	b := &tenants.Batch{}
	b.Row(nil, bad, []any{s.Tenant(), "bounced", since, lane}, &f.bounced)
	b.Row(nil, bad, []any{s.Tenant(), "complained", since, lane}, &f.complained)
	if err := s.Send(ctx, b); err != nil {
		return f, err
	}
	enough := int(math.Ceil(max(float64(f.bounced)/warnBounces.rate, float64(f.complained)/warnComplaints.rate))) + 1
	// Ids are made in real time and sort by it: older rows than the window's are not read.
	var oldest tenants.ID
	ms := time.Now().Add(-window - day).UnixMilli()
	for i := range 6 {
		oldest[i] = byte(ms >> (8 * (5 - i)))
	}
	err = s.Row(ctx, `SELECT count(*) FROM (SELECT FROM letters WHERE tenant_id = $1 AND id >= $2 AND channel = 'email' AND sent_at >= $3
		AND ($4 = '' OR lane = $4) ORDER BY id DESC LIMIT $5) AS few`, []any{s.Tenant(), oldest, since, lane, enough}, &f.sent)
	return f, err
}

// Resume lets a paused or stopped sender go on: what waited leaves, and what came before counts no more.
// ErrNotFound when it does not rest. The audit names who is in the context's origin.
func (x *Senders) Resume(ctx context.Context, tenant tenants.ID) error {
	err := x.DB.In(ctx, tenant, func(s *tenants.Scope) error {
		var was Level
		err := s.Row(ctx, "SELECT level FROM senders WHERE tenant_id = $1 AND level IN ('paused', 'stopped') FOR UPDATE", []any{s.Tenant()}, &was)
		if err != nil {
			return err
		}
		if _, err := s.Exec(ctx, `UPDATE senders SET level = 'ok', cause = '', since = $2, counts_from = $2, sent = 0, bounced = 0, complained = 0,
			looked_at = NULL, due_at = NULL WHERE tenant_id = $1`, s.Tenant(), s.Now()); err != nil {
			return err
		}
		return audit.Write(ctx, s, audit.Event{Kind: audit.SenderResumed, Outcome: audit.Success, Details: map[string]any{"was": string(was)}})
	})
	if err != nil {
		return err
	}
	if err := x.Outbox.Wake(ctx, tenant); err != nil { // else they look by themselves, within a quarter of an hour
		x.Log.WarnContext(ctx, "letters of a resumed sender could not be woken", "tenant", tenant, "error", err)
	}
	return nil
}

// Pause makes a sender rest by hand, for a reason that a person has. ErrNotFound when it rests already.
func (x *Senders) Pause(ctx context.Context, tenant tenants.ID) error {
	return x.DB.In(ctx, tenant, func(s *tenants.Scope) error {
		b := &tenants.Batch{}
		var n int64
		b.Exec("INSERT INTO senders (tenant_id) VALUES ($1) ON CONFLICT DO NOTHING", s.Tenant())
		b.ExecCount(&n, "UPDATE senders SET level = 'paused', cause = '', since = $2 WHERE tenant_id = $1 AND level IN ('ok', 'warned')", s.Tenant(), s.Now())
		if err := s.Send(ctx, b); err != nil {
			return err
		}
		if n == 0 {
			return fmt.Errorf("pause a sender: %w", tenants.ErrNotFound)
		}
		return audit.Write(ctx, s, audit.Event{Kind: audit.SenderPaused, Outcome: audit.Success, Reason: "by_hand"})
	})
}
