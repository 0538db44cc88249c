package accounts

import (
	"context"
	"time"

	"github.com/google/uuid"

	"portico/rbac"
	"portico/tenants"
)

// Person is an account as the proofs of identity see it. The zero value is nobody.
type Person struct {
	ID       uuid.UUID
	Status   string // active, disabled
	SignIn   string // local, sso
	Stamp    int64
	Name     string
	Locale   string
	Email    string // where mail goes: as stored, never as typed
	Username string // what they sign in with, as shown
	Admin    bool   // holds an administrative role anywhere
	Known    bool   // the asking device is one of theirs
	Checked  bool   // the mail address was confirmed
	Claimed  bool   // a file gave it to an account that was in use
}

// Ref is the account for rows that may have none.
func (p Person) Ref() *uuid.UUID {
	if p.ID == (uuid.UUID{}) {
		return nil
	}
	return &p.ID
}

// found is the person as the older parts of this package see them.
func (p Person) found() found {
	return found{ok: p.Ref() != nil, ID: p.ID, Status: p.Status, SignIn: p.SignIn, Stamp: p.Stamp, Name: p.Name,
		Locale: p.Locale, Email: p.Email, Known: p.Known}
}

// readPerson reads one account: $1 tenant, $2 the kind that signs in, $3 administrative roles, $4 hash of
// the device, $5 now, $6 and on for what names it.
const readPerson = `SELECT a.id, a.status, a.sign_in, a.stamp, a.display_name, a.locale,
	coalesce((SELECT m.value FROM account_identifiers m WHERE m.tenant_id = a.tenant_id AND m.account_id = a.id
		AND m.kind = 'email' ORDER BY m.created_at, m.norm LIMIT 1), ''),
	coalesce((SELECT m.value FROM account_identifiers m WHERE m.tenant_id = a.tenant_id AND m.account_id = a.id
		AND m.kind = $2 ORDER BY m.created_at, m.norm LIMIT 1), ''),
	EXISTS (SELECT 1 FROM role_assignments r WHERE r.tenant_id = a.tenant_id AND r.account_id = a.id
		AND r.role = ANY ($3) AND (r.ends_at IS NULL OR r.ends_at > $5)),
	EXISTS (SELECT 1 FROM known_devices d WHERE d.tenant_id = a.tenant_id AND d.id_hash = $4 AND d.account_id = a.id AND d.ends_at > $5),
	coalesce((SELECT m.verified_at IS NOT NULL FROM account_identifiers m WHERE m.tenant_id = a.tenant_id AND m.account_id = a.id
		AND m.kind = 'email' ORDER BY m.created_at, m.norm LIMIT 1), false),
	coalesce((SELECT ` + claimed + ` FROM account_identifiers e WHERE e.tenant_id = a.tenant_id AND e.account_id = a.id
		AND e.kind = 'email' ORDER BY e.created_at, e.norm LIMIT 1), false)
	FROM accounts a WHERE a.tenant_id = $1 AND a.id = `

// FindPerson adds the look-up of an identifier to a batch; nobody stays the zero Person.
func FindPerson(b *tenants.Batch, s *tenants.Scope, t *tenants.Tenant, kind, typed string, client Client, into *Person) {
	look(b, s, t, client, into, "(SELECT i.account_id FROM account_identifiers i WHERE i.tenant_id = $1 AND i.kind = $6 AND i.norm = $7)",
		kind, lookUpKey(kind, typed))
}

// PersonOf adds the look-up of an account to a batch; nil costs the same and finds nobody.
func PersonOf(b *tenants.Batch, s *tenants.Scope, t *tenants.Tenant, id *uuid.UUID, client Client, into *Person) {
	look(b, s, t, client, into, "$6", id)
}

func look(b *tenants.Batch, s *tenants.Scope, t *tenants.Tenant, client Client, into *Person, whom string, args ...any) {
	var ok bool
	b.Row(&ok, readPerson+whom, append([]any{s.Tenant(), t.Policy.SignIn.Identifier, rbac.AdministrativeRoles(t),
		secretHash(client.Device), s.Now()}, args...),
		&into.ID, &into.Status, &into.SignIn, &into.Stamp, &into.Name, &into.Locale, &into.Email, &into.Username, &into.Admin, &into.Known, &into.Checked, &into.Claimed)
}

// TakesRecovery tells whether a recovery letter may go to the person's address: it was confirmed, or the policy
// asks for none, and no file gave it to an account that was in use.
func (p Person) TakesRecovery(t *tenants.Tenant) bool {
	return p.Email != "" && takesRecovery(t.Policy.Reset, p.Checked, p.Claimed)
}

// Hold adds a lock on an account's row, held until the transaction ends: what changes a password, a
// stamp or a proof takes it first.
func Hold(b *tenants.Batch, s *tenants.Scope, id *uuid.UUID) {
	b.Exec("SELECT FROM accounts WHERE tenant_id = $1 AND id = $2 FOR NO KEY UPDATE", s.Tenant(), id)
}

// LookUpKey is the normal form under which an identifier is sought; what cannot be one is a text of its own.
func LookUpKey(kind, typed string) string { return lookUpKey(kind, typed) }

// NewSecret is 32 random bytes as 43 base64url characters; SecretHash is how they are kept.
func NewSecret() string { return newSecret() }

// SecretHash is the SHA-256 of a secret of 256 bits, enough at that entropy (ASVS 6.5.2).
func SecretHash(secret string) []byte { return secretHash(secret) }

// EvenOut waits until the work since began has taken a whole number of steps of ten milliseconds, so that
// its length tells nobody whether there is an account.
func EvenOut(ctx context.Context, began time.Time) { evenOut(ctx, began) }

// HashSecret is a text that a person knows as a PHC string, as slow as a password's. The caller holds a
// slot of the Hasher.
func HashSecret(secret string) string { return hashPassword(nfc(secret)) }

// VerifySecret compares with HashSecret's result; "" costs the same and is never right.
func VerifySecret(phc, secret string) bool {
	if phc == "" {
		phc = decoy
	}
	right, err := verifyPassword(phc, nfc(secret))
	return err == nil && right && phc != decoy
}
