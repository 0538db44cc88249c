package themes

import "time"

// CustomerAddressesPage is /platform/customers/:slug/addresses.
type CustomerAddressesPage struct {
	Parts
	Customer      CustomerRow
	Hosts         []CustomHost
	Mail          []DNSRecord // what letters need in DNS
	Typed         string
	Edit          bool
	SlugCanonical bool
	Shares        []DNSShare
	Link          string // just made: shown this once
	Zone          string // a snippet of a zone file
}

// CustomHost is a host that a customer claims, with its checklist.
type CustomHost struct {
	Name, Shown, State         string // pending, verified, trusted, losing, lost; Shown is "" where people read the same
	Canonical, Moved, Serves   bool
	EndsAt, CheckedAt, TriedAt time.Time
	Records                    []DNSRecord
}

// DNSRecord is one line of a checklist; Item, State and Code are words of the families addr.item_, addr.is_ and
// addr.code_.
type DNSRecord struct {
	Item, Kind, Name string
	Expected, Found  []string
	State, Code      string
	CheckedAt        time.Time // zero: DNS never answered
}

// DNSShare is a link to a checklist.
type DNSShare struct {
	ID, By string
	EndsAt time.Time
}

// CustomerReleasePage asks before a host is given up.
type CustomerReleasePage struct {
	Parts
	Customer CustomerRow
	Host     CustomHost
}

// DNSSharedPage is /dns/:token: a checklist for those who look after a zone, without any session.
type DNSSharedPage struct {
	Parts
	Name   string
	EndsAt time.Time
	Hosts  []CustomHost
	Mail   []DNSRecord
	Zone   string
}

// Template names.
func (CustomerAddressesPage) Template() string { return "customer_addresses" }
func (CustomerReleasePage) Template() string   { return "customer_release" }
func (DNSSharedPage) Template() string         { return "dns_shared" }
