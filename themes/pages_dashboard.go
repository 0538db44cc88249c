package themes

import "time"

// DashboardPage is /console/dashboard: figures of the whole tenant over a span that ends now.
type DashboardPage struct {
	Parts
	Span       string // 24h, 30d, 90d
	Hourly     bool   // a step is an hour; else a day
	Everywhere bool   // false: who looks may see figures of some groups alone, and there are none
	Gates      bool   // recoveries go through gates; else by one mailed link
	Steps      []time.Time
	Charts     []Chart
	Silent     bool      // no carrier reported what became of letters: what came back is not counted
	Funnel     []Figure  // of recoveries, in their order
	Lost       []Figure  // requests that led to no letter, by reason
	People     int       // active accounts with a password here
	Able       int       // of them, who could get back in
	Dead       int       // accounts with a dead address
	Counted    time.Time // of People, Able, Dead and Kinds; zero: just now
	Kinds      []Figure  // proofs that count, by kind
}

// Figure is one count and what it counts.
type Figure struct {
	Name  string
	Count int
}

// Chart is some lines over the steps of a dashboard.
type Chart struct {
	Name  string // signed_in, recoveries, letters
	Lines []ChartLine
}

// ChartLine is one count a step.
type ChartLine struct {
	Name   string
	Counts []int
	Total  int
}

// Template names the file.
func (DashboardPage) Template() string { return "dashboard" }
