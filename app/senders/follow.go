package senders

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"strings"

	"portico/app/audit"
	"portico/app/letters"
	"portico/tenants"
)

// Follow brings a tenant's rows in line with its file: a sender that is new there is claimed, one that is not
// wanted any more is worked on no more. A verified one stays in use until the new one is verified.
func (x *Senders) Follow(ctx context.Context, t *tenants.Tenant) error {
	domain := wantedOf(t)
	return x.DB.In(ctx, t.ID, func(s *tenants.Scope) error {
		b := &tenants.Batch{}
		var have []Domain
		// The lock keeps two instances that follow at once from undoing each other's work.
		b.Rows(selectDomain+" FOR UPDATE", []any{s.Tenant()}, func(scan func(...any) error) error {
			var d Domain
			err := d.read(scan)
			have = append(have, d)
			return err
		})
		if err := s.Send(ctx, b); err != nil {
			return err
		}
		known := false
		for _, d := range have {
			var err error
			switch {
			case d.Name == domain:
				known = true
				err = x.want(ctx, s, d, t.Sender.From)
			case d.Wanted || domain == "" && d.State == Verified:
				err = x.unwant(ctx, s, d, domain == "")
			}
			if err != nil {
				return err
			}
		}
		if known || domain == "" {
			return nil
		}
		_, err := s.Exec(ctx, `INSERT INTO sender_domains (tenant_id, domain, from_address, wanted, state, state_since, challenge, due_at)
			VALUES ($1, $2, $3, true, 'claimed', $4, $5, $4) ON CONFLICT DO NOTHING`, s.Tenant(), domain, t.Sender.From, s.Now(), newChallenge())
		return err
	})
}

// wantedOf is the domain that the tenant's mail should leave from by SES; "" for none.
func wantedOf(t *tenants.Tenant) string {
	if t.State == tenants.Leaving || t.Sender.From == "" || t.Sender.Transport == "smtp" {
		return ""
	}
	domain := letters.DomainOf(t.Sender.From)
	if !strings.Contains(domain, ".") { // nobody can prove a whole top-level domain
		return ""
	}
	return domain
}

// want notes that the file names a domain that is known.
func (x *Senders) want(ctx context.Context, s *tenants.Scope, d Domain, from string) error {
	if d.Wanted && d.From == from {
		return nil
	}
	if d.Wanted || d.State == Verified {
		if _, err := s.Exec(ctx, "UPDATE sender_domains SET wanted = true, from_address = $3 WHERE tenant_id = $1 AND domain = $2", s.Tenant(), d.Name, from); err != nil {
			return err
		}
		if d.State == Verified {
			return retireOthers(ctx, s, d.Name)
		}
		return nil
	}
	_, err := s.Exec(ctx, `UPDATE sender_domains SET wanted = true, from_address = $3, state = 'claimed', state_since = $4, due_at = $4, tries = 0,
		trouble = '', trouble_at = NULL WHERE tenant_id = $1 AND domain = $2`, s.Tenant(), d.Name, from, s.Now())
	return err
}

// unwant notes that the file names a domain no more; gone: it names none at all.
func (x *Senders) unwant(ctx context.Context, s *tenants.Scope, d Domain, gone bool) error {
	if d.State == Verified && !gone {
		_, err := s.Exec(ctx, "UPDATE sender_domains SET wanted = false WHERE tenant_id = $1 AND domain = $2", s.Tenant(), d.Name)
		return err
	}
	_, err := s.Exec(ctx, `UPDATE sender_domains SET wanted = false, state = 'retired', state_since = $3, due_at = NULL, unowned_since = NULL
		WHERE tenant_id = $1 AND domain = $2`, s.Tenant(), d.Name, s.Now())
	return err
}

// retireOthers ends what letters left from before: the wanted domain is verified now.
func retireOthers(ctx context.Context, s *tenants.Scope, domain string) error {
	var gone []string
	err := s.Each(ctx, `UPDATE sender_domains SET state = 'retired', state_since = $3, due_at = NULL WHERE tenant_id = $1 AND domain <> $2
		AND state = 'verified' RETURNING domain`, []any{s.Tenant(), domain, s.Now()}, func(scan func(...any) error) error {
		var name string
		err := scan(&name)
		gone = append(gone, name)
		return err
	})
	for _, name := range gone {
		if err == nil {
			err = audit.Write(ctx, s, audit.Event{Kind: audit.SenderRetired, Outcome: audit.Success, Details: map[string]any{"domain": name, "for": domain}})
		}
	}
	return err
}

// newChallenge is what a tenant puts into DNS to prove a domain to be its own: 128 bits that nobody else has.
func newChallenge() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails (crypto/rand since Go 1.24)
	return "portico-verify=" + hex.EncodeToString(b[:])
}
