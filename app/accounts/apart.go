package accounts

import (
	"context"

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
