package gates

import (
	"context"

	"portico/app/accounts"
	"portico/tenants"
)

// SetPassword ends a flow whose gates are all passed with a new password. *accounts.PasswordError leaves
// everything as it was; ErrEnded for a flow that is not so far, or that somebody else ended first.
func (g *Gates) SetPassword(ctx context.Context, t *tenants.Tenant, secret, password string, client accounts.Client) (returnTo string, err error) {
	st, err := g.State(ctx, t, secret, client)
	if err != nil {
		return "", err
	}
	if st.Step != SetNew || st.Goal != Reset {
		return "", ErrEnded
	}
	err = g.Accounts.ResetProved(ctx, t, st.Person, accounts.Proved{Event: st.ID, Methods: st.methods(), Again: func(s *tenants.Scope) error {
		// All flows of the account before any counter, as an answer holds them: the two must not wait for each other.
		b := &tenants.Batch{}
		b.Exec("SELECT FROM recovery_flows WHERE tenant_id = $1 AND account_id = $2 AND ended_at IS NULL ORDER BY id FOR UPDATE",
			s.Tenant(), st.Person.Ref())
		if err := s.Send(ctx, b); err != nil {
			return err
		}
		f, err := read(ctx, s, t, secret, client, true)
		if err != nil {
			return err
		}
		if f.Goal != Reset || !f.through(t) {
			return ErrEnded
		}
		if _, err := g.charge(ctx, s, t, f, resetBlock(t, f, client)); err != nil {
			return err
		}
		b = &tenants.Batch{}
		forget(b, s, f)
		return s.Send(ctx, b)
	}}, password, client)
	return st.ReturnTo, err
}
