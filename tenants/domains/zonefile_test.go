package domains_test

import (
	"strings"
	"testing"

	"github.com/miekg/dns"

	"portico/tenants/domains"
)

func TestAZoneFileIsReadByAServer(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("k", 600)
	records := []domains.Record{
		{Item: "proof", Kind: "TXT", Name: "_portico-verify.a.example", Expected: `portico-verify=abc`, State: domains.Missing},
		{Item: "address", Kind: "CNAME", Name: "login.a.example", Expected: "portico.example", State: domains.Wrong, Found: "evil\r\n$INCLUDE /etc/passwd\nlogin.a.example. 1 IN A 192.0.2.66", Code: "elsewhere"},
		{Item: "top", Kind: "A/AAAA", Name: "a.example", Expected: "192.0.2.10\n2001:db8::10"},
		{Item: "caa", Kind: "CAA", Name: "a.example", Expected: ""},
		{Item: "caa2", Kind: "CAA", Name: "b.example", Expected: `0 issue "letsencrypt.org"`, State: domains.Conflict},
		{Item: "mx", Kind: "MX", Name: "mail.a.example", Expected: "10 feedback-smtp.eu-west-1.amazonses.com"},
		{Item: "spf", Kind: "TXT", Name: "mail.a.example", Expected: `v=spf1 exists:"\;` + "\x00ü" + ` ~all`},
		{Item: "long", Kind: "TXT", Name: "l.a.example", Expected: long},
	}
	file := domains.ZoneFile(records)
	var got []string
	parser := dns.NewZoneParser(strings.NewReader(file), "", "")
	for rr, ok := parser.Next(); ok; rr, ok = parser.Next() {
		got = append(got, rr.Header().Name+" "+dns.TypeToString[rr.Header().Rrtype])
		if txt, ok := rr.(*dns.TXT); ok {
			for _, piece := range txt.Txt {
				if len(piece) > 255 {
					t.Errorf("a piece of %d bytes", len(piece))
				}
			}
			if txt.Hdr.Name == "l.a.example." && (len(txt.Txt) != 3 || strings.Join(txt.Txt, "") != long) {
				t.Errorf("the long text came back as %d pieces", len(txt.Txt))
			}
		}
	}
	if err := parser.Err(); err != nil {
		t.Fatalf("%v in\n%s", err, file)
	}
	want := "_portico-verify.a.example. TXT login.a.example. CNAME a.example. A a.example. AAAA b.example. CAA mail.a.example. MX mail.a.example. TXT l.a.example. TXT"
	if strings.Join(got, " ") != want {
		t.Errorf("read back %v from\n%s", got, file)
	}
}
