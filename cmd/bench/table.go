package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"
)

// row is one line of the table. Ours and Limit share a unit; zero means that there is none.
type row struct {
	Work   string  `json:"work"`
	Ours   float64 `json:"ours"`
	Limit  float64 `json:"limit"`
	Unit   string  `json:"unit"` // "/s", "ms", "MiB"
	Ratio  float64 `json:"ratio"`
	P50    float64 `json:"p50_ms"`
	P99    float64 `json:"p99_ms"`
	Memory float64 `json:"memory_mib"` // the server's peak since the story began
	Bar    string  `json:"bar"`
	OK     bool    `json:"ok"`
	Note   string  `json:"note,omitempty"`
}

// atLeast sets the bar on the ratio.
func (r row) atLeast(bar float64) row {
	r.Bar, r.OK = fmt.Sprintf("ratio ≥ %.2f", bar), r.Ratio >= bar
	return r
}

// with puts a distribution into the row.
func (r row) with(l latencies) row {
	r.P50, r.P99 = ms(l.quantile(0.5)), ms(l.quantile(0.99))
	return r
}

func ms(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// show prints the rows as a table or as JSON.
func show(out io.Writer, rows []row, asJSON bool) error {
	if asJSON {
		e := json.NewEncoder(out)
		e.SetIndent("", "  ")
		if rows == nil {
			rows = []row{}
		}
		return e.Encode(rows)
	}
	table := [][]string{{"work", "ours", "limit", "ratio", "p50", "p99", "memory", "bar", "ok"}}
	for _, r := range rows {
		table = append(table, r.cells())
	}
	widths := make([]int, len(table[0]))
	for _, line := range table {
		for i, cell := range line {
			widths[i] = max(widths[i], len([]rune(cell)))
		}
	}
	for _, line := range table {
		for i, cell := range line {
			pad := strings.Repeat(" ", widths[i]-len([]rune(cell)))
			if i > 0 && i < 7 { // figures stand to the right
				line[i] = pad + cell
			} else {
				line[i] = cell + pad
			}
		}
		if _, err := fmt.Fprintln(out, strings.TrimRight(strings.Join(line, " | "), " ")); err != nil {
			return err
		}
	}
	for _, r := range rows {
		if r.Note != "" {
			fmt.Fprintf(out, "\n%s: %s", r.Work, r.Note)
		}
	}
	_, err := fmt.Fprintln(out)
	return err
}

func (r row) cells() []string {
	ok := "yes"
	if !r.OK {
		ok = "NO"
	}
	cell := func(v float64, unit string) string {
		switch {
		case v == 0:
			return ""
		case unit == "":
			return fmt.Sprintf("%.3f", v)
		case v >= 1000:
			return fmt.Sprintf("%.0f %s", v, unit)
		case v >= 10:
			return fmt.Sprintf("%.1f %s", v, unit)
		}
		return fmt.Sprintf("%.2f %s", v, unit)
	}
	return []string{r.Work, cell(r.Ours, r.Unit), cell(r.Limit, r.Unit), cell(r.Ratio, ""),
		cell(r.P50, "ms"), cell(r.P99, "ms"), cell(r.Memory, "MiB"), r.Bar, ok}
}
