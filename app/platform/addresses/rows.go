package addresses

import (
	"slices"
	"strings"

	"portico/app/directory"
	"portico/tenants/domains"
	"portico/themes"
)

func row(c directory.Customer) themes.CustomerRow {
	return themes.CustomerRow{Slug: c.Slug, Name: c.Name, State: string(c.State), Address: c.Address}
}

func hostsOf(hosts []domains.Host, lists map[string][]domains.Record) (all []themes.CustomHost) {
	for _, h := range hosts {
		all = append(all, hostOf(h, lists[h.Name]))
	}
	return all
}

func hostOf(h domains.Host, records []domains.Record) themes.CustomHost {
	x := themes.CustomHost{Name: h.Name, State: string(h.Standing), Canonical: h.Canonical, Moved: h.Moved, Serves: h.Serves(),
		EndsAt: h.EndsAt(), CheckedAt: h.CheckedAt, TriedAt: h.TriedAt, Records: recordsOf(records)}
	if h.Shown != h.Name {
		x.Shown = h.Shown
	}
	return x
}

func recordsOf(records []domains.Record) (all []themes.DNSRecord) {
	for _, r := range records {
		item := strings.TrimRight(r.Item, "0123456789") // dkim1, dkim2, …
		all = append(all, themes.DNSRecord{Item: item, Kind: r.Kind, Name: r.Name, Expected: lines(r.Expected), Found: lines(r.Found),
			State: string(r.State), Code: r.Code, CheckedAt: r.CheckedAt})
	}
	return all
}

func lines(s string) []string {
	if s == "" {
		return nil
	}
	return strings.Split(s, "\n")
}

func zoneOf(hosts []domains.Host, lists map[string][]domains.Record) string {
	var all []domains.Record
	for _, h := range hosts {
		all = append(all, lists[h.Name]...)
	}
	return domains.ZoneFile(slices.Concat(all, lists[""]))
}
