package accounts

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"

	"portico/tenants"
)

// Purposes of links.
const (
	ForRecovery = "recovery"
	ForUnlock   = "unlock"
	ForInvite   = "invite" // to a first password: dead once there is one
)

// Link is a mailed link that stands.
type Link struct {
	ID        uuid.UUID
	Username  string // what the person signs in with, for password managers
	ExpiresAt time.Time
	ReturnTo  string // checked when it was asked for, to be checked again
	who       found
	by        []string // proofs in its place, where it was none
}

const readLink = `SELECT l.id, l.expires_at, l.used_at, l.replaced_at, l.revoked_at, l.stamp,
	a.id, a.status, a.stamp, a.sign_in, a.password IS NOT NULL, a.display_name, a.locale,
	coalesce((SELECT m.value FROM account_identifiers m WHERE m.tenant_id = a.tenant_id AND m.account_id = a.id
		AND m.kind = 'email' ORDER BY m.created_at, m.norm LIMIT 1), ''),
	coalesce((SELECT m.value FROM account_identifiers m WHERE m.tenant_id = a.tenant_id AND m.account_id = a.id
		AND m.kind = $4 ORDER BY m.created_at, m.norm LIMIT 1), ''), coalesce(f.return_to, '')
	FROM links l JOIN accounts a ON a.tenant_id = l.tenant_id AND a.id = l.account_id
	LEFT JOIN recovery_flows f ON f.tenant_id = l.tenant_id AND f.id = l.flow_id
	WHERE l.tenant_id = $1 AND l.hash = $2 AND l.purpose = $3`

// CheckLink tells whether a token would work now; it stores and spends nothing. *LinkError otherwise.
// Tokens that never were count against the client's address: *LimitError beyond 20 a minute
// (security.md 4.2).
func (a *Accounts) CheckLink(ctx context.Context, t *tenants.Tenant, purpose, token string, client Client) (Link, error) {
	var l Link
	var ended *LinkError
	err := a.DB.In(ctx, t.ID, func(s *tenants.Scope) (err error) {
		l, err = linkOf(ctx, s, t, purpose, token)
		if errors.As(err, &ended) && ended.Reason == "unknown" {
			var limit limitAnswer
			b := &tenants.Batch{}
			a.takeLimits(b, s, 1, &limit, counter{"token address", client.AddressKey(),
				times(window(20, time.Minute), NetworkFactor(t.Policy.Throttle, client.Address))})
			if err := s.SendAndCommit(ctx, b); err != nil {
				return err
			}
			return limit.err()
		}
		return err
	})
	if err == nil && ended != nil {
		err = ended
	}
	return l, err
}

func linkOf(ctx context.Context, s *tenants.Scope, t *tenants.Tenant, purpose, token string) (Link, error) {
	var l Link
	var used, replaced, revoked *time.Time
	var stamp int64
	var hasPassword bool
	err := s.Row(ctx, readLink, []any{s.Tenant(), secretHash(token), purpose, t.Policy.SignIn.Identifier},
		&l.ID, &l.ExpiresAt, &used, &replaced, &revoked, &stamp,
		&l.who.ID, &l.who.Status, &l.who.Stamp, &l.who.SignIn, &hasPassword, &l.who.Name, &l.who.Locale, &l.who.Email, &l.Username, &l.ReturnTo)
	if errors.Is(err, tenants.ErrNotFound) {
		return l, &LinkError{Reason: "unknown"}
	}
	if err != nil {
		return l, err
	}
	l.who.ok = true
	switch {
	case used != nil:
		return l, &LinkError{Reason: "used", At: *used}
	case replaced != nil:
		return l, &LinkError{Reason: "replaced", At: *replaced}
	case revoked != nil, stamp != l.who.Stamp, l.who.Status != "active":
		return l, &LinkError{Reason: "revoked", At: moment(revoked)}
	case purpose == ForRecovery && t.Policy.ThroughGates(): // the tenant asks for more than a link by now
		return l, &LinkError{Reason: "revoked"}
	case purpose == ForInvite && (hasPassword || l.who.SignIn != "local"):
		return l, &LinkError{Reason: "revoked"}
	case !s.Now().Before(l.ExpiresAt):
		return l, &LinkError{Reason: "expired", At: l.ExpiresAt}
	}
	return l, nil
}

// spend adds the one statement that makes a link used to a batch; spent is 1 for exactly one caller.
func spend(b *tenants.Batch, s *tenants.Scope, purpose, token string, spent *int64) {
	b.ExecCount(spent, `UPDATE links l SET used_at = $4
		FROM accounts a
		WHERE l.tenant_id = $1 AND l.hash = $2 AND l.purpose = $3
			AND l.used_at IS NULL AND l.replaced_at IS NULL AND l.revoked_at IS NULL AND l.expires_at > $4
			AND a.tenant_id = l.tenant_id AND a.id = l.account_id AND a.stamp = l.stamp AND a.status = 'active'
			AND ($3 <> 'invite' OR a.password IS NULL AND a.sign_in = 'local')`,
		s.Tenant(), secretHash(token), purpose, s.Now())
}

// whyNotSpent explains a link that spend did not take; it never answers nil.
func whyNotSpent(ctx context.Context, s *tenants.Scope, t *tenants.Tenant, purpose, token string) error {
	if _, err := linkOf(ctx, s, t, purpose, token); err != nil {
		return err
	}
	return &LinkError{Reason: "unknown"}
}

// findByLink looks an account up by a token that was once sent to it.
func findByLink(b *tenants.Batch, s *tenants.Scope, token, device string, into *found) {
	into.Device = secretHash(device)
	b.Row(&into.ok, `SELECT a.id, a.status, a.sign_in, a.stamp, a.display_name, a.locale, coalesce(e.value, ''), e.verified_at IS NOT NULL, coalesce(`+claimed+`, false),
		EXISTS (SELECT 1 FROM known_devices d WHERE d.tenant_id = a.tenant_id AND d.id_hash = $3
			AND d.account_id = a.id AND d.ends_at > $4), coalesce(f.return_to, '')
		FROM links l JOIN accounts a ON a.tenant_id = l.tenant_id AND a.id = l.account_id
		LEFT JOIN recovery_flows f ON f.tenant_id = l.tenant_id AND f.id = l.flow_id
		LEFT JOIN LATERAL (SELECT m.value, m.verified_at, m.created_at FROM account_identifiers m
			WHERE m.tenant_id = a.tenant_id AND m.account_id = a.id AND m.kind = 'email'
			ORDER BY m.created_at, m.norm LIMIT 1) e ON true
		WHERE l.tenant_id = $1 AND l.hash = $2 AND l.purpose = 'recovery'`,
		[]any{s.Tenant(), secretHash(token), into.Device, s.Now()},
		&into.ID, &into.Status, &into.SignIn, &into.Stamp, &into.Name, &into.Locale, &into.Email, &into.Checked, &into.Claimed, &into.Known, &into.ReturnTo)
}
