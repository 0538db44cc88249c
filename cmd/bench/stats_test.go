package main

import (
	"math"
	"testing"
	"time"
)

func TestMedian(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		in   []float64
		want float64
	}{
		{[]float64{3}, 3},
		{[]float64{9, 1, 5}, 5},
		{[]float64{4, 1, 3, 2}, 2.5},
	} {
		if got := median(c.in); got != c.want {
			t.Errorf("median(%v) = %v, want %v", c.in, got, c.want)
		}
	}
	if !math.IsNaN(median(nil)) {
		t.Error("the median of nothing is a number")
	}
}

func TestQuantile(t *testing.T) {
	t.Parallel()
	var l latencies
	for i := 100; i >= 1; i-- {
		l = append(l, time.Duration(i))
	}
	for q, want := range map[float64]time.Duration{0: 1, 0.5: 50, 0.99: 99, 1: 100} {
		if got := l.quantile(q); got != want {
			t.Errorf("quantile(%v) = %v, want %v", q, got, want)
		}
	}
	if got := (latencies{}).quantile(0.99); got != 0 {
		t.Errorf("quantile of nothing = %v", got)
	}
	if l[0] != 100 {
		t.Error("quantile changed the order of its sample")
	}
}

// The expected values are those of R's wilcox.test(a, b, exact = FALSE, correct = TRUE), worked out by
// hand from the ranks.
func TestMannWhitney(t *testing.T) {
	t.Parallel()
	span := func(from, to, step int) latencies {
		var l latencies
		for i := from; i <= to; i += step {
			l = append(l, time.Duration(i))
		}
		return l
	}
	for _, c := range []struct {
		name string
		a, b latencies
		want float64
	}{
		// U = 0 of 25, σ = √(25·11/12) = 4.787: z = 12/4.787 = 2.507
		{"apart", latencies{1, 2, 3, 4, 5}, latencies{6, 7, 8, 9, 10}, 0.01219},
		// odd against even numbers: U = 10 of 25: z = 2/4.787 = 0.4178
		{"interleaved", span(1, 9, 2), span(2, 10, 2), 0.6761},
		// ranks of a: 1, 3, 3, 5.5 = 12.5, U = 2.5; ties 3³-3 + 2³-2 = 30; σ² = 16/12·(9-30/56) = 11.286
		{"tied", latencies{1, 2, 2, 3}, latencies{2, 3, 4, 5}, 0.1366},
		{"all the same", latencies{7, 7, 7}, latencies{7, 7, 7}, 1},
	} {
		if got := mannWhitney(c.a, c.b); math.Abs(got-c.want) > 5e-4 {
			t.Errorf("%s: p = %.5f, want %.5f", c.name, got, c.want)
		}
		if there, back := mannWhitney(c.a, c.b), mannWhitney(c.b, c.a); math.Abs(there-back) > 1e-12 {
			t.Errorf("%s: p = %v one way and %v the other", c.name, there, back)
		}
	}
	if p := mannWhitney(span(1, 600, 2), span(40, 640, 2)); p > 0.01 {
		t.Errorf("300 pairs that lie 7 %% of their spread apart: p = %.4f passes the bar", p)
	}
}

func TestMedianGap(t *testing.T) {
	t.Parallel()
	if got := medianGap(latencies{100, 100}, latencies{103, 103}); math.Abs(got-0.03) > 1e-9 {
		t.Errorf("gap = %v, want 0.03", got)
	}
}

func TestTheBarIsOnTheRatio(t *testing.T) {
	t.Parallel()
	if !(row{Ratio: 0.95}).atLeast(0.95).OK || (row{Ratio: 0.949}).atLeast(0.95).OK {
		t.Error("a ratio of the bar itself must pass, one below must not")
	}
}
