package tenantfile

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"

	"portico/app/letters"
	"portico/tenants"
)

const phoned = small + `sender:
  transport: platform
  from: ""
  from_name: Acme
  reply_to: ""
  phone:
    provider: twilio
    account: AC0123456789abcdef0123456789abcdef
    secret: env:PORTICO_TENANT_ACME_TWILIO
    from: "+12025550123"
    countries: [US]
    voice: true
`

// phone reads the tenant's settings as letters will see them.
func (b *bench) phone() (t *tenants.Tenant) {
	b.t.Helper()
	err := b.DB.AcrossAll(b.t.Context(), tenants.ForTenantFile, func(a *tenants.Across) error {
		var id tenants.ID
		err := a.Row(b.t.Context(), "SELECT id FROM tenants WHERE slug = 'acme'", nil, &id)
		if err != nil {
			return err
		}
		t, err = tenants.ReadTenant(b.t.Context(), a, id)
		return err
	})
	if err != nil {
		b.t.Fatal(err)
	}
	return t
}

// The account's secret is sealed, kept while it is the same, sealed anew when it is another, and leaves by no
// plan, export or audit row; the export applied again changes nothing and is the same byte by byte.
func TestThePhonesSecretStaysInAndTheFileGoesRound(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	env := map[string]string{"PORTICO_TENANT_ACME_TWILIO": "twilio-Tungsten-river-9"}
	o := Options{Secrets: tenants.Secrets{Env: func(name string) (string, bool) { v, ok := env[name]; return v, ok }}}
	file := parse(t, phoned)
	plan := b.apply(file, o)
	first := b.export("acme")
	var audited string
	if err := b.owner.QueryRow(t.Context(), "SELECT string_agg(details::text, ' ') FROM audit_events").Scan(&audited); err != nil {
		t.Fatal(err)
	}
	for where, text := range map[string]string{"plan": plan.String(), "export": string(first), "audit": audited, "rows": b.rows("acme")} {
		if strings.Contains(text, "Tungsten") || where != "rows" && strings.Contains(text, "sealed") {
			t.Errorf("the secret is seen in the %s: %s", where, text)
		}
	}
	if !strings.Contains(string(first), "secret: env:PORTICO_TENANT_ACME_TWILIO") || !strings.Contains(string(first), "daily_budget: 500") {
		t.Errorf("export:\n%s", first)
	}
	if again := b.apply(parse(t, string(first)), o); !again.Empty() {
		t.Errorf("the export changes\n%s", again)
	}
	if second := b.export("acme"); !bytes.Equal(first, second) {
		t.Errorf("exports differ\n%s\n---\n%s", first, second)
	}
	was := b.phone()
	if plain, err := b.Keys.Open(letters.PhonePurpose, was.ID, was.ID.String(), was.Sender.Phone.SealedSecret); err != nil || string(plain) != env["PORTICO_TENANT_ACME_TWILIO"] {
		t.Errorf("the workers open %q, %v", plain, err)
	}
	env["PORTICO_TENANT_ACME_TWILIO"] = "twilio-Osmium-valley-4"
	if plan := b.apply(file, o); plan.Empty() || strings.Contains(plan.String(), "Osmium") || !strings.Contains(plan.String(), "sender.phone.secret") {
		t.Errorf("another secret gives\n%s", plan)
	}
	if bytes.Equal(was.Sender.Phone.SealedSecret, b.phone().Sender.Phone.SealedSecret) {
		t.Error("the old secret is still sealed")
	}
	delete(env, "PORTICO_TENANT_ACME_TWILIO")
	var refused *Refused
	if _, err := b.Apply(t.Context(), file, o); !errors.As(err, &refused) || refused.Faults[0].Field != "sender.phone.secret" || refused.Faults[0].Line == 0 {
		t.Errorf("a missing secret: %v", err)
	}
}

// Sections that a file leaves out count as they stand: a file with a policy alone may not ask for texts that
// nothing carries.
func TestASectionLeftOutCountsAsItStands(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	o := Options{Secrets: tenants.Secrets{Env: func(string) (string, bool) { return "x", true }}}
	b.apply(parse(t, small), o)
	texts, _ := tenants.Preset("nist")
	texts.Gates.MethodsUse, texts.Gates.MethodsRegister = []string{"email_link", "sms_mobile"}, []string{"auth_phone"}
	texts.Gates.OTPTTL, texts.Gates.OTPDigits = tenants.Duration(5*time.Minute), 6
	file := parse(t, small)
	file.Policy = &texts
	var refused *Refused
	_, err := b.Apply(t.Context(), file, o)
	if !errors.As(err, &refused) || !strings.Contains(err.Error(), "sender.phone") {
		t.Errorf("texts without a sender: %v", err)
	}
	b.apply(parse(t, phoned), o)
	if _, err = b.Apply(t.Context(), file, o); err != nil && strings.Contains(err.Error(), "sender.phone") {
		t.Errorf("the sender that stands does not count: %v", err)
	}
}
