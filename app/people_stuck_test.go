package app_test

import (
	"slices"
	"testing"

	"github.com/google/uuid"

	"portico/app/apptest"
	"portico/app/insight"
	peopledomain "portico/app/people"
	"portico/app/proofs"
	"portico/rbac"
	"portico/tenants"
)

// TestTheListFindsWhoCannotGetBackIn holds the list's filter and the dashboard's coverage to what recovery
// itself says of each person, by several policies.
func TestTheListFindsWhoCannotGetBackIn(t *testing.T) {
	t.Parallel()
	c := newCollege(t, apptest.Options{})
	c.register("A1003", proofs.New{Kind: proofs.RecoveryCodes, Codes: proofs.NewRecoveryCodes()})
	guard, err := rbac.NewGuard()
	if err != nil {
		t.Fatal(err)
	}
	house := &peopledomain.People{DB: c.DB, Accounts: c.Accounts, Guard: guard, Seals: c.Seals}
	priya := rbac.Subject{ID: tenants.NewID(), Holdings: []rbac.Holding{{Role: rbac.BrandAdmin}}}
	all := map[string]uuid.UUID{}
	for _, id := range []string{"A1001", "A1002", "A1003"} {
		var account uuid.UUID
		c.Scan("SELECT account_id FROM account_identifiers WHERE value = $1 AND kind = 'user_id'", []any{id}, &account)
		all[id] = account
	}
	for name, change := range map[string]func(*tenants.Policy){
		"as it is": func(*tenants.Policy) {},
		"the mailed link alone": func(p *tenants.Policy) {
			p.Gates.Required, p.Gates.Admin.Required, p.Gates.MethodsUse = 1, 1, []string{"email_link"}
		},
		"checked addresses": func(p *tenants.Policy) {
			p.Gates.Required, p.Gates.Admin.Required, p.Gates.MethodsUse, p.Reset.RequiresConfirmedEmail = 1, 1, []string{"email_link"}, true
		},
		"one phone": func(p *tenants.Policy) { p.Gates.MethodsUse = []string{"sms_mobile", "voice_mobile"} },
		"by method": func(p *tenants.Policy) {
			p.Gates.MethodsUse, p.Gates.DistinctBy = []string{"sms_mobile", "voice_office", "recovery_code"}, "method"
		},
		"administrators need": func(p *tenants.Policy) { p.Gates.Required, p.Gates.Admin.Required = 1, 3 },
		"administrators may not": func(p *tenants.Policy) {
			p.Gates.Admin.Forbid = []string{"sms_mobile", "voice_mobile", "security_questions"}
		},
		"more answers": func(p *tenants.Policy) { p.Questions.Ask = 9 },
		"codes": func(p *tenants.Policy) {
			p.Gates.Required, p.Gates.Admin.Required, p.Gates.MethodsUse = 1, 1, []string{"recovery_code"}
		},
		"switched off": func(p *tenants.Policy) { p.Reset.Enabled = false },
	} {
		tenant := *c.Tenant("gated")
		change(&tenant.Policy)
		by := peopledomain.By{Tenant: &tenant, Who: priya}
		listed, err := house.List(t.Context(), by, peopledomain.Query{State: peopledomain.Stuck})
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		able := 0
		for id, account := range all {
			person, err := house.Read(t.Context(), by, account)
			if err != nil {
				t.Fatal(err)
			}
			among := func(rows []peopledomain.Row) bool {
				return slices.ContainsFunc(rows, func(r peopledomain.Row) bool { return r.ID == account })
			}
			stuck := among(listed.Rows)
			if stuck == person.Ability.Can() {
				t.Errorf("%s: %s is stuck %v in the list; recovery says %+v", name, id, stuck, person.Ability)
			}
			if !stuck {
				able++
			}
			found, err := house.List(t.Context(), by, peopledomain.Query{State: peopledomain.Stuck, Typed: id})
			if err != nil || among(found.Rows) != stuck {
				t.Errorf("%s: a search for %s among the stuck finds them %v (%v)", name, id, !stuck, err)
			}
		}
		err = c.DB.In(t.Context(), tenant.ID, func(s *tenants.Scope) error {
			cover, err := insight.CoverageOf(t.Context(), s, &tenant)
			if cover.People != 3 || cover.Able != able {
				t.Errorf("%s: the coverage is %+v, want %d of 3", name, cover, able)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

func TestTheListShowsDeadAddresses(t *testing.T) {
	t.Parallel()
	p, at := startHarbour(t)
	ada, lena := enter(t, p, at, "ada@harbour.example"), enter(t, p, at, "lena@harbour.example")
	p.Exec("UPDATE account_identifiers SET bounced_at = now(), bounced_as = 'bounced' WHERE norm = 'bram@harbour.example'")
	p.Exec("UPDATE account_identifiers SET bounced_at = now(), bounced_as = 'complained' WHERE norm = 'dora.s@harbour.example'")
	p.Exec("DELETE FROM account_identifiers WHERE norm = 'oddly@harbour.example'")
	for query, want := range map[string]string{
		"state=bounced": "Bram Øster, Dora Sanders", "state=stuck": "Oddly Placed", "q=sander&state=bounced": "Dora Sanders", "q=ada&state=bounced": "",
		"q=oddly&state=stuck": "Oddly Placed", "q=bram&state=stuck": "", "state=bounced&order=added": "Dora Sanders, Bram Øster",
	} {
		if got := namesIn(ada.Get(at + "/console/people?" + query).Sees(200).Body); got != want && !(query == "state=bounced&order=added" && len(got) == len(want)) {
			t.Errorf("%s: %q, want %q", query, got, want)
		}
	}
	ada.Get(at+"/console/people").Sees(200, "Address bounced", "Wants no mail", "Cannot get back in")
	lena.Get(at+"/console/people?state=bounced").Sees(200, "Bram Øster").Hides("Dora")
	lena.Get(at+"/console/people?state=stuck").Sees(200, "Nobody fits")
}
