package proofs

import (
	"context"
	"errors"
	"time"

	"portico/tenants"
)

// AsksApp tells whether somebody who shows anew who they are needs their authenticator app, too: where it
// is their second factor at sign-in.
func AsksApp(t *tenants.Tenant, p Profile) bool {
	r, ok := p.Held.Of(Authenticator)
	return ok && r.Shown() && t.Policy.MFA.For(p.Person.Admin) != "off"
}

// TryApp tries a code of the person's authenticator app: each works once. *WrongError,
// *accounts.LimitError.
func (e *Enrolment) TryApp(ctx context.Context, t *tenants.Tenant, o Owner, code string) error {
	var p Profile
	var c Challenge
	var work Work
	err := e.Proofs.DB.In(ctx, t.ID, func(s *tenants.Scope) (err error) {
		if err := e.Accounts.TakeOwn(ctx, s, "enrol code", o.Session.AccountID, triesAnHour, time.Hour); err != nil {
			return err
		}
		if p, err = e.profile(ctx, s, t, o, true); err != nil {
			return err
		}
		work = Work{Tenant: t, Person: p.Person, Subject: "stepup:" + o.Session.PublicID.String(), Locale: o.Client.Locale}
		work.Held, _ = p.Held.Of(Authenticator)
		if _, err = e.Proofs.Ask(ctx, s, "totp", work, nil); err != nil {
			return err
		}
		c, err = Charge(ctx, s, work.Subject)
		return err
	})
	if err != nil {
		return err
	}
	verdict, err := e.Proofs.Check(ctx, c, work, Given{Code: code})
	if err != nil {
		return err
	}
	if !verdict.Right {
		return &WrongError{Left: c.Left()}
	}
	err = e.Proofs.DB.In(ctx, t.ID, func(s *tenants.Scope) error { return Settle(ctx, s, c, verdict) })
	if errors.Is(err, ErrEnded) {
		return &WrongError{}
	}
	return err
}
