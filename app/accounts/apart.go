package accounts

import (
	"context"
	"time"

	"github.com/google/uuid"

	"portico/tenants"
)

// What package staff needs of the way passwords and secrets are kept here: the platform's own people belong
// to no tenant (the zero ID), and stand under the same hash, pepper and queue.

// SealedPassword hashes a password in the queue of its tenant, and seals the hash to whose it is. ErrBusy.
func (a *Accounts) SealedPassword(ctx context.Context, tenant tenants.ID, whose uuid.UUID, password string) (sealed []byte, err error) {
	err = a.Hasher.Do(ctx, tenant, func() { sealed = a.sealPassword(tenant, whose, hashPassword(nfc(password))) })
	return sealed, err
}

// PasswordFits compares a password with a sealed one, which may be nobody's (nil): one hash either way.
// upgraded is set when the stored hash is outdated and the password was right. ErrBusy.
func (a *Accounts) PasswordFits(ctx context.Context, tenant tenants.ID, whose uuid.UUID, sealed []byte, password string) (fits bool, upgraded []byte, err error) {
	if len(password) > maxPasswordBytes {
		password = ""
	}
	who := found{ok: len(sealed) > 0, ID: whose, Sealed: sealed}
	err = a.Hasher.Do(ctx, tenant, func() { fits, upgraded = a.verify(tenant, who, nfc(password)) })
	return fits, upgraded, err
}

// Enter begins a session for an account that stands for somebody of the platform's staff: it ends with their
// access, and nobody's second factor or duty is asked for, because they have just shown both where they came from.
// ErrNoSession when the account is not there any more.
func Enter(ctx context.Context, s *tenants.Scope, t *tenants.Tenant, account uuid.UUID, ends time.Time, client Client) (Cookie, error) {
	who := found{ID: account}
	b := &tenants.Batch{}
	b.Row(&who.ok, "SELECT stamp FROM accounts WHERE tenant_id = $1 AND id = $2 AND status = 'active'", []any{s.Tenant(), account}, &who.Stamp)
	if err := s.Send(ctx, b); err != nil {
		return Cookie{}, err
	}
	if !who.ok {
		return Cookie{}, ErrNoSession
	}
	p := t.Policy.Session
	p.Absolute = tenants.Duration(ends.Sub(s.Now()))
	p.TTL = min(p.TTL, p.Absolute)
	var made int64
	b = &tenants.Batch{}
	c := startSession(b, s, p, who, Try{Client: client}, begins{amr: []string{"staff"}}, &made)
	if err := s.Send(ctx, b); err != nil {
		return Cookie{}, err
	}
	if made != 1 {
		return Cookie{}, ErrNoSession
	}
	return c, nil
}
