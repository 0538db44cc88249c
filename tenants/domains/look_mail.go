package domains

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/miekg/dns"
	"golang.org/x/net/publicsuffix"
)

// Mail is what a tenant's sender needs in DNS, as plain values: the room that speaks to SES knows them.
// A Mail without Domain needs nothing.
type Mail struct {
	Domain     string   // of the sender's address: example.com
	DKIM       []string // tokens of SES: <token>._domainkey.<domain> CNAME <token>.dkim.amazonses.com
	DKIMTarget string   // "" is dkim.amazonses.com
	MailFrom   string   // mail.example.com; "" leaves MX and SPF out
	MailFromMX string   // feedback-smtp.eu-west-1.amazonses.com
	SPFInclude string   // "" is amazonses.com
}

// mail looks at everything that letters need.
func (l *Looker) mail(ctx context.Context, m Mail) (records []Record) {
	if m.Domain == "" {
		return nil
	}
	target, include := m.DKIMTarget, m.SPFInclude
	if target == "" {
		target = "dkim.amazonses.com"
	}
	if include == "" {
		include = "amazonses.com"
	}
	for i, token := range m.DKIM {
		records = append(records, l.dkim(ctx, i+1, token+"._domainkey."+m.Domain, token+"."+target))
	}
	if m.MailFrom != "" {
		records = append(records, l.mx(ctx, m.MailFrom, m.MailFromMX), l.spf(ctx, m.MailFrom, include))
	}
	return append(records, l.dmarc(ctx, m.Domain))
}

func (l *Looker) dkim(ctx context.Context, n int, name, target string) Record {
	r := Record{Item: ItemDKIM + strconv.Itoa(n), Kind: "CNAME", Name: plain(name), Expected: plain(target)}
	a, err := l.DNS.Ask(ctx, name, dns.TypeCNAME)
	switch {
	case err != nil:
		return r.with(Unknown, CodeUnknown)
	case len(a.Records) == 0:
		return r.with(Missing, CodeMissing)
	}
	var found []string
	for _, rr := range a.Records {
		if c, ok := rr.(*dns.CNAME); ok {
			found = append(found, plain(c.Target))
		}
	}
	if slices.Equal(found, []string{r.Expected}) {
		return r.with(OK, CodeOK, found...)
	}
	return r.with(Wrong, CodeOther, found...)
}

func (l *Looker) mx(ctx context.Context, name, target string) Record {
	r := Record{Item: ItemMX, Kind: "MX", Name: plain(name), Expected: "10 " + plain(target)}
	a, err := l.DNS.Ask(ctx, name, dns.TypeMX)
	if err != nil {
		return r.with(Unknown, CodeUnknown)
	}
	var found []string
	ours := false
	for _, rr := range a.Records {
		if m, ok := rr.(*dns.MX); ok {
			found = append(found, strconv.Itoa(int(m.Preference))+" "+plain(m.Mx))
			ours = ours || plain(m.Mx) == plain(target)
		}
	}
	switch {
	case len(found) == 0:
		return r.with(Missing, CodeMissing)
	case ours && len(found) == 1:
		return r.with(OK, CodeOK, found...)
	case ours:
		return r.with(Conflict, CodeMXSeveral, found...)
	}
	return r.with(Wrong, CodeOther, found...)
}

func (l *Looker) spf(ctx context.Context, name, include string) Record {
	r := Record{Item: ItemSPF, Kind: "TXT", Name: plain(name), Expected: "v=spf1 include:" + include + " ~all"}
	a, err := l.DNS.Ask(ctx, name, dns.TypeTXT)
	if err != nil {
		return r.with(Unknown, CodeUnknown)
	}
	var found []string
	for _, text := range texts(a) {
		if lower := strings.ToLower(text); lower == "v=spf1" || strings.HasPrefix(lower, "v=spf1 ") {
			found = append(found, text)
		}
	}
	switch len(found) {
	case 0:
		return r.with(Missing, CodeMissing)
	case 1:
	default:
		r.Expected = mergeSPF(strings.Join(found, " "), include)
		return r.with(Conflict, CodeSPFSeveral, found...)
	}
	has := slices.ContainsFunc(strings.Fields(strings.ToLower(found[0])), func(term string) bool {
		return strings.TrimLeft(term, "+") == "include:"+include
	})
	if has {
		r.Expected = found[0]
		if lookUps(found[0]) > mostLookUps {
			return r.with(Conflict, CodeSPFLookups, found...)
		}
		return r.with(OK, CodeOK, found...)
	}
	r.Expected = mergeSPF(found[0], include)
	if lookUps(r.Expected) > mostLookUps {
		return r.with(Conflict, CodeSPFLookups, found...)
	}
	return r.with(Conflict, CodeSPFMerge, found...)
}

// mostLookUps is RFC 7208, 4.6.4.
const mostLookUps = 10

func lookUps(record string) (n int) {
	for _, term := range strings.Fields(strings.ToLower(record)) {
		name, _, _ := strings.Cut(strings.TrimLeft(term, "+-~?"), ":")
		name, _, _ = strings.Cut(name, "/")
		if slices.Contains([]string{"include", "a", "mx", "ptr", "exists"}, name) || strings.HasPrefix(name, "redirect=") {
			n++
		}
	}
	return n
}

// mergeSPF makes one record of what stands there and our include, which goes before whatever ends the record.
// Of several ends the strictest-sounding last word, the first that stands there, is kept.
func mergeSPF(record, include string) string {
	terms, end := []string{"v=spf1"}, ""
	for _, term := range strings.Fields(record) {
		lower := strings.ToLower(term)
		switch {
		case lower == "v=spf1" || slices.Contains(terms, term):
		case strings.TrimLeft(lower, "+-~?") == "all" || strings.HasPrefix(lower, "redirect="):
			if end == "" {
				end = term
			}
		default:
			terms = append(terms, term)
		}
	}
	if ours := "include:" + include; !slices.Contains(terms, ours) {
		terms = append(terms, ours)
	}
	if end == "" {
		end = "~all"
	}
	return strings.Join(append(terms, end), " ")
}

func (l *Looker) dmarc(ctx context.Context, domain string) Record {
	r := Record{Item: ItemDMARC, Kind: "TXT", Name: "_dmarc." + plain(domain), Expected: "v=DMARC1; p=none"}
	found, err := l.dmarcAt(ctx, r.Name)
	switch {
	case err != nil:
		return r.with(Unknown, CodeUnknown)
	case len(found) == 1:
		r.Expected = found[0]
		return r.with(OK, CodeOK, found...)
	case len(found) > 1:
		return r.with(Conflict, CodeDMARCSeveral, found...)
	}
	top, err := publicsuffix.EffectiveTLDPlusOne(plain(domain))
	if err != nil || top == plain(domain) {
		return r.with(Missing, CodeMissing)
	}
	found, err = l.dmarcAt(ctx, "_dmarc."+top) // RFC 7489, 6.6.3: the organisation's holds where a name has none
	switch {
	case err != nil:
		return r.with(Unknown, CodeUnknown)
	case len(found) == 1:
		return r.with(OK, CodeDMARCAbove, found...)
	}
	return r.with(Missing, CodeMissing)
}

func (l *Looker) dmarcAt(ctx context.Context, name string) (found []string, err error) {
	a, err := l.DNS.Ask(ctx, name, dns.TypeTXT)
	for _, text := range texts(a) {
		if strings.HasPrefix(strings.ReplaceAll(text, " ", ""), "v=DMARC1") {
			found = append(found, text)
		}
	}
	return found, err
}
