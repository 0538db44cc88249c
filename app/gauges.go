package app

import (
	"context"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"portico/app/accounts"
	"portico/app/letters"
	"portico/app/phones"
	"portico/tenants"
)

// totals reads counters that other packages keep.
type totals struct {
	desc *prometheus.Desc
	read func(chan<- prometheus.Metric, *prometheus.Desc)
}

// Describe names the metric.
func (t totals) Describe(to chan<- *prometheus.Desc) { to <- t.desc }

// Collect reads it.
func (t totals) Collect(to chan<- prometheus.Metric) { t.read(to, t.desc) }

func letterTotals(o *letters.Outbox) prometheus.Collector {
	return totals{
		desc: prometheus.NewDesc("portico_letters_total", "Letters of this instance by lane and state.", []string{"lane", "state"}, nil),
		read: func(to chan<- prometheus.Metric, d *prometheus.Desc) {
			for _, lane := range letters.Lanes() {
				for _, state := range []letters.State{letters.Queued, letters.Sent, letters.Failed, letters.Skipped} {
					to <- prometheus.MustNewConstMetric(d, prometheus.CounterValue, float64(o.Counts().Of(lane, state)), string(lane), string(state))
				}
			}
		},
	}
}

func phoneTotals(k *phones.Book, now func() time.Time) []prometheus.Collector {
	count := func(name, help string, read func(phones.Totals) int64) prometheus.Collector {
		return prometheus.NewCounterFunc(prometheus.CounterOpts{Name: name, Help: help}, func() float64 { return float64(read(k.Totals(now()))) })
	}
	return []prometheus.Collector{
		count("portico_phones_bought_total", "Codes by text and call that this instance let go out.", func(t phones.Totals) int64 { return t.Bought }),
		count("portico_phones_used_total", "Codes by text and call that were used.", func(t phones.Totals) int64 { return t.Used }),
		count("portico_phones_refused_total", "Codes by text and call that were refused: limits, budget, stops.", func(t phones.Totals) int64 { return t.Refused }),
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "portico_phones_stopped", Help: "Tenants whose texts and calls rest, because codes were bought and not used."},
			func() float64 { return float64(k.Totals(now()).Stopped) }),
	}
}

func hashQueue(h *accounts.Hasher) prometheus.Collector {
	return prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "portico_hash_queue", Help: "Sign-ins waiting for a password hash."},
		func() float64 { return float64(h.Waiting()) })
}

// sizes are the rows and ages of the tables that retention keeps small (decisions.md 9), asked of the
// database at most once a minute.
type sizes struct {
	set Settings

	mu   sync.Mutex
	at   time.Time
	rows map[string]float64
	ages map[string]float64
}

var (
	rowsDesc = prometheus.NewDesc("portico_table_rows", "Estimated rows of tables under retention.", []string{"table"}, nil)
	ageDesc  = prometheus.NewDesc("portico_table_oldest_seconds", "Age of the oldest row of tables under retention.", []string{"table"}, nil)
)

// Describe names the metrics.
func (s *sizes) Describe(to chan<- *prometheus.Desc) { to <- rowsDesc; to <- ageDesc }

// Collect answers with the last reading; a database that is away leaves it as it was.
func (s *sizes) Collect(to chan<- prometheus.Metric) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if time.Since(s.at) > time.Minute {
		s.at = time.Now()
		s.read()
	}
	for table, n := range s.rows {
		to <- prometheus.MustNewConstMetric(rowsDesc, prometheus.GaugeValue, n, table)
	}
	for table, age := range s.ages {
		to <- prometheus.MustNewConstMetric(ageDesc, prometheus.GaugeValue, age, table)
	}
}

func (s *sizes) read() {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	rows, ages := map[string]float64{}, map[string]float64{}
	err := s.set.DB.AcrossAll(ctx, tenants.ForMaintenance, func(a *tenants.Across) error {
		return a.Each(ctx, "SELECT name, estimated_rows, oldest FROM retention_sizes()", nil, func(scan func(...any) error) error {
			var table string
			var n float64
			var oldest *time.Time
			if err := scan(&table, &n, &oldest); err != nil {
				return err
			}
			rows[table] = n
			if oldest != nil {
				ages[table] = a.Now().Sub(*oldest).Seconds()
			}
			return nil
		})
	})
	if err == nil {
		s.rows, s.ages = rows, ages
	}
}
