package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"
)

// Bars of the console among a million, in milliseconds.
const (
	listBar   = 30
	searchBar = 50
)

// people measures the console's lists and searches in a tenant with a million accounts, one
// administrator's clicks one after the other.
func people(ctx context.Context, b *bench) ([]row, error) {
	began := time.Now()
	c, err := b.gather(ctx)
	if err != nil {
		return nil, err
	}
	defer c.server.stop()
	b.say("the crowd is there after %.1f s", time.Since(began).Seconds())
	turned, err := c.turned(everywhere, "/console/people", "/console/people?order=added", "/console/people?order=signed_in",
		"/console/people?state=disabled", "/console/people?state=locked", "/console/people?role=auditor", "/console/people?role=support_agent",
		"/console/people?group="+c.desk, "/console/people?role=auditor&group="+c.desk)
	if err != nil {
		return nil, err
	}
	within, err := c.turned(oneGroup, "/console/people", "/console/people?order=added", "/console/people?order=signed_in", "/console/people?state=disabled")
	if err != nil {
		return nil, err
	}
	events, err := c.turned(everywhere, "/console/audit", "/console/audit?kind=reset.requested", "/console/audit?outcome=success")
	if err != nil {
		return nil, err
	}
	many := fmt.Sprintf("%d,000", c.people/1000)
	if c.people == 1_000_000 {
		many = "1M"
	}
	var all []row
	for _, m := range []struct {
		work, who string
		paths     []string
		bar       float64
	}{
		{"people list p99 among " + many, everywhere, turned, listBar},
		{"people list within groups among " + many, oneGroup, within, listBar},
		{"people search prefix among " + many, everywhere, c.typed(beginnings), searchBar},
		{"people search part among " + many, everywhere, c.typed(parts), searchBar},
		{"people search fuzzy among " + many, everywhere, c.typed(misspelt), searchBar},
		{"people search within groups among " + many, oneGroup, append(c.typed(beginnings), c.typed(misspelt)...), searchBar},
		{"audit list p99 among " + many, everywhere, events, listBar},
		{"groups page (members counted), for comparison", everywhere, []string{"/console/groups"}, 0},
		{"dashboard, for comparison", everywhere, []string{"/console/dashboard", "/console/dashboard?span=30d"}, 0},
	} {
		r, err := c.opens(ctx, b, m.work, m.who, m.paths, m.bar)
		if err != nil {
			return all, fmt.Errorf("%s: %w", m.work, err)
		}
		all = append(all, r)
	}
	return all, nil
}

// opens loads pages one after the other; a bar of 0 is none.
func (c *crowd) opens(ctx context.Context, b *bench, work, who string, paths []string, bar float64) (row, error) {
	requests := make([][]byte, len(paths))
	for n, path := range paths {
		requests[n] = get(c.main.host, path, c.cookie[who])
	}
	c.server.resetPeak()
	slice := time.Duration(b.quickly.rounds) * b.quickly.slice
	f, err := fetches(c.addr, 1, 200, func(_, i int) []byte { return requests[i%len(requests)] })(ctx, b.quickly.warm, slice)
	if err != nil {
		return row{}, err
	}
	if len(f.lat) == 0 {
		return row{}, errors.New("no page came in time")
	}
	p99 := ms(f.lat.quantile(0.99))
	r := row{Work: work, Ours: p99, Limit: bar, Unit: "ms", Bar: "none", OK: true, Memory: c.server.peak(),
		Note: fmt.Sprintf("%d pages of %d addresses, slowest %.1f ms", len(f.lat), len(paths), ms(f.lat.quantile(1)))}.with(f.lat)
	if bar > 0 {
		r.Ratio, r.Bar, r.OK = p99/bar, fmt.Sprintf("p99 < %.0f ms", bar), p99 < bar
	}
	return r, nil
}

// turned follows lists a few pages down, and answers every page's address.
func (c *crowd) turned(who string, lists ...string) ([]string, error) {
	in := &conn{addr: c.addr}
	defer in.close()
	var all []string
	for _, path := range lists {
		for range 8 {
			a, err := in.do(get(c.main.host, path, c.cookie[who]))
			if err != nil {
				return nil, err
			}
			if err := a.want(200); err != nil {
				return nil, fmt.Errorf("%s: %w", path, err)
			}
			all = append(all, path)
			_, after, more := bytes.Cut(a.body, []byte(`rel="next" href="`))
			next, _, _ := bytes.Cut(after, []byte(`"`))
			if !more {
				break
			}
			path = strings.ReplaceAll(string(next), "&amp;", "&")
		}
	}
	return all, nil
}

// typed are searches for some of the crowd, each made of one's name and address by how.
func (c *crowd) typed(how func(n int) string) []string {
	var all []string
	for i := range 200 {
		n := i * (c.people / 200)
		all = append(all, "/console/people?q="+url.QueryEscape(how(n)))
	}
	return all
}

// beginnings of names and addresses, from few letters to nearly all.
func beginnings(n int) string {
	given, family := called(n)
	switch n / 7 % 4 {
	case 0:
		return given
	case 1:
		return given + " " + family[:3]
	case 2:
		return addressOf(n)[:len(given)+4]
	}
	return addressOf(n)
}

// parts are family names, whole and in pieces, and two words the wrong way round.
func parts(n int) string {
	given, family := called(n)
	switch n / 7 % 3 {
	case 0:
		return family
	case 1:
		return family[2:]
	}
	return family + " " + given
}

// misspelt is a family name with two letters the wrong way round, one too few or another one.
func misspelt(n int) string {
	given, family := called(n)
	at := 2 + n/7%(len(family)-4)
	switch n / 7 % 4 {
	case 0:
		return family[:at] + family[at+1:at+2] + family[at:at+1] + family[at+2:]
	case 1:
		return family[:at] + family[at+1:]
	case 2:
		return family[:at] + "x" + family[at+1:]
	}
	return given + " " + family[:at] + "y" + family[at+1:]
}
