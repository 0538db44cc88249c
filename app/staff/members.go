package staff

import (
	"context"
	"errors"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"portico/app/accounts"
	"portico/app/audit"
	"portico/app/letters"
	"portico/app/proofs"
	"portico/rbac"
	"portico/tenants"
	"portico/themes"
)

// New is somebody to be added.
type New struct {
	Email, Name string
	Role        rbac.StaffRole
	Locale      string // of the letter
}

// Add makes one of the staff and a link to begin with, which holds for a day: it goes to them by mail, and is
// answered for whoever works at the command line, where the first of all is added before any mail can leave.
// ErrKnown, ErrAddress, ErrName, ErrRole.
func (f *Staff) Add(ctx context.Context, by string, n New) (m Member, token string, err error) {
	n.Name = strings.Join(strings.Fields(n.Name), " ")
	norm, stored, err := accounts.Storable(accounts.Email, strings.TrimSpace(n.Email))
	switch {
	case err != nil:
		return m, "", ErrAddress
	case n.Name == "" || utf8.RuneCountInString(n.Name) > 200:
		return m, "", ErrName
	case !n.Role.Known():
		return m, "", ErrRole
	}
	m = Member{ID: tenants.NewID(), Email: stored, Name: n.Name, Role: n.Role}
	err = f.DB.AcrossAll(ctx, tenants.ForStaff, func(a *tenants.Across) error {
		added, err := a.Exec(ctx, `INSERT INTO platform.staff (id, email, norm, name, role, created_at, created_by) VALUES ($1, $2, $3, $4, $5, $6, $7)
			ON CONFLICT (norm) DO NOTHING`, m.ID, stored, norm, m.Name, string(m.Role), a.Now(), by)
		if err != nil {
			return err
		}
		if added == 0 {
			return ErrKnown
		}
		if token, m.LinkEndsAt, err = f.link(ctx, a, m, n.Locale); err != nil {
			return err
		}
		return audit.WritePlatform(ctx, a, nil, audit.Event{Kind: audit.StaffAdded, Outcome: audit.Success, Actor: by,
			Details: map[string]any{"staff": m.ID, "role": m.Role}})
	})
	return m, token, err
}

// link makes the one link to begin with that somebody has, and mails it.
func (f *Staff) link(ctx context.Context, a *tenants.Across, m Member, locale string) (token string, ends time.Time, err error) {
	token, ends = accounts.NewSecret(), a.Now().Add(linkLife)
	b := &tenants.Batch{}
	b.Exec("UPDATE platform.staff_links SET ended_at = $2, ended_as = 'replaced' WHERE staff_id = $1 AND ended_at IS NULL", m.ID, a.Now())
	b.Exec(`INSERT INTO platform.staff_links (token_hash, staff_id, totp, issued_at, expires_at) VALUES ($1, $2, $3, $4, $5)`,
		accounts.SecretHash(token), m.ID, f.Seals.Seal("staff totp", tenants.ID{}, m.ID.String(), []byte(proofs.AppSecret())), a.Now(), ends)
	if f.Outbox != nil {
		_, err := f.Outbox.AddPlatform(b, a, letters.Draft{Lane: letters.Urgent, To: m.Email, Locale: locale, Event: tenants.NewID().String(),
			Letter: themes.StaffLetter{Name: m.Name, Path: "/platform/start/" + token, EndsAt: ends}})
		if err != nil {
			return "", ends, err
		}
	}
	return token, ends, a.Send(ctx, b)
}

// Renew gives somebody a new link to begin with: for who lost password or app. What they have holds until they
// used it. tenants.ErrNotFound.
func (f *Staff) Renew(ctx context.Context, by string, id uuid.UUID, locale string) (token string, err error) {
	err = f.DB.AcrossAll(ctx, tenants.ForStaff, func(a *tenants.Across) error {
		m := Member{ID: id}
		err := a.Row(ctx, "SELECT email, name FROM platform.staff WHERE id = $1 AND status = 'active' FOR UPDATE", []any{id}, &m.Email, &m.Name)
		if err != nil {
			return err
		}
		if token, _, err = f.link(ctx, a, m, locale); err != nil {
			return err
		}
		return audit.WritePlatform(ctx, a, nil, audit.Event{Kind: audit.StaffChanged, Outcome: audit.Success, Reason: "link", Actor: by,
			Details: map[string]any{"staff": id}})
	})
	return token, err
}

// Change is what an owner makes of one of the staff; a nil field stays.
type Change struct {
	Role     *rbac.StaffRole
	Disabled *bool
}

// Change changes role or access of one of the staff; their sessions end at once. ErrSelf, ErrLastOwner,
// ErrRole, tenants.ErrNotFound. Two owners who disable each other at once take turns: one stays.
func (f *Staff) Change(ctx context.Context, by Session, id uuid.UUID, c Change) error {
	if id == by.StaffID {
		return ErrSelf
	}
	if c.Role != nil && !c.Role.Known() {
		return ErrRole
	}
	return f.DB.AcrossAll(ctx, tenants.ForStaff, func(a *tenants.Across) error {
		var owners int // all owners are held, in one order, so that of two changes at once the second sees the first
		err := a.Each(ctx, "SELECT id, status FROM platform.staff WHERE role = 'owner' OR id = $1 ORDER BY id FOR UPDATE", []any{id}, func(scan func(...any) error) error {
			var other uuid.UUID
			var status string
			err := scan(&other, &status)
			if other != id && status == "active" {
				owners++
			}
			return err
		})
		if err != nil {
			return err
		}
		var role, status, newRole, newStatus string
		if err := a.Row(ctx, "SELECT role, status FROM platform.staff WHERE id = $1", []any{id}, &role, &status); err != nil {
			return err
		}
		newRole, newStatus = role, status
		if c.Role != nil {
			newRole = string(*c.Role)
		}
		if c.Disabled != nil {
			newStatus = map[bool]string{true: "disabled", false: "active"}[*c.Disabled]
		}
		if role == string(rbac.StaffOwner) && status == "active" && owners == 0 && (newRole != role || newStatus != status) {
			return ErrLastOwner
		}
		if newRole == role && newStatus == status {
			return nil
		}
		b := &tenants.Batch{}
		b.Exec("UPDATE platform.staff SET role = $2, status = $3, stamp = stamp + 1 WHERE id = $1", id, newRole, newStatus)
		if newStatus == "disabled" {
			b.Exec("UPDATE platform.staff_links SET ended_at = $2, ended_as = 'revoked' WHERE staff_id = $1 AND ended_at IS NULL", id, a.Now())
		}
		err = audit.AddPlatform(ctx, b, a, nil, audit.Event{Kind: audit.StaffChanged, Outcome: audit.Success,
			Details: map[string]any{"staff": id, "before": map[string]string{"role": role, "status": status}, "after": map[string]string{"role": newRole, "status": newStatus}}})
		if err != nil {
			return err
		}
		if err := a.Send(ctx, b); err != nil {
			return err
		}
		if newStatus == "active" && rbac.StaffRole(newRole).Allows(rbac.AccessAsk) {
			return nil
		}
		return f.endAll(ctx, a, id, audit.From(ctx).Actor)
	})
}

// All lists the staff by name, at most 500.
func (f *Staff) All(ctx context.Context) (all []Member, err error) {
	err = f.DB.AcrossAll(ctx, tenants.ForStaff, func(a *tenants.Across) error {
		return a.Each(ctx, `SELECT s.id, s.email, s.name, s.role, s.status = 'disabled', s.password IS NOT NULL, s.created_at, s.signed_in_at,
				(SELECT l.expires_at FROM platform.staff_links l WHERE l.staff_id = s.id AND l.ended_at IS NULL AND l.expires_at > $1)
			FROM platform.staff s ORDER BY lower(s.name), s.id LIMIT 500`, []any{a.Now()}, func(scan func(...any) error) error {
			var m Member
			var role string
			var in, link *time.Time
			err := scan(&m.ID, &m.Email, &m.Name, &role, &m.Disabled, &m.Begun, &m.CreatedAt, &in, &link)
			m.Role = rbac.StaffRole(role)
			if in != nil {
				m.SignedInAt = *in
			}
			if link != nil {
				m.LinkEndsAt = *link
			}
			all = append(all, m)
			return err
		})
	})
	return all, err
}

// Named finds one of the staff by address; tenants.ErrNotFound.
func (f *Staff) Named(ctx context.Context, email string) (id uuid.UUID, err error) {
	norm, _, err := accounts.Storable(accounts.Email, strings.TrimSpace(email))
	if err != nil {
		return id, errors.Join(ErrAddress, tenants.ErrNotFound)
	}
	err = f.DB.AcrossAll(ctx, tenants.ForStaff, func(a *tenants.Across) error {
		return a.Row(ctx, "SELECT id FROM platform.staff WHERE norm = $1", []any{norm}, &id)
	})
	return id, err
}
