package staff

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"portico/app/accounts"
	"portico/app/audit"
	"portico/rbac"
	"portico/tenants"
)

// Errors of access to a tenant's console.
var (
	ErrReason = errors.New("staff: a reason of 3 to 500 characters is needed")
	ErrLevel  = errors.New("staff: no such level of access, or no such length")
	ErrOpen   = errors.New("staff: access is open, or asked for, already")
	ErrAccess = errors.New("staff: no such access, or it has ended")
)

// Levels of access, least first; each is a built-in role of the tenant while it lasts.
const (
	LevelRead   = "read"
	LevelHelp   = "help"
	LevelManage = "manage"
)

var levelRoles = map[string]string{LevelRead: rbac.Auditor, LevelHelp: rbac.SupportAgent, LevelManage: rbac.BrandAdmin}

// hoursOffered are the lengths of an access in hours: at most three days (platform.hours_<n>).
var hoursOffered = []int{1, 4, 8, 24, 72}

// entryLife bounds the time between leaving the platform's pages and arriving at the tenant's.
const entryLife = time.Minute

// Grant is one access of staff to one tenant.
type Grant struct {
	ID        uuid.UUID
	StaffID   uuid.UUID
	StaffName string
	Level     string
	Reason    string
	AskedAt   time.Time
	GrantedAt time.Time // zero: not yet
	EndsAt    time.Time // zero: not yet granted
	EndedAt   time.Time // zero: not before its time
	Account   uuid.UUID // that stands for them at the tenant; zero: none any more
}

// State of a grant at a moment: asked, open, ended, refused.
func (g Grant) State(now time.Time) string {
	switch {
	case !g.EndedAt.IsZero() && g.GrantedAt.IsZero():
		return "refused"
	case !g.EndedAt.IsZero():
		return "ended"
	case g.GrantedAt.IsZero() && now.Before(g.AskedAt.Add(tenants.StaffAsks)):
		return "asked"
	case now.Before(g.EndsAt):
		return "open"
	}
	return "ended"
}

// Ask asks for access to a tenant's console, for a reason and some hours. Where the tenant wants no say it is
// granted at once: an account that stands for its person is made there, whose role ends with it. The tenant sees it
// from this moment on. granted tells which it was. ErrReason, ErrLevel, ErrOpen.
func (f *Staff) Ask(ctx context.Context, by Session, t *tenants.Tenant, level, reason string, hours int) (granted bool, err error) {
	reason = strings.Join(strings.Fields(reason), " ")
	if n := utf8.RuneCountInString(reason); n < 3 || n > 500 {
		return false, ErrReason
	}
	if levelRoles[level] == "" || !slices.Contains(hoursOffered, hours) {
		return false, ErrLevel
	}
	g := Grant{ID: tenants.NewID(), StaffID: by.StaffID, StaffName: by.Name, Level: level, Reason: reason}
	err = f.within(ctx, t, func(s *tenants.Scope) error {
		var open bool
		err := s.Row(ctx, `SELECT EXISTS (SELECT 1 FROM staff_access WHERE tenant_id = $1 AND staff_id = $2 AND ended_at IS NULL
			AND (ends_at > $3 OR ends_at IS NULL AND asked_at > $4))`, []any{s.Tenant(), by.StaffID, s.Now(), s.Now().Add(-tenants.StaffAsks)}, &open)
		if err != nil {
			return err
		}
		if open {
			return ErrOpen
		}
		_, err = s.Exec(ctx, `INSERT INTO staff_access (tenant_id, id, staff_id, staff_name, level, reason, hours, asked_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
			s.Tenant(), g.ID, g.StaffID, g.StaffName, g.Level, g.Reason, hours, s.Now())
		if err != nil {
			return err
		}
		if err := told(ctx, s, g, "asked", Actor(by.StaffID)); err != nil {
			return err
		}
		if wait, err := wantsSay(ctx, s); err != nil || wait {
			return err
		}
		granted = true
		return f.open(ctx, s, g, hours, nil)
	})
	return granted, err
}

// wantsSay tells whether the tenant wants to be asked first, as it stands now: what an instance keeps may be older.
func wantsSay(ctx context.Context, s *tenants.Scope) (bool, error) {
	_, doc, err := tenants.Setting(ctx, s, tenants.SubjectPortal)
	if err != nil || doc == nil {
		return false, err
	}
	var p tenants.Portal
	err = json.Unmarshal(doc, &p)
	return p.StaffApproval, err
}

// within runs work in a tenant's scope under the tenant's lock, and makes every instance see it: the banner stands on
// each page of the tenant's console.
func (f *Staff) within(ctx context.Context, t *tenants.Tenant, work func(*tenants.Scope) error) error {
	return f.DB.AcrossAll(ctx, tenants.ForStaff, func(a *tenants.Across) error {
		var id tenants.ID
		err := a.Row(ctx, "SELECT id FROM tenants WHERE id = $1 AND state = 'live' FOR UPDATE", []any{t.ID}, &id)
		if errors.Is(err, tenants.ErrNotFound) {
			return ErrAccess // closed meanwhile: nobody enters
		}
		if err != nil {
			return err
		}
		if err := a.In(ctx, t.ID, work); err != nil {
			return err
		}
		return tenants.Touch(ctx, a, t.ID)
	})
}

func told(ctx context.Context, s *tenants.Scope, g Grant, what, actor string) error {
	return audit.Write(ctx, s, audit.Event{Kind: audit.StaffAccess, Outcome: audit.Success, Reason: what, Actor: actor, AccountID: orNil(g.Account),
		Details: map[string]any{"who": g.StaffName, "level": g.Level, "why": g.Reason, "access": g.ID}})
}

func orNil(id uuid.UUID) *uuid.UUID {
	if id == (uuid.UUID{}) {
		return nil
	}
	return &id
}

// open makes the account that stands for somebody of the staff, with the role of its level until the end.
func (f *Staff) open(ctx context.Context, s *tenants.Scope, g Grant, hours int, by *uuid.UUID) error {
	ends := s.Now().Add(time.Duration(hours) * time.Hour)
	id, err := f.Accounts.Create(ctx, s, accounts.New{DisplayName: g.StaffName + " (Portico)", SignIn: "sso"})
	if err != nil {
		return err
	}
	g.Account = id
	b := &tenants.Batch{}
	b.Exec(`INSERT INTO role_assignments (tenant_id, id, account_id, role, granted_by, created_at, ends_at) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		s.Tenant(), tenants.NewID(), id, levelRoles[g.Level], Actor(g.StaffID), s.Now(), ends)
	b.Exec(`UPDATE staff_access SET granted_at = $3, granted_by = $4, ends_at = $5, account_id = $6 WHERE tenant_id = $1 AND id = $2`,
		s.Tenant(), g.ID, s.Now(), by, ends, id)
	if err := s.Send(ctx, b); err != nil {
		return err
	}
	return told(ctx, s, g, "granted", "")
}

// Decide is the tenant's answer to a request, by one of its administrators. ErrAccess when it is no request any more:
// decided, older than tenants.StaffAsks, or of somebody who is no staff any more.
func (f *Staff) Decide(ctx context.Context, t *tenants.Tenant, by, id uuid.UUID, yes bool) error {
	return f.DB.AcrossAll(ctx, tenants.ForStaff, func(a *tenants.Across) error {
		var role string
		err := a.Row(ctx, `SELECT s.role FROM staff_access x JOIN platform.staff s ON s.id = x.staff_id AND s.status = 'active'
			WHERE x.tenant_id = $1 AND x.id = $2`, []any{t.ID, id}, &role)
		if errors.Is(err, tenants.ErrNotFound) || err == nil && !rbac.StaffRole(role).Allows(rbac.AccessAsk) {
			return ErrAccess
		}
		if err != nil {
			return err
		}
		if _, err := a.Exec(ctx, "SELECT FROM tenants WHERE id = $1 FOR UPDATE", t.ID); err != nil {
			return err
		}
		if err := a.In(ctx, t.ID, func(s *tenants.Scope) error { return f.decide(ctx, s, by, id, yes) }); err != nil {
			return err
		}
		return tenants.Touch(ctx, a, t.ID)
	})
}

func (f *Staff) decide(ctx context.Context, s *tenants.Scope, by, id uuid.UUID, yes bool) error {
	g := Grant{ID: id}
	var hours int
	err := s.Row(ctx, `SELECT staff_id, staff_name, level, reason, hours FROM staff_access
		WHERE tenant_id = $1 AND id = $2 AND granted_at IS NULL AND ended_at IS NULL AND asked_at > $3 FOR UPDATE`, []any{s.Tenant(), id, s.Now().Add(-tenants.StaffAsks)},
		&g.StaffID, &g.StaffName, &g.Level, &g.Reason, &hours)
	if errors.Is(err, tenants.ErrNotFound) {
		return ErrAccess
	}
	if err != nil {
		return err
	}
	if yes {
		return f.open(ctx, s, g, hours, &by)
	}
	if _, err := s.Exec(ctx, "UPDATE staff_access SET ended_at = $3, ended_by = $4 WHERE tenant_id = $1 AND id = $2", s.Tenant(), id, s.Now(), audit.AccountActor(by)); err != nil {
		return err
	}
	return told(ctx, s, g, "refused", "")
}

// endAll ends every access, and every request for one, of somebody who is no staff any more or may not ask: in the
// transaction that says so, so that nobody stays behind a customer's door (decisions.md 18).
func (f *Staff) endAll(ctx context.Context, a *tenants.Across, whose uuid.UUID, actor string) error {
	type held struct{ tenant, id uuid.UUID }
	var all []held
	err := a.Each(ctx, `SELECT tenant_id, id FROM staff_access WHERE staff_id = $1 AND ended_at IS NULL AND (ends_at IS NULL OR ends_at > $2) ORDER BY tenant_id`,
		[]any{whose, a.Now()}, func(scan func(...any) error) error {
			var h held
			err := scan(&h.tenant, &h.id)
			all = append(all, h)
			return err
		})
	if err != nil {
		return err
	}
	for _, h := range all {
		if err := a.In(ctx, h.tenant, func(s *tenants.Scope) error { return f.end(ctx, s, actor, h.id) }); err != nil && !errors.Is(err, ErrAccess) {
			return err
		}
		if err := tenants.Touch(ctx, a, h.tenant); err != nil {
			return err
		}
	}
	return nil
}

// End ends an access before its time, by whom it is or by the tenant: its sessions end with the request that is
// under way. ErrAccess when it is over.
func (f *Staff) End(ctx context.Context, t *tenants.Tenant, actor string, id uuid.UUID) error {
	return f.within(ctx, t, func(s *tenants.Scope) error { return f.end(ctx, s, actor, id) })
}

func (f *Staff) end(ctx context.Context, s *tenants.Scope, actor string, id uuid.UUID) error {
	g := Grant{ID: id}
	var account *uuid.UUID
	err := s.Row(ctx, `UPDATE staff_access SET ended_at = $3, ended_by = $4, entry_hash = NULL WHERE tenant_id = $1 AND id = $2 AND ended_at IS NULL
		RETURNING staff_id, staff_name, level, reason, account_id`, []any{s.Tenant(), id, s.Now(), actor}, &g.StaffID, &g.StaffName, &g.Level, &g.Reason, &account)
	if errors.Is(err, tenants.ErrNotFound) {
		return ErrAccess
	}
	if err != nil {
		return err
	}
	if account != nil {
		g.Account = *account
		if err := f.leave(ctx, s, g); err != nil {
			return err
		}
	}
	return told(ctx, s, g, "ended", actor)
}

// leave closes the account that stood for somebody: its role and its sessions end, the account stays for the audit to name.
func (f *Staff) leave(ctx context.Context, s *tenants.Scope, g Grant) error {
	b := &tenants.Batch{}
	b.Exec("DELETE FROM role_assignments WHERE tenant_id = $1 AND account_id = $2", s.Tenant(), g.Account)
	b.Exec("UPDATE staff_access SET account_id = NULL WHERE tenant_id = $1 AND id = $2", s.Tenant(), g.ID)
	if err := s.Send(ctx, b); err != nil {
		return err
	}
	return accounts.SetStatus(ctx, s, g.Account, true)
}

// Grants lists the accesses to a tenant, newest first, at most 100.
func (f *Staff) Grants(ctx context.Context, t *tenants.Tenant) (all []Grant, err error) {
	err = f.DB.In(ctx, t.ID, func(s *tenants.Scope) error {
		return s.Each(ctx, `SELECT id, staff_id, staff_name, level, reason, asked_at, granted_at, ends_at, ended_at, account_id
			FROM staff_access WHERE tenant_id = $1 ORDER BY asked_at DESC, id LIMIT 100`, []any{s.Tenant()}, func(scan func(...any) error) error {
			var g Grant
			var granted, ends, ended *time.Time
			var account *uuid.UUID
			err := scan(&g.ID, &g.StaffID, &g.StaffName, &g.Level, &g.Reason, &g.AskedAt, &granted, &ends, &ended, &account)
			for from, to := range map[**time.Time]*time.Time{&granted: &g.GrantedAt, &ends: &g.EndsAt, &ended: &g.EndedAt} {
				if *from != nil {
					*to = **from
				}
			}
			if account != nil {
				g.Account = *account
			}
			all = append(all, g)
			return err
		})
	})
	return all, err
}

// Entry makes a token with which this person's browser enters the tenant's console, once, within a minute. ErrAccess.
func (f *Staff) Entry(ctx context.Context, by Session, t *tenants.Tenant, id uuid.UUID) (token string, err error) {
	token = accounts.NewSecret()
	err = f.DB.In(ctx, t.ID, func(s *tenants.Scope) error {
		n, err := s.Exec(ctx, `UPDATE staff_access SET entry_hash = $4, entry_ends_at = $5
			WHERE tenant_id = $1 AND id = $2 AND staff_id = $3 AND ended_at IS NULL AND ends_at > $6`,
			s.Tenant(), id, by.StaffID, accounts.SecretHash(token), s.Now().Add(entryLife), s.Now())
		if err == nil && n == 0 {
			err = ErrAccess
		}
		return err
	})
	return token, err
}

// Enter spends a token at the tenant's address and signs its person in until the access ends. ErrAccess for what is
// no token, or none any more.
func (f *Staff) Enter(ctx context.Context, t *tenants.Tenant, token string, client accounts.Client) (c accounts.Cookie, err error) {
	if !accounts.WellFormedSecret(token) {
		return c, ErrAccess
	}
	err = f.DB.In(ctx, t.ID, func(s *tenants.Scope) error {
		var g Grant
		err := s.Row(ctx, `UPDATE staff_access SET entry_hash = NULL WHERE tenant_id = $1 AND entry_hash = $2 AND entry_ends_at > $3
			AND ended_at IS NULL AND ends_at > $3 AND account_id IS NOT NULL RETURNING id, staff_id, staff_name, level, reason, ends_at, account_id`,
			[]any{s.Tenant(), accounts.SecretHash(token), s.Now()}, &g.ID, &g.StaffID, &g.StaffName, &g.Level, &g.Reason, &g.EndsAt, &g.Account)
		if errors.Is(err, tenants.ErrNotFound) {
			return ErrAccess
		}
		if err != nil {
			return err
		}
		c, err = accounts.Enter(ctx, s, t, g.Account, g.EndsAt, client)
		if errors.Is(err, accounts.ErrNoSession) {
			return ErrAccess
		}
		if err != nil {
			return err
		}
		return audit.Write(ctx, s, audit.Event{Kind: audit.StaffEntered, Outcome: audit.Success, Actor: Actor(g.StaffID), AccountID: &g.Account,
			Details: map[string]any{"who": g.StaffName, "level": g.Level, "why": g.Reason}})
	})
	return c, err
}

// Sweep closes the accounts of accesses that ran out, some at a time; what a crash leaves, the next one finds. An
// access that ran out opens nothing whether it was swept or not: its role and its sessions ended with it.
func (f *Staff) Sweep(ctx context.Context) (int, error) {
	type over struct {
		tenant tenants.ID
		grant  Grant
	}
	var found []over
	err := f.DB.AcrossAll(ctx, tenants.ForMaintenance, func(a *tenants.Across) error {
		return a.Each(ctx, `SELECT tenant_id, id, account_id FROM staff_access WHERE account_id IS NOT NULL AND ends_at <= $1 ORDER BY ends_at LIMIT 100`,
			[]any{a.Now()}, func(scan func(...any) error) error {
				var o over
				err := scan(&o.tenant, &o.grant.ID, &o.grant.Account)
				found = append(found, o)
				return err
			})
	})
	if err != nil {
		return 0, err
	}
	var failed error
	done := 0
	for _, o := range found {
		err := f.DB.In(ctx, o.tenant, func(s *tenants.Scope) error { return f.leave(ctx, s, o.grant) })
		if err == nil {
			done++
		}
		failed = errors.Join(failed, err) // the others go on
	}
	return done, failed
}
