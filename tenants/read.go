package tenants

import (
	"context"
	"encoding/json"
	"fmt"
	"time"
)

// Subjects of the settings that a tenant consists of.
const (
	SubjectPolicy = "policy"
	SubjectTheme  = "theme"
	SubjectWords  = "words"
	SubjectSender = "sender"
	SubjectPortal = "portal"
	SubjectRoles  = "roles"
)

// ReadTenant reads one tenant with its hosts and the settings in force; ErrNotFound when there is none.
// Origin and BasePath are the Resolver's to set.
func ReadTenant(ctx context.Context, a *Across, id ID) (*Tenant, error) {
	t := &Tenant{ID: id, LoadedAt: a.Now()}
	b := &Batch{}
	var closed *time.Time
	b.Row(nil, "SELECT slug, name, state, canonical_host, moved_at IS NOT NULL, version, closed_at FROM tenants WHERE id = $1", []any{id},
		&t.Slug, &t.Name, &t.State, &t.canonicalHost, &t.slugMoved, &t.Version, &closed)
	b.Rows("SELECT host, verified_at, moved_at IS NOT NULL FROM hosts WHERE tenant_id = $1 ORDER BY host", []any{id},
		func(scan func(...any) error) error {
			var h Host
			err := scan(&h.Name, &h.VerifiedAt, &h.Moved)
			t.Hosts = append(t.Hosts, h)
			return err
		})
	if err := a.Send(ctx, b); err != nil {
		return nil, err
	}
	if closed != nil {
		t.ClosedAt = *closed
	}
	err := a.In(ctx, id, func(s *Scope) error {
		b := &Batch{}
		b.Rows(`SELECT id, staff_name, level, reason, ends_at FROM staff_access
			WHERE tenant_id = $1 AND ended_at IS NULL AND (ends_at > $2 OR ends_at IS NULL AND asked_at > $3)
			ORDER BY ends_at IS NULL, asked_at LIMIT 20`, []any{id, s.Now(), s.Now().Add(-StaffAsks)},
			func(scan func(...any) error) error {
				var x StaffAccess
				var ends *time.Time
				err := scan(&x.ID, &x.Name, &x.Level, &x.Reason, &ends)
				if ends != nil {
					x.EndsAt = *ends
				}
				t.Staff = append(t.Staff, x)
				return err
			})
		b.Rows(`SELECT DISTINCT ON (subject) subject, document FROM settings
			WHERE tenant_id = $1 ORDER BY subject, version DESC`, []any{id},
			func(scan func(...any) error) error {
				var subject string
				var doc json.RawMessage
				if err := scan(&subject, &doc); err != nil {
					return err
				}
				return t.take(subject, doc)
			})
		return s.Send(ctx, b)
	})
	return t, err
}

func (t *Tenant) take(subject string, doc json.RawMessage) (err error) {
	switch subject {
	case SubjectPolicy:
		t.Policy, err = DecodePolicy(doc)
	case SubjectTheme:
		t.Theme = doc
	case SubjectWords:
		err = json.Unmarshal(doc, &t.Words)
	case SubjectSender:
		err = json.Unmarshal(doc, &t.Sender)
	case SubjectRoles:
		err = json.Unmarshal(doc, &t.Roles)
	case SubjectPortal:
		err = json.Unmarshal(doc, &t.Portal)
	}
	if err != nil {
		return fmt.Errorf("setting %q: %w", subject, err)
	}
	return nil
}

// SaveSetting adds the next version of one of the tenant's documents. The caller announces the change
// with Touch in the same transaction.
func SaveSetting(ctx context.Context, s *Scope, subject string, document any, by string) error {
	doc, err := json.Marshal(document)
	if err != nil {
		return fmt.Errorf("setting %q: %w", subject, err)
	}
	_, err = s.Exec(ctx, `INSERT INTO settings (tenant_id, subject, version, document, created_at, created_by)
		SELECT $1, $2, coalesce(max(version), 0) + 1, $3, $4, $5 FROM settings WHERE tenant_id = $1 AND subject = $2`,
		s.Tenant(), subject, json.RawMessage(doc), s.Now(), by)
	return err
}

// Touch raises the tenant's version and tells every instance at commit. NOTIFY serialises commits, so
// it stands on changes of settings alone, never on a hot path.
func Touch(ctx context.Context, a *Across, id ID) error {
	b := &Batch{}
	b.Exec("UPDATE tenants SET version = version + 1, updated_at = $2 WHERE id = $1", id, a.Now())
	b.Exec("SELECT pg_notify($1, $2)", cacheChannel, id.String())
	return a.Send(ctx, b)
}

const cacheChannel = "portico_cache"

// pollEvery bounds how long a missed notice can go unseen.
const pollEvery = 30 * time.Second
