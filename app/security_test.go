package app_test

import (
	"bytes"
	"image/png"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"portico/app/apptest"
)

// secured is a tenant whose people register every kind of proof; two different ones open an account.
const secured = `portico: 1
slug: secured
name: Secured College
policy:
  preset: two-gate
  signin: {layout: single, account_type_chooser: []}
  reset: {captcha: "off", requires_registration: false}
  gates:
    methods_use: [sms_mobile, voice_mobile, voice_office, security_questions, email_code, totp, recovery_code]
    methods_register: [office_phone, auth_phone, auth_email, security_questions, totp, recovery_code]
    new_proof_delay: 0s
  questions: {custom: ["Which room did you first live in?"]}
  registration: {at_signin: "off", reconfirm_days: 0}
  help: {escalation: the Helpdesk, phone: (858) 635-4357, phone_link: "+18586354357", email: help@secured.example, article_feedback: false}
sender: {transport: platform, from: noreply@secured.example, from_name: Secured College, phone: {provider: platform, countries: [US], voice: true}}
accounts:
  - {external_id: x-1, name: Mateo Villanueva, user_id: B1001, email: mateo@secured.example, password: "env:PORTICO_TENANT_P"}
  - {external_id: x-2, name: Priya Raghunathan, user_id: B1002, email: priya@secured.example, password: "env:PORTICO_TENANT_P", roles: [{role: brand_admin}]}
  - {external_id: x-3, name: Hana Kowalczyk, user_id: B1003, password: "env:PORTICO_TENANT_P"}
`

// own is a portal with the secured tenant.
type own struct {
	*apptest.Portal
	t  *testing.T
	at string
}

// newOwn starts it; each change is an old and a new text of the tenant's file in turn.
func newOwn(t *testing.T, changes ...string) *own {
	t.Helper()
	file := secured
	for i := 0; i+1 < len(changes); i += 2 {
		if !strings.Contains(file, changes[i]) {
			t.Fatalf("the tenant's file has no %q", changes[i])
		}
		file = strings.Replace(file, changes[i], changes[i+1], 1)
	}
	o := &own{Portal: apptest.Start(t, apptest.Options{Tenants: []string{file, apptest.First}}), t: t}
	o.at = o.Origin("secured")
	return o
}

// in is a browser in which somebody is signed in.
func (o *own) in(userID string) *apptest.Browser {
	o.t.Helper()
	b := o.Browser()
	b.SignIn(o.at, userID, apptest.Password).Sees(303)
	return b
}

// code waits for the newest code to a number or an address, sent at or after since.
func (o *own) code(to string, since time.Time) string {
	o.t.Helper()
	return o.Letter(to, since).Code
}

// addPhone registers a mobile phone.
func (o *own) addPhone(b *apptest.Browser, number string) *apptest.Answer {
	o.t.Helper()
	since := o.Clock.Now()
	page := b.Get(o.at+"/account/security/phone").Sees(200, "Mobile phone")
	page = page.Submit("Send the code", map[string]string{"contact": number, "way": "sms_mobile"}).On().Sees(200, "Enter the code")
	return page.Submit("Confirm", map[string]string{"code": o.code(number, since)}).On()
}

// addApp registers an authenticator app and answers its secret.
func (o *own) addApp(b *apptest.Browser) (string, *apptest.Answer) {
	o.t.Helper()
	page := b.Get(o.at + "/account/security/app").Sees(200).Submit("Set up the app", nil).On().Sees(200, "Scan this picture")
	link := regexp.MustCompile(`otpauth://[^"]+`).FindString(strings.ReplaceAll(page.Body, "&amp;", "&"))
	u, err := url.Parse(link)
	if err != nil || u.Query().Get("secret") == "" {
		o.t.Fatalf("no otpauth address in the page: %q %v", link, err)
	}
	secret := u.Query().Get("secret")
	return secret, page.Submit("Confirm", map[string]string{"code": o.appCode(secret)}).On()
}

func (o *own) appCode(secret string) string {
	o.t.Helper()
	code, err := totp.GenerateCode(secret, o.Clock.Now())
	if err != nil {
		o.t.Fatal(err)
	}
	return code
}

// kinds are the kinds of proofs that somebody has.
func (o *own) kinds(userID string) string {
	o.t.Helper()
	var s string
	o.Scan(`SELECT coalesce(string_agg(p.kind, ' ' ORDER BY p.kind), '') FROM proofs p JOIN account_identifiers i
		ON i.tenant_id = p.tenant_id AND i.account_id = p.account_id WHERE i.kind = 'user_id' AND i.value = $1`, []any{userID}, &s)
	return s
}

func TestPhoneAndAppAreRegistered(t *testing.T) {
	t.Parallel()
	o := newOwn(t)
	b := o.in("B1001")
	b.Get(o.at+"/account").Sees(200, "My account", "Security & privacy")
	b.Get(o.at+"/account/security").Sees(200, "You cannot get back in today, because two different ways are needed and none counts.",
		"Mobile phone", "Office phone", "Your administrator sets this", "Add one of these")
	o.addPhone(b, "+1 5550100201").Sees(200, "It is registered", "+1", "only one counts: your mobile phone")
	secret, page := o.addApp(b)
	page.Sees(200, "You can get back in today with your mobile phone and your authenticator app.", "Set by you.")
	if len(secret) != 32 {
		t.Errorf("the secret has %d characters of base32, want 32 for 160 bits", len(secret))
	}
	if strings.Contains(page.Body, secret) || strings.Contains(page.Body, "5550100201") {
		t.Error("the page shows a secret or a whole number")
	}
	if got := o.kinds("B1001"); got != "auth_phone totp" {
		t.Errorf("registered %q", got)
	}
	o.Letter("mateo@secured.example", time.Time{})
}

func TestAppPictureIsForOneSession(t *testing.T) {
	t.Parallel()
	o := newOwn(t)
	b, other := o.in("B1001"), o.in("B1001")
	b.Get(o.at + "/account/security/app").Sees(200).Submit("Set up the app", nil).On().Sees(200)
	picture := b.Get(o.at + "/account/security/app/qr.png").Sees(200)
	if _, err := png.Decode(bytes.NewReader([]byte(picture.Body))); err != nil {
		t.Error(err)
	}
	if c := picture.Header.Get("Cache-Control"); c != "no-store" {
		t.Errorf("Cache-Control %q", c)
	}
	other.Get(o.at + "/account/security/app/qr.png").Sees(404)
	o.Browser().Get(o.at + "/account/security/app/qr.png").Sees(303)
}
