package senders

import (
	"context"
	"time"

	"portico/app/audit"
	"portico/app/letters"
	"portico/tenants"
)

// Status is how a tenant's sender stands, for pages, the command line and the wizard.
type Status struct {
	From, Name, ReplyTo string // as the tenant's file says
	Transport           string // platform, ses, smtp

	Uses   letters.SentAs // with which sender the next letter leaves, and so why
	Sender string         // its address

	BySES  bool     // letters leave by SES, so that a domain is needed for an address of the tenant's own
	Domain *Domain  // the wanted one; nil for none
	Others []Domain // wanted before, the latest first
	Set    string   // configuration set at SES; "" for none
	Health Health

	Suppressed int // addresses, a thousand at most
}

// Of reads how a tenant's sender stands.
func (x *Senders) Of(ctx context.Context, t *tenants.Tenant) (Status, error) {
	st := Status{From: t.Sender.From, Name: t.Sender.FromName, ReplyTo: t.Sender.ReplyTo, Transport: t.Sender.Transport,
		BySES: x.SES != nil && t.Sender.Transport != "smtp", Health: Health{Level: Well}}
	err := x.DB.In(ctx, t.ID, func(s *tenants.Scope) error {
		all, err := domains(ctx, s)
		if err != nil {
			return err
		}
		wanted := wantedOf(t)
		for i, d := range all {
			if d.Name == wanted {
				st.Domain = &all[i]
			} else {
				st.Others = append(st.Others, d)
			}
		}
		h := &st.Health
		b := &tenants.Batch{}
		var found bool
		b.Row(&found, selectHealth, []any{s.Tenant()}, &h.Level, &h.Cause, &h.Since, &h.Sent, &h.Bounced, &h.Complained, &h.LookedAt, new(*time.Time))
		b.Row(&found, "SELECT configuration_set FROM senders WHERE tenant_id = $1", []any{s.Tenant()}, &st.Set)
		b.Row(nil, "SELECT count(*) FROM (SELECT FROM suppressions WHERE tenant_id = $1 LIMIT 1000) AS few", []any{s.Tenant()}, &st.Suppressed)
		return s.Send(ctx, b)
	})
	if err != nil {
		return st, err
	}
	st.Uses, st.Sender = x.uses(t, st)
	return st, nil
}

// uses says which sender the next letter leaves with, as package letters chooses it.
func (x *Senders) uses(t *tenants.Tenant, st Status) (letters.SentAs, string) {
	platform := x.Outbox.Platform.From
	switch {
	case t.Sender.Transport == "smtp":
		return letters.AsRelay, t.Sender.From
	case t.Sender.From == "":
		return letters.AsPlatform, platform
	case !st.BySES, st.Domain != nil && st.Domain.State == Verified:
		return letters.AsOwn, t.Sender.From
	case st.Domain != nil && st.Domain.State == Lost:
		return letters.AsLost, platform
	}
	for _, d := range st.Others {
		if d.State == Verified {
			return letters.AsEarlier, d.From
		}
	}
	return letters.AsUnverified, platform
}

// Step says how far the step "sender" of bringing a tenant live has come: done, or the state that it waits
// in, and since when. A tenant that sends from the platform's address is done.
func (x *Senders) Step(ctx context.Context, t *tenants.Tenant) (done bool, state State, since time.Time, err error) {
	st, err := x.Of(ctx, t)
	switch {
	case err != nil:
		return false, "", time.Time{}, err
	case !st.BySES, st.From == "":
		return true, Verified, time.Time{}, nil
	case st.Domain == nil: // the worker has not seen the file yet
		return false, Claimed, time.Time{}, nil
	}
	return st.Domain.State == Verified, st.Domain.State, st.Domain.Since, nil
}

// Check answers for the step "sender" of bringing a customer live (directory.Check): a state and a note, which
// are words of the staff's pages. Nobody has to wait for a domain: the platform's address serves until then.
func (x *Senders) Check(ctx context.Context, t *tenants.Tenant) (state, note string, err error) {
	st, err := x.Of(ctx, t)
	switch {
	case err != nil:
		return "", "", err
	case !st.BySES, st.From == "":
		return "optional", "", nil
	case st.Domain == nil, st.Domain.State != Verified:
		return "waiting", "", nil
	}
	return "done", "", nil
}

// Ask makes the worker look at a tenant's wanted domain now, and begin anew where SES gave up. ErrNotFound when
// it has none.
func (x *Senders) Ask(ctx context.Context, t *tenants.Tenant) error {
	if err := x.Follow(ctx, t); err != nil {
		return err
	}
	return x.DB.In(ctx, t.ID, func(s *tenants.Scope) error {
		var domain string
		err := s.Row(ctx, `UPDATE sender_domains SET due_at = $2, tries = 0, state = CASE state WHEN 'failed' THEN 'claimed' ELSE state END,
				state_since = CASE state WHEN 'failed' THEN $2 ELSE state_since END
			WHERE tenant_id = $1 AND wanted RETURNING domain`, []any{s.Tenant(), s.Now()}, &domain)
		if err != nil {
			return err
		}
		return audit.Write(ctx, s, audit.Event{Kind: audit.SenderAsked, Outcome: audit.Success, Reason: "again", Details: map[string]any{"domain": domain}})
	})
}

// Mail is what the DNS of a tenant's sender must say. Expected values are known once SES answered; until then
// Tokens and MailFrom are empty.
type Mail struct {
	Domain    string
	Challenge string   // of the TXT record at ChallengeName; "" where the proof is a verified host or not needed
	Tokens    []string // of the CNAME records DKIMName(token, Domain) → DKIMValue(token)
	MailFrom  string   // mail.<domain>, with the MX and the TXT record below
	MX        string   // its mail exchanger, with preference 10
	SPF       string   // its TXT record
	DMARC     string   // what the TXT record at _dmarc.<domain> should say at least
	State     State
	Identity  string // in the words of SES, as it found them last
	DKIM      string
	MailState string
	CheckedAt *time.Time
}

// DKIMName is where the CNAME record of a token stands, DKIMValue where it leads.
func DKIMName(token, domain string) string { return token + "._domainkey." + domain }

// DKIMValue is where the CNAME record of a token leads.
func DKIMValue(token string) string { return token + ".dkim.amazonses.com" }

// Records says what a tenant's DNS must say for its sender; false when nothing is needed.
func (x *Senders) Records(ctx context.Context, t *tenants.Tenant) (Mail, bool, error) {
	st, err := x.Of(ctx, t)
	if err != nil || !st.BySES || st.Domain == nil {
		return Mail{}, false, err
	}
	d := st.Domain
	m := Mail{Domain: d.Name, Tokens: d.Tokens, State: d.State, Identity: d.Identity, DKIM: d.DKIM, MailState: d.MailFromState, CheckedAt: d.CheckedAt,
		DMARC: "v=DMARC1; p=none"}
	if d.OwnedBy == "" || d.OwnedBy == "txt" {
		m.Challenge = d.Challenge
	}
	if len(d.Tokens) > 0 {
		m.MailFrom, m.MX, m.SPF = MailFromOf(d.Name), "feedback-smtp."+x.Region+".amazonses.com", "v=spf1 include:amazonses.com ~all"
	}
	return m, true, nil
}

// Lift ends a suppression, as letters.Lift does.
func (x *Senders) Lift(ctx context.Context, tenant tenants.ID, address string) error {
	return x.DB.In(ctx, tenant, func(s *tenants.Scope) error { return letters.Lift(ctx, s, address) })
}

// Suppressed lists suppressed addresses, as letters.Suppressions does.
func (x *Senders) Suppressed(ctx context.Context, tenant tenants.ID, address string, before time.Time, limit int) (all []letters.Suppression, err error) {
	err = x.DB.In(ctx, tenant, func(s *tenants.Scope) (err error) {
		all, err = letters.Suppressions(ctx, s, address, before, limit)
		return err
	})
	return all, err
}
