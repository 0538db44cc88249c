package certs

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"portico/tenants"
)

// Asker is a platform before us that has certificates made: Fly.
type Asker interface {
	Ask(ctx context.Context, host string) error
	Look(ctx context.Context, host string) (ready bool, detail string, err error)
	Drop(ctx context.Context, host string) error
}

// Edge keeps the platform's certificates as our verified hosts are: asked for once a host is verified, given up
// once nobody holds it. What is to be done stands in rows, so that any instance goes on after any crash.
type Edge struct {
	DB    *tenants.DB
	Asker Asker
	Log   *slog.Logger
	Count func(outcome string) // obtained, failed; nil counts nothing
	Poll  time.Duration        // 0 is ten seconds

	stop context.CancelFunc
	done sync.WaitGroup
}

const (
	edgeLease   = time.Minute
	edgeFirst   = 15 * time.Second // until a certificate is looked at again, then twice as long each time
	edgeLongest = time.Hour
	edgeDaily   = 24 * time.Hour
	edgeMost    = 10 // hosts at a time
)

// Start returns at once.
func (e *Edge) Start(ctx context.Context) {
	if e.Poll == 0 {
		e.Poll = 10 * time.Second
	}
	ctx, e.stop = context.WithCancel(context.WithoutCancel(ctx))
	e.done.Go(func() {
		tick := time.NewTicker(e.Poll)
		defer tick.Stop()
		for {
			if err := e.Step(ctx); err != nil && ctx.Err() == nil {
				e.Log.WarnContext(ctx, "certificates of the platform before us could not be looked after", "error", err)
			}
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
			}
		}
	})
}

// Stop ends what goes on; leases give the rest to others.
func (e *Edge) Stop() {
	if e.stop != nil {
		e.stop()
		e.done.Wait()
	}
}

// edgeJob is one host that this process holds until its lease runs out.
type edgeJob struct {
	host, state string
	tries       int
}

// Step compares verified hosts with what was asked for, and does what is due.
func (e *Edge) Step(ctx context.Context) error {
	jobs, err := e.take(ctx)
	if err != nil {
		return err
	}
	var failed []error
	for _, j := range jobs {
		failed = append(failed, e.work(ctx, j))
	}
	return errors.Join(failed...)
}

func (e *Edge) take(ctx context.Context) (jobs []edgeJob, err error) {
	err = e.DB.AcrossAll(ctx, tenants.ForCertificates, func(a *tenants.Across) error {
		b := &tenants.Batch{}
		b.Exec(`INSERT INTO platform.edge_certificates AS c (host, state, due_at, changed_at)
			SELECT DISTINCT h.host, 'asked', $1::timestamptz, $1::timestamptz FROM hosts h WHERE h.verified_at IS NOT NULL
			AND NOT EXISTS (SELECT FROM platform.edge_certificates x WHERE x.host = h.host AND x.state <> 'leaving')
			ON CONFLICT (host) DO UPDATE SET state = 'asked', tries = 0, due_at = excluded.due_at, changed_at = excluded.changed_at WHERE c.state = 'leaving'`, a.Now())
		b.Exec(`UPDATE platform.edge_certificates c SET state = 'leaving', tries = 0, due_at = $1, changed_at = $1
			WHERE c.state <> 'leaving' AND NOT EXISTS (SELECT FROM hosts h WHERE h.host = c.host AND h.verified_at IS NOT NULL)`, a.Now())
		b.Rows(`UPDATE platform.edge_certificates SET due_at = $2 WHERE host IN
			(SELECT host FROM platform.edge_certificates WHERE due_at <= $1 ORDER BY due_at LIMIT $3 FOR UPDATE SKIP LOCKED)
			RETURNING host, state, tries`, []any{a.Now(), a.Now().Add(edgeLease), edgeMost}, func(scan func(...any) error) error {
			var j edgeJob
			err := scan(&j.host, &j.state, &j.tries)
			jobs = append(jobs, j)
			return err
		})
		return a.Send(ctx, b)
	})
	return jobs, err
}

func (e *Edge) work(ctx context.Context, j edgeJob) error {
	if j.state == "leaving" {
		if err := e.Asker.Drop(ctx, j.host); err != nil {
			return errors.Join(err, e.note(ctx, j, "leaving", err.Error(), edgeWait(j.tries)))
		}
		return e.forget(ctx, j.host)
	}
	ready, detail, err := false, "", error(nil)
	if j.state != "ready" {
		err = e.Asker.Ask(ctx, j.host)
	}
	if err == nil {
		ready, detail, err = e.Asker.Look(ctx, j.host)
	}
	switch {
	case errors.Is(err, ErrEdgeRefused):
		e.count("failed")
		return errors.Join(err, e.note(ctx, j, "failed", err.Error(), edgeLongest))
	case err != nil: // an outage says nothing about the certificate: its state stays
		return errors.Join(err, e.note(ctx, j, j.state, err.Error(), edgeWait(j.tries)))
	case ready:
		if j.state != "ready" {
			e.count("obtained")
		}
		j.tries = 0
		return e.note(ctx, j, "ready", detail, edgeDaily)
	}
	return e.note(ctx, j, "asked", detail, edgeWait(j.tries))
}

func edgeWait(tries int) time.Duration { return min(edgeLongest, edgeFirst<<min(tries, 10)) }

// note writes down how a host stands, unless it changed its mind meanwhile.
func (e *Edge) note(ctx context.Context, j edgeJob, state, detail string, wait time.Duration) error {
	return e.DB.AcrossAll(ctx, tenants.ForCertificates, func(a *tenants.Across) error {
		_, err := a.Exec(ctx, `UPDATE platform.edge_certificates SET state = $3, detail = left($4, 500), tries = $5, due_at = $6, changed_at = $7
			WHERE host = $1 AND state = $2`, j.host, j.state, state, detail, j.tries+1, a.Now().Add(wait), a.Now())
		return err
	})
}

func (e *Edge) forget(ctx context.Context, host string) error {
	return e.DB.AcrossAll(ctx, tenants.ForCertificates, func(a *tenants.Across) error {
		_, err := a.Exec(ctx, "DELETE FROM platform.edge_certificates WHERE host = $1 AND state = 'leaving'", host)
		return err
	})
}

func (e *Edge) count(outcome string) {
	if e.Count != nil {
		e.Count(outcome)
	}
}
