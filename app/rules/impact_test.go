package rules_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"

	"portico/app/accounts"
	"portico/app/proofs"
	"portico/app/rules"
	"portico/rbac"
	"portico/tenants"
)

// populate makes people with every mixture of proofs that the bits of a number name: shown or not, counting
// or waiting, one number on both phones, with and without an address, a role, another way to sign in.
func (g *ground) populate(n int) {
	tenant := g.Tenant("college")
	for i := range n {
		id := tenants.NewID()
		signIn := "local"
		if i%17 == 16 {
			signIn = "sso"
		}
		g.Exec(`INSERT INTO accounts (tenant_id, id, display_name, status, sign_in, created_at, updated_at) VALUES ($1, $2, $3, 'active', $4, now(), now())`,
			tenant.ID, id, fmt.Sprintf("Person %03d", i), signIn)
		name := func(kind, value string) {
			g.Exec(`INSERT INTO account_identifiers (tenant_id, kind, norm, value, account_id, created_at) VALUES ($1, $2, $3, $3, $4, now())`, tenant.ID, kind, value, id)
		}
		name("user_id", fmt.Sprintf("p%03d", i))
		if i%3 > 0 {
			name("email", fmt.Sprintf("p%03d@college.example", i))
		}
		if i%11 == 10 {
			g.Exec(`INSERT INTO role_assignments (tenant_id, id, account_id, role, granted_by, created_at) VALUES ($1, $2, $3, 'helpdesk', 'test', now())`, tenant.ID, tenants.NewID(), id)
		}
		g.proofsOf(tenant, id, i)
	}
}

func (g *ground) proofsOf(tenant *tenants.Tenant, account uuid.UUID, i int) {
	mobile, office := fmt.Sprintf("+1202555%04d", i), fmt.Sprintf("+1303555%04d", i)
	if i%5 == 0 {
		office = mobile
	}
	mail := fmt.Sprintf("other%d@college.example", i)
	if i%7 == 0 {
		mail = fmt.Sprintf("p%03d@college.example", i)
	}
	for bit, kind := range []string{proofs.AuthPhone, proofs.OfficePhone, proofs.AuthEmail, proofs.Questions, proofs.Authenticator, proofs.RecoveryCodes} {
		if i>>bit&1 == 0 {
			continue
		}
		id := tenants.NewID()
		var sealed []byte
		if contact, ok := map[string]string{proofs.AuthPhone: mobile, proofs.OfficePhone: office, proofs.AuthEmail: mail, proofs.Authenticator: "SECRET"}[kind]; ok {
			sealed = g.Seals.Seal("proof", tenant.ID, id.String(), []byte(contact))
		}
		shown, from := time.Now().Add(-time.Hour), time.Now().Add(-time.Hour)
		by := "owner"
		var verified *time.Time
		if (i+bit)%9 != 0 {
			verified = &shown
		} else if i%2 == 0 {
			by = "import"
		}
		if (i+bit)%13 == 0 {
			from = time.Now().Add(48 * time.Hour)
		}
		g.Exec(`INSERT INTO proofs (tenant_id, id, account_id, kind, sealed, set_by, verified_at, counts_from, created_at, updated_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9)`, tenant.ID, id, account, kind, sealed, by, verified, from, shown)
		switch kind {
		case proofs.Questions:
			for q := range 2 + i%4 {
				g.Exec(`INSERT INTO proof_answers (tenant_id, proof_id, question, answer) VALUES ($1, $2, $3, 'x')`, tenant.ID, id, fmt.Sprintf("q%02d", q+1))
			}
		case proofs.RecoveryCodes:
			if i%4 > 0 {
				g.Exec(`INSERT INTO recovery_codes (tenant_id, proof_id, hash) VALUES ($1, $2, $3)`, tenant.ID, id, accounts.SecretHash(id.String()))
			}
		}
	}
}

// able asks for one person what recovery itself would say.
func (g *ground) able(t *tenants.Tenant, id uuid.UUID) (can bool) {
	g.t.Helper()
	must(g.t, g.DB.In(g.t.Context(), t.ID, func(s *tenants.Scope) error {
		var who accounts.Person
		var held proofs.Held
		b := &tenants.Batch{}
		accounts.PersonOf(b, s, t, &id, accounts.Client{}, &who)
		g.rules.Proofs.Read(b, s, &id, &held)
		if err := s.Send(g.t.Context(), b); err != nil {
			return err
		}
		can = proofs.AbilityOf(t, who, held, s.Now()).Can()
		return nil
	}))
	return can
}

// What is told of everybody at once is what recovery says of each alone.
func TestImpactIsWhatHappens(t *testing.T) {
	t.Parallel()
	g := newGround(t)
	g.populate(128)
	tenant := g.Tenant("college")
	before := tenant.Policy
	var ids []uuid.UUID
	must(t, g.DB.In(t.Context(), tenant.ID, func(s *tenants.Scope) error {
		return s.Each(t.Context(), "SELECT id FROM accounts WHERE tenant_id = $1", []any{tenant.ID}, func(scan func(...any) error) error {
			var id uuid.UUID
			err := scan(&id)
			ids = append(ids, id)
			return err
		})
	}))
	for name, set := range map[string]rules.Set{
		"one proof less":   {"gates.methods_use": "sms_mobile\nvoice_office\nsecurity_questions"},
		"no questions":     {"gates.methods_use": "sms_mobile\nvoice_office\nemail_code\ntotp\nrecovery_code"},
		"phones alone":     {"gates.methods_use": "sms_mobile\nvoice_office", "gates.admin.forbid": ""},
		"by method":        {"gates.distinct_by": "method", "gates.methods_use": "sms_mobile\nvoice_office\nemail_link\nemail_code"},
		"more questions":   {"questions.ask": "5"},
		"mailed link":      {"gates.methods_use": "email_link", "gates.required": "1", "gates.admin.required": "0", "gates.admin.forbid": ""},
		"off":              {"reset.enabled": "false"},
		"weaker for roles": {"gates.admin.forbid": "totp"},
		"other roles":      {"users.roles": "portal"},
	} {
		after := with(t, before, set)
		impact, err := g.rules.Impact(t.Context(), tenant, before, after, &rbac.Reach{Everywhere: true})
		must(t, err)
		as := *tenant
		as.Policy = after
		lose, gain := 0, 0
		for _, id := range ids {
			b, a := g.able(tenant, id), g.able(&as, id)
			if b && !a {
				lose++
			} else if !b && a {
				gain++
			}
		}
		told := map[string]int{}
		for _, e := range impact.Effects {
			told[e.Name] = e.Count
			if len(e.People) != min(e.Count, 50) {
				t.Errorf("%s: %s names %d of %d", name, e.Name, len(e.People), e.Count)
			}
		}
		if told["recover"] != lose || told["recover_again"] != gain || impact.Looked != len(ids) || impact.AtLeast {
			t.Errorf("%s: told %v of %d; in truth %d lose and %d gain it", name, told, impact.Looked, lose, gain)
		}
		if nobody, err := g.rules.Impact(t.Context(), tenant, before, after, nil); err != nil || len(nobody.Effects) > 0 && len(nobody.Effects[0].People) > 0 {
			t.Errorf("%s: named to nobody: %v %v", name, nobody, err)
		}
	}
}

func TestImpactOnSignIn(t *testing.T) {
	t.Parallel()
	g := newGround(t)
	g.populate(64)
	g.Exec("UPDATE accounts SET password_set_at = now() - interval '100 days' WHERE display_name < 'Person 010'")
	tenant := g.Tenant("college")
	told := func(set rules.Set) map[string]int {
		impact, err := g.rules.Impact(t.Context(), tenant, tenant.Policy, with(t, tenant.Policy, set), nil)
		must(t, err)
		counts := map[string]int{}
		for _, e := range impact.Effects {
			counts[e.Name] = e.Count
		}
		return counts
	}
	where := func(condition string) int {
		return g.Count("accounts a WHERE a.tenant_id = $1 AND "+condition, tenant.ID)
	}
	const local = "a.sign_in = 'local'"
	const mail = "EXISTS (SELECT 1 FROM account_identifiers i WHERE i.account_id = a.id AND i.kind = 'email')"
	const app = "EXISTS (SELECT 1 FROM proofs p WHERE p.account_id = a.id AND p.kind = 'totp' AND (p.verified_at IS NOT NULL OR p.set_by <> 'owner'))"
	if got, want := told(rules.Set{"signin.identifier": "email"})["sign_in"], where(local+" AND NOT "+mail); got != want || want == 0 {
		t.Errorf("%d could no longer sign in, want %d", got, want)
	}
	if got, want := told(rules.Set{"password.max_age_days": "90"})["password"], where(local+" AND a.password_set_at < now() - interval '90 days'"); got != want || want == 0 {
		t.Errorf("%d need a new password, want %d", got, want)
	}
	factor := told(rules.Set{"mfa.signin": "required"})
	if want := where(local + " AND NOT " + app); factor["factor"] != want {
		t.Errorf("%d must set up an app, want %d", factor["factor"], want)
	}
	if want := where(local + " AND " + app); factor["code"] != want {
		t.Errorf("%d are asked for a code, want %d", factor["code"], want)
	}
	forced, asked := told(rules.Set{"registration.at_signin": "forced"}), told(rules.Set{"registration.at_signin": "skippable"})
	if forced["must_register"] == 0 || forced["must_register"] != asked["register"] {
		t.Errorf("forced %v, asked %v", forced, asked)
	}
}
