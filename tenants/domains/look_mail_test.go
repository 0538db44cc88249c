package domains_test

import (
	"context"
	"testing"

	"portico/tenants"
	"portico/tenants/domains"
)

func TestMailRecords(t *testing.T) {
	t.Parallel()
	g := newGround(t)
	g.d.Mail = func(_ context.Context, tenant tenants.ID) (domains.Mail, error) {
		if tenant != g.one {
			return domains.Mail{}, nil
		}
		return domains.Mail{Domain: "a.example", DKIM: []string{"aaa", "bbb", "ccc"}, MailFrom: "mail.a.example", MailFromMX: "feedback-smtp.eu-west-1.amazonses.com"}, nil
	}
	const ours = "include:amazonses.com"
	for _, c := range []struct {
		item, zone string
		state      domains.State
		code       string
		expected   string
	}{
		{"dkim1", "", domains.Missing, domains.CodeMissing, "aaa.dkim.amazonses.com"},
		{"dkim2", "bbb._domainkey.a.example. 60 IN CNAME bbb.dkim.amazonses.com.", domains.OK, domains.CodeOK, "bbb.dkim.amazonses.com"},
		{"dkim3", "ccc._domainkey.a.example. 60 IN CNAME aaa.dkim.amazonses.com.", domains.Wrong, domains.CodeOther, "ccc.dkim.amazonses.com"},
		{"mail_from_mx", "", domains.Missing, domains.CodeMissing, "10 feedback-smtp.eu-west-1.amazonses.com"},
		{"mail_from_mx", "mail.a.example. 60 IN MX 10 feedback-smtp.eu-west-1.amazonses.com.", domains.OK, domains.CodeOK, "10 feedback-smtp.eu-west-1.amazonses.com"},
		{"mail_from_mx", "mail.a.example. 60 IN MX 10 feedback-smtp.eu-west-1.amazonses.com.\nmail.a.example. 60 IN MX 20 mx.b.example.", domains.Conflict, domains.CodeMXSeveral, "10 feedback-smtp.eu-west-1.amazonses.com"},
		{"mail_from_mx", "mail.a.example. 60 IN MX 10 mx.b.example.", domains.Wrong, domains.CodeOther, "10 feedback-smtp.eu-west-1.amazonses.com"},
		{"mail_from_spf", `mail.a.example. 60 IN TXT "hello"`, domains.Missing, domains.CodeMissing, "v=spf1 " + ours + " ~all"},
		{"mail_from_spf", `mail.a.example. 60 IN TXT "v=spf1 include:ama" "zonses.com -all"`, domains.OK, domains.CodeOK, "v=spf1 " + ours + " -all"},
		{"mail_from_spf", `mail.a.example. 60 IN TXT "v=spf1 ip4:192.0.2.0/24 include:_spf.b.example -all"`, domains.Conflict, domains.CodeSPFMerge, "v=spf1 ip4:192.0.2.0/24 include:_spf.b.example " + ours + " -all"},
		{"mail_from_spf", `mail.a.example. 60 IN TXT "v=spf1 redirect=_spf.b.example"`, domains.Conflict, domains.CodeSPFMerge, "v=spf1 " + ours + " redirect=_spf.b.example"},
		{"mail_from_spf", `mail.a.example. 60 IN TXT "v=spf1 a mx ~all"` + "\n" + `mail.a.example. 60 IN TXT "v=spf1 ` + ours + ` -all"`, domains.Conflict, domains.CodeSPFSeveral, "v=spf1 a mx " + ours + " ~all"},
		{"mail_from_spf", `mail.a.example. 60 IN TXT "v=spf1 include:a.b include:b.b include:c.b include:d.b include:e.b include:f.b include:g.b include:h.b a mx -all"`, domains.Conflict, domains.CodeSPFLookups,
			"v=spf1 include:a.b include:b.b include:c.b include:d.b include:e.b include:f.b include:g.b include:h.b a mx " + ours + " -all"},
		{"dmarc", "", domains.Missing, domains.CodeMissing, "v=DMARC1; p=none"},
		{"dmarc", `_dmarc.a.example. 60 IN TXT "v=DMARC1; p=reject; rua=mailto:x@a.example"`, domains.OK, domains.CodeOK, "v=DMARC1; p=reject; rua=mailto:x@a.example"},
		{"dmarc", "_dmarc.a.example. 60 IN TXT \"v=DMARC1; p=none\"\n_dmarc.a.example. 60 IN TXT \"v=DMARC1; p=reject\"", domains.Conflict, domains.CodeDMARCSeveral, "v=DMARC1; p=none"},
	} {
		g.dns.Clear("mail.a.example", "_dmarc.a.example")
		if c.zone != "" {
			g.dns.Set(t, split(c.zone)...)
		}
		g.must(g.d.CheckMail(t.Context(), g.one))
		if r := g.record(g.one, "", c.item); r.State != c.state || r.Code != c.code || r.Expected != c.expected {
			t.Errorf("%s with %q: %s %s %q", c.item, c.zone, r.State, r.Code, r.Expected)
		}
	}
	g.must(g.d.CheckMail(t.Context(), g.two))
	if list, err := g.d.Checklist(t.Context(), g.two, ""); err != nil || len(list) != 0 {
		t.Errorf("a tenant without a sender's domain needs %v, %v", list, err)
	}
}

func TestADMARCPolicyOfTheDomainAboveHolds(t *testing.T) {
	t.Parallel()
	g := newGround(t)
	g.d.Mail = func(context.Context, tenants.ID) (domains.Mail, error) {
		return domains.Mail{Domain: "news.a.example"}, nil
	}
	g.dns.Set(t, `_dmarc.a.example. 60 IN TXT "v=DMARC1; p=quarantine"`)
	g.must(g.d.CheckMail(t.Context(), g.one))
	if r := g.record(g.one, "", "dmarc"); r.State != domains.OK || r.Code != domains.CodeDMARCAbove {
		t.Errorf("%+v", r)
	}
}

func TestMailStandsBelowEveryHost(t *testing.T) {
	t.Parallel()
	g := newGround(t)
	g.d.Mail = func(context.Context, tenants.ID) (domains.Mail, error) {
		return domains.Mail{Domain: "a.example", DKIM: []string{"aaa"}}, nil
	}
	g.claim(g.one, login)
	g.check(g.one, login)
	list, err := g.d.Checklist(t.Context(), g.one, login)
	g.must(err)
	var items []string
	for _, r := range list {
		items = append(items, r.Item)
	}
	if want := "[proof address caa dkim1 dmarc]"; want != sprint(items) {
		t.Errorf("%v, want %s", items, want)
	}
}
