package proofs

import (
	"context"
	"errors"

	"portico/app/accounts"
	"portico/tenants"
)

// SecondFactor takes the code that a sign-in waits for after a right password: of the authenticator app, or
// one of the saved ones.
type SecondFactor struct {
	Proofs   *Proofs
	Accounts *accounts.Accounts
}

// AskedFactor is what the page of a waiting sign-in shows.
type AskedFactor struct {
	accounts.PendingFactor
	Saved int // recovery codes left
}

// Asked reads the sign-in that a browser's secret stands for. accounts.ErrNoFactor.
func (f *SecondFactor) Asked(ctx context.Context, t *tenants.Tenant, secret string, client accounts.Client) (AskedFactor, error) {
	p, err := f.Accounts.FactorOf(ctx, t, secret, client)
	if err != nil {
		return AskedFactor{}, err
	}
	held, err := f.held(ctx, t, p)
	if err != nil {
		return AskedFactor{}, err
	}
	saved, _ := held.Of(RecoveryCodes)
	return AskedFactor{PendingFactor: p, Saved: saved.CodesLeft}, nil
}

func (f *SecondFactor) held(ctx context.Context, t *tenants.Tenant, p accounts.PendingFactor) (held Held, err error) {
	return held, f.Proofs.DB.In(ctx, t.ID, func(s *tenants.Scope) error {
		b := &tenants.Batch{}
		f.Proofs.Read(b, s, &p.AccountID, &held)
		return s.Send(ctx, b)
	})
}

// Try tries a code by a method, totp or recovery_code, and ends the sign-in when it is right: each code
// opens once, also when it comes twice at the same moment. *WrongError with the tries left,
// *accounts.LockedError and *accounts.LimitError until when none is looked at, accounts.ErrNoFactor when
// there is nothing to try any more. trust asks for no code in this browser for a while.
func (f *SecondFactor) Try(ctx context.Context, t *tenants.Tenant, secret, method, code string, trust bool, client accounts.Client) (accounts.SignedIn, error) {
	if method != Authenticator {
		method = RecoveryCodes
	}
	p, err := f.Accounts.ChargeFactor(ctx, t, secret, client)
	if err != nil {
		return accounts.SignedIn{}, err
	}
	held, err := f.held(ctx, t, p)
	if err != nil {
		return accounts.SignedIn{}, err
	}
	work := Work{Tenant: t, Subject: "signin:" + p.ID.String(), For: "signin", Locale: client.Locale}
	work.Held, _ = held.Of(method)
	asked := Challenge{ID: p.ID, Account: &p.AccountID, Method: method, ExpiresAt: p.ExpiresAt}
	verdict, err := f.Proofs.Check(ctx, asked, work, Given{Code: code})
	if err != nil {
		return accounts.SignedIn{}, err
	}
	reason := "wrong code"
	if verdict.Right {
		shown := accounts.FactorShown{Method: method, Spend: verdict.Spend, CodesLeft: work.Held.CodesLeft - 1, Trust: trust}
		in, err := f.Accounts.AdmitFactor(ctx, t, p, shown, client)
		if !errors.Is(err, accounts.ErrWrong) {
			return in, err
		}
		reason = "used code"
	}
	if err := f.Accounts.RefuseFactor(ctx, t, p, method, reason); err != nil {
		return accounts.SignedIn{}, err
	}
	return accounts.SignedIn{}, &WrongError{Left: p.Left}
}
