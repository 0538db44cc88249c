package accounts

import (
	"github.com/google/uuid"

	"portico/tenants"
)

// SealImported seals a foreign hash that CheckForeign took, for an account that has no password yet; it is
// replaced by one of our own at the first sign-in.
func (a *Accounts) SealImported(tenant tenants.ID, account uuid.UUID, phc string) []byte {
	return a.sealPassword(tenant, account, phc)
}
