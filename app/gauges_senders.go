package app

import (
	"context"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"portico/app/senders"
)

func senderCalls(x *senders.Senders) prometheus.Collector {
	return totals{
		desc: prometheus.NewDesc("portico_sender_calls_total", "Calls of Amazon SES about identities, of this instance, by what came of them.", []string{"outcome"}, nil),
		read: func(to chan<- prometheus.Metric, d *prometheus.Desc) {
			for outcome, n := range x.Calls() {
				to <- prometheus.MustNewConstMetric(d, prometheus.CounterValue, float64(n), outcome)
			}
		},
	}
}

// senderFigures are how the senders of all tenants stand, asked of the database at most once a minute.
type senderFigures struct {
	of *senders.Senders

	mu   sync.Mutex
	at   time.Time
	last senders.Figures
}

var (
	senderDomains = prometheus.NewDesc("portico_sender_domains", "Domains of tenants' senders, by state.", []string{"state"}, nil)
	senderLevels  = prometheus.NewDesc("portico_sender_tenants", "Tenants whose letters were looked at, by level: ok, warned, paused, stopped.", []string{"level"}, nil)
	senderOverdue = prometheus.NewDesc("portico_sender_overdue_seconds", "For how long the domain that waits longest was to be looked at.", nil, nil)
)

// Describe names the metrics.
func (f *senderFigures) Describe(to chan<- *prometheus.Desc) {
	to <- senderDomains
	to <- senderLevels
	to <- senderOverdue
}

// Collect answers with the last reading; a database that is away leaves it as it was.
func (f *senderFigures) Collect(to chan<- prometheus.Metric) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if time.Since(f.at) > time.Minute {
		f.at = time.Now()
		ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
		defer cancel()
		if now, err := f.of.Figures(ctx); err == nil {
			f.last = now
		}
	}
	for _, s := range senders.States() {
		to <- prometheus.MustNewConstMetric(senderDomains, prometheus.GaugeValue, float64(f.last.Domains[s]), string(s))
	}
	for _, l := range []senders.Level{senders.Well, senders.Warned, senders.Paused, senders.Stopped} {
		to <- prometheus.MustNewConstMetric(senderLevels, prometheus.GaugeValue, float64(f.last.Levels[l]), string(l))
	}
	to <- prometheus.MustNewConstMetric(senderOverdue, prometheus.GaugeValue, f.last.Overdue.Seconds())
}
