package insight

import (
	"context"
	"fmt"
	"slices"
	"time"

	"portico/app/proofs"
	"portico/tenants"
)

// Coverage is how many people could get back in by themselves today.
type Coverage struct {
	People int // active accounts with a password of this portal's
	Able   int // of them, those with as many different ways that count as the rules ask of them
	Kinds  []KindCount
	Dead   int // accounts with an address at which nothing arrives
	At     time.Time
}

// KindCount is how many people have one kind of proof that counts today.
type KindCount struct {
	Kind  string
	Count int
}

// opened are the kinds of proofs by the ways of a recovery that they serve.
var opened = []struct {
	kind string
	ways []string
}{
	{"email", []string{"email_link", "email_code"}},
	{"auth_email", []string{"email_code"}},
	{"auth_phone", []string{"sms_mobile", "voice_mobile"}},
	{"office_phone", []string{"voice_office"}},
	{"security_questions", []string{"security_questions"}},
	{"totp", []string{"totp"}},
	{"recovery_code", []string{"recovery_code"}},
}

// able counts people, those who can get back in, and those with an address that counts.
const able = `SELECT count(*), count(w.account_id), count(m.account_id)
	FROM accounts a LEFT JOIN (%s) w ON w.account_id = a.id
	LEFT JOIN (SELECT DISTINCT account_id FROM account_identifiers WHERE tenant_id = $1 AND kind = 'email'
		AND (NOT $3 OR verified_at IS NOT NULL)) m ON m.account_id = a.id
	WHERE a.tenant_id = $1 AND a.status = 'active' AND a.sign_in = 'local' AND a.password IS NOT NULL`

const kinds = `SELECT p.kind, count(*) FROM proofs p JOIN accounts a ON a.tenant_id = p.tenant_id AND a.id = p.account_id
	WHERE p.tenant_id = $1 AND a.status = 'active' AND a.sign_in = 'local' AND a.password IS NOT NULL AND p.kind = ANY ($2)
		AND (p.verified_at IS NOT NULL OR p.set_by <> 'owner') AND p.counts_from <= $3 GROUP BY p.kind ORDER BY p.kind`

// CoverageOf counts people by what recovery would ask of them: proofs of one family, and administrators who
// need more of them, as a recovery counts them itself.
func CoverageOf(ctx context.Context, s *tenants.Scope, t *tenants.Tenant) (Coverage, error) {
	p := t.Policy
	var accepted []string
	mail := false
	for _, o := range opened {
		if !slices.ContainsFunc(o.ways, func(way string) bool { return slices.Contains(p.Gates.MethodsUse, way) }) {
			continue
		}
		if o.kind == "email" {
			mail = true
		} else {
			accepted = append(accepted, o.kind)
		}
	}
	var c Coverage
	addresses := 0
	b := &tenants.Batch{}
	query, args := proofs.AbleSQL(t, 4)
	b.Row(nil, fmt.Sprintf(able, query), append([]any{s.Tenant(), s.Now(), p.Reset.RequiresConfirmedEmail}, args...), &c.People, &c.Able, &addresses)
	b.Rows(kinds, []any{s.Tenant(), accepted, s.Now()}, func(scan func(...any) error) error {
		var k KindCount
		err := scan(&k.Kind, &k.Count)
		c.Kinds = append(c.Kinds, k)
		return err
	})
	b.Row(nil, "SELECT count(DISTINCT account_id) FROM account_identifiers WHERE tenant_id = $1 AND bounced_at IS NOT NULL", []any{s.Tenant()}, &c.Dead)
	err := s.Send(ctx, b)
	if mail {
		c.Kinds = append([]KindCount{{Kind: "email", Count: addresses}}, c.Kinds...)
	}
	return c, err
}
