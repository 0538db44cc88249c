package proofs

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"portico/app/accounts"
	"portico/app/audit"
	"portico/app/phones"
	"portico/tenants"
)

// Enrolment lets somebody who is signed in register, replace and remove their proofs. Whether they showed
// anew who they are is for the caller to ask first (accounts.ProvedAnew).
type Enrolment struct {
	Proofs   *Proofs
	Accounts *accounts.Accounts
	Phones   *phones.Book
}

// Owner is somebody signed in who changes their own proofs.
type Owner struct {
	Session accounts.Session
	Client  accounts.Client
}

// subject binds what is being registered to one session: no other answers it.
func (o Owner) subject() string { return "session:" + o.Session.PublicID.String() }

// ErrNotOffered means a kind that this tenant does not let people register, or that an administrator alone
// sets.
var ErrNotOffered = errors.New("this proof is not offered here")

// ErrNeeded means that a proof cannot be removed: too few ways to get back in would be left.
var ErrNeeded = errors.New("the policy needs this proof")

// WrongError means that a code was not right; Left is how many tries it has.
type WrongError struct{ Left int }

func (e *WrongError) Error() string { return fmt.Sprintf("wrong, %d tries left", e.Left) }

// BudgetError means that no text or call can be bought now. RetryAt may be zero.
type BudgetError struct {
	Why     phones.Verdict
	RetryAt time.Time
}

func (e *BudgetError) Error() string { return "no text or call: " + string(e.Why) }

// What one account may do while registering (security.md 4.2): codes tried, codes by mail asked
// for, and changes that no code comes before.
const (
	triesAnHour   = 10
	mailsAnHour   = 5
	changesAnHour = 10
)

// ErrByPass means that somebody who came in by a one-time pass may replace proofs, but take none away.
var ErrByPass = errors.New("a one-time pass removes no proof")

// count counts one change of somebody's proofs. *accounts.LimitError when there were too many in an hour.
func (e *Enrolment) count(ctx context.Context, s *tenants.Scope, o Owner) error {
	return e.Accounts.TakeOwn(ctx, s, "proof change", o.Session.AccountID, changesAnHour, time.Hour)
}

// Profile is what somebody has registered and what it is worth.
type Profile struct {
	Person  accounts.Person
	Held    Held
	Ability Ability
	Asked   bool // an administrator asked them to register anew
	Now     time.Time
}

// Owes tells whether somebody was asked to register anew and has not registered anything since, however much
// of what others set for them counts.
func (p Profile) Owes() bool {
	return p.Asked && !slices.ContainsFunc(p.Held, func(r Registered) bool { return r.SetBy == ByOwner })
}

// Profile reads what somebody has registered.
func (e *Enrolment) Profile(ctx context.Context, t *tenants.Tenant, o Owner) (Profile, error) {
	var p Profile
	err := e.Proofs.DB.In(ctx, t.ID, func(s *tenants.Scope) (err error) {
		p, err = e.profile(ctx, s, t, o, false)
		return err
	})
	return p, err
}

// profile reads it in a transaction; hold keeps the account as it is until that ends.
func (e *Enrolment) profile(ctx context.Context, s *tenants.Scope, t *tenants.Tenant, o Owner, hold bool) (Profile, error) {
	p := Profile{Now: s.Now()}
	b := &tenants.Batch{}
	if hold {
		accounts.Hold(b, s, &o.Session.AccountID)
	}
	accounts.PersonOf(b, s, t, &o.Session.AccountID, o.Client, &p.Person)
	e.Proofs.Read(b, s, &o.Session.AccountID, &p.Held)
	b.Row(nil, "SELECT count(*) > 0 FROM accounts WHERE tenant_id = $1 AND id = $2 AND register_asked_at IS NOT NULL",
		[]any{s.Tenant(), o.Session.AccountID}, &p.Asked)
	var inScope bool
	InScope(b, s, t, o.Session.AccountID, &inScope)
	if err := s.Send(ctx, b); err != nil {
		return p, err
	}
	if p.Person.Ref() == nil || p.Person.Status != "active" {
		return p, accounts.ErrNoSession
	}
	p.Ability = AbilityOf(t, p.Person, p.Held, s.Now())
	p.Ability.Off = p.Ability.Off || !inScope
	return p, nil
}

// change is what became of a kind of proof, for the letter and the audit.
type change struct {
	what    string // added, replaced, removed
	kind    string
	contact string // masked
}

// stored replaces a proof within the scope, tells every verified address and writes the audit.
func (e *Enrolment) stored(ctx context.Context, s *tenants.Scope, t *tenants.Tenant, o Owner, p Profile, n Ready) error {
	n.Account, n.SetBy, n.Verified, n.Delay = o.Session.AccountID, ByOwner, true, t.Policy.Gates.NewProofDelay.Std()
	c := change{what: "added", kind: n.Kind, contact: Registered{Kind: n.Kind, Contact: n.Contact}.Masked()}
	if _, had := p.Held.Of(n.Kind); had {
		c.what = "replaced"
	}
	if _, err := e.Proofs.StoreReady(ctx, s, n); err != nil {
		return err
	}
	var fresh string
	if n.Kind == AuthEmail {
		fresh = n.Contact
	}
	return e.tell(ctx, s, o, p, c, fresh)
}

// Remove takes a proof away. ErrNeeded when too few would be left, ErrByPass when a one-time pass opened the
// session, ErrNotOffered for what is not theirs to change, *accounts.LimitError after ten changes in an hour;
// what is not there is no error.
func (e *Enrolment) Remove(ctx context.Context, t *tenants.Tenant, o Owner, kind string) error {
	if !t.Policy.Gates.Registers(kind) {
		return ErrNotOffered
	}
	byPass, err := e.Accounts.ByPass(ctx, t, o.Session)
	if err != nil {
		return err
	}
	var refused error // committed with its audit row
	err = e.Proofs.DB.In(ctx, t.ID, func(s *tenants.Scope) error {
		if err := e.count(ctx, s, o); err != nil {
			return err
		}
		p, err := e.profile(ctx, s, t, o, true)
		if err != nil {
			return err
		}
		if _, has := p.Held.Of(kind); !has {
			return nil
		}
		reason := ""
		switch {
		case byPass:
			refused, reason = ErrByPass, "pass"
		case Needed(t, p, kind):
			refused, reason = ErrNeeded, "needed"
		}
		if refused != nil {
			return audit.Write(ctx, s, audit.Event{Kind: audit.MethodsRegistered, Outcome: audit.Denied, Reason: reason,
				AccountID: &o.Session.AccountID, Details: map[string]any{"method": kind, "change": "removed"}})
		}
		b := &tenants.Batch{}
		Remove(b, s, o.Session.AccountID, kind)
		if err := s.Send(ctx, b); err != nil {
			return err
		}
		return e.tell(ctx, s, o, p, change{what: "removed", kind: kind}, "")
	})
	if err == nil {
		err = refused
	}
	return err
}

// Needed tells whether the policy forbids taking a proof away: where people must have registered enough,
// what would leave too few; and the last second factor, where one is asked for.
func Needed(t *tenants.Tenant, p Profile, kind string) bool {
	if kind == Authenticator && t.Policy.MFA.For(p.Person.Admin) == "required" {
		return true
	}
	if t.Policy.Registration.AtSignIn != "forced" && !t.Policy.Reset.RequiresRegistration {
		return false
	}
	left := Without(t, p, kind)
	before := len(p.Ability.Ways) + len(p.Ability.Soon)
	return !left.Enough() && len(left.Ways)+len(left.Soon) < before
}

// Confirm writes down that all contacts on record are still the person's own. *accounts.LimitError after ten
// changes in an hour.
func (e *Enrolment) Confirm(ctx context.Context, t *tenants.Tenant, o Owner) error {
	return e.Proofs.DB.In(ctx, t.ID, func(s *tenants.Scope) error {
		if err := e.count(ctx, s, o); err != nil {
			return err
		}
		n, err := s.Exec(ctx, "UPDATE proofs SET confirmed_at = $3 WHERE tenant_id = $1 AND account_id = $2", s.Tenant(), o.Session.AccountID, s.Now())
		if err != nil || n == 0 {
			return err
		}
		return audit.Write(ctx, s, audit.Event{Kind: audit.MethodsRegistered, Outcome: audit.Success, Reason: "confirmed", AccountID: &o.Session.AccountID})
	})
}

// Without is what somebody could do with one proof less.
func Without(t *tenants.Tenant, p Profile, kind string) Ability {
	rest := slices.DeleteFunc(slices.Clone(p.Held), func(r Registered) bool { return r.Kind == kind })
	able := AbilityOf(t, p.Person, rest, p.Now)
	able.Off = p.Ability.Off
	return able
}

// Contacts are the kinds that reach a person, and so can stop being theirs.
func Contacts() []string { return []string{AuthPhone, AuthEmail} }

// SureAt is when a proof was last known to be its owner's.
func (r Registered) SureAt() time.Time {
	return later(r.UpdatedAt, later(r.VerifiedAt, r.SaidAt))
}
