package domains

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"time"

	"github.com/miekg/dns"
)

// ErrNoAnswer means that no server said anything that can be relied on: it timed out, failed or refused.
// What is known stays as it was.
var ErrNoAnswer = errors.New("DNS gave no answer")

// Bounds of one question.
const (
	askEach   = 2 * time.Second // one server, one transport
	askWhole  = 6 * time.Second
	mostHops  = 8  // of aliases: chains of more are loops in the making
	mostFound = 64 // records of one answer that are looked at
)

// DNS asks a list of servers, one after the other, and nothing but DNS: no name that a customer gives is ever
// connected to. The zero value asks nobody.
type DNS struct {
	Servers []string // host:port
}

// NewDNS reads a list "host:port,…" (53 where no port is named). "" is what the system uses
// (/etc/resolv.conf), "off" is nobody: everything stays unknown.
func NewDNS(list string) (*DNS, error) {
	if list == "off" {
		return &DNS{}, nil
	}
	if strings.TrimSpace(list) == "" {
		return systemDNS("/etc/resolv.conf")
	}
	d := &DNS{}
	for item := range strings.SplitSeq(list, ",") {
		at := strings.TrimSpace(item)
		if at == "" {
			continue
		}
		if addr, err := netip.ParseAddr(at); err == nil {
			at = net.JoinHostPort(addr.String(), "53")
		}
		if _, err := netip.ParseAddrPort(at); err != nil {
			return nil, fmt.Errorf("%q is no DNS server such as 9.9.9.9:53", item)
		}
		d.Servers = append(d.Servers, at)
	}
	return d, nil
}

// systemDNS reads resolv.conf; without one, nobody is asked.
func systemDNS(path string) (*DNS, error) {
	conf, err := dns.ClientConfigFromFile(path)
	if err != nil {
		return &DNS{}, nil //nolint:nilerr // a machine without the file has no resolver: unknown, and no reason not to start
	}
	d := &DNS{}
	for _, server := range conf.Servers {
		d.Servers = append(d.Servers, net.JoinHostPort(server, conf.Port))
	}
	return d, nil
}

// Answer is what DNS says about one name and type. No records is an answer, too: there are none.
type Answer struct {
	Records []dns.RR // of the type that was asked for, at the end of the aliases
	Through []string // the aliases (CNAME targets) on the way, in order, lower case without the dot at the end
	Looped  bool     // the aliases lead nowhere: in circles, or on and on
}

// Ask looks a name up: every server in turn until one answers, over TCP where an answer is too long for UDP.
// Errors are ErrNoAnswer, never "there is none".
func (d *DNS) Ask(ctx context.Context, name string, kind uint16) (Answer, error) {
	ctx, cancel := context.WithTimeout(ctx, askWhole)
	defer cancel()
	var all Answer
	seen := map[string]bool{}
	for at := plain(name); ; {
		if seen[at] || len(seen) > mostHops {
			all.Looped, all.Records = true, nil
			return all, nil
		}
		seen[at] = true
		reply, err := d.exchange(ctx, at, kind)
		if err != nil {
			return Answer{}, err
		}
		next := all.follow(reply, at, kind, seen)
		if all.Looped || next == "" {
			return all, nil
		}
		at = next // a server that does not follow aliases itself
	}
}

// follow walks a reply's aliases from a name and takes the records at their end; next is an alias that the
// reply names without what it leads to.
func (a *Answer) follow(reply *dns.Msg, at string, kind uint16, seen map[string]bool) (next string) {
	for {
		var alias string
		for _, rr := range reply.Answer {
			if plain(rr.Header().Name) != at || rr.Header().Class != dns.ClassINET {
				continue
			}
			if rr.Header().Rrtype == kind && len(a.Records) < mostFound {
				a.Records = append(a.Records, rr)
			} else if c, ok := rr.(*dns.CNAME); ok {
				alias = plain(c.Target)
			}
		}
		if alias == "" || len(a.Records) > 0 {
			return ""
		}
		a.Through = append(a.Through, alias)
		if !owns(reply, alias) {
			if reply.Rcode == dns.RcodeNameError || len(reply.Answer) > 1 && reply.RecursionAvailable {
				return "" // the resolver went there and found nothing
			}
			return alias
		}
		if seen[alias] || len(a.Through) > mostHops {
			a.Looped, a.Records = true, nil
			return ""
		}
		seen[alias] = true
		at = alias
	}
}

func owns(reply *dns.Msg, name string) bool {
	for _, rr := range reply.Answer {
		if plain(rr.Header().Name) == name {
			return true
		}
	}
	return false
}

// exchange asks until a server gives an answer that means something: records, or that there are none.
func (d *DNS) exchange(ctx context.Context, name string, kind uint16) (*dns.Msg, error) {
	why := errors.New("no server is configured")
	for _, server := range d.Servers {
		reply, err := askOne(ctx, server, name, kind)
		if err == nil {
			return reply, nil
		}
		why = err
		if ctx.Err() != nil {
			break
		}
	}
	return nil, fmt.Errorf("%w: %w", ErrNoAnswer, why)
}

func askOne(ctx context.Context, server, name string, kind uint16) (*dns.Msg, error) {
	q := new(dns.Msg)
	q.SetQuestion(dns.Fqdn(name), kind)
	q.RecursionDesired = true
	q.SetEdns0(1232, false) // fits one packet everywhere (DNS flag day 2020)
	for _, transport := range []string{"udp", "tcp"} {
		client := &dns.Client{Net: transport, Timeout: askEach}
		reply, _, err := client.ExchangeContext(ctx, q, server)
		switch {
		case err != nil:
			return nil, err
		case !answers(reply, q):
			return nil, errors.New("the answer is to another question")
		case reply.Truncated && transport == "udp":
			continue
		case reply.Rcode == dns.RcodeSuccess || reply.Rcode == dns.RcodeNameError:
			return reply, nil
		default:
			return nil, fmt.Errorf("the server says %s", dns.RcodeToString[reply.Rcode])
		}
	}
	return nil, errors.New("the answer is cut short over TCP, too")
}

// answers tells whether a reply is to the question that was asked.
func answers(reply, q *dns.Msg) bool {
	return reply.Response && len(reply.Question) == 1 && reply.Question[0].Qtype == q.Question[0].Qtype &&
		strings.EqualFold(reply.Question[0].Name, q.Question[0].Name)
}

// plain is a name of DNS as hosts are kept: lower case, no dot at the end.
func plain(name string) string { return strings.ToLower(strings.TrimSuffix(name, ".")) }

// Texts are the TXT values of a name itself; what stands behind an alias is not its own, and none. The error is
// ErrNoAnswer.
func (d *DNS) Texts(ctx context.Context, name string) ([]string, error) {
	a, err := d.Ask(ctx, name, dns.TypeTXT)
	if err != nil || a.Looped || len(a.Through) > 0 {
		return nil, err
	}
	return texts(a), nil
}

// texts are the values of TXT records, the pieces of each joined (RFC 7208, 3.3), as raw bytes: miekg/dns
// hands out what is not printable as \DDD, which is text by then.
func texts(a Answer) (all []string) {
	for _, rr := range a.Records {
		if t, ok := rr.(*dns.TXT); ok {
			all = append(all, strings.Join(t.Txt, ""))
		}
	}
	return all
}
