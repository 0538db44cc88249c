package themes

import (
	"fmt"
	"time"
)

// ChartText is a chart's title, with what it counts.
func (v *view) ChartText(name string) string { return v.worded("dashboard.chart.", name) }

// LineText names a line, a step of the funnel or a kind of proof.
func (v *view) LineText(name string) string { return v.worded("dashboard.line.", name) }

// LineHint says what exactly a step of the funnel counts; "" where its name says it.
func (v *view) LineHint(name string) string {
	if text := v.worded("dashboard.hint.", name); text != name {
		return text
	}
	return ""
}

// ProofText names a kind of proof.
func (v *view) ProofText(kind string) string {
	if kind == "email" {
		return v.r.Text(v.B, v.Locale, "dashboard.mail_address", nil)
	}
	return v.worded("audit.method.", kind)
}

// Spans are the spans to choose from.
func (v *view) Spans() []string { return []string{"24h", "30d", "90d"} }

// SpanText names a span.
func (v *view) SpanText(span string) string { return v.worded("dashboard.span.", span) }

// StepText is the beginning of a step: an hour, or a day.
func (v *view) StepText(t time.Time) string {
	if v.P.(DashboardPage).Hourly {
		return t.UTC().Format("01-02 15:04")
	}
	return t.UTC().Format(time.DateOnly)
}

// Share is a count of another one in percent; "–" of nothing.
func (v *view) Share(of, all int) string {
	if all <= 0 {
		return "–"
	}
	return fmt.Sprintf("%d %%", min(of*100/all, 100))
}

// funnelRow is a step of the funnel with what was lost before it.
type funnelRow struct {
	Figure

	Before, Lost int
	First        bool
}

// FunnelRows are the steps of the funnel, each beside the one before.
func (v *view) FunnelRows() []funnelRow {
	var rows []funnelRow
	for i, f := range v.P.(DashboardPage).Funnel {
		row := funnelRow{Figure: f, First: i == 0}
		if i > 0 {
			row.Before = rows[i-1].Count
			row.Lost = max(row.Before-f.Count, 0)
		}
		rows = append(rows, row)
	}
	return rows
}
