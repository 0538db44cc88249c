package letters

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
)

const riverSchema = "river"

// newClient prepares River: three queues of letters with workers of their own and one for upkeep. It
// polls, since letters are queued without NOTIFY (see insertJob), and therefore works through a
// pooler as well.
func (o *Outbox) newClient() (*river.Client[pgx.Tx], error) {
	workers := river.NewWorkers()
	if err := river.AddWorkerSafely(workers, &sender{o: o}); err != nil {
		return nil, fmt.Errorf("letters: %w", err)
	}
	if err := river.AddWorkerSafely(workers, &janitor{o: o}); err != nil {
		return nil, fmt.Errorf("letters: %w", err)
	}
	queues := map[string]river.QueueConfig{upkeepQueue: {MaxWorkers: 1, FetchPollInterval: time.Second}}
	for _, l := range Lanes() {
		queues[l.queue()] = river.QueueConfig{MaxWorkers: o.Workers[l]}
	}
	client, err := river.NewClient(riverpgxv5.New(o.DB.Pool()), &river.Config{
		Schema:                      riverSchema,
		Queues:                      queues,
		Workers:                     workers,
		PeriodicJobs:                []*river.PeriodicJob{upkeep()},
		PollOnly:                    true,
		FetchPollInterval:           o.Poll,
		FetchCooldown:               min(10*time.Millisecond, o.Poll),
		JobTimeout:                  handOver + 10*time.Second,
		RescueStuckJobsAfter:        5 * time.Minute, // sweep gives letters back sooner
		CompletedJobRetentionPeriod: 10 * time.Minute,
		CancelledJobRetentionPeriod: time.Hour,
		DiscardedJobRetentionPeriod: 24 * time.Hour,
		ReindexerIndexNames:         []string{}, // the application's role does not own the indexes
		Logger:                      o.Log,
	})
	if err != nil {
		return nil, fmt.Errorf("letters: the job queue: %w", err)
	}
	return client, nil
}

// Start begins the upkeep of turns and, on a sending instance, the workers. It returns at once: while
// the database is away it goes on trying. The context only carries values; Stop ends it all.
func (o *Outbox) Start(ctx context.Context) {
	ctx, o.stop = context.WithCancel(context.WithoutCancel(ctx))
	o.done.Go(func() { o.keepTurns(ctx) })
	if o.client != nil {
		o.done.Go(func() { o.startClient(ctx) })
	}
}

// startClient tries until River runs; a database that is away at the start is no reason to give up.
func (o *Outbox) startClient(ctx context.Context) {
	for wait := 200 * time.Millisecond; ; wait = min(2*wait, 5*time.Second) {
		err := o.client.Start(context.WithoutCancel(ctx))
		if err == nil {
			return
		}
		o.Log.WarnContext(ctx, "the letter workers could not start yet", "error", err)
		select {
		case <-ctx.Done():
			return
		case <-time.After(wait):
		}
	}
}

// Stop takes no new letters, waits for those in the air and returns. When ctx ends first, they are
// cut off: their rows stay with their lease and another try follows.
func (o *Outbox) Stop(ctx context.Context) error {
	if o.stop == nil {
		return nil
	}
	o.stop()
	o.done.Wait()
	if o.client == nil {
		return nil
	}
	if err := o.client.Stop(ctx); err == nil {
		return nil
	}
	hard, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	if err := o.client.StopAndCancel(hard); err != nil {
		return fmt.Errorf("letters: stop the workers: %w", err)
	}
	return nil
}
