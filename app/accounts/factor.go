package accounts

import (
	"cmp"
	"context"
	"errors"
	"time"

	"github.com/google/uuid"

	"portico/app/audit"
	"portico/rbac"
	"portico/tenants"
)

// ErrNoFactor means that no sign-in waits for a second factor: it took too long, has run out of tries, was
// finished, is another's, or the account changed meanwhile.
var ErrNoFactor = errors.New("no sign-in waits for a second factor")

// The bounds of a sign-in that waits for its code (security.md 4.2): ten minutes, five tries, and thirty
// wrong ones a day, counted apart for each known device and together for all strangers, until a new
// password ends what was known of the old one.
const (
	factorLife  = 10 * time.Minute // where mfa.code_ttl says nothing
	factorTries = 5
	factorADay  = 30
)

// factor is what a sign-in has to know of somebody's second factor, where the policy asks for one.
type factor struct {
	app     bool // they have an authenticator app that was shown to work, or that an administrator vouches for
	admin   bool
	trusted bool // in this browser they asked not to be asked again
}

const readFactor = `SELECT
	EXISTS (SELECT 1 FROM proofs p WHERE p.tenant_id = $1 AND p.account_id = i.account_id AND p.kind = 'totp'
		AND (p.verified_at IS NOT NULL OR p.set_by <> 'owner')),
	EXISTS (SELECT 1 FROM role_assignments r WHERE r.tenant_id = $1 AND r.account_id = i.account_id AND r.role = ANY ($4)
		AND (r.ends_at IS NULL OR r.ends_at > $6)),
	EXISTS (SELECT 1 FROM known_devices d JOIN accounts a ON a.tenant_id = d.tenant_id AND a.id = d.account_id
		WHERE d.tenant_id = $1 AND d.id_hash = $5 AND d.account_id = i.account_id AND d.ends_at > $6
		AND d.trusted_until > $6 AND d.trusted_stamp = a.stamp)
	FROM account_identifiers i WHERE i.tenant_id = $1 AND i.kind = $2 AND i.norm = $3`

// findFactor adds the look-up to a batch, if the tenant's policy asks anybody; strangers cost the same.
func findFactor(b *tenants.Batch, s *tenants.Scope, t *tenants.Tenant, typed, device string, into *factor) {
	if !t.Policy.MFA.Asks() {
		return
	}
	var ok bool
	kind := t.Policy.SignIn.Identifier
	b.Row(&ok, readFactor, []any{s.Tenant(), kind, lookUpKey(kind, typed), rbac.AdministrativeRoles(t), secretHash(device), s.Now()},
		&into.app, &into.admin, &into.trusted)
}

// asks tells whether a code is asked for before there is a session, or what a session must do first because
// there is no app that could show one.
func (f factor) asks(p tenants.MFAPolicy) (code bool, duty string) {
	switch mode := p.For(f.admin); {
	case mode != "off" && f.app:
		return !f.trusted || !p.RememberBrowser, ""
	case mode == "required":
		return false, DutyFactor
	}
	return false, ""
}

// suspend keeps a sign-in whose password was right until its code comes: no session, no known device, and
// the counters of the lock as they were before this try. What a right password takes back from an
// address, the right code does.
func (a *Accounts) suspend(ctx context.Context, t *tenants.Tenant, c *attempt, try Try, in SignedIn, upgraded []byte) (SignedIn, error) {
	secret, now := newSecret(), a.DB.Clock().Now()
	ends := now.Add(cmp.Or(t.Policy.MFA.CodeTTL.Std(), factorLife))
	return SignedIn{AccountID: c.who.ID, Factor: Cookie{Value: secret, Ends: ends}}, a.DB.In(ctx, t.ID, func(s *tenants.Scope) error {
		b := &tenants.Batch{}
		a.upgrade(b, s, c.who, upgraded)
		b.Exec(`INSERT INTO signin_challenges (tenant_id, id, secret_hash, account_id, stamp, remember, duty, set_up, return_to,
				client_address, started_at, expires_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
			s.Tenant(), tenants.NewID(), secretHash(secret), c.who.ID, c.who.Stamp, try.Remember, in.Duty, in.SetUp, try.ReturnTo,
			try.Client.Address.Unmap().String(), s.Now(), ends)
		if c.verdict == tryAllowed {
			c.uncharge(b, s)
		}
		return s.SendAndCommit(ctx, b)
	})
}

// PendingFactor is a sign-in that waits for its code.
type PendingFactor struct {
	ID        uuid.UUID
	AccountID uuid.UUID
	ReturnTo  string // where they were going
	Left      int    // tries
	ExpiresAt time.Time

	remember, setUp bool
	duty            string
	stamp           int64
	c               attempt
}

// FactorOf reads the sign-in that a browser's secret stands for, for the page. ErrNoFactor.
func (a *Accounts) FactorOf(ctx context.Context, t *tenants.Tenant, secret string, client Client) (PendingFactor, error) {
	var p PendingFactor
	err := a.DB.In(ctx, t.ID, func(s *tenants.Scope) (err error) {
		p, err = a.readFactor(ctx, s, secret, client)
		return err
	})
	return p, err
}

func (a *Accounts) readFactor(ctx context.Context, s *tenants.Scope, secret string, client Client) (PendingFactor, error) {
	p := PendingFactor{c: attempt{locale: client.Locale, kind: audit.FactorFailed}}
	if !WellFormedSecret(secret) {
		return p, ErrNoFactor
	}
	var tries int
	err := s.Row(ctx, `SELECT id, account_id, stamp, remember, duty, set_up, return_to, tries, expires_at FROM signin_challenges
		WHERE tenant_id = $1 AND secret_hash = $2 AND ended_at IS NULL AND expires_at > $3 AND tries < $4`,
		[]any{s.Tenant(), secretHash(secret), s.Now(), factorTries},
		&p.ID, &p.AccountID, &p.stamp, &p.remember, &p.duty, &p.setUp, &p.ReturnTo, &tries, &p.ExpiresAt)
	if errors.Is(err, tenants.ErrNotFound) {
		return p, ErrNoFactor
	}
	if err != nil {
		return p, err
	}
	p.Left = factorTries - tries
	b := &tenants.Batch{}
	findByID(b, s, p.AccountID, client.Device, &p.c.who)
	if err := s.Send(ctx, b); err != nil {
		return p, err
	}
	if who := p.c.who; !who.ok || who.Status != "active" || who.SignIn != "local" || who.Stamp != p.stamp {
		return p, ErrNoFactor
	}
	return p, nil
}
