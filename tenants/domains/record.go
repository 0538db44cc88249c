package domains

import (
	"strings"
	"time"
	"unicode"
)

// State says how one record stands.
type State string

// The states of a record. Unknown is a record that DNS never gave an answer about; later outages leave the
// last state with its age.
const (
	OK       State = "ok"
	Missing  State = "missing"
	Wrong    State = "wrong"    // something else is there; take it away
	Conflict State = "conflict" // something beside it is in its way; Code names what
	Unknown  State = "unknown"
)

// The items of a checklist, in the order in which they are shown.
const (
	ItemProof   = "proof"
	ItemAddress = "address"
	ItemCAA     = "caa"
	ItemDKIM    = "dkim" // dkim1, dkim2, dkim3
	ItemMX      = "mail_from_mx"
	ItemSPF     = "mail_from_spf"
	ItemDMARC   = "dmarc"
)

// Codes say in a word why a record is as it is; pages have a sentence for each.
const (
	CodeOK           = "ok"
	CodeMissing      = "missing"
	CodeUnknown      = "unknown"
	CodeElsewhere    = "elsewhere"      // the address record leads somewhere else
	CodeIPv6         = "ipv6_elsewhere" // the IPv6 address alone does
	CodeApex         = "cname_at_apex"  // a CNAME where DNS allows none
	CodeLoop         = "cname_loop"
	CodeThroughAlias = "proof_alias"  // the proof's name is an alias of something else
	CodeOther        = "other_value"  // another value stands there
	CodeHostTaken    = "host_taken"   // the proof is there, but another tenant's proof of the same host stands, too
	CodeCAA          = "caa_forbids"  // no certificate may be issued for the host
	CodeSPFMerge     = "spf_merge"    // an SPF record stands already: expected is both in one
	CodeSPFSeveral   = "spf_several"  // more than one SPF record: receivers trust none (RFC 7208, 4.5)
	CodeSPFLookups   = "spf_lookups"  // more than ten look-ups (RFC 7208, 4.6.4)
	CodeMXSeveral    = "mx_several"   // SES wants its MX record alone there
	CodeDMARCSeveral = "dmarc_many"   // more than one DMARC record: receivers apply none (RFC 7489, 6.6.3)
	CodeDMARCAbove   = "dmarc_parent" // the policy of the domain above holds
)

// Record is one line of the checklist.
type Record struct {
	Item      string
	Kind      string // CNAME, A/AAAA, TXT, MX, CAA
	Name      string // lower case, no dot at the end
	Expected  string // as a zone holds it: without quotes, names without the dot at the end; "" where nothing has to be there
	Found     string // what DNS said: printable, at most 1,000 characters, several values by line breaks
	State     State
	Code      string
	CheckedAt time.Time // when DNS last answered; zero: never
	TriedAt   time.Time
}

// Blocks tells whether people cannot come in, or letters are doubted, before this record is mended.
func (r Record) Blocks() bool { return r.State != OK }

func (r Record) with(state State, code string, found ...string) Record {
	r.State, r.Code, r.Found = state, code, shown(found)
	return r
}

// mostShown bounds what a hostile answer can put into a row: the longest TXT answer has 65,535 bytes.
const mostShown = 1_000

// shown makes values of strangers harmless: one a line, printable, bounded.
func shown(values []string) string {
	var lines []string
	for _, v := range values {
		lines = append(lines, strings.Map(func(r rune) rune {
			if r == unicode.ReplacementChar || !unicode.IsPrint(r) {
				return '·'
			}
			return r
		}, strings.ToValidUTF8(v, "·")))
	}
	all := []rune(strings.Join(lines, "\n"))
	if len(all) > mostShown {
		return string(all[:mostShown-1]) + "…"
	}
	return string(all)
}

// keepKnown is what an outage leaves: the last state, as long as the same is expected.
func (r Record) keepKnown(last Record, known bool) Record {
	if r.State != Unknown || !known || last.State == Unknown || last.Expected != r.Expected || last.Name != r.Name {
		return r
	}
	last.TriedAt = r.TriedAt
	return last
}
