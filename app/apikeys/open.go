package apikeys

import (
	"context"
	"crypto/subtle"
	"time"

	"github.com/google/uuid"

	"portico/rbac"
	"portico/tenants"
)

// Limits of the API. Windows begin with their first request.
const (
	PerKey    = 600  // requests a minute of one key
	PerTenant = 3000 // of all keys of a tenant
	perFailed = 60   // wrong keys from one address in ten minutes
	window    = time.Minute
	failedFor = 10 * time.Minute
)

// Opened is what a key opened.
type Opened struct {
	ID      uuid.UUID
	Name    string
	Subject rbac.Subject // who it acts for, with what it was given; of a key of the platform's, nobody
	Scopes  []string     // of a key of the platform's
	Quota   Quota
}

// Quota is how much of a key's limit is left.
type Quota struct {
	Limit  int           // requests
	Window time.Duration // in this time
	Left   int
	Reset  time.Duration // until the window ends
}

// LimitError means that a limit is reached: of the key, of its tenant or, of wrong keys, of an address.
type LimitError struct {
	After time.Duration // until it makes sense to ask again
	Quota Quota         // of the key; the zero Quota where no key was right
}

// Error says so.
func (e *LimitError) Error() string { return "too many requests" }

// kept is the row of a key, as far as opening needs it.
type kept struct {
	hash []byte
	used *time.Time
}

// fits compares a secret's hash in constant time; where there is no row, with nothing that fits.
func (k kept) fits(p parsed) bool {
	have := make([]byte, len(p.hash))
	copy(have, k.hash)
	return subtle.ConstantTimeCompare(have, p.hash[:]) == 1 && len(k.hash) == len(p.hash)
}

func (k kept) stale(now time.Time) bool { return k.used == nil || now.Sub(*k.used) >= usedEvery }

// Open finds whose a text is at a tenant, counts the request against the limits, and writes down that the
// key was used. address is what the sender's wrong keys are counted by. ErrNoKey for whatever opens nothing
// here: nothing tells an unknown key from one that ended, was revoked, is another tenant's, or acts for
// somebody who is disabled. *LimitError.
func (k *Keys) Open(ctx context.Context, t *tenants.Tenant, text, address string) (Opened, error) {
	p, ok := parse(text)
	var o Opened
	err := k.DB.In(ctx, t.ID, func(s *tenants.Scope) error {
		var row kept
		var holds, given []string
		if ok = ok && p.opens == OfTenant; ok {
			found := false
			b := &tenants.Batch{}
			b.Row(&found, `SELECT k.hash, k.used_at, k.name, k.account_id, k.permissions, `+rbac.HoldingsSQL("k.tenant_id", "k.account_id", "$3")+`
				FROM api_keys k JOIN accounts a ON a.tenant_id = k.tenant_id AND a.id = k.account_id
				WHERE k.tenant_id = $1 AND k.id = $2 AND k.revoked_at IS NULL AND k.ends_at > $3 AND a.status = 'active'`,
				[]any{s.Tenant(), p.id, s.Now()}, &row.hash, &row.used, &o.Name, &o.Subject.ID, &given, &holds)
			if err := s.Send(ctx, b); err != nil {
				return err
			}
			ok = row.fits(p) && found
		}
		if !ok {
			o = Opened{}
			return nil
		}
		var err error
		if o.Subject.Holdings, err = rbac.ParseHoldings(holds); err != nil {
			return err
		}
		o.ID, o.Subject = p.id, o.Subject.Limited(permissions(given))
		return k.count(ctx, s.Send, s.Tenant(), p, row, s.Now(), &o)
	})
	if err != nil {
		return Opened{}, err
	}
	if !ok {
		return Opened{}, k.wrong(ctx, t.ID, address)
	}
	return o, nil
}

// count takes one request from the limits of a key that is right, in the transaction that read it.
func (k *Keys) count(ctx context.Context, send func(context.Context, *tenants.Batch) error, tenant tenants.ID, p parsed, row kept, now time.Time, o *Opened) error {
	schema, of := "", "tenant_id = $1 AND "
	if p.opens == OfPlatform {
		schema, of = "platform.", "$1::uuid IS NOT NULL AND "
	}
	own, all := k.Seals.MAC("limit", tenant, "api key", p.id.String()), k.Seals.MAC("limit", tenant, "api")
	var allowed bool
	var retry *time.Time
	var taken int
	ends := now.Add(window)
	b := &tenants.Batch{}
	b.Row(nil, "SELECT allowed, retry_at FROM "+schema+"take_limits($1, $2, $3, $4, $5, 1)",
		[]any{now, [][]byte{own, all}, []int32{PerKey, PerTenant}, []time.Duration{window, window}, []time.Duration{0, 0}}, &allowed, &retry)
	b.Rows("SELECT count, ends_at FROM "+schema+"limits WHERE "+of+"key = $2", []any{tenant, own}, func(scan func(...any) error) error {
		return scan(&taken, &ends)
	})
	if row.stale(now) {
		b.Exec("UPDATE "+schema+"api_keys SET used_at = $3 WHERE "+of+"id = $2 AND (used_at IS NULL OR used_at <= $4)", tenant, p.id, now, now.Add(-usedEvery))
	}
	if err := send(ctx, b); err != nil {
		return err
	}
	o.Quota = Quota{Limit: PerKey, Window: window, Left: max(0, PerKey-taken), Reset: max(0, ends.Sub(now))}
	if !allowed {
		e := &LimitError{After: time.Second, Quota: o.Quota}
		if retry != nil {
			e.After = max(e.After, retry.Sub(now))
		}
		return e
	}
	return nil
}

// wrong counts a key that opened nothing against the address that sent it: ErrNoKey, or *LimitError.
func (k *Keys) wrong(ctx context.Context, tenant tenants.ID, address string) error {
	err := k.DB.In(ctx, tenant, func(s *tenants.Scope) error {
		return k.countWrong(ctx, s.Send, "", tenant, s.Now(), address)
	})
	if err != nil {
		return err
	}
	return ErrNoKey
}

func (k *Keys) countWrong(ctx context.Context, send func(context.Context, *tenants.Batch) error, schema string, tenant tenants.ID, now time.Time, address string) error {
	var allowed bool
	var retry *time.Time
	b := &tenants.Batch{}
	b.Row(nil, "SELECT allowed, retry_at FROM "+schema+"take_limits($1, $2, $3, $4, $5, 1)",
		[]any{now, [][]byte{k.Seals.MAC("limit", tenant, "api wrong key", address)}, []int32{perFailed}, []time.Duration{failedFor}, []time.Duration{0}}, &allowed, &retry)
	if err := send(ctx, b); err != nil || allowed {
		return err
	}
	e := &LimitError{After: time.Second}
	if retry != nil {
		e.After = max(e.After, retry.Sub(now))
	}
	return e
}
