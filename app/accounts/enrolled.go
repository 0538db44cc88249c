package accounts

import (
	"time"

	"portico/rbac"
	"portico/tenants"
)

// enrolled is what a sign-in has to know of somebody's proofs, where the policy asks for them.
type enrolled struct {
	kinds []string   // that were shown to work, or that an administrator vouches for
	sure  *time.Time // when the contact that was confirmed longest ago was
	admin bool
}

// readEnrolled reads it, by the identifier that was typed: one statement in the round trip of the look-up,
// for strangers too.
const readEnrolled = `SELECT
	coalesce((SELECT array_agg(p.kind) FROM proofs p WHERE p.tenant_id = $1 AND p.account_id = i.account_id
		AND (p.verified_at IS NOT NULL OR p.set_by <> 'owner')
		AND (p.kind <> 'recovery_code' OR EXISTS (SELECT 1 FROM recovery_codes c WHERE c.tenant_id = $1 AND c.proof_id = p.id AND c.used_at IS NULL))), '{}'),
	(SELECT min(greatest(p.updated_at, p.verified_at, p.confirmed_at)) FROM proofs p WHERE p.tenant_id = $1 AND p.account_id = i.account_id
		AND p.kind = ANY ($5)),
	EXISTS (SELECT 1 FROM role_assignments r WHERE r.tenant_id = $1 AND r.account_id = i.account_id AND r.role = ANY ($4)
		AND (r.ends_at IS NULL OR r.ends_at > $6))
	FROM account_identifiers i WHERE i.tenant_id = $1 AND i.kind = $2 AND i.norm = $3`

// findEnrolled adds the look-up to a batch, if the tenant's policy asks people to register at sign-in.
func findEnrolled(b *tenants.Batch, s *tenants.Scope, t *tenants.Tenant, typed string, into *enrolled) {
	if t.Policy.Registration.AtSignIn == "off" {
		return
	}
	var ok bool
	kind := t.Policy.SignIn.Identifier
	b.Row(&ok, readEnrolled, []any{s.Tenant(), kind, lookUpKey(kind, typed), rbac.AdministrativeRoles(t), reconfirmed(t.Policy), s.Now()},
		&into.kinds, &into.sure, &into.admin)
}

// reconfirmed are the contacts that a policy asks about again: those that people set themselves.
func reconfirmed(p tenants.Policy) []string {
	var kinds []string
	for _, kind := range []string{"auth_phone", "auth_email"} {
		if p.Gates.Registers(kind) {
			kinds = append(kinds, kind)
		}
	}
	return kinds
}

// missing tells whether somebody has registered fewer different proofs than their recovery would ask for.
func (e enrolled) missing(t *tenants.Tenant, email string) bool {
	different := map[string]bool{}
	for _, kind := range t.RecoveryWays(e.admin) {
		has := kind.Needs == "" && email != ""
		for _, registered := range e.kinds {
			has = has || registered == kind.Needs
		}
		if has {
			different[t.Policy.Gates.DistinctKey(kind)] = true
		}
	}
	return len(different) < t.GatesBefore(e.admin)
}

// stale tells whether the policy wants a contact confirmed again.
func (e enrolled) stale(p tenants.Policy, now time.Time) bool {
	days := p.Registration.ReconfirmDays
	return days > 0 && e.sure != nil && now.Sub(*e.sure) >= time.Duration(days)*24*time.Hour
}

// asks tells what a sign-in leads to before anything else: a duty of the session, or a page that can be
// left.
func (e enrolled) asks(t *tenants.Tenant, who found, now time.Time) (duty string, page bool) {
	r := t.Policy.Registration
	if r.AtSignIn == "off" {
		return "", false
	}
	if e.missing(t, who.Email) {
		if r.AtSignIn == "forced" {
			return DutyRegister, true
		}
		return "", true
	}
	return "", e.stale(t.Policy, now)
}
