package rules

import (
	"context"
	"time"

	"github.com/google/uuid"

	"portico/app/accounts"
	"portico/app/proofs"
	"portico/rbac"
	"portico/tenants"
)

// factsSQL is the facts of everybody who can sign in, one row a person, at most $2 of them: the common part
// of both questions. Its parameters: $1 tenant, $2 most people, $3 now, $4 and $5 administrative roles
// before and after, $6 and $7 the groups that may recover, $8 and $9 passwords older than this are too old,
// $10 and $11 contacts that are to be confirmed, $12 and $13 contacts confirmed before this are stale, $14
// and $15 questions that are still asked, $16 and $17 how many of them are needed.
const factsSQL = `WITH people AS MATERIALIZED (
	SELECT id, sign_in, password_set_at FROM accounts WHERE tenant_id = $1 AND status = 'active' ORDER BY id LIMIT $2
), ident AS (
	SELECT i.account_id, bit_or(CASE i.kind WHEN 'email' THEN 1 WHEN 'username' THEN 2 ELSE 4 END) AS has,
		coalesce((array_agg(i.verified_at IS NOT NULL ORDER BY i.created_at, i.norm) FILTER (WHERE i.kind = 'email'))[1], false) AS checked
	FROM people JOIN account_identifiers i ON i.account_id = people.id WHERE i.tenant_id = $1 GROUP BY i.account_id
), answered AS (
	SELECT q.proof_id, count(*) FILTER (WHERE q.question = ANY ($14::text[])) >= $16::int AS before,
		count(*) FILTER (WHERE q.question = ANY ($15::text[])) >= $17::int AS after
	FROM proof_answers q WHERE q.tenant_id = $1 GROUP BY q.proof_id
), held AS (
	SELECT p.account_id,
		bit_or(CASE WHEN (p.verified_at IS NOT NULL OR p.set_by <> 'owner') AND (p.kind <> 'recovery_code' OR EXISTS (
				SELECT 1 FROM recovery_codes c WHERE c.tenant_id = $1 AND c.proof_id = p.id AND c.used_at IS NULL))
			THEN (1 | CASE WHEN p.counts_from > $3 THEN 2 ELSE 0 END | CASE WHEN octet_length(p.sealed) > 0 THEN 4 ELSE 0 END)::bigint
				<< (15 + 3 * array_position(ARRAY['auth_phone', 'office_phone', 'auth_email', 'security_questions', 'totp', 'recovery_code'], p.kind::text) - 3)
			ELSE 0 END) AS bits,
		bool_or(p.kind = 'security_questions' AND coalesce(a.before, $16::int <= 0)) AS before,
		bool_or(p.kind = 'security_questions' AND coalesce(a.after, $17::int <= 0)) AS after,
		min(greatest(p.updated_at, p.verified_at, p.confirmed_at)) FILTER (WHERE p.kind = ANY ($10::text[])) AS sure_before,
		min(greatest(p.updated_at, p.verified_at, p.confirmed_at)) FILTER (WHERE p.kind = ANY ($11::text[])) AS sure_after
	FROM people JOIN proofs p ON p.account_id = people.id
		LEFT JOIN answered a ON a.proof_id = p.id WHERE p.tenant_id = $1 GROUP BY p.account_id
), admins AS (
	SELECT account_id, bool_or(role = ANY ($4::text[])) AS before, bool_or(role = ANY ($5::text[])) AS after
	FROM role_assignments WHERE tenant_id = $1 AND (ends_at IS NULL OR ends_at > $3) GROUP BY account_id
), inside AS (
	SELECT account_id, bool_or(group_id = ANY ($6::uuid[])) AS before, bool_or(group_id = ANY ($7::uuid[])) AS after
	FROM account_groups WHERE tenant_id = $1 AND (group_id = ANY ($6::uuid[]) OR group_id = ANY ($7::uuid[])) GROUP BY account_id
), each_one AS (
	SELECT people.id, coalesce(ident.has, 0)::bigint
		| CASE WHEN ident.checked THEN 8 ELSE 0 END | CASE WHEN people.sign_in = 'sso' THEN 16 ELSE 0 END
		| CASE WHEN admins.before THEN 32 ELSE 0 END | CASE WHEN admins.after THEN 64 ELSE 0 END
		| CASE WHEN inside.before THEN 128 ELSE 0 END | CASE WHEN inside.after THEN 256 ELSE 0 END
		| CASE WHEN people.password_set_at <= $8::timestamptz THEN 512 ELSE 0 END | CASE WHEN people.password_set_at <= $9::timestamptz THEN 1024 ELSE 0 END
		| CASE WHEN held.sure_before <= $12::timestamptz THEN 2048 ELSE 0 END | CASE WHEN held.sure_after <= $13::timestamptz THEN 4096 ELSE 0 END
		| CASE WHEN held.before THEN 8192 ELSE 0 END | CASE WHEN held.after THEN 16384 ELSE 0 END | coalesce(held.bits, 0) AS facts
	FROM people LEFT JOIN ident ON ident.account_id = people.id LEFT JOIN held ON held.account_id = people.id
		LEFT JOIN admins ON admins.account_id = people.id LEFT JOIN inside ON inside.account_id = people.id
)
`

// question is the parameters of factsSQL for two policies.
func (r *Rules) question(ctx context.Context, s *tenants.Scope, before, after *tenants.Tenant, most int) ([]any, error) {
	tree, err := rbac.ReadTree(ctx, s)
	if err != nil {
		return nil, err
	}
	within := make([][]uuid.UUID, 2)
	for i, t := range []*tenants.Tenant{before, after} {
		if within[i], err = below(ctx, s, tree, t.Policy.Reset); err != nil {
			return nil, err
		}
	}
	now := s.Now()
	return []any{s.Tenant(), most, now, rbac.AdministrativeRoles(before), rbac.AdministrativeRoles(after), within[0], within[1],
		ago(now, before.Policy.Password.MaxAgeDays), ago(now, after.Policy.Password.MaxAgeDays),
		list(accounts.Reconfirmed(before.Policy)), list(accounts.Reconfirmed(after.Policy)),
		ago(now, before.Policy.Registration.ReconfirmDays), ago(now, after.Policy.Registration.ReconfirmDays),
		questionIDs(before), questionIDs(after), before.Policy.Questions.Ask, after.Policy.Questions.Ask}, nil
}

// below are the group that may recover and those under it; empty where everybody may.
func below(ctx context.Context, s *tenants.Scope, tree rbac.Tree, reset tenants.ResetPolicy) ([]uuid.UUID, error) {
	all := []uuid.UUID{}
	if reset.Scope != "group" {
		return all, nil
	}
	err := s.Each(ctx, "SELECT id FROM groups WHERE tenant_id = $1 AND external_id = $2", []any{s.Tenant(), reset.ScopeGroup}, func(scan func(...any) error) error {
		var top uuid.UUID
		if err := scan(&top); err != nil {
			return err
		}
		for id := range tree {
			if tree.Within(id, top) {
				all = append(all, id)
			}
		}
		return nil
	})
	return all, err
}

// ago is the moment some days back; nil for none, which is before nothing.
func ago(now time.Time, days int) *time.Time {
	if days <= 0 {
		return nil
	}
	at := now.Add(-time.Duration(days) * day)
	return &at
}

func list(names []string) []string { return append([]string{}, names...) }

func questionIDs(t *tenants.Tenant) []string {
	ids := []string{}
	for _, q := range proofs.QuestionsOf(t) {
		ids = append(ids, q.ID)
	}
	return ids
}
