package accounts

import (
	"context"
	"errors"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/google/uuid"

	"portico/app/audit"
	"portico/rbac"
	"portico/tenants"
)

// ErrNoSession means that a cookie names no session that holds.
var ErrNoSession = errors.New("not signed in")

// Session is a browser that is signed in.
type Session struct {
	PublicID        uuid.UUID
	AccountID       uuid.UUID
	Name            string
	Locale          string
	AuthenticatedAt time.Time
	SeenAt          time.Time
	IdleEndsAt      time.Time
	EndsAt          time.Time
	Remembered      bool
	Duty            string    // what must be done before anything else: DutyPassword …; "" is nothing
	ProvedAt        time.Time // when the person last showed who they are: by signing in, or anew since
	ConsoleAt       time.Time // when the console was last used in this session; zero: not yet
	Holdings        []rbac.Holding
}

// Subject is who is signed in, with what they hold.
func (s Session) Subject() rbac.Subject { return rbac.Subject{ID: s.AccountID, Holdings: s.Holdings} }

// seenEvery is how stale seen_at may be: a session in use costs one write a minute, not one a request.
const seenEvery = time.Minute

// begins is how a session begins: with what must be done first, and how its owner showed who they are
// (RFC 8176 names).
type begins struct {
	duty, next string
	amr        []string
}

// startSession adds a new session of the account to a batch; made is 1 when the account still is what
// it was. The cookie of a session that is not remembered ends with the browser.
func startSession(b *tenants.Batch, s *tenants.Scope, p tenants.SessionPolicy, who found, try Try, how begins, made *int64) Cookie {
	c := Cookie{Value: newSecret()}
	ends, idle := s.Now().Add(p.Absolute.Std()), s.Now().Add(p.TTL.Std())
	if try.Remember {
		ends = s.Now().Add(p.RememberFor.Std())
		idle, c.Ends = ends, ends
	}
	if !p.Sliding || idle.After(ends) {
		if !try.Remember && !p.Sliding {
			ends = idle
		}
		idle = ends
	}
	// When somebody last signed in is kept to the hour: each change of it is a new entry in every index of
	// accounts, and a list of people says no more than that.
	b.Row(nil, `WITH made AS (
			INSERT INTO sessions (tenant_id, id_hash, public_id, account_id, stamp, remembered, amr, user_agent,
				client_address, authenticated_at, seen_at, idle_ends_at, ends_at, duty, next_duty)
			SELECT a.tenant_id, $3, $4, a.id, a.stamp, $6, $7, $8, $9, $10, $10, $11, $12, $13, $14
			FROM accounts a WHERE a.tenant_id = $1 AND a.id = $2 AND a.stamp = $5 AND a.status = 'active' RETURNING account_id),
		seen AS (UPDATE accounts a SET signed_in_at = $10 FROM made
			WHERE a.tenant_id = $1 AND a.id = made.account_id AND a.signed_in_at < $10::timestamptz - interval '1 hour')
		SELECT count(*) FROM made`,
		[]any{s.Tenant(), who.ID, secretHash(c.Value), tenants.NewID(), who.Stamp, try.Remember, how.amr,
			printable(try.Client.UserAgent, 300), try.Client.Address.Unmap().String(), s.Now(), idle, ends, how.duty, how.next}, made)
	return c
}

// Session reads who is behind a session cookie: one round trip, on every signed-in request. Ended,
// idle, foreign and stale (the account's stamp moved on, the account is disabled) are ErrNoSession.
func (a *Accounts) Session(ctx context.Context, t *tenants.Tenant, cookie string) (Session, error) {
	if !WellFormedSecret(cookie) {
		return Session{}, ErrNoSession
	}
	now := a.DB.Clock().Now()
	var s Session
	var holds []string
	var console *time.Time
	err := a.DB.One(ctx, t.ID, `SELECT s.public_id, s.account_id, a.display_name, a.locale, s.authenticated_at, s.seen_at,
			s.idle_ends_at, s.ends_at, s.remembered, s.duty, greatest(s.authenticated_at, s.stepped_up_at), s.console_seen_at,
			`+rbac.HoldingsSQL("s.tenant_id", "s.account_id", "$3")+`
		FROM sessions s JOIN accounts a ON a.tenant_id = s.tenant_id AND a.id = s.account_id
		WHERE s.tenant_id = $1 AND s.id_hash = $2 AND s.ended_at IS NULL AND s.idle_ends_at > $3 AND s.ends_at > $3
			AND a.stamp = s.stamp AND a.status = 'active' AND s.authenticated_at > $4`,
		[]any{t.ID, secretHash(cookie), now, t.ClosedAt},
		&s.PublicID, &s.AccountID, &s.Name, &s.Locale, &s.AuthenticatedAt, &s.SeenAt, &s.IdleEndsAt, &s.EndsAt, &s.Remembered, &s.Duty,
		&s.ProvedAt, &console, &holds)
	if errors.Is(err, tenants.ErrNotFound) {
		return Session{}, ErrNoSession
	}
	if err != nil {
		return Session{}, err
	}
	if console != nil {
		s.ConsoleAt = *console
	}
	if s.Holdings, err = rbac.ParseHoldings(holds); err != nil {
		return Session{}, err
	}
	if t.Policy.Session.Sliding && !s.Remembered && now.Sub(s.SeenAt) >= seenEvery {
		err = a.see(ctx, t, cookie, now)
	}
	return s, err
}

// see moves the idle end of a sliding session; of many requests at once, one writes.
func (a *Accounts) see(ctx context.Context, t *tenants.Tenant, cookie string, now time.Time) error {
	return a.DB.In(ctx, t.ID, func(s *tenants.Scope) error {
		b := &tenants.Batch{}
		b.Exec(`UPDATE sessions SET seen_at = $3, idle_ends_at = least(ends_at, $4)
			WHERE tenant_id = $1 AND id_hash = $2 AND ended_at IS NULL AND seen_at <= $5`,
			s.Tenant(), secretHash(cookie), now, now.Add(t.Policy.Session.TTL.Std()), now.Add(-seenEvery))
		return s.SendAndCommit(ctx, b)
	})
}

// SignOut ends the session of a cookie; one that has ended already is no error.
func (a *Accounts) SignOut(ctx context.Context, t *tenants.Tenant, who Session) error {
	err := a.DB.In(ctx, t.ID, func(s *tenants.Scope) error {
		return endSessions(ctx, s, who.AccountID, "signed out", "AND public_id = $5", who.PublicID)
	})
	if errors.Is(err, tenants.ErrNotFound) {
		return nil
	}
	return err
}

// EndSession ends one session of the person's own; another's is ErrNotFound.
func (a *Accounts) EndSession(ctx context.Context, t *tenants.Tenant, who Session, id uuid.UUID) error {
	return a.DB.In(ctx, t.ID, func(s *tenants.Scope) error {
		return endSessions(ctx, s, who.AccountID, "ended by the owner", "AND public_id = $5", id)
	})
}

// EndSessions ends all sessions of the person ("sign out everywhere"), this one too; every browser but
// the asking one is a stranger afterwards.
func (a *Accounts) EndSessions(ctx context.Context, t *tenants.Tenant, who Session, client Client) error {
	return a.DB.In(ctx, t.ID, func(s *tenants.Scope) error {
		if err := endSessions(ctx, s, who.AccountID, "signed out everywhere", ""); err != nil {
			return err
		}
		b := &tenants.Batch{}
		forgetDevices(b, s, who.AccountID, client)
		return s.SendAndCommit(ctx, b)
	})
}

func endSessions(ctx context.Context, s *tenants.Scope, account uuid.UUID, reason, which string, args ...any) error {
	n, err := s.Exec(ctx, `UPDATE sessions SET ended_at = $3, ended_reason = $4
		WHERE tenant_id = $1 AND account_id = $2 AND ended_at IS NULL `+which,
		append([]any{s.Tenant(), account, s.Now(), reason}, args...)...)
	if err != nil {
		return err
	}
	if n == 0 {
		return tenants.ErrNotFound
	}
	return audit.Write(ctx, s, audit.Event{Kind: audit.SessionEnded, Outcome: audit.Success, Reason: reason,
		AccountID: &account, Actor: audit.AccountActor(account), Details: map[string]any{"sessions": n}})
}

// SessionRow is one session on the account page.
type SessionRow struct {
	PublicID        uuid.UUID
	UserAgent       string
	ClientAddress   string
	AuthenticatedAt time.Time
	SeenAt          time.Time
}

// TableName names the table for GORM.
func (SessionRow) TableName() string { return "sessions" }

// SessionsOf lists the sessions of an account that hold, newest first, at most 100.
func (a *Accounts) SessionsOf(ctx context.Context, t *tenants.Tenant, account uuid.UUID) ([]SessionRow, error) {
	var rows []SessionRow
	err := a.DB.In(ctx, t.ID, func(s *tenants.Scope) error {
		g, err := s.Gorm(ctx)
		if err != nil {
			return err
		}
		return g.Model(&SessionRow{}).
			Where("tenant_id = ? AND account_id = ? AND ended_at IS NULL AND idle_ends_at > ? AND ends_at > ?", s.Tenant(), account, s.Now(), s.Now()).
			Where("stamp = (SELECT stamp FROM accounts WHERE tenant_id = ? AND id = ?)", s.Tenant(), account).
			Order("authenticated_at DESC").Limit(100).Find(&rows).Error
	})
	return rows, err
}

// deviceLife is how long a browser stays known without a sign-in (security.md 4.2).
const deviceLife = 30 * 24 * time.Hour

// keepDevice makes the browser one of the owner's, under the secret that it already has if this tenant
// gave it that: a value from elsewhere may be known to others.
func keepDevice(b *tenants.Batch, s *tenants.Scope, who found, client Client) Cookie {
	c := Cookie{Value: client.Device, Ends: s.Now().Add(deviceLife)}
	if !who.Ours || !WellFormedSecret(c.Value) {
		c.Value = newSecret()
	}
	b.Exec(`INSERT INTO known_devices (tenant_id, id_hash, account_id, created_at, seen_at, ends_at)
		VALUES ($1, $2, $3, $4, $4, $5)
		ON CONFLICT (tenant_id, id_hash, account_id) DO UPDATE SET seen_at = $4, ends_at = $5`,
		s.Tenant(), secretHash(c.Value), who.ID, s.Now(), c.Ends)
	return c
}

// forgetDevices makes strangers of the account's browsers, but for the one that asks.
func forgetDevices(b *tenants.Batch, s *tenants.Scope, account uuid.UUID, but Client) {
	b.Exec("DELETE FROM known_devices WHERE tenant_id = $1 AND account_id = $2 AND id_hash <> $3",
		s.Tenant(), account, secretHash(but.Device))
}

// Printable is printable, for the browsers of staff.
func Printable(s string, n int) string { return printable(s, n) }

// printable is what a browser says of itself, as text that can be stored: at most n bytes, no broken
// UTF-8 and no control characters.
func printable(s string, n int) string {
	s = s[:min(len(s), n)]
	return strings.Map(func(r rune) rune {
		if r == utf8.RuneError || unicode.IsControl(r) {
			return -1
		}
		return r
	}, s)
}
