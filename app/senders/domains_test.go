package senders_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"portico/app/letters"
	"portico/app/letters/letterstest"
	"portico/app/senders"
	"portico/tenants"
)

func TestADomainComesLive(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	x, o := h.senders(), h.outbox(true)
	a := h.addTenant("alpha", "no-reply@alpha.example")
	h.work(x)

	d := h.until(x, a, "alpha.example", senders.Claimed)
	if len(h.fake.AskedFor()) > 0 {
		t.Errorf("SES was asked for a domain that nobody has proven: %v", h.fake.AskedFor())
	}
	sent := h.letter(a, h.write(o, a, recovery("ada@people.example", "before")), ended)
	if sent.SentAs != letters.AsUnverified || sent.SentFrom != "no-reply@platform.example" || sent.State != letters.Sent {
		t.Errorf("before: %+v", sent)
	}
	if mail := h.fake.Got()[0]; !strings.Contains(string(mail.Raw), `From: "Brand" <no-reply@platform.example>`) || !strings.Contains(string(mail.Raw), "Reply-To: <help@alpha.example>") ||
		mail.ConfigurationSet != "platform" {
		t.Errorf("the stand-in: %s\n%s", mail.ConfigurationSet, mail.Raw)
	}

	h.zone.set(senders.ChallengeName("alpha.example"), d.Challenge)
	h.again(x, a)
	p := h.until(x, a, "alpha.example", senders.Pending)
	if !slices.Equal(p.Tokens, letterstest.DKIMTokens("alpha.example")) || p.MailFrom != "mail.alpha.example" || p.OwnedBy != "txt" {
		t.Errorf("%+v", p)
	}
	if at, ok := h.fake.Topic(senders.SetName(a)); !ok || at != topic {
		t.Errorf("the set publishes to %q", at)
	}
	m, needed, err := x.Records(t.Context(), h.tenant(a))
	if err != nil || !needed || m.MX != "feedback-smtp.eu-west-1.amazonses.com" || m.MailFrom != "mail.alpha.example" || len(m.Tokens) != 3 || m.Challenge != d.Challenge {
		t.Errorf("%+v %v", m, err)
	}
	if done, state, _, err := x.Step(t.Context(), h.tenant(a)); done || state != senders.Pending || err != nil {
		t.Errorf("the step: %v %s %v", done, state, err)
	}

	h.fake.Stands("alpha.example", "Success", "Success", "Pending")
	h.until(x, a, "alpha.example", senders.Verified)
	sent = h.letter(a, h.write(o, a, recovery("ada@people.example", "after")), ended)
	mail := h.fake.Got()[1]
	if sent.SentAs != letters.AsOwn || sent.SentFrom != "no-reply@alpha.example" || mail.From != "no-reply@alpha.example" || mail.ConfigurationSet != senders.SetName(a) {
		t.Errorf("after: %+v %+v", sent, mail)
	}
	if got := h.kinds(a); !slices.Equal(got, []string{"sender.asked again", "sender.asked txt", "sender.verified"}) {
		t.Errorf("the audit: %v", got)
	}
	if done, _, _, err := x.Step(t.Context(), h.tenant(a)); !done || err != nil {
		t.Errorf("the step is not done: %v", err)
	}
}

// An identity is one at SES, whoever asked: another tenant must not write as its owner.
func TestAnothersVerifiedDomainIsOfNoUse(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	x, o := h.senders(), h.outbox(true)
	a, b := h.addTenant("alpha", "no-reply@alpha.example"), h.addTenant("beta", "ceo@alpha.example")
	h.work(x)
	h.prove(x, a, "alpha.example")
	h.until(x, a, "alpha.example", senders.Pending)
	h.fake.Stands("alpha.example", "Success", "Success", "Success")
	h.until(x, a, "alpha.example", senders.Verified)

	theirs := h.until(x, b, "alpha.example", senders.Claimed)
	if mine := h.of(x, a).Domain.Challenge; mine == theirs.Challenge {
		t.Fatal("two tenants have one challenge")
	}
	// A host below the domain, and the zone of the first, prove nothing for the second.
	h.host(b, "blog.alpha.example")
	h.again(x, b)
	h.clock.Advance(time.Hour)
	h.until(x, b, "alpha.example", senders.Claimed)
	sent := h.letter(b, h.write(o, b, recovery("ada@people.example", "r")), ended)
	if sent.SentFrom != "no-reply@platform.example" || sent.SentAs != letters.AsUnverified {
		t.Errorf("%+v", sent)
	}
	// With a proof of its own, it may: both are the domain's.
	h.host(b, "alpha.example")
	h.again(x, b)
	if d := h.until(x, b, "alpha.example", senders.Verified); d.OwnedBy != "host" {
		t.Errorf("owned by %q", d.OwnedBy)
	}
}

func (h *house) host(id tenants.ID, name string) {
	h.asSuper("INSERT INTO hosts (tenant_id, host, verified_at, created_at) VALUES ($1, $2, $3, $3)", []any{id, name, h.clock.Now()})
}

// A change of the sender keeps the verified one until the new one is.
func TestAChangedSenderIsNoSurprise(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	x, o := h.senders(), h.outbox(true)
	a := h.live(x, "alpha", "alpha.example")
	h.setSender(a, sender("hello@new.example"))
	h.until(x, a, "new.example", senders.Claimed)
	sent := h.letter(a, h.write(o, a, recovery("ada@people.example", "1")), ended)
	if sent.SentFrom != "no-reply@alpha.example" || sent.SentAs != letters.AsEarlier {
		t.Errorf("%+v", sent)
	}
	if st := h.of(x, a); st.Uses != letters.AsEarlier || st.Sender != "no-reply@alpha.example" {
		t.Errorf("%s %s", st.Uses, st.Sender)
	}
	h.prove(x, a, "new.example")
	h.until(x, a, "new.example", senders.Pending)
	h.fake.Stands("new.example", "Success", "Success", "Success")
	h.until(x, a, "new.example", senders.Verified)
	sent = h.letter(a, h.write(o, a, recovery("ada@people.example", "2")), ended)
	if sent.SentFrom != "hello@new.example" || sent.SentAs != letters.AsOwn {
		t.Errorf("%+v", sent)
	}
	if st := h.of(x, a); st.Others[0].State != senders.Retired {
		t.Errorf("the earlier one is %s", st.Others[0].State)
	}
	if got := h.kinds(a); !slices.Contains(got, "sender.retired") {
		t.Errorf("the audit: %v", got)
	}
	// Another address at the same domain is another address at once.
	h.setSender(a, sender("team@new.example"))
	sent = h.letter(a, h.write(o, a, recovery("ada@people.example", "3")), ended)
	if sent.SentFrom != "team@new.example" || sent.SentAs != letters.AsOwn {
		t.Errorf("%+v", sent)
	}
}

// live brings a tenant's domain live, with a worker that goes on.
func (h *house) live(x *senders.Senders, slug, domain string) tenants.ID {
	h.t.Helper()
	id := h.addTenant(slug, "no-reply@"+domain)
	h.work(x)
	h.prove(x, id, domain)
	h.until(x, id, domain, senders.Pending)
	h.fake.Stands(domain, "Success", "Success", "Success")
	h.until(x, id, domain, senders.Verified)
	h.eventually("nobody works on it", func() bool {
		due := h.of(x, id).Domain.DueAt
		return due != nil && due.After(h.clock.Now().Add(10*time.Minute))
	}, func() string { return "" })
	return id
}

func TestLostVerificationIsTold(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	x, o := h.senders(), h.outbox(true)
	a := h.live(x, "alpha", "alpha.example")
	h.admin(a, "admin@alpha.example")

	// A temporary failure changes nothing that people see.
	h.fake.Stands("alpha.example", "Success", "TemporaryFailure", "Success")
	h.eventually("the trouble is seen", func() bool {
		st := h.of(x, a)
		h.hurry(a, st)
		return st.Domain.Trouble == "dkim" && st.Domain.State == senders.Verified
	}, func() string { return "" })

	h.fake.Stands("alpha.example", "Failed", "Failed", "Failed")
	h.until(x, a, "alpha.example", senders.Lost)
	sent := h.letter(a, h.write(o, a, recovery("ada@people.example", "1")), ended)
	if sent.SentAs != letters.AsLost || sent.SentFrom != "no-reply@platform.example" || sent.State != letters.Sent {
		t.Errorf("%+v", sent)
	}
	if got := h.kinds(a); !slices.Contains(got, "sender.lost lost") {
		t.Errorf("the audit: %v", got)
	}
	if n := h.notices(a); n != 1 {
		t.Errorf("%d notices", n)
	}
	f, err := x.Figures(t.Context())
	if err != nil || f.Domains[senders.Lost] != 1 {
		t.Errorf("%+v %v", f, err)
	}
	// It comes back by itself, and that is told too.
	h.fake.Stands("alpha.example", "Success", "Success", "Success")
	h.until(x, a, "alpha.example", senders.Verified)
	if n := h.notices(a); n != 2 {
		t.Errorf("%d notices", n)
	}
}

func TestLostProofStopsAfterAWeek(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	x := h.senders()
	a := h.live(x, "alpha", "alpha.example")
	h.zone.gone(true) // a resolver that is away says nothing about the proof
	h.clock.Advance(25 * time.Hour)
	h.eventually("it was looked at", func() bool { return h.of(x, a).Domain.CheckedAt.After(h.clock.Now().Add(-time.Hour)) }, func() string { return "" })
	if d := h.of(x, a).Domain; d.Unowned != nil || d.State != senders.Verified {
		t.Fatalf("%+v", d)
	}
	h.zone.gone(false)
	h.zone.set(senders.ChallengeName("alpha.example"))
	h.clock.Advance(25 * time.Hour)
	h.eventually("the proof is missed", func() bool { return h.of(x, a).Domain.Unowned != nil }, func() string { return "" })
	if d := h.of(x, a).Domain; d.State != senders.Verified {
		t.Fatalf("%+v", d)
	}
	h.clock.Advance(8 * 24 * time.Hour)
	h.until(x, a, "alpha.example", senders.Lost)
	if got := h.kinds(a); strings.Count(strings.Join(got, "\n"), "sender.lost unproven") != 2 {
		t.Errorf("the audit: %v", got)
	}
	h.prove2(x, a)
	h.until(x, a, "alpha.example", senders.Verified)
}

func (h *house) prove2(x *senders.Senders, id tenants.ID) {
	d := h.of(x, id).Domain
	h.zone.set(senders.ChallengeName(d.Name), d.Challenge)
	h.again(x, id)
}

// admin adds somebody who may change the tenant's letters.
func (h *house) admin(id tenants.ID, email string) {
	h.t.Helper()
	account := tenants.NewID()
	err := h.db.In(h.t.Context(), id, func(s *tenants.Scope) error {
		b := &tenants.Batch{}
		b.Exec(`INSERT INTO accounts (tenant_id, id, display_name, status, sign_in, created_at, updated_at) VALUES ($1, $2, 'Ann', 'active', 'local', $3, $3)`, s.Tenant(), account, s.Now())
		b.Exec(`INSERT INTO account_identifiers (tenant_id, account_id, kind, norm, value, created_at) VALUES ($1, $2, 'email', $3, $3, $4)`, s.Tenant(), account, email, s.Now())
		b.Exec(`INSERT INTO role_assignments (tenant_id, id, account_id, role, granted_by, created_at) VALUES ($1, $2, $3, 'brand_admin', 'test', $4)`, s.Tenant(), tenants.NewID(), account, s.Now())
		return s.Send(h.t.Context(), b)
	})
	if err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) notices(id tenants.ID) (n int) {
	h.asSuper("SELECT count(*) FROM letters WHERE tenant_id = $1 AND kind = 'sender_notice'", []any{id}, &n)
	return n
}
