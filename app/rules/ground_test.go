package rules_test

import (
	"strings"
	"testing"

	"portico/app/apptest"
	"portico/app/proofs"
	"portico/app/rules"
	"portico/tenants"
)

// college is a tenant with people who registered all kinds of proofs, and one administrator.
const college = `portico: 1
slug: college
name: Rules College
policy:
  preset: two-gate
  signin: {layout: single, account_type_chooser: []}
  reset: {captcha: "off", requires_registration: false}
  gates:
    methods_use: [sms_mobile, voice_office, security_questions, email_code, totp, recovery_code]
    methods_register: [office_phone, auth_phone, auth_email, security_questions, totp, recovery_code]
    new_proof_delay: 0s
  registration: {at_signin: "off", reconfirm_days: 0}
  help: {escalation: the Helpdesk, article_feedback: false}
sender: {transport: platform, from: noreply@college.example, from_name: Rules College, phone: {provider: platform, countries: [US], voice: true}}
groups:
  - {external_id: g-1, kind: department, name: Physics}
accounts:
  - {external_id: x-1, name: Mateo Villanueva, user_id: B1001, email: mateo@college.example, password: "env:PORTICO_TENANT_P", roles: [{role: brand_admin}]}
  - {external_id: x-2, name: Priya Raghunathan, user_id: B1002, email: priya@college.example, password: "env:PORTICO_TENANT_P", roles: [{role: brand_admin}]}
  - {external_id: x-3, name: Hana Kowalczyk, user_id: B1003, password: "env:PORTICO_TENANT_P", roles: [{role: auditor}]}
  - {external_id: x-4, name: Otis Bergqvist, user_id: B1004, password: "env:PORTICO_TENANT_P", roles: [{role: helpdesk}]}
`

type ground struct {
	*apptest.Portal
	t     *testing.T
	at    string
	rules *rules.Rules
}

func newGround(t *testing.T) *ground {
	t.Helper()
	p := apptest.Start(t, apptest.Options{Tenants: []string{college, apptest.First}})
	return &ground{Portal: p, t: t, at: p.Origin("college"),
		rules: &rules.Rules{DB: p.DB, Proofs: &proofs.Proofs{DB: p.DB, Seals: p.Seals, Peppers: p.Peppers}}}
}

func (g *ground) in(userID string) *apptest.Browser {
	g.t.Helper()
	b := g.Browser()
	b.SignIn(g.at, userID, apptest.Password).Sees(303)
	return b
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// with is a policy with some knobs turned.
func with(t *testing.T, p tenants.Policy, set rules.Set) tenants.Policy {
	t.Helper()
	for path, text := range set {
		k, ok := rules.Named(path)
		if !ok {
			t.Fatalf("no knob %s", path)
		}
		if f := k.Read(&p, strings.TrimSpace(text)); f != nil {
			t.Fatalf("%s: %+v", path, *f)
		}
	}
	return p
}
