package main

import (
	"errors"
	"log/slog"
	"strings"
	"testing"

	"portico/tenants"
	"portico/tenants/domains"
	"portico/tenants/domains/domainstest"
)

// TestRoomsOfMailKnowOneAnother: the checklist shows what SES needs, and a sender's proof asks our resolver,
// for which an alias proves nothing.
func TestRoomsOfMailKnowOneAnother(t *testing.T) {
	t.Parallel()
	p, server := newProduction(t), domainstest.Start(t)
	if got := runs(t, p.env, "tenant", "apply", "-f", tenantOf(t, 1)); got.code != 0 {
		t.Fatal(got.err)
	}
	url := ""
	for _, pair := range p.env {
		if value, ok := strings.CutPrefix(pair, "DATABASE_URL="); ok {
			url = value
		}
	}
	c := checked{config: config{DatabaseURL: url, BaseURL: "http://" + p.addr, BaseDomain: "portico.test", SES: "eu-west-1", SESAt: "http://127.0.0.1:1",
		addressConfig: addressConfig{DNS: server.Addr, CAA: "off"}}}
	c.identity = c.sender()
	var err error
	if c.seals, err = ring("s1:" + key()); err != nil {
		t.Fatal(err)
	}
	if c.peppers, err = ring("p1:" + key()); err != nil {
		t.Fatal(err)
	}
	built, err := build(c, &tenants.Clock{}, slog.New(slog.DiscardHandler), extras{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(built.close)
	harbour, err := built.resolver.BySlug(t.Context(), "harbour")
	if err != nil {
		t.Fatal(err)
	}
	if err := built.senders.Follow(t.Context(), harbour); err != nil {
		t.Fatal(err)
	}
	err = built.db.In(t.Context(), harbour.ID, func(s *tenants.Scope) error {
		_, err := s.Exec(t.Context(), "UPDATE sender_domains SET dkim_tokens = '{aaa,bbb,ccc}' WHERE tenant_id = $1", s.Tenant())
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	server.Set(t, "aaa._domainkey.harbour.example. 60 IN CNAME aaa.dkim.amazonses.com.")
	if err := built.domains.CheckMail(t.Context(), harbour.ID); err != nil {
		t.Fatal(err)
	}
	list, err := built.domains.Checklist(t.Context(), harbour.ID, "")
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]domains.Record{}
	for _, r := range list {
		got[r.Item] = r
	}
	if len(got) != 6 || got["dkim1"].State != domains.OK || got["dkim3"].State != domains.Missing || got["dmarc"].Name != "_dmarc.harbour.example" ||
		got["mail_from_spf"].Name != "mail.harbour.example" || got["mail_from_mx"].Expected != "10 feedback-smtp.eu-west-1.amazonses.com" {
		t.Errorf("%+v", list)
	}

	server.Set(t, `own.example. 60 IN TXT "proof"`, "alias.example. 60 IN CNAME own.example.", "round.example. 60 IN CNAME round.example.")
	for name, want := range map[string]int{"own.example.": 1, "alias.example.": 0, "round.example.": 0, "none.example.": 0} {
		if texts, err := built.senders.TXT(t.Context(), name); len(texts) != want || err != nil {
			t.Errorf("%s: %q %v", name, texts, err)
		}
	}
	server.Fail(2) // SERVFAIL
	if texts, err := built.senders.TXT(t.Context(), "own.example."); !errors.Is(err, domains.ErrNoAnswer) || texts != nil {
		t.Errorf("no answer is %q %v", texts, err)
	}
}
