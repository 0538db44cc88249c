package proofs

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"portico/app/accounts"
	"portico/app/audit"
	"portico/app/phones"
	"portico/tenants"
)

// pending is what is to be registered once its code came back, sealed into the challenge.
type pending struct {
	Kind    string `json:"kind"`
	Contact string `json:"contact"`
}

// enrolPurpose names the key that pending contacts are sealed with; they are bound to their session.
const enrolPurpose = "enrol"

// Pending is a proof on its way to being registered, as its page shows it.
type Pending struct {
	Kind    string
	Method  string // which proof carries the code: sms_mobile, voice_mobile, email_code, totp
	Contact string // as typed; of an authenticator its secret
	SentAt  time.Time
	Until   time.Time
	NextAt  time.Time
	Left    int
}

// PhoneWays are how a code can go to a mobile phone here: texts, calls, or both.
func PhoneWays(t *tenants.Tenant) []string {
	var ways []string
	for _, name := range []string{"sms_mobile", "voice_mobile"} {
		if kind, ok := tenants.ProofOf(name); ok && t.Sends(kind) {
			ways = append(ways, name)
		}
	}
	return ways
}

// BeginPhone sends a code to the number that is to be registered. *phones.NumberError tells what is wrong
// with it, *BudgetError and *TooSoonError when none can go now.
func (e *Enrolment) BeginPhone(ctx context.Context, t *tenants.Tenant, o Owner, typed, way string) error {
	if !t.Policy.Gates.Registers(AuthPhone) || way != "sms_mobile" && way != "voice_mobile" {
		return ErrNotOffered
	}
	if kind, _ := tenants.ProofOf(way); !t.Sends(kind) {
		return ErrNotOffered
	}
	number, err := phones.ParseFor(typed, t.Sender.Phone.Countries)
	if err != nil {
		return err
	}
	if way == "sms_mobile" && !number.TakesText() {
		return &phones.NumberError{Reason: "no_text", Country: number.Country, Example: phones.Example(number.Country)}
	}
	return e.begin(ctx, t, o, way, pending{Kind: AuthPhone, Contact: number.E164})
}

// BeginEmail sends a code to the address that is to be registered. accounts.ErrIdentifier when it is none.
func (e *Enrolment) BeginEmail(ctx context.Context, t *tenants.Tenant, o Owner, typed string) error {
	if !t.Policy.Gates.Registers(AuthEmail) {
		return ErrNotOffered
	}
	address := strings.TrimSpace(typed)
	if _, err := accounts.NormalizeEmail(address); err != nil {
		return err
	}
	return e.begin(ctx, t, o, "email_code", pending{Kind: AuthEmail, Contact: address})
}

// begin writes the challenge and lets its code go, in one transaction.
func (e *Enrolment) begin(ctx context.Context, t *tenants.Tenant, o Owner, way string, what pending) error {
	sealed, err := e.seal(t, o, what)
	if err != nil {
		return err
	}
	var refused error // committed: what a budget decided stands
	err = e.Proofs.DB.In(ctx, t.ID, func(s *tenants.Scope) error {
		p, err := e.profile(ctx, s, t, o, true)
		if err != nil {
			return err
		}
		if way == "email_code" {
			if err := e.Accounts.TakeOwn(ctx, s, "enrol mail", o.Session.AccountID, mailsAnHour, time.Hour); err != nil {
				return err
			}
		}
		kind, _ := tenants.ProofOf(way)
		if err := paced(ctx, s, o.subject(), kind); err != nil { // before money is spent
			return err
		}
		if kind.Family == "mobile" {
			if refused, err = e.pay(ctx, s, t, o, what.Contact); err != nil || refused != nil {
				return err
			}
		}
		c, err := e.Proofs.Ask(ctx, s, way, Work{Tenant: t, Person: p.Person, Held: Registered{Kind: what.Kind, Contact: what.Contact},
			Subject: o.subject(), For: "register", Locale: o.Client.Locale}, sealed)
		if err != nil || way != "totp" {
			return err
		}
		// An app is fetched and set up meanwhile; the code itself lives thirty seconds.
		_, err = s.Exec(ctx, "UPDATE challenges SET expires_at = $3 WHERE tenant_id = $1 AND id = $2", s.Tenant(), c.ID, s.Now().Add(setUpLife))
		return err
	})
	if err == nil {
		err = refused
	}
	return err
}

// setUpLife bounds the set-up of an authenticator app.
const setUpLife = 15 * time.Minute

func (e *Enrolment) pay(ctx context.Context, s *tenants.Scope, t *tenants.Tenant, o Owner, number string) (refused, err error) {
	b := &tenants.Batch{}
	answer := e.Phones.Take(b, s, phones.Use{Number: number, Account: &o.Session.AccountID, Person: o.Session.AccountID.String(),
		AddressKey: o.Client.AddressKey(), Factor: accounts.NetworkFactor(t.Policy.Throttle, o.Client.Address),
		Budget: t.Sender.Phone.DailyBudget, RequestID: audit.From(ctx).RequestID})
	if err := s.Send(ctx, b); err != nil {
		return nil, err
	}
	if answer.Verdict != phones.Allowed {
		return &BudgetError{Why: answer.Verdict, RetryAt: answer.RetryAt}, nil
	}
	return nil, nil
}

// Again sends another code to the contact at hand, by the same way.
func (e *Enrolment) Again(ctx context.Context, t *tenants.Tenant, o Owner) error {
	p, err := e.Pending(ctx, t, o)
	if err != nil {
		return err
	}
	if p.Method == "totp" {
		return ErrNotOffered
	}
	return e.begin(ctx, t, o, p.Method, pending{Kind: p.Kind, Contact: p.Contact})
}

// Pending reads what this session is registering. ErrEnded when there is nothing, or it took too long.
func (e *Enrolment) Pending(ctx context.Context, t *tenants.Tenant, o Owner) (Pending, error) {
	var c Challenge
	var found bool
	now := e.Proofs.DB.Clock().Now()
	err := e.Proofs.DB.In(ctx, t.ID, func(s *tenants.Scope) error {
		b := &tenants.Batch{}
		Standing(b, s, o.subject(), &found, &c)
		return s.Send(ctx, b)
	})
	if err != nil {
		return Pending{}, err
	}
	if !found || !now.Before(c.ExpiresAt) || c.Left() == 0 {
		return Pending{}, ErrEnded
	}
	what, err := e.open(t, o, c)
	return Pending{Kind: what.Kind, Method: c.Method, Contact: what.Contact, SentAt: c.SentAt, Until: c.ExpiresAt, NextAt: c.NextAt(), Left: c.Left()}, err
}

// Cancel gives up what this session is registering.
func (e *Enrolment) Cancel(ctx context.Context, t *tenants.Tenant, o Owner) error {
	return e.Proofs.DB.In(ctx, t.ID, func(s *tenants.Scope) error {
		b := &tenants.Batch{}
		End(b, s, o.subject())
		return s.Send(ctx, b)
	})
}

// Finish registers what is pending if the code is right, and tells which kind it was. *WrongError with the
// tries left, ErrEnded when none are, *accounts.LimitError after ten wrong ones in an hour.
func (e *Enrolment) Finish(ctx context.Context, t *tenants.Tenant, o Owner, code string) (kind string, err error) {
	var c Challenge
	err = e.Proofs.DB.In(ctx, t.ID, func(s *tenants.Scope) (err error) {
		if err := e.Accounts.TakeOwn(ctx, s, "enrol code", o.Session.AccountID, triesAnHour, time.Hour); err != nil {
			return err
		}
		c, err = Charge(ctx, s, o.subject())
		return err
	})
	if err != nil {
		return "", err
	}
	what, err := e.open(t, o, c)
	if err != nil {
		return "", err
	}
	work := Work{Tenant: t, Held: Registered{Kind: what.Kind, Contact: what.Contact}, Subject: o.subject()}
	verdict, err := e.Proofs.Check(ctx, c, work, Given{Code: code})
	if err != nil {
		return "", err
	}
	n := New{Kind: what.Kind, Contact: what.Contact}
	if what.Kind == Authenticator { // the code that showed the app to work opens nothing afterwards
		n.LastStep, _ = totpStep(what.Contact, plainCode(code), e.Proofs.DB.Clock().Now())
	}
	var refused error
	err = e.Proofs.DB.In(ctx, t.ID, func(s *tenants.Scope) (err error) {
		refused, err = e.settle(ctx, s, t, o, c, verdict.Right, n)
		return err
	})
	return what.Kind, errors.Join(err, refused)
}

func (e *Enrolment) settle(ctx context.Context, s *tenants.Scope, t *tenants.Tenant, o Owner, c Challenge, right bool, n New) (refused, err error) {
	p, err := e.profile(ctx, s, t, o, true)
	if err != nil {
		return nil, err
	}
	if !right {
		b := &tenants.Batch{}
		if c.Left() == 0 {
			End(b, s, o.subject())
		}
		err := audit.Add(ctx, b, s, audit.Event{Kind: audit.MethodsRegistered, Outcome: audit.Failure, Reason: "wrong",
			AccountID: &o.Session.AccountID, Details: map[string]any{"method": n.Kind}})
		if err != nil {
			return nil, err
		}
		return &WrongError{Left: c.Left()}, s.Send(ctx, b)
	}
	if !t.Policy.Gates.Registers(n.Kind) { // the policy changed meanwhile
		return nil, ErrNotOffered
	}
	if err := Settle(ctx, s, c, Verdict{Right: true}); err != nil {
		return nil, err
	}
	if n.Kind == AuthPhone {
		b := &tenants.Batch{}
		e.Phones.Used(b, s)
		if err := s.Send(ctx, b); err != nil {
			return nil, err
		}
	}
	if n.Kind == Authenticator {
		b := &tenants.Batch{}
		accounts.ShowedApp(b, s, o.Session)
		if err := s.Send(ctx, b); err != nil {
			return nil, err
		}
	}
	ready, err := e.Proofs.Prepare(ctx, t.ID, n) // a contact has nothing to hash
	if err != nil {
		return nil, err
	}
	return nil, e.stored(ctx, s, t, o, p, ready)
}

func (e *Enrolment) seal(t *tenants.Tenant, o Owner, what pending) ([]byte, error) {
	plain, err := json.Marshal(what)
	if err != nil {
		return nil, err
	}
	return e.Proofs.Seals.Seal(enrolPurpose, t.ID, o.subject(), plain), nil
}

func (e *Enrolment) open(t *tenants.Tenant, o Owner, c Challenge) (pending, error) {
	var what pending
	plain, err := e.Proofs.Seals.Open(enrolPurpose, t.ID, o.subject(), c.Pending)
	if err != nil {
		return what, err
	}
	return what, json.Unmarshal(plain, &what)
}
