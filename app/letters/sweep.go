package letters

import (
	"context"
	"encoding/json"
	"time"

	"portico/tenants"
)

// keepTurns looks at the lines every second, or less often when looking takes long: tenants whose
// backlog is gone stand in front again, other instances' backlogs count, and (on a sending instance)
// retries that are due and letters of dead workers get their turn.
func (o *Outbox) keepTurns(ctx context.Context) {
	wait := time.Second
	for {
		select {
		case <-ctx.Done():
			return
		case <-time.After(wait):
		}
		began := time.Now()
		if err := o.sweep(ctx, began.UTC()); err != nil && ctx.Err() == nil {
			o.Log.WarnContext(ctx, "the letters' lines could not be read", "error", err)
		}
		wait = max(time.Second, min(20*time.Since(began), 30*time.Second))
	}
}

func (o *Outbox) sweep(ctx context.Context, now time.Time) error {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	if o.client != nil {
		if err := o.rescue(ctx, now); err != nil {
			return err
		}
	}
	for _, l := range Lanes() {
		if err := o.learnLane(ctx, l, now); err != nil {
			return err
		}
		if o.client == nil {
			continue
		}
		if err := o.tagRetries(ctx, l, now); err != nil {
			return err
		}
	}
	return nil
}

// rescue gives back the jobs of workers that died: River's own rescue knows one long time for all
// kinds. A worker that lives is cut off (JobTimeout) well before, and the row's lease has its own say.
func (o *Outbox) rescue(ctx context.Context, now time.Time) error {
	_, err := o.DB.Pool().Exec(ctx, `UPDATE river.river_job SET state = 'available'
		WHERE state = 'running' AND queue = ANY($1) AND attempted_at < $2`, queues(), now.Add(-o.Lease))
	return err
}

func (o *Outbox) learnLane(ctx context.Context, l Lane, now time.Time) error {
	rows, err := o.DB.Pool().Query(ctx, `SELECT (args->>'tenant_id')::uuid, min(scheduled_at), max(scheduled_at)
		FROM river.river_job WHERE state = 'available' AND queue = $1 AND priority = 1 AND scheduled_at <= $2 GROUP BY 1`,
		l.queue(), now.Add(-zoneEnd))
	if err != nil {
		return err
	}
	defer rows.Close()
	waiting := map[tenants.ID]time.Time{}
	var front time.Time
	for rows.Next() {
		var id tenants.ID
		var first, last time.Time
		if err := rows.Scan(&id, &first, &last); err != nil {
			return err
		}
		if front.IsZero() || first.Before(front) {
			front = first
		}
		waiting[id] = last
	}
	o.turns.learn(l, front, waiting, now)
	return rows.Err()
}

// tagRetries gives letters whose wait is over a place in line: River set their scheduled_at to a real
// time, which lies behind everybody's tags.
func (o *Outbox) tagRetries(ctx context.Context, l Lane, now time.Time) error {
	rows, err := o.DB.Pool().Query(ctx, `SELECT id, args FROM river.river_job
		WHERE state = 'available' AND queue = $1 AND priority = 1 AND scheduled_at > $2 AND scheduled_at <= $3
		ORDER BY scheduled_at LIMIT 1000`, l.queue(), now.Add(-zoneEnd), now)
	if err != nil {
		return err
	}
	defer rows.Close()
	var ids []int64
	var tags []time.Time
	for rows.Next() {
		var id int64
		var args []byte
		var j job
		if err := rows.Scan(&id, &args); err != nil {
			return err
		}
		if err := json.Unmarshal(args, &j); err != nil {
			return err
		}
		ids = append(ids, id)
		tags = append(tags, o.turns.next(l, j.Tenant, now))
	}
	if err := rows.Err(); err != nil || len(ids) == 0 {
		return err
	}
	_, err = o.DB.Pool().Exec(ctx, `UPDATE river.river_job j SET scheduled_at = t.at
		FROM unnest($1::bigint[], $2::timestamptz[]) AS t (id, at) WHERE j.id = t.id AND j.state = 'available'`, ids, tags)
	return err
}

func queues() []string {
	var names []string
	for _, l := range Lanes() {
		names = append(names, l.queue())
	}
	return names
}
