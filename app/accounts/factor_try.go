package accounts

import (
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"time"

	"github.com/google/uuid"

	"portico/app/audit"
	"portico/tenants"
	"portico/themes"
)

// ChargeFactor counts one try of a code before it is compared: against the sign-in, against the lock of
// the account for this kind of browser, and against the day. ErrNoFactor, *LockedError, *LimitError: then
// nothing is to be compared.
func (a *Accounts) ChargeFactor(ctx context.Context, t *tenants.Tenant, secret string, client Client) (PendingFactor, error) {
	var p PendingFactor
	var limit limitAnswer
	err := a.DB.In(ctx, t.ID, func(s *tenants.Scope) (err error) {
		if p, err = a.readFactor(ctx, s, secret, client); err != nil {
			return err
		}
		b := &tenants.Batch{}
		a.takeLimits(b, s, 1, &limit, p.day())
		if err := s.Send(ctx, b); err != nil || !limit.allowed {
			return err
		}
		var tries int
		err = s.Row(ctx, `UPDATE signin_challenges SET tries = tries + 1
			WHERE tenant_id = $1 AND id = $2 AND ended_at IS NULL AND tries < $3 RETURNING tries`, []any{s.Tenant(), p.ID, factorTries}, &tries)
		if errors.Is(err, tenants.ErrNotFound) { // somebody was quicker
			return ErrNoFactor
		}
		if err != nil {
			return err
		}
		p.Left = factorTries - tries
		if p.c.before, err = readLock(ctx, s, p.c.who); err != nil {
			return err
		}
		// No try of a code repeats another: what was wrong then may be right now.
		unique := binary.BigEndian.AppendUint32(p.ID[:], uint32(tries)) //nolint:gosec // five at most
		p.c.digest = a.Peppers.MAC("wrong code", t.ID, string(unique))[:4]
		p.c.lock, p.c.verdict = p.c.before.charge(t.Policy.Lockout, p.c.who.device(), p.c.digest, s.Now())
		b = &tenants.Batch{}
		writeLock(b, s, p.c.who, p.c.lock)
		return s.SendAndCommit(ctx, b)
	})
	switch {
	case err != nil:
		return p, err
	case !limit.allowed:
		return p, errors.Join(limit.err(), a.DB.In(ctx, t.ID, func(s *tenants.Scope) error {
			return audit.Write(ctx, s, audit.Event{Kind: audit.FactorFailed, Outcome: audit.Denied, Reason: "too many", AccountID: &p.AccountID})
		}))
	case p.c.verdict == tryLocked:
		return p, a.RefuseFactor(ctx, t, p, "", "locked")
	}
	return p, nil
}

// day bounds wrong codes a day. The stamp is part of it: who guesses knows the password, and a new one
// ends that.
func (p PendingFactor) day() counter {
	stamp := binary.BigEndian.AppendUint64(nil, uint64(p.stamp)) //nolint:gosec // only a name
	return counter{"factor", p.AccountID.String() + p.c.who.lockKey() + string(stamp), window(factorADay, 24*time.Hour)}
}

// RefuseFactor writes down that a charged try was wrong and, at the first lock of a day, mails the owner as
// a wrong password does. *LockedError when no further try is looked at before its end; whoever is here
// knew the password and may know that.
func (a *Accounts) RefuseFactor(ctx context.Context, t *tenants.Tenant, p PendingFactor, method, reason string) error {
	c := p.c
	if method != "" {
		c.details = map[string]any{"method": method}
	}
	if err := a.refuse(ctx, t, &c, reason); !errors.Is(err, ErrWrong) && !errors.As(err, new(*LockedError)) {
		return err
	}
	if c.lock.LockedUntil.After(a.DB.Clock().Now()) {
		return &LockedError{Until: finite(c.lock.LockedUntil)}
	}
	return nil
}

// FactorShown is a code that was right, with what spends it: a statement that must touch exactly one row.
type FactorShown struct {
	Method    string // totp, recovery_code
	Spend     func(b *tenants.Batch, s *tenants.Scope, n *int64)
	CodesLeft int  // of recovery codes, this one spent
	Trust     bool // do not ask in this browser again for a while
}

// AdmitFactor ends a sign-in whose code was right: the session, the known device and the cleared lock, as
// without a second factor. ErrWrong when the code was spent by somebody quicker, ErrNoFactor when the
// sign-in or the account ended meanwhile; both leave everything as it was.
func (a *Accounts) AdmitFactor(ctx context.Context, t *tenants.Tenant, p PendingFactor, shown FactorShown, client Client) (SignedIn, error) {
	in := SignedIn{AccountID: p.AccountID, Duty: p.duty, SetUp: p.setUp, ReturnTo: p.ReturnTo}
	who := p.c.who
	err := a.DB.In(ctx, t.ID, func(s *tenants.Scope) error {
		b := &tenants.Batch{}
		var ended, spent, made int64
		a.giveBack(b, s, append(signInLimit(t.Policy, client).ordinary, p.day())...)
		b.ExecCount(&ended, "UPDATE signin_challenges SET ended_at = $3 WHERE tenant_id = $1 AND id = $2 AND ended_at IS NULL", s.Tenant(), p.ID, s.Now())
		shown.Spend(b, s, &spent)
		in.Session = startSession(b, s, t.Policy.Session, who, Try{Remember: p.remember, Client: client},
			begins{duty: p.duty, amr: []string{"pwd", "otp"}}, &made)
		in.Device = keepDevice(b, s, who, client)
		if shown.Trust && t.Policy.MFA.RememberBrowser {
			trust(b, s, t.Policy.MFA, who, in.Device)
		}
		clearLocks(b, s, who.ID, who.lockKey())
		err := errors.Join(
			audit.Add(ctx, b, s, audit.Event{Kind: audit.FactorOK, Outcome: audit.Success, AccountID: who.ref(),
				Actor: audit.AccountActor(who.ID), Details: map[string]any{"method": shown.Method, "remembered": shown.Trust}}),
			audit.Add(ctx, b, s, audit.Event{Kind: audit.SignInOK, Outcome: audit.Success, AccountID: who.ref(), Actor: audit.AccountActor(who.ID)}))
		if err != nil {
			return err
		}
		if err := s.Send(ctx, b); err != nil {
			return err
		}
		switch {
		case ended != 1 || made != 1:
			return ErrNoFactor
		case spent != 1:
			return ErrWrong
		}
		if shown.Method == "recovery_code" {
			return a.tellCodeUsed(ctx, s, who, p, shown.CodesLeft, client)
		}
		return nil
	})
	if err != nil {
		return SignedIn{}, err
	}
	return in, nil
}

// trust remembers that the owner wants no code asked in a browser, while the account is what it is.
func trust(b *tenants.Batch, s *tenants.Scope, p tenants.MFAPolicy, who found, device Cookie) {
	b.Exec(`UPDATE known_devices SET trusted_until = $4, trusted_stamp = $5 WHERE tenant_id = $1 AND id_hash = $2 AND account_id = $3`,
		s.Tenant(), secretHash(device.Value), who.ID, s.Now().Add(p.RememberFor.Std()), who.Stamp)
}

// Distrust adds to a batch that every browser of an account is asked for a code again: its proofs changed.
func Distrust(b *tenants.Batch, s *tenants.Scope, account uuid.UUID) {
	b.Exec("UPDATE known_devices SET trusted_until = NULL WHERE tenant_id = $1 AND account_id = $2 AND trusted_until IS NOT NULL", s.Tenant(), account)
}

// tellCodeUsed tells the owner that one of the saved codes is gone.
func (a *Accounts) tellCodeUsed(ctx context.Context, s *tenants.Scope, who found, p PendingFactor, left int, client Client) error {
	notice := themes.CodeUsedNotice{Name: who.Name, At: s.Now(), From: audit.From(ctx).ClientAddress, Left: left}
	person := Person{ID: who.ID, Name: who.Name, Email: who.Email, Locale: cmp.Or(who.Locale, client.Locale)}
	b := &tenants.Batch{}
	if _, err := a.tell(ctx, b, s, person, p.ID.String(), notice); err != nil {
		return err
	}
	return s.Send(ctx, b)
}
