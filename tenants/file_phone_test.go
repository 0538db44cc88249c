package tenants

import (
	"strings"
	"testing"
)

const phoneFile = `portico: 1
slug: acme
name: Acme
sender:
  transport: platform
  from: ""
  from_name: ""
  reply_to: ""
  phone:
    provider: twilio
    account: AC0123456789abcdef0123456789abcdef
    secret: env:PORTICO_TENANT_TWILIO
    from: "+12025550123"
    region: ""
    countries: [US, CA]
    voice: true
`

func TestPhoneSenderIsRead(t *testing.T) {
	t.Parallel()
	f, faults := ParseFile([]byte(phoneFile))
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	p := f.Sender.Phone
	if p.DailyBudget != DefaultDailyBudget || p.Provider != "twilio" || len(p.Countries) != 2 || !p.Texts() || !p.Calls() || p.SealedSecret != nil {
		t.Errorf("%+v", p)
	}
	first, err := f.YAML()
	if err != nil {
		t.Fatal(err)
	}
	again, faults := ParseFile(first)
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	if second, err := again.YAML(); err != nil || string(first) != string(second) || !strings.Contains(string(first), "daily_budget: 500") {
		t.Errorf("%v\n%s\n---\n%s", err, first, second)
	}
	var none *PhoneSender
	if none.Texts() || none.Calls() || (&PhoneSender{Provider: "off", Voice: true}).Calls() {
		t.Error("nobody sends, and yet something is sent")
	}
}

func TestPhoneSenderRefuses(t *testing.T) {
	t.Parallel()
	for _, row := range []struct{ name, old, fresh, field, says string }{
		{"provider", "provider: twilio", "provider: nexmo", "sender.phone.provider", "none of"},
		{"account", "AC0123456789abcdef0123456789abcdef", "acme", "sender.phone.account", "account SID"},
		{"secret in clear", "env:PORTICO_TENANT_TWILIO", "hunter2", "sender.phone.secret", "never the secret"},
		{"program's own secret", "env:PORTICO_TENANT_TWILIO", "env:PORTICO_SEAL_KEYS", "sender.phone.secret", "never the secret"},
		{"no secret", "env:PORTICO_TENANT_TWILIO", `""`, "sender.phone.secret", "never the secret"},
		{"no sender", `"+12025550123"`, `""`, "sender.phone.from", "neither"},
		{"sender in two lines", `"+12025550123"`, `"A\nB"`, "sender.phone.from", "neither"},
		{"calls from letters", `"+12025550123"`, "Acme", "sender.phone.from", "cannot ring"},
		{"calls from a service", `"+12025550123"`, "MG0123456789abcdef0123456789abcdef", "sender.phone.from", "cannot ring"},
		{"region of twilio", `region: ""`, "region: eu-west-1", "sender.phone.region", "aws alone"},
		{"small country", "[US, CA]", "[us]", "sender.phone.countries[0]", "two capital letters"},
		{"no country", "[US, CA]", "[US, XX]", "sender.phone.countries[1]", "two capital letters"},
		{"a continent", "[US, CA]", `["001"]`, "sender.phone.countries[0]", "two capital letters"},
		{"a union", "[US, CA]", "[EU]", "sender.phone.countries[0]", "two capital letters"},
		{"country twice", "[US, CA]", "[US, US]", "sender.phone.countries[1]", "twice"},
		{"budget", "voice: true", "daily_budget: 100001", "sender.phone.daily_budget", "100000"},
		{"no budget", "voice: true", "daily_budget: 0", "sender.phone.daily_budget", "1"},
		{"unknown key", "voice: true", "voices: true", "sender.phone.voices", "no such key"},
		{"platform with account", "provider: twilio", "provider: platform", "sender.phone.account", "of the tenant's own"},
		{"platform with sender", "provider: twilio", "provider: platform", "sender.phone.from", "its own sender"},
		{"aws key", "provider: twilio", "provider: aws", "sender.phone.account", "access key"},
		{"aws region", "provider: twilio", "provider: aws", "sender.phone.region", "eu-west-1"},
	} {
		doc := strings.Replace(phoneFile, row.old, row.fresh, 1)
		_, faults := ParseFile([]byte(doc))
		found := false
		for _, f := range faults {
			found = found || f.Field == row.field && strings.Contains(f.Problem, row.says) && f.Line > 0
		}
		if !found || doc == phoneFile {
			t.Errorf("%s: %v", row.name, faults)
		}
		for _, f := range faults {
			if strings.Contains(f.Problem, "hunter2") {
				t.Errorf("%s: the fault shows the secret: %s", row.name, f)
			}
		}
	}
	aws := strings.NewReplacer("twilio", "aws", "AC0123456789abcdef0123456789abcdef", "AKIAIOSFODNN7EXAMPLE", `region: ""`, "region: eu-west-1").Replace(phoneFile)
	if _, faults := ParseFile([]byte(aws)); len(faults) > 0 {
		t.Errorf("a sound account at AWS: %v", faults)
	}
}

func TestProofsByPhoneNeedASender(t *testing.T) {
	t.Parallel()
	policy := func(methods ...string) Policy { return Policy{Gates: GatesPolicy{MethodsUse: methods}} }
	us := func(voice bool) *Sender {
		return &Sender{Phone: &PhoneSender{Provider: "platform", Countries: []string{"US"}, Voice: voice}}
	}
	for _, row := range []struct {
		name   string
		policy Policy
		sender *Sender
		field  string // "" is sound
	}{
		{"no proof by phone", policy("email_link", "totp"), nil, ""},
		{"no sender", policy("sms_mobile"), nil, "sender.phone"},
		{"no phone", policy("voice_office"), &Sender{}, "sender.phone"},
		{"off", policy("sms_mobile"), &Sender{Phone: &PhoneSender{Provider: "off"}}, "sender.phone"},
		{"no countries", policy("sms_mobile"), &Sender{Phone: &PhoneSender{Provider: "platform"}}, "sender.phone.countries"},
		{"texts", policy("email_link", "sms_mobile"), us(false), ""},
		{"calls that are off", policy("sms_mobile", "voice_mobile"), us(false), "sender.phone.voice"},
		{"calls to the office that are off", policy("voice_office"), us(false), "sender.phone.voice"},
		{"calls", policy("sms_mobile", "voice_mobile", "voice_office"), us(true), ""},
	} {
		faults := PhoneFaults(row.policy, row.sender)
		if (row.field == "") != (len(faults) == 0) || len(faults) > 0 && faults[0].Field != row.field {
			t.Errorf("%s: %v", row.name, faults)
		}
	}
}
