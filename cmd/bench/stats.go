package main

import (
	"math"
	"math/rand/v2"
	"slices"
	"time"
)

// latencies is a sample of durations in no order.
type latencies []time.Duration

// quantile is the sample's q-quantile by nearest rank; 0 of nothing.
func (l latencies) quantile(q float64) time.Duration {
	if len(l) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(l))
	rank := int(math.Ceil(q*float64(len(sorted)))) - 1
	return sorted[min(max(rank, 0), len(sorted)-1)]
}

// median is the middle of a sample, or the mean of the two in the middle; NaN of nothing.
func median(values []float64) float64 {
	n := len(values)
	if n == 0 {
		return math.NaN()
	}
	sorted := slices.Sorted(slices.Values(values))
	if n%2 == 1 {
		return sorted[n/2]
	}
	return (sorted[n/2-1] + sorted[n/2]) / 2
}

// mannWhitney is the two-sided p-value of the Mann-Whitney U test (Mann and Whitney 1947): how likely
// two samples of the same distribution differ in rank at least as much as these. It uses the normal
// approximation with correction for ties and continuity, which holds from about 20 values each.
func mannWhitney(a, b latencies) float64 {
	n, m := float64(len(a)), float64(len(b))
	if n == 0 || m == 0 {
		return math.NaN()
	}
	type value struct {
		d     time.Duration
		first bool
	}
	all := make([]value, 0, len(a)+len(b))
	for _, d := range a {
		all = append(all, value{d, true})
	}
	for _, d := range b {
		all = append(all, value{d, false})
	}
	slices.SortFunc(all, func(x, y value) int { return int(x.d - y.d) })
	var ranks, ties float64
	for i := 0; i < len(all); {
		j := i
		for j < len(all) && all[j].d == all[i].d {
			j++
		}
		same := float64(j - i)
		mean := float64(i+1+j) / 2 // ranks count from 1
		for _, v := range all[i:j] {
			if v.first {
				ranks += mean
			}
		}
		ties += same*same*same - same
		i = j
	}
	u := ranks - n*(n+1)/2
	total := n + m
	variance := n * m / 12 * (total + 1 - ties/(total*(total-1)))
	if variance <= 0 {
		return 1 // all values are the same
	}
	z := max(0, math.Abs(u-n*m/2)-0.5) / math.Sqrt(variance)
	return math.Erfc(z / math.Sqrt2)
}

// medianGap is how far the medians of two samples lie apart, as a part of a's.
func medianGap(a, b latencies) float64 {
	base := float64(a.quantile(0.5))
	if base == 0 {
		return math.NaN()
	}
	return math.Abs(float64(b.quantile(0.5))-base) / base
}

// shuffled is 0…n-1 in an order of chance.
func shuffled(n int) []int { return rand.Perm(n) } //nolint:gosec // an order of measuring, no secret
