package domains_test

import (
	"strings"
	"testing"

	"github.com/miekg/dns"

	"portico/tenants/domains"
)

func TestAddressRecords(t *testing.T) {
	t.Parallel()
	g := newGround(t)
	for _, c := range []struct {
		host  string
		zone  []string
		state domains.State
		code  string
	}{
		{"none.a.example", nil, domains.Missing, domains.CodeMissing},
		{"alias.a.example", []string{"alias.a.example. 60 IN CNAME Portico.Example."}, domains.OK, domains.CodeOK},
		{"long.a.example", []string{"long.a.example. 60 IN CNAME mid.a.example.", "mid.a.example. 60 IN CNAME portico.example."}, domains.OK, domains.CodeOK},
		{"numbers.a.example", []string{"numbers.a.example. 60 IN A 192.0.2.10", "numbers.a.example. 60 IN AAAA 2001:db8::10"}, domains.OK, domains.CodeOK},
		{"old.a.example", []string{"old.a.example. 60 IN A 198.51.100.1"}, domains.Wrong, domains.CodeElsewhere},
		{"both.a.example", []string{"both.a.example. 60 IN A 192.0.2.10", "both.a.example. 60 IN A 198.51.100.1"}, domains.Wrong, domains.CodeElsewhere},
		{"six.a.example", []string{"six.a.example. 60 IN A 192.0.2.10", "six.a.example. 60 IN AAAA 2001:db8::bad"}, domains.Wrong, domains.CodeIPv6},
		{"away.a.example", []string{"away.a.example. 60 IN CNAME elsewhere.b.example."}, domains.Wrong, domains.CodeElsewhere},
		{"loop.a.example", []string{"loop.a.example. 60 IN CNAME pool.a.example.", "pool.a.example. 60 IN CNAME loop.a.example."}, domains.Conflict, domains.CodeLoop},
		{"self.a.example", []string{"self.a.example. 60 IN CNAME self.a.example."}, domains.Conflict, domains.CodeLoop},
		{"top.example", []string{"top.example. 60 IN A 192.0.2.10"}, domains.OK, domains.CodeOK},
		{"apex.example", []string{"apex.example. 60 IN CNAME portico.example."}, domains.Conflict, domains.CodeApex},
		{"bare.example", nil, domains.Missing, domains.CodeMissing},
	} {
		g.dns.Set(t, c.zone...)
		g.claim(g.one, c.host)
		for _, lame := range []bool{false, true} {
			g.dns.Lame(lame)
			g.check(g.one, c.host)
			r := g.record(g.one, c.host, domains.ItemAddress)
			if r.State != c.state || r.Code != c.code {
				t.Errorf("%s (lame %v): %s %s, found %q", c.host, lame, r.State, r.Code, r.Found)
			}
			if apex := strings.Count(c.host, ".") == 1; apex && (r.Kind != "A/AAAA" || r.Expected != "192.0.2.10\n2001:db8::10") || !apex && (r.Kind != "CNAME" || r.Expected != "portico.example") {
				t.Errorf("%s: expected %s %q", c.host, r.Kind, r.Expected)
			}
		}
		g.must(g.d.Release(t.Context(), g.one, c.host))
	}
}

func TestCAARecords(t *testing.T) {
	t.Parallel()
	g := newGround(t)
	g.claim(g.one, login)
	for zone, ok := range map[string]bool{
		"": true,
		`a.example. 60 IN CAA 0 issue "letsencrypt.org"`:                                 true,
		`a.example. 60 IN CAA 0 issue "other.example"`:                                   false,
		`a.example. 60 IN CAA 0 issue ";"`:                                               false,
		`a.example. 60 IN CAA 0 iodef "mailto:x@a.example"`:                              true,
		`a.example. 60 IN CAA 0 issuewild "other.example"`:                               true,
		`a.example. 60 IN CAA 128 tbs "unknown"`:                                         false,
		`a.example. 60 IN CAA 0 issue "letsencrypt.org; accounturi=https://x.example/1"`: false,
		login + `. 60 IN CAA 0 issue "other.example"`:                                    false,
	} {
		g.dns.Clear("a.example", login)
		if zone != "" {
			g.dns.Set(t, zone)
		}
		g.check(g.one, login)
		r := g.record(g.one, login, domains.ItemCAA)
		if (r.State == domains.OK) != ok || !ok && r.Code != domains.CodeCAA {
			t.Errorf("%q: %s %s, found %q", zone, r.State, r.Code, r.Found)
		}
	}
	g.dns.Set(t, `a.example. 60 IN CAA 0 issue "other.example"`, login+`. 60 IN CAA 0 issue "letsencrypt.org"`)
	g.check(g.one, login)
	if r := g.record(g.one, login, domains.ItemCAA); r.State != domains.OK || r.Name != login {
		t.Errorf("the nearest set holds: %+v", r)
	}
}

func TestHostileAnswers(t *testing.T) {
	t.Parallel()
	g := newGround(t)
	h := g.claim(g.one, login)
	name := dns.Fqdn(domains.ProofName(login))
	txt := func(values ...string) func(*dns.Msg) *dns.Msg {
		return func(q *dns.Msg) *dns.Msg {
			m := new(dns.Msg)
			m.SetReply(q)
			for _, v := range values {
				var pieces []string
				for ; len(v) > 250; v = v[250:] {
					pieces = append(pieces, v[:250])
				}
				m.Answer = append(m.Answer, &dns.TXT{Hdr: dns.RR_Header{Name: q.Question[0].Name, Rrtype: dns.TypeTXT, Class: dns.ClassINET}, Txt: append(pieces, v)})
			}
			return m
		}
	}
	for what, answer := range map[string]func(*dns.Msg) *dns.Msg{
		"60 KB":     txt(strings.Repeat("x", 60_000)),
		"binary":    txt(`\000\001\255\254\013\010<script>`, "portico-verify=\\000"),
		"many":      txt(strings.Split(strings.Repeat("v=spf1 -all ", 1_000), " ")...),
		"bidi":      txt("\u202eportico-verify=" + h.Challenge),
		"a part":    txt("portico-verify=" + h.Challenge[:40]),
		"more":      txt("portico-verify=" + h.Challenge + "x"),
		"no prefix": txt(h.Challenge),
		"elsewhere": func(q *dns.Msg) *dns.Msg { // a record of a name that nobody asked for
			m := txt("portico-verify=" + h.Challenge)(q)
			m.Answer[0].Header().Name = "other.example."
			return m
		},
		"through a wildcard's alias": func(q *dns.Msg) *dns.Msg {
			m := txt("portico-verify=" + h.Challenge)(q)
			m.Answer[0].Header().Name = "old.saas.example."
			m.Answer = append([]dns.RR{&dns.CNAME{Hdr: dns.RR_Header{Name: q.Question[0].Name, Rrtype: dns.TypeCNAME, Class: dns.ClassINET}, Target: "old.saas.example."}}, m.Answer...)
			return m
		},
	} {
		g.dns.Answer(answer)
		if after := g.check(g.one, login); after.Serves() {
			t.Errorf("%s: it was taken as a proof", what)
		}
		r := g.record(g.one, login, domains.ItemProof)
		if len([]rune(r.Found)) > 1_000 || strings.ContainsAny(r.Found, "\x00\x01\x7f\u202e") || r.State == domains.OK {
			t.Errorf("%s: %s with %d characters: %.80q", what, r.State, len(r.Found), r.Found)
		}
	}
	g.dns.Answer(nil)
	g.dns.OnlyTCP(true) // the proof among many, too long for UDP
	var lines []string
	for range 40 {
		lines = append(lines, name+` 60 IN TXT "`+strings.Repeat("y", 200)+`"`)
	}
	g.dns.Set(t, append(lines, name+` 60 IN TXT "portico-verify=`+h.Challenge+`"`)...)
	if after := g.check(g.one, login); after.Standing != domains.Verified {
		t.Errorf("over TCP: %s", after.Standing)
	}
}

func TestSeveralServers(t *testing.T) {
	t.Parallel()
	g := newGround(t)
	g.d.Looker.DNS.Servers = []string{"127.0.0.1:1", g.dns.Addr} // the first is not there
	g.verified(g.one, login)
	if d, err := domains.NewDNS(" 192.0.2.1:5353, 2001:db8::1 ,"); err != nil || strings.Join(d.Servers, " ") != "192.0.2.1:5353 [2001:db8::1]:53" {
		t.Errorf("%v, %v", d, err)
	}
	for _, list := range []string{"dns.example", "https://1.1.1.1", "1.1.1.1:x", "file:/etc/passwd"} {
		if d, err := domains.NewDNS(list); err == nil {
			t.Errorf("%q is taken: %v", list, d)
		}
	}
	if d, err := domains.NewDNS("off"); err != nil || len(d.Servers) != 0 {
		t.Errorf("off: %v, %v", d, err)
	}
}
