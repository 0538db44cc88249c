package insight

import (
	"context"
	"time"

	"portico/tenants"
)

// Span is how far back figures reach, and in which steps.
type Span struct {
	Name  string // 24h, 30d, 90d
	steps int
	step  time.Duration
	unit  string
}

// Spans are the ones to choose from, the shortest first.
func Spans() []Span {
	const day = 24 * time.Hour
	return []Span{{"24h", 24, time.Hour, "hour"}, {"30d", 30, day, "day"}, {"90d", 90, day, "day"}}
}

// Hourly tells that a step is an hour; else it is a day.
func (s Span) Hourly() bool { return s.unit == "hour" }

// Figures are counts by what they count and the step in which it happened. Steps are whole hours or days in
// UTC; the last one is running.
type Figures struct {
	Steps  []time.Time
	counts map[string][]int
}

// Of is one figure over all steps.
func (f Figures) Of(name string) []int {
	if c := f.counts[name]; c != nil {
		return c
	}
	return make([]int, len(f.Steps))
}

// Sum is one figure of the whole span.
func (f Figures) Sum(name string) int {
	sum := 0
	for _, n := range f.counts[name] {
		sum += n
	}
	return sum
}

// Asked are the reasons that requests for a recovery ended with, by how many.
func (f Figures) Asked() map[string]int {
	all := map[string]int{}
	for name := range f.counts {
		if len(name) > len(asked) && name[:len(asked)] == asked {
			all[name[len(asked):]] = f.Sum(name)
		}
	}
	return all
}

const asked = "asked."

// Hours that are counted already (migrations: count_hours) come from their few rows, what happened since
// from the events themselves, by the same names.
const countedFigures = `SELECT date_trunc($4, hour, 'UTC'), figure, sum(count)::bigint FROM hour_figures
	WHERE tenant_id = $1 AND hour >= $2 AND hour < $3 GROUP BY 1, 2`

const liveFigures = `SELECT step, figure, sum(n)::bigint FROM (
	SELECT date_trunc($3, e.at, 'UTC') AS step, figure_of(e.kind, e.outcome, e.reason, e.details) AS figure, count(*) AS n
		FROM audit_events e WHERE e.tenant_id = $1 AND e.at >= $2 GROUP BY 1, 2
	UNION ALL
	SELECT step, 'tried', sum(n) FROM (SELECT date_trunc($3, e.at, 'UTC') AS step, count(DISTINCT e.account_id) AS n
		FROM audit_events e WHERE e.tenant_id = $1 AND e.at >= $2
			AND (e.kind = 'reset.completed' OR e.kind = 'reset.step' AND e.details->>'method' = 'email_link' AND NOT e.details ? 'flow')
		GROUP BY 1, date_trunc('hour', e.at, 'UTC')) hours GROUP BY 1
	UNION ALL
	SELECT date_trunc($3, l.ended_at, 'UTC'), 'letter.' || l.state, count(*)
		FROM letters l WHERE l.tenant_id = $1 AND l.ended_at >= $2 AND l.recipient <> '' GROUP BY 1, 2
	UNION ALL
	SELECT date_trunc($3, l.ended_at, 'UTC'), 'recovery.sent', count(*)
		FROM letters l WHERE l.tenant_id = $1 AND l.ended_at >= $2 AND l.recipient <> '' AND l.kind = 'recovery' AND l.state = 'sent' GROUP BY 1
	UNION ALL
	SELECT date_trunc($3, f.at, 'UTC'), 'letter.' || f.kind, count(*) FROM letter_feedback f WHERE f.tenant_id = $1 AND f.at >= $2 GROUP BY 1, 2
	) live WHERE figure IS NOT NULL GROUP BY 1, 2`

// Read counts what happened at the scope's tenant in a span that ends now.
func Read(ctx context.Context, s *tenants.Scope, span Span) (Figures, error) {
	last := s.Now().UTC().Truncate(span.step)
	f := Figures{counts: map[string][]int{}}
	for i := range span.steps {
		f.Steps = append(f.Steps, last.Add(-time.Duration(span.steps-1-i)*span.step))
	}
	var until *time.Time
	if err := s.Row(ctx, "SELECT max(hour) FROM hour_figures WHERE tenant_id = $1", []any{s.Tenant()}, &until); err != nil {
		return f, err
	}
	mark := f.Steps[0]
	if until != nil && until.Add(time.Hour).After(mark) {
		mark = until.Add(time.Hour)
	}
	if running := s.Now().UTC().Truncate(time.Hour); mark.After(running) {
		mark = running // a clock that was turned back
	}
	b := &tenants.Batch{}
	b.Rows(countedFigures, []any{s.Tenant(), f.Steps[0], mark, span.unit}, f.take(span))
	b.Rows(liveFigures, []any{s.Tenant(), mark, span.unit}, f.take(span))
	return f, s.Send(ctx, b)
}

func (f Figures) take(span Span) func(scan func(...any) error) error {
	return func(scan func(...any) error) error {
		var step time.Time
		var name string
		var n int
		if err := scan(&step, &name, &n); err != nil {
			return err
		}
		i := int(step.Sub(f.Steps[0]) / span.step)
		if i < 0 || i >= len(f.Steps) {
			return nil
		}
		if f.counts[name] == nil {
			f.counts[name] = make([]int, len(f.Steps))
		}
		f.counts[name][i] += n
		return nil
	}
}
