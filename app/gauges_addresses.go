package app

import (
	"context"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"portico/tenants/domains"
)

// Certificate counts what came of a certificate: obtained, failed, refused (a name that is nobody's).
func (m *Metrics) Certificate(outcome string) { m.certificates.WithLabelValues(outcome).Inc() }

func newCertificateTotals() *prometheus.CounterVec {
	c := prometheus.NewCounterVec(prometheus.CounterOpts{Name: "portico_certificates_total",
		Help: "Certificates that this instance asked for, and names that it refused to ask for."}, []string{"outcome"})
	for _, outcome := range []string{"obtained", "failed", "refused"} {
		c.WithLabelValues(outcome)
	}
	return c
}

// hostGauge counts custom hosts by how they stand, asked of the database at most once a minute.
type hostGauge struct {
	domains *domains.Domains

	mu   sync.Mutex
	at   time.Time
	last map[domains.Standing]int
}

var hostsDesc = prometheus.NewDesc("portico_hosts", "Custom hosts of all tenants by state: pending, verified, trusted, losing, lost.", []string{"state"}, nil)

// Describe names the metric.
func (g *hostGauge) Describe(to chan<- *prometheus.Desc) { to <- hostsDesc }

// Collect answers with the last reading; a database that is away leaves it as it was.
func (g *hostGauge) Collect(to chan<- prometheus.Metric) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if time.Since(g.at) > time.Minute {
		g.at = time.Now()
		ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
		defer cancel()
		if counts, err := g.domains.Count(ctx); err == nil {
			g.last = counts
		}
	}
	for state, n := range g.last {
		to <- prometheus.MustNewConstMetric(hostsDesc, prometheus.GaugeValue, float64(n), string(state))
	}
}
