package accounts

import (
	"time"

	"portico/tenants"
)

// Duties of a session: what somebody who is signed in must do before any other page opens.
const (
	DutyRegister = "register" // register proofs
	DutyPassword = "password" // choose a new one: it is older than the policy allows
	DutyFactor   = "factor"   // set up an authenticator app: the policy asks for a second factor
)

// dutyAtSignIn is what a session that begins now must do first; "" is nothing.
func dutyAtSignIn(p tenants.Policy, who found, now time.Time) string {
	age := time.Duration(p.Password.MaxAgeDays) * 24 * time.Hour
	if age > 0 && who.PasswordSetAt != nil && now.Sub(*who.PasswordSetAt) >= age {
		return DutyPassword
	}
	return ""
}
