package accounts

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/google/uuid"

	"portico/app/audit"
	"portico/tenants"
	"portico/themes"
)

// ErrPassRefused is the one answer to a pass that does not open, whatever the reason: nobody of that
// name, another pass, not approved, too early, too late, used.
var ErrPassRefused = errors.New("one-time pass refused")

// passSessionLife bounds the session that follows a pass: time to register proofs, and no more.
const passSessionLife = 30 * time.Minute

// passCounters bound tries of passes: an address, and an identifier from an address, so that a stranger's
// tries never shut the owner out.
func passCounters(p tenants.Policy, typed string, client Client) []counter {
	key := client.AddressKey()
	return []counter{
		{"pass address", key, times(window(10, 10*time.Minute), NetworkFactor(p.Throttle, client.Address))},
		{"pass account", lookUpKey(p.SignIn.Identifier, typed) + "\x00" + key, window(5, time.Hour)},
	}
}

// TryPass tells whether a pass opens the account that signs in with an identifier, without spending it;
// opened is what CheckPass and UsePass take. ErrPassRefused after the same statements whatever is
// wrong, *LimitError after too many tries of one browser's address.
func (a *Accounts) TryPass(ctx context.Context, t *tenants.Tenant, identifier, typed string, client Client) (opened string, err error) {
	defer evenOut(ctx, time.Now())
	pass := ReadGrouped(typed, passLength)
	var limit limitAnswer
	err = a.DB.In(ctx, t.ID, func(s *tenants.Scope) error {
		var who Person
		var p standingPass
		counters := passCounters(t.Policy, identifier, client)
		b := &tenants.Batch{}
		a.takeLimits(b, s, 1, &limit, counters...)
		FindPerson(b, s, t, t.Policy.SignIn.Identifier, identifier, client, &who)
		p.read(b, s, byIdentifier(t.Policy.SignIn.Identifier, identifier))
		if err := s.Send(ctx, b); err != nil || !limit.allowed {
			return err // nil commits: a refusal may have begun a block
		}
		b = &tenants.Batch{}
		reason := p.refusal(who, a.isPass(p.hash, s.Tenant(), who.ID, pass), s.Now())
		if reason == "" {
			opened = p.id.String() + pass
			a.giveBack(b, s, counters...)
			return s.SendAndCommit(ctx, b)
		}
		err := audit.Add(ctx, b, s, audit.Event{Kind: audit.PassRefused, Outcome: audit.Failure, Reason: reason, AccountID: who.Ref()})
		if err != nil {
			return err
		}
		return s.SendAndCommit(ctx, b)
	})
	switch {
	case err != nil:
		return "", err
	case !limit.allowed:
		return "", limit.err()
	case opened == "" || !t.Policy.Passes.Enabled:
		return "", ErrPassRefused
	}
	return opened, nil
}

// standingPass is the newest pass of somebody, as far as opening looks at it.
type standingPass struct {
	ok                   bool
	id                   uuid.UUID
	hash                 []byte
	stamp                int64
	approved             bool // by a second operator
	ready, used, revoked *time.Time
	expires              time.Time
}

func (p *standingPass) read(b *tenants.Batch, s *tenants.Scope, whom target) {
	b.Row(&p.ok, `SELECT id, hash, stamp, approved_by IS NOT NULL, ready_at, expires_at, used_at, revoked_at FROM passes
		WHERE tenant_id = $1 AND account_id = `+whom.account+` ORDER BY issued_at DESC, id DESC LIMIT 1`,
		append([]any{s.Tenant()}, whom.args...), &p.id, &p.hash, &p.stamp, &p.approved, &p.ready, &p.expires, &p.used, &p.revoked)
}

// refusal is why a pass does not open, for the audit alone; "" when it does. An administrator's always
// needs the second operator, whatever they were when it was issued.
func (p standingPass) refusal(who Person, right bool, now time.Time) string {
	switch {
	case who.Ref() == nil:
		return "unknown"
	case !p.ok:
		return "no pass"
	case !right:
		return "wrong"
	case p.used != nil:
		return "used"
	case p.revoked != nil || p.stamp != who.Stamp:
		return "revoked"
	case p.ready == nil, who.Admin && !p.approved: // they may have become an administrator since it was issued
		return "not approved"
	case now.Before(*p.ready):
		return "too early"
	case !now.Before(p.expires):
		return "expired"
	case who.Status != "active":
		return "disabled"
	case who.SignIn != "local":
		return "signs in elsewhere"
	}
	return ""
}

// CheckPass tells whose pass was opened, if it still opens. *LinkError explains one that does not, to
// whoever knew it.
func (a *Accounts) CheckPass(ctx context.Context, t *tenants.Tenant, opened string) (Person, error) {
	var who Person
	err := a.DB.In(ctx, t.ID, func(s *tenants.Scope) (err error) {
		who, _, err = a.openedPass(ctx, s, t, opened, false)
		return err
	})
	return who, err
}

func (a *Accounts) openedPass(ctx context.Context, s *tenants.Scope, t *tenants.Tenant, opened string, hold bool) (Person, uuid.UUID, error) {
	var who Person
	if len(opened) != 36+passLength {
		return who, uuid.UUID{}, &LinkError{Reason: "unknown"}
	}
	id, err := uuid.Parse(opened[:36])
	if err != nil {
		return who, id, &LinkError{Reason: "unknown"}
	}
	p, query := standingPass{id: id}, `SELECT account_id, hash, stamp, approved_by IS NOT NULL, ready_at, expires_at, used_at, revoked_at FROM passes WHERE tenant_id = $1 AND id = $2`
	if hold {
		query += " FOR UPDATE"
	}
	var account uuid.UUID
	err = s.Row(ctx, query, []any{s.Tenant(), id}, &account, &p.hash, &p.stamp, &p.approved, &p.ready, &p.expires, &p.used, &p.revoked)
	if errors.Is(err, tenants.ErrNotFound) {
		return who, id, &LinkError{Reason: "unknown"}
	}
	if err != nil {
		return who, id, err
	}
	b := &tenants.Batch{}
	PersonOf(b, s, t, &account, Client{}, &who)
	if err := s.Send(ctx, b); err != nil {
		return who, id, err
	}
	p.ok = true
	switch p.refusal(who, a.isPass(p.hash, s.Tenant(), account, opened[36:]), s.Now()) {
	case "":
		return who, id, nil
	case "used":
		return who, id, &LinkError{Reason: "used", At: *p.used}
	case "expired":
		return who, id, &LinkError{Reason: "expired", At: p.expires}
	case "wrong", "unknown", "not approved", "too early":
		return who, id, &LinkError{Reason: "unknown"}
	}
	return who, id, &LinkError{Reason: "revoked", At: moment(p.revoked)}
}

// UsePass spends a pass: a new password, every lock lifted, every session, link and recovery ended, the
// owner told at every confirmed address. The session that comes of it has to register proofs and opens
// nothing else, for half an hour. *LinkError, *PasswordError and ErrBusy leave everything as it was.
func (a *Accounts) UsePass(ctx context.Context, t *tenants.Tenant, opened, password string, client Client) (Cookie, error) {
	who, err := a.CheckPass(ctx, t, opened)
	if err != nil {
		return Cookie{}, err
	}
	spend := func(s *tenants.Scope) error {
		who, id, err := a.openedPass(ctx, s, t, opened, true)
		if err != nil {
			return err
		}
		b := &tenants.Batch{}
		b.Exec("UPDATE passes SET used_at = $3 WHERE tenant_id = $1 AND id = $2", s.Tenant(), id, s.Now())
		b.Exec("DELETE FROM recovery_blocks WHERE tenant_id = $1 AND account_id = $2", s.Tenant(), who.ID)
		_, err = a.tell(ctx, b, s, who, id.String(), themes.PassUsedNotice{Name: who.Name, At: s.Now(), From: audit.From(ctx).ClientAddress})
		if err != nil {
			return err
		}
		err = audit.Add(ctx, b, s, audit.Event{Kind: audit.PassUsed, Outcome: audit.Success, AccountID: who.Ref(),
			Actor: audit.AccountActor(who.ID), Details: map[string]any{"pass": id}})
		err = errors.Join(err, audit.Add(ctx, b, s, audit.Event{Kind: audit.PasswordAdminReset, Outcome: audit.Success, AccountID: who.Ref(),
			Actor: audit.Operator, Reason: "one-time pass", Details: map[string]any{"method": "pass", "pass": id}}))
		if err != nil {
			return err
		}
		return s.Send(ctx, b)
	}
	err = a.ResetProved(ctx, t, who, Proved{Event: tenants.NewID(), Methods: []string{"pass"}, Again: spend}, password, client)
	if err != nil {
		return Cookie{}, err
	}
	return a.passSession(ctx, t, who, client)
}

// passSession begins the session after a pass; the pass raised the account's stamp by one, and what raised
// it again meanwhile wins.
func (a *Accounts) passSession(ctx context.Context, t *tenants.Tenant, who Person, client Client) (Cookie, error) {
	c := Cookie{Value: newSecret()}
	err := a.DB.In(ctx, t.ID, func(s *tenants.Scope) error {
		ends := s.Now().Add(passSessionLife)
		n, err := s.Exec(ctx, `INSERT INTO sessions (tenant_id, id_hash, public_id, account_id, stamp, remembered, amr, user_agent,
				client_address, authenticated_at, seen_at, idle_ends_at, ends_at, duty)
			SELECT a.tenant_id, $3, $4, a.id, a.stamp, false, '{pass}', $6, $7, $8, $8, $9, $9, 'register'
			FROM accounts a WHERE a.tenant_id = $1 AND a.id = $2 AND a.stamp = $5 AND a.status = 'active'`,
			s.Tenant(), who.ID, secretHash(c.Value), tenants.NewID(), who.Stamp+1,
			printable(client.UserAgent, 300), client.Address.Unmap().String(), s.Now(), ends)
		if err == nil && n != 1 {
			err = ErrNoSession
		}
		return err
	})
	return c, err
}

// CheckStop tells whether the token of a letter can still end the pass that the letter was about.
func (a *Accounts) CheckStop(ctx context.Context, t *tenants.Tenant, token string) error {
	return a.DB.In(ctx, t.ID, func(s *tenants.Scope) error {
		_, err := stoppable(ctx, s, token)
		return err
	})
}

// StopPass is the owner's objection: the pass that a letter was about ends. *LinkError when it has
// ended already.
func (a *Accounts) StopPass(ctx context.Context, t *tenants.Tenant, token string) error {
	return a.DB.In(ctx, t.ID, func(s *tenants.Scope) error {
		p, err := stoppable(ctx, s, token)
		if err != nil {
			return err
		}
		return endPass(ctx, s, p, "owner", map[string]any{"pass": p.ID})
	})
}

func stoppable(ctx context.Context, s *tenants.Scope, token string) (Pass, error) {
	var id uuid.UUID
	err := s.Row(ctx, "SELECT id FROM passes WHERE tenant_id = $1 AND stop_hash = $2", []any{s.Tenant(), secretHash(strings.TrimSpace(token))}, &id)
	if errors.Is(err, tenants.ErrNotFound) {
		return Pass{}, &LinkError{Reason: "unknown"}
	}
	if err != nil {
		return Pass{}, err
	}
	p, err := holdPass(ctx, s, id)
	if err != nil {
		return p, err
	}
	switch p.State(s.Now()) {
	case "used":
		return p, &LinkError{Reason: "used", At: p.UsedAt}
	case "revoked":
		return p, &LinkError{Reason: "revoked", At: p.RevokedAt}
	case "expired":
		return p, &LinkError{Reason: "expired", At: p.ExpiresAt}
	}
	return p, nil
}
