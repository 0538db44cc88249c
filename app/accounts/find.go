package accounts

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"time"

	"github.com/google/uuid"

	"portico/tenants"
)

// found is an account as sign-in and recovery see it; the zero value is nobody.
type found struct {
	ok     bool
	ID     uuid.UUID
	Status string // active, disabled
	SignIn string // local, sso
	Stamp  int64
	Sealed []byte // password, sealed

	PasswordSetAt *time.Time // nil where there is none
	Asked         bool       // by an administrator, to register anew

	Name    string
	Locale  string
	Email   string // where mail goes: as stored, never as typed
	Known   bool   // the device is one of the owner's
	Ours    bool   // the device's secret is one that this tenant gave out, to whomever
	Device  []byte // hash of the device's secret
	Checked bool   // the address was confirmed
	Claimed bool   // a file gave the address to an account that was in use

	ReturnTo string // of the flow that an earlier link belonged to
}

// claimed tells of an address e that its account a did not begin with, and that nobody confirmed: a file said
// so. Whoever could write the file could otherwise recover any account that they can name.
const claimed = "e.verified_at IS NULL AND e.created_at > a.created_at AND a.password IS NOT NULL"

// takesRecovery tells whether a recovery letter may go to an address, whatever it is.
func takesRecovery(p tenants.ResetPolicy, checked, claimed bool) bool {
	return checked || !p.RequiresConfirmedEmail && !claimed
}

// readAccount reads what sign-in wants to know of an account: $2 is the hash of the device, $3 now.
const readAccount = `SELECT a.id, a.status, a.sign_in, a.stamp, a.password, a.password_set_at, a.display_name, a.locale,
	coalesce(e.value, ''), e.verified_at IS NOT NULL, coalesce(` + claimed + `, false), a.register_asked_at IS NOT NULL,
	EXISTS (SELECT 1 FROM known_devices d WHERE d.tenant_id = a.tenant_id AND d.id_hash = $2
		AND d.account_id = a.id AND d.ends_at > $3),
	EXISTS (SELECT 1 FROM known_devices d WHERE d.tenant_id = a.tenant_id AND d.id_hash = $2 AND d.ends_at > $3)`

const findAccount = readAccount + `
	FROM account_identifiers i
	JOIN accounts a ON a.tenant_id = i.tenant_id AND a.id = i.account_id
	LEFT JOIN LATERAL (SELECT m.value, m.verified_at, m.created_at FROM account_identifiers m
		WHERE m.tenant_id = a.tenant_id AND m.account_id = a.id AND m.kind = 'email'
		ORDER BY m.norm = i.norm DESC, m.created_at, m.norm LIMIT 1) e ON true
	WHERE i.tenant_id = $1 AND i.kind = $4 AND i.norm = $5`

const findAccountByID = readAccount + `
	FROM accounts a
	LEFT JOIN LATERAL (SELECT m.value, m.verified_at, m.created_at FROM account_identifiers m
		WHERE m.tenant_id = a.tenant_id AND m.account_id = a.id AND m.kind = 'email'
		ORDER BY m.created_at, m.norm LIMIT 1) e ON true
	WHERE a.tenant_id = $1 AND a.id = $4`

// target names an account within SQL, before it is known: a sub-select with its arguments from $2 on.
type target struct {
	account string
	args    []any
}

// byIdentifier is the account that has an identifier of a kind.
func byIdentifier(kind, typed string) target {
	return target{"(SELECT account_id FROM account_identifiers WHERE tenant_id = $1 AND kind = $2 AND norm = $3)",
		[]any{kind, lookUpKey(kind, typed)}}
}

// byLink is the account that a recovery token was once sent to.
func byLink(token string) target {
	return target{"(SELECT account_id FROM links WHERE tenant_id = $1 AND hash = $2 AND purpose = $3)",
		[]any{secretHash(token), ForRecovery}}
}

// find adds the look-up of one identifier to a batch.
func find(b *tenants.Batch, s *tenants.Scope, kind, typed string, device string, into *found) {
	readFound(b, s, device, into, findAccount, kind, lookUpKey(kind, typed))
}

// findByID is find for somebody who is known already: signed in.
func findByID(b *tenants.Batch, s *tenants.Scope, account uuid.UUID, device string, into *found) {
	readFound(b, s, device, into, findAccountByID, account)
}

func readFound(b *tenants.Batch, s *tenants.Scope, device string, into *found, stmt string, whom ...any) {
	into.Device = secretHash(device)
	b.Row(&into.ok, stmt, append([]any{s.Tenant(), into.Device, s.Now()}, whom...),
		&into.ID, &into.Status, &into.SignIn, &into.Stamp, &into.Sealed, &into.PasswordSetAt, &into.Name, &into.Locale,
		&into.Email, &into.Checked, &into.Claimed, &into.Asked, &into.Known, &into.Ours)
}

// device is the class of the browser: it decides how many failures are too many.
func (f found) device() string {
	if f.Known {
		return knownDevice
	}
	return unknownDevice
}

// lockKey names the row in which failures of this account and browser count: one for all strangers, one
// for each known device, so that a device in the wrong hands cannot lock the others out.
func (f found) lockKey() string {
	if f.Known {
		return knownDevice + ":" + hex.EncodeToString(f.Device[:8])
	}
	return unknownDevice
}

// ref is the account for rows that may have none.
func (f found) ref() *uuid.UUID {
	if !f.ok {
		return nil
	}
	return &f.ID
}

// secretHash is how random secrets of 256 bits are kept: SHA-256 suffices at that entropy (ASVS 6.5.2).
func secretHash(secret string) []byte {
	sum := sha256.Sum256([]byte(secret))
	return sum[:]
}

// WellFormedSecret tells whether a text is what newSecret makes: 43 base64url characters of 32 bytes.
func WellFormedSecret(s string) bool {
	if len(s) != 43 {
		return false
	}
	b, err := base64.RawURLEncoding.Strict().DecodeString(s)
	return err == nil && len(b) == 32
}
