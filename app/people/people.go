package people

import (
	"portico/app/accounts"
	"portico/rbac"
	"portico/tenants"
)

// People does the work of this package; its fields are its needs.
type People struct {
	DB       *tenants.DB
	Accounts *accounts.Accounts
	Guard    *rbac.Guard
	Seals    tenants.Keyring // cursors of lists
}
