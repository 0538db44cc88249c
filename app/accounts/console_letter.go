package accounts

import (
	"context"

	"github.com/google/uuid"

	"portico/tenants"
)

// SendRecovery writes somebody a letter with a recovery link as an administrator asked: the same letter as
// the person would get, under the same limits of the account, for the same time. The reason says why none
// was written: gates (one link opens nothing here), off, disabled, elsewhere, no_address, unconfirmed,
// limited; "" is that it was. The link itself is in the letter alone. The scope is over afterwards.
func (a *Accounts) SendRecovery(ctx context.Context, s *tenants.Scope, t *tenants.Tenant, account uuid.UUID, locale string) (reason string, err error) {
	var who found
	var sent sentLetters
	b := &tenants.Batch{}
	Hold(b, s, &account)
	findByID(b, s, account, "", &who)
	readSent(b, s, target{"(SELECT id FROM accounts WHERE tenant_id = $1 AND id = $2 AND $3 = '')", []any{account, ""}}, Client{}, &sent)
	if err := s.Send(ctx, b); err != nil {
		return "", err
	}
	r := t.Policy.Reset
	switch {
	case !who.ok:
		return "", tenants.ErrNotFound
	case !r.Enabled || r.Scope == "none":
		return "off", nil
	case t.Policy.ThroughGates():
		return "gates", nil
	case who.Status != "active":
		return "disabled", nil
	case who.SignIn != "local":
		return "elsewhere", nil
	case who.Email == "":
		return "no_address", nil
	case !takesRecovery(r, who.Checked, who.Claimed):
		return "unconfirmed", nil
	case !sent.mayGo(t.Policy.Throttle, s.Now()):
		return "limited", nil
	}
	return "", a.sendLink(ctx, s, t, who, ask{locale: locale})
}
