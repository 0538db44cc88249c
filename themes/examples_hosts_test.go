package themes

// hostExamples are the staff's pages of a customer's own hosts, and what a shared link shows.
func hostExamples() []example {
	harbour := CustomerRow{Slug: "harbour", Name: "Harbour <b>Hotels</b>", State: "live", Address: "https://harbour.portico.example", CreatedAt: noon}
	records := []DNSRecord{
		{Item: "proof", Kind: "TXT", Name: "_portico-verify.login.harbour.example", Expected: []string{"portico-verify=0123456789abcdef"}, State: "missing", Code: "missing", CheckedAt: noon},
		{Item: "address", Kind: "CNAME", Name: "login.harbour.example", Expected: []string{"portico.example"}, Found: []string{"old.example", "<script>alert(1)</script>"}, State: "wrong", Code: "elsewhere", CheckedAt: noon},
		{Item: "caa", Kind: "CAA", Name: "harbour.example", State: "unknown", Code: "unknown"},
	}
	mail := []DNSRecord{
		{Item: "mail_from_spf", Kind: "TXT", Name: "mail.harbour.example", Expected: []string{"v=spf1 mx include:amazonses.com -all"}, Found: []string{"v=spf1 mx -all"}, State: "conflict", Code: "spf_merge", CheckedAt: noon},
		{Item: "dmarc", Kind: "TXT", Name: "_dmarc.harbour.example", Expected: []string{"v=DMARC1; p=none"}, Found: []string{"v=DMARC1; p=reject"}, State: "ok", Code: "dmarc_parent", CheckedAt: noon},
	}
	hosts := []CustomHost{
		{Name: "login.harbour.example", State: "losing", Canonical: true, Serves: true, EndsAt: noon, CheckedAt: noon, Records: records},
		{Name: "xn--bcher-kva.example", Shown: "bücher.example", State: "verified", Serves: true, Moved: true, CheckedAt: noon, Records: records[1:]},
	}
	const zone = "_portico-verify.login.harbour.example. 300 IN TXT \"portico-verify=0123456789abcdef\"\n; login.harbour.example CNAME: elsewhere\nlogin.harbour.example. 300 IN CNAME portico.example.\n"
	at := onPlatform("/platform/customers/harbour/addresses")
	return []example{
		{"customer_addresses", CustomerAddressesPage{Customer: harbour, Hosts: hosts, Mail: mail, Edit: true, Typed: "co.uk", Parts: Parts{Errors: FieldErrors{"host": {Key: "error.host_public_suffix"}}},
			Shares: []DNSShare{{ID: "1", By: "Olga", EndsAt: noon}}, Link: "https://portico.example/dns/x", Zone: zone}, at},
		{"customer_addresses_none", CustomerAddressesPage{Customer: harbour, Edit: true, SlugCanonical: true}, at},
		{"customer_addresses_read", CustomerAddressesPage{Customer: harbour, Hosts: hosts[:1], Zone: zone}, at},
		{"customer_release", CustomerReleasePage{Customer: harbour, Host: hosts[0]}, at},
		{"dns_shared", DNSSharedPage{Name: "Harbour <b>Hotels</b>", EndsAt: noon, Hosts: hosts, Mail: mail, Zone: zone}, Chrome{Nonce: "nonce", Path: "/dns/x"}},
	}
}
