package domains

import (
	"context"
	"net/netip"
	"slices"
	"strings"

	"github.com/miekg/dns"
)

// ProofName is where the challenge of a host stands.
func ProofName(host string) string { return "_portico-verify." + host }

// ProofValue is the TXT value that proves a claim.
func ProofValue(challenge string) string { return "portico-verify=" + challenge }

// Looker asks DNS for the records of hosts and mail; it keeps nothing.
type Looker struct {
	DNS       *DNS
	Target    string       // what custom hosts point to by CNAME
	Addresses []netip.Addr // and an apex by A and AAAA; empty is whatever Target has
	CAs       []string     // identities of our certificate authority in CAA records: letsencrypt.org; empty asks for none
}

// proof is what the challenge's name says, for one claim and for others of the same host.
type proof struct {
	record  Record
	values  []string // all TXT values there
	unknown bool
}

// shows tells whether a challenge stands there.
func (p proof) shows(challenge string) bool { return slices.Contains(p.values, ProofValue(challenge)) }

// proof asks for the challenge. An alias at its name proves nothing: whoever owns a wildcard's target would
// own every host below the wildcard.
func (l *Looker) proof(ctx context.Context, host, challenge string) proof {
	r := Record{Item: ItemProof, Kind: "TXT", Name: ProofName(host), Expected: ProofValue(challenge)}
	a, err := l.DNS.Ask(ctx, r.Name, dns.TypeTXT)
	switch {
	case err != nil:
		return proof{record: r.with(Unknown, CodeUnknown), unknown: true}
	case a.Looped:
		return proof{record: r.with(Conflict, CodeLoop, a.Through...)}
	case len(a.Through) > 0:
		return proof{record: r.with(Conflict, CodeThroughAlias, a.Through...)}
	}
	p := proof{record: r, values: texts(a)}
	switch {
	case p.shows(challenge):
		p.record = r.with(OK, CodeOK, r.Expected)
	case len(p.values) > 0:
		p.record = r.with(Wrong, CodeOther, p.values...)
	default:
		p.record = r.with(Missing, CodeMissing)
	}
	return p
}

// host looks at everything about a host but its proof.
func (l *Looker) host(ctx context.Context, host string) []Record {
	records := []Record{l.address(ctx, host)}
	if len(l.CAs) > 0 {
		records = append(records, l.caa(ctx, host))
	}
	return records
}

// address asks where a host leads: by CNAME to the target, or at the target's addresses.
func (l *Looker) address(ctx context.Context, host string) Record {
	r := Record{Item: ItemAddress, Kind: "CNAME", Name: host, Expected: l.Target}
	ours, err := l.ours(ctx)
	if Apex(host) {
		r.Kind, r.Expected = "A/AAAA", strings.Join(printed(ours), "\n")
	}
	a4, err4 := l.DNS.Ask(ctx, host, dns.TypeA)
	a6, err6 := l.DNS.Ask(ctx, host, dns.TypeAAAA)
	if err4 != nil || err6 != nil {
		return r.with(Unknown, CodeUnknown)
	}
	found, there := slices.Concat(a4.Through, printed(addressesOf(a4)), printed(addressesOf(a6))), slices.Concat(addressesOf(a4), addressesOf(a6))
	switch {
	case a4.Looped || a6.Looped:
		return r.with(Conflict, CodeLoop, a4.Through...)
	case Apex(host) && len(a4.Through) > 0:
		return r.with(Conflict, CodeApex, found...)
	case slices.Contains(a4.Through, l.Target) || slices.Contains(a6.Through, l.Target):
		return r.with(OK, CodeOK, found...)
	case len(there) == 0 && len(a4.Through) == 0:
		return r.with(Missing, CodeMissing)
	case len(there) == 0:
		return r.with(Wrong, CodeElsewhere, found...)
	case err != nil: // what it should be is not known just now
		return r.with(Unknown, CodeUnknown)
	}
	return r.with(judgeAddresses(a4, a6, ours)).foundAs(found)
}

// foundAs sets what was found.
func (r Record) foundAs(found []string) Record {
	r.Found = shown(found)
	return r
}

func judgeAddresses(a4, a6 Answer, ours []netip.Addr) (State, string) {
	all := func(list []netip.Addr) bool {
		return !slices.ContainsFunc(list, func(a netip.Addr) bool { return !slices.Contains(ours, a) })
	}
	switch {
	case all(addressesOf(a4)) && all(addressesOf(a6)):
		return OK, CodeOK
	case len(a4.Records) > 0 && all(addressesOf(a4)):
		return Wrong, CodeIPv6
	}
	return Wrong, CodeElsewhere
}

// ours are the addresses at which the platform answers.
func (l *Looker) ours(ctx context.Context) ([]netip.Addr, error) {
	if len(l.Addresses) > 0 {
		return l.Addresses, nil
	}
	a4, err := l.DNS.Ask(ctx, l.Target, dns.TypeA)
	if err != nil {
		return nil, err
	}
	a6, err := l.DNS.Ask(ctx, l.Target, dns.TypeAAAA)
	return slices.Concat(addressesOf(a4), addressesOf(a6)), err
}

func addressesOf(a Answer) (all []netip.Addr) {
	for _, rr := range a.Records {
		var raw []byte
		switch rr := rr.(type) {
		case *dns.A:
			raw = rr.A.To4()
		case *dns.AAAA:
			raw = rr.AAAA.To16()
		}
		if addr, ok := netip.AddrFromSlice(raw); ok {
			all = append(all, addr.Unmap())
		}
	}
	return all
}

func printed(addresses []netip.Addr) (all []string) {
	for _, a := range addresses {
		all = append(all, a.String())
	}
	return all
}

// caa climbs from the host to the first name with CAA records (RFC 8659, 3) and asks whether our authority is
// among those that may issue.
func (l *Looker) caa(ctx context.Context, host string) Record {
	r := Record{Item: ItemCAA, Kind: "CAA", Name: host, Expected: ""}
	for at := host; at != ""; _, at, _ = strings.Cut(at, ".") {
		a, err := l.DNS.Ask(ctx, at, dns.TypeCAA)
		if err != nil {
			return r.with(Unknown, CodeUnknown)
		}
		if len(a.Records) == 0 {
			continue
		}
		r.Name = at
		var found []string
		for _, rr := range a.Records {
			if c, ok := rr.(*dns.CAA); ok {
				found = append(found, c.Tag+" "+c.Value)
			}
		}
		if l.mayIssue(a.Records) {
			return r.with(OK, CodeOK, found...)
		}
		r.Expected = "0 issue \"" + l.CAs[0] + "\""
		return r.with(Conflict, CodeCAA, found...)
	}
	return r.with(OK, CodeOK)
}

// mayIssue reads a set of CAA records: without any "issue" everybody may.
func (l *Looker) mayIssue(set []dns.RR) bool {
	restricted, named := false, false
	for _, rr := range set {
		c, ok := rr.(*dns.CAA)
		if !ok {
			continue
		}
		switch tag := strings.ToLower(c.Tag); {
		case tag == "issue":
			restricted = true
			ca, parameters, _ := strings.Cut(c.Value, ";")
			// Parameters bind the account or the way of validation (RFC 8657), which are not known here.
			named = named || slices.Contains(l.CAs, strings.ToLower(strings.TrimSpace(ca))) && strings.TrimSpace(parameters) == ""
		case c.Flag&128 != 0 && tag != "issuewild" && tag != "iodef" && tag != "issuemail":
			return false // a critical property that nobody knows (RFC 8659, 4.1)
		}
	}
	return named || !restricted
}
