package app

import (
	"strconv"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/valyala/fasthttp"

	"portico/app/feedback"
)

// Metrics are what this server counts. Labels are bounded: route patterns and status classes, never a
// host, a tenant or a person.
type Metrics struct {
	Registry *prometheus.Registry
	requests *prometheus.CounterVec
	seconds  *prometheus.HistogramVec
	told     *prometheus.CounterVec

	certificates *prometheus.CounterVec

	series sync.Map // seriesKey → series
}

func newMetrics(set Settings) *Metrics {
	m := &Metrics{
		Registry: prometheus.NewRegistry(),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "portico_requests_total",
			Help: "Requests by route pattern and status."}, []string{"route", "status"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "portico_request_seconds",
			Help: "Time to answer by route pattern.", Buckets: []float64{.001, .005, .015, .05, .1, .25, .5, 1, 2.5, 10}}, []string{"route"}),
	}
	m.told = prometheus.NewCounterVec(prometheus.CounterOpts{Name: "portico_feedback_total",
		Help: "Messages about letters that a carrier posted, by what came of them."}, []string{"outcome"})
	for _, outcome := range feedback.Outcomes() { // a counter that appears with its first event hides that event from rate()
		m.told.WithLabelValues(string(outcome))
	}
	m.Registry.MustRegister(m.requests, m.seconds, m.told, letterTotals(set.Outbox), hashQueue(set.Accounts.Hasher), &sizes{set: set}, collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	m.certificates = newCertificateTotals()
	m.Registry.MustRegister(m.certificates)
	if set.Domains != nil {
		m.Registry.MustRegister(&hostGauge{domains: set.Domains})
	}
	if set.Phones != nil {
		m.Registry.MustRegister(phoneTotals(set.Phones, set.DB.Clock().Now)...)
	}
	if set.Senders != nil {
		m.Registry.MustRegister(senderCalls(set.Senders), &senderFigures{of: set.Senders})
	}
	return m
}

// observe counts one answer. The counters of a route and status are looked up by label once.
func (m *Metrics) observe(ctx *fasthttp.RequestCtx, took time.Duration) {
	key := seriesKey{route: routeOf(ctx), status: ctx.Response.StatusCode()}
	kept, ok := m.series.Load(key)
	if !ok {
		kept, _ = m.series.LoadOrStore(key, series{
			count:   m.requests.WithLabelValues(key.route, strconv.Itoa(key.status)),
			seconds: m.seconds.WithLabelValues(key.route),
		})
	}
	one, _ := kept.(series)
	one.count.Inc()
	one.seconds.Observe(took.Seconds())
}

type seriesKey struct {
	route  string
	status int
}

type series struct {
	count   prometheus.Counter
	seconds prometheus.Observer
}

// routeOf is the pattern that matched, never the path: paths hold tokens.
func routeOf(ctx *fasthttp.RequestCtx) string {
	if route, ok := ctx.UserValue(routeKey{}).(string); ok {
		return route
	}
	return "none"
}
