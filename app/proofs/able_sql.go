package proofs

import (
	"fmt"
	"slices"

	"portico/rbac"
	"portico/tenants"
)

// AbleSQL is a query for the account_id of everybody who has enough ways back in today, by the rules of
// AbilityOf as far as rows tell: contacts stay sealed, so that two proofs with one number count as two. $1 is
// the tenant and $2 the moment; the parameters that it answers begin with $first.
func AbleSQL(t *tenants.Tenant, first int) (query string, args []any) {
	var kinds, keys, adminKeys []string
	for _, kind := range []string{"", AuthEmail, AuthPhone, OfficePhone, Questions, Authenticator, RecoveryCodes} {
		key, adminKey := keyOf(t, kind, false), keyOf(t, kind, true)
		if key != "" || adminKey != "" {
			kinds, keys, adminKeys = append(kinds, kind), append(keys, key), append(adminKeys, adminKey)
		}
	}
	questions := []string{}
	for _, q := range QuestionsOf(t) {
		questions = append(questions, q.ID)
	}
	reset := t.Policy.Reset
	args = []any{list(kinds), list(keys), list(adminKeys), t.GatesBefore(false), t.GatesBefore(true), rbac.AdministrativeRoles(t),
		reset.RequiresConfirmedEmail, questions, t.Policy.Questions.Ask, reset.Enabled && reset.Scope != "none"}
	at := make([]any, len(args))
	for i := range at {
		at[i] = first + i
	}
	return fmt.Sprintf(ableSQL, at...), args
}

// ableSQL counts for each account what may stand as a gate of its own: kinds with one key are one.
const ableSQL = `SELECT way.account_id FROM (
		SELECT p.account_id, p.kind FROM proofs p WHERE p.tenant_id = $1 AND p.kind = ANY ($%[1]d::text[])
			AND (p.verified_at IS NOT NULL OR p.set_by <> 'owner') AND p.counts_from <= $2 AND CASE p.kind
				WHEN 'recovery_code' THEN EXISTS (SELECT FROM recovery_codes c WHERE c.tenant_id = $1 AND c.proof_id = p.id AND c.used_at IS NULL)
				WHEN 'security_questions' THEN (SELECT count(*) FROM proof_answers q
					WHERE q.tenant_id = $1 AND q.proof_id = p.id AND q.question = ANY ($%[8]d::text[])) >= $%[9]d::int
				ELSE octet_length(p.sealed) > 0 END
		UNION ALL
		SELECT i.account_id, '' FROM account_identifiers i WHERE i.tenant_id = $1 AND i.kind = 'email' AND '' = ANY ($%[1]d::text[])
			AND (NOT $%[7]d::boolean OR i.verified_at IS NOT NULL)
	) way
	JOIN unnest($%[1]d::text[], $%[2]d::text[], $%[3]d::text[]) AS k (kind, key, admin_key) ON k.kind = way.kind
	LEFT JOIN (SELECT DISTINCT r.account_id FROM role_assignments r WHERE r.tenant_id = $1 AND r.role = ANY ($%[6]d::text[])
		AND (r.ends_at IS NULL OR r.ends_at > $2)) admin ON admin.account_id = way.account_id
	WHERE $%[10]d::boolean
	GROUP BY way.account_id, admin.account_id
	HAVING count(DISTINCT nullif(CASE WHEN admin.account_id IS NULL THEN k.key ELSE k.admin_key END, ''))
		>= CASE WHEN admin.account_id IS NULL THEN $%[4]d::int ELSE $%[5]d::int END`

// keyOf is what a kind of registered proof, or the account's own address (""), counts as among different
// gates; "" where recovery takes nothing that rests on it.
func keyOf(t *tenants.Tenant, kind string, admin bool) string {
	ways := t.RecoveryWays(admin)
	i := slices.IndexFunc(ways, func(k tenants.ProofKind) bool { return k.Needs == kind })
	if i < 0 {
		return ""
	}
	return t.Policy.Gates.DistinctKey(ways[i])
}

func list(names []string) []string { return append([]string{}, names...) }
