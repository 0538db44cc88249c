package senders

import (
	"context"
	"errors"
	"strings"
	"time"

	"portico/app/audit"
	"portico/app/letters"
	"portico/tenants"
)

// dueDomain is a row that a worker took: due_at was moved on by takeFor, and what the worker saves counts only
// while it stands there, so that somebody who asked again meanwhile is not overwritten.
type dueDomain struct {
	Domain

	tenant tenants.ID
	fence  time.Time
}

const (
	takeFor = 3 * time.Minute
	atOnce  = 200 // rows a round
	spares  = 20  // more are read, so that rows which cannot be taken do not stand before all others
)

// due takes rows that are due, in some states, of all tenants. One that cannot be taken is left out.
func (x *Senders) due(ctx context.Context, limit int, states ...State) (all []dueDomain, err error) {
	type key struct {
		tenant tenants.ID
		domain string
	}
	var keys []key
	names := make([]string, len(states))
	for i, s := range states {
		names[i] = string(s)
	}
	err = x.DB.AcrossAll(ctx, tenants.ForSenderWorker, func(a *tenants.Across) error {
		return a.Each(ctx, "SELECT tenant_id, domain FROM sender_domains WHERE due_at <= $1 AND state = ANY ($2) ORDER BY due_at LIMIT $3",
			[]any{a.Now(), names, limit + spares}, func(scan func(...any) error) error {
				var k key
				err := scan(&k.tenant, &k.domain)
				keys = append(keys, k)
				return err
			})
	})
	for _, k := range keys {
		if err != nil {
			return nil, err
		}
		if len(all) == limit {
			break
		}
		d := dueDomain{tenant: k.tenant}
		err = x.DB.In(ctx, k.tenant, func(s *tenants.Scope) error {
			d.fence = s.Now().Add(takeFor)
			b := &tenants.Batch{}
			var n int64
			b.ExecCount(&n, "UPDATE sender_domains SET due_at = $3 WHERE tenant_id = $1 AND domain = $2 AND due_at <= $4", s.Tenant(), k.domain, d.fence, s.Now())
			b.Rows(selectDomain+" AND domain = $2", []any{s.Tenant(), k.domain}, d.read)
			if err := s.Send(ctx, b); err != nil || n == 0 {
				d.Name = ""
				return err
			}
			return nil
		})
		if err != nil && !stops(ctx, err) {
			d.Name = k.domain
			x.skip(ctx, d, err)
			err, d.Name = nil, ""
		}
		if err == nil && d.Name != "" {
			all = append(all, d)
		}
	}
	return all, err
}

// save writes what came of a step, with what happens beside it; false when the row was changed meanwhile.
// set is the changed columns, its parameters from $4 on.
func (x *Senders) save(ctx context.Context, d dueDomain, beside func(*tenants.Scope) error, set string, args ...any) (bool, error) {
	saved := false
	err := x.DB.In(ctx, d.tenant, func(s *tenants.Scope) error {
		n, err := s.Exec(ctx, "UPDATE sender_domains SET "+set+" WHERE tenant_id = $1 AND domain = $2 AND due_at = $3",
			append([]any{s.Tenant(), d.Name, d.fence}, args...)...)
		if err != nil || n == 0 {
			return err
		}
		saved = true
		if beside != nil {
			return beside(s)
		}
		return nil
	})
	return saved, err
}

// troubled leaves the state as it is and says why; it comes back later each time.
func (x *Senders) troubled(ctx context.Context, d dueDomain, trouble string) error {
	now := x.DB.Clock().Now()
	_, err := x.save(ctx, d, nil, "trouble = $4, trouble_at = $5, tries = tries + 1, due_at = $6", trouble, now, now.Add(patience(trouble, d.tries)))
	return err
}

// patience is how long to wait after the nth trouble: what passes by itself is tried soon, what somebody has
// to mend at SES is not.
func patience(trouble string, tries int) time.Duration {
	least, most := 30*time.Second, 15*time.Minute
	switch trouble {
	case "throttled":
		least, most = 5*time.Second, 5*time.Minute
	case "denied", "limit", "topic", "refused":
		least, most = 5*time.Minute, 6*time.Hour
	}
	return min(least<<min(tries, 10), most)
}

// prove looks for the tenant's own proof of a claimed domain; answered is false where DNS said nothing.
func (x *Senders) prove(ctx context.Context, d dueDomain) (answered bool, err error) {
	by, err := x.owns(ctx, d.tenant, d.Domain)
	now := x.DB.Clock().Now()
	switch {
	case by != "":
		_, err := x.save(ctx, d, func(s *tenants.Scope) error {
			return audit.Write(ctx, s, audit.Event{Kind: audit.SenderAsked, Outcome: audit.Success, Reason: by, Details: map[string]any{"domain": d.Name}})
		}, `state = 'asking', state_since = $4, owned_by = $5, owned_at = coalesce(owned_at, $4), owned_seen_at = $4, unowned_since = NULL,
			tries = 0, trouble = '', trouble_at = NULL, due_at = $4`, now, by)
		return true, err
	case errors.Is(err, tenants.ErrUnavailable):
		return false, err
	case err != nil:
		return false, x.troubled(ctx, d, "dns")
	}
	next := min(time.Minute<<min(d.tries, 10), time.Hour)
	if now.Sub(d.Since) > 14*day {
		next = 6 * time.Hour
	}
	_, err = x.save(ctx, d, nil, "tries = tries + 1, trouble = '', trouble_at = NULL, due_at = $4", now.Add(next))
	return true, err
}

const day = 24 * time.Hour

// ask takes a proven domain to SES: its tokens, MAIL FROM, and the tenant's configuration set. Each answer is
// kept before the next question, and each question may be asked twice.
func (x *Senders) ask(ctx context.Context, l lease, d dueDomain) error {
	var tokens []string
	trouble, err := l.call(ctx, func(ctx context.Context) (err error) {
		tokens, err = x.SES.AskDomain(ctx, d.Name)
		return err
	})
	if err != nil {
		return err
	}
	if trouble != "" {
		return x.troubled(ctx, d, trouble)
	}
	now := x.DB.Clock().Now()
	saved, err := x.save(ctx, d, nil, "dkim_tokens = $4, asked_at = $5", tokens, now)
	if err != nil || !saved {
		return err
	}
	if trouble, err = x.mailFrom(ctx, l, d); err != nil {
		return err
	}
	if trouble == "throttled" || trouble == "away" {
		return x.troubled(ctx, d, trouble)
	}
	if setTrouble, err := x.makeSet(ctx, l, d.tenant); err != nil {
		return err
	} else if setTrouble != "" && trouble == "" {
		trouble = setTrouble // without its set a letter leaves by the platform's; nothing waits for it
	}
	_, err = x.save(ctx, d, nil, "state = 'pending', state_since = $4, ses_identity = '', ses_dkim = '', ses_mail_from = '', tries = 0, trouble = $5, trouble_at = $6, due_at = $4",
		now, trouble, when(trouble, now))
	return err
}

func when(trouble string, now time.Time) *time.Time {
	if trouble == "" {
		return nil
	}
	return &now
}

// MailFromOf is the domain that stands in the envelope, so that SPF speaks for the brand: a name of its own
// below the sender's, as SES demands.
func MailFromOf(domain string) string { return "mail." + strings.TrimSuffix(domain, ".") }

func (x *Senders) mailFrom(ctx context.Context, l lease, d dueDomain) (trouble string, err error) {
	name := MailFromOf(d.Name)
	trouble, err = l.call(ctx, func(ctx context.Context) error { return x.SES.SetMailFrom(ctx, d.Name, name) })
	if err != nil || trouble != "" {
		return trouble, err
	}
	_, err = x.save(ctx, d, nil, "mail_from = $4, mail_from_at = $5", name, x.DB.Clock().Now())
	return "", err
}

// SetName is the name of a tenant's configuration set.
func SetName(tenant tenants.ID) string { return letters.SetName(tenant) }

// makeSet makes the tenant's configuration set, if it has none and there is a topic to publish to. It counts
// only with its event destination: without, nobody would hear of bounces.
func (x *Senders) makeSet(ctx context.Context, l lease, tenant tenants.ID) (trouble string, err error) {
	if x.Topic == "" {
		return "", nil
	}
	have := ""
	err = x.DB.In(ctx, tenant, func(s *tenants.Scope) error {
		err := s.Row(ctx, "SELECT configuration_set FROM senders WHERE tenant_id = $1", []any{s.Tenant()}, &have)
		if errors.Is(err, tenants.ErrNotFound) {
			return nil
		}
		return err
	})
	if err != nil || have != "" {
		return "", err
	}
	name := SetName(tenant)
	trouble, err = l.call(ctx, func(ctx context.Context) error { return x.SES.MakeSet(ctx, name) })
	if err != nil || trouble != "" {
		return trouble, err
	}
	trouble, err = l.call(ctx, func(ctx context.Context) error { return x.SES.Publish(ctx, name, x.Topic) })
	if err != nil || trouble != "" {
		return trouble, err
	}
	return "", x.DB.In(ctx, tenant, func(s *tenants.Scope) error {
		_, err := s.Exec(ctx, `INSERT INTO senders (tenant_id, configuration_set) VALUES ($1, $2)
			ON CONFLICT (tenant_id) DO UPDATE SET configuration_set = excluded.configuration_set`, s.Tenant(), name)
		return err
	})
}
