package app_test

import (
	"bytes"
	"image/png"
	"net/url"
	"regexp"
	"strconv"
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
	page := b.Get(o.at+"/account/security/app").Sees(200).Submit("Set up the app", nil).On().Sees(200, "Scan this picture")
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
	b.Get(o.at+"/account/security/app").Sees(200).Submit("Set up the app", nil).On().Sees(200)
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

// later moves the clock past what a sign-in proves.
func (o *own) later(d time.Duration) { o.Clock.Advance(d) }

func TestChangesAskWhoIsThere(t *testing.T) {
	t.Parallel()
	o := newOwn(t)
	b := o.in("B1001")
	o.later(6 * time.Minute)
	page := b.Get(o.at+"/account/security/phone").On().Sees(200, "Show that it is you")
	page = page.Submit("Go on", map[string]string{"password": "not the password"}).Sees(422)
	if strings.Contains(page.Body, "not the password") {
		t.Error("the password is echoed")
	}
	page.Submit("Go on", map[string]string{"password": ""}).Sees(422)
	page.Submit("Go on", map[string]string{"password": apptest.Password}).On().Sees(200, "Mobile phone number")
	o.addPhone(b, "+1 5550100201").Sees(200)
	o.later(11 * time.Minute)
	for _, path := range []string{"/phone", "/email", "/app", "/questions", "/codes", "/remove?kind=auth_phone"} {
		b.Get(o.at+"/account/security"+path).On().Sees(200, "Show that it is you")
	}
	token := b.Get(o.at + "/account/security").Value("token")
	for path, fields := range map[string]url.Values{"/phone": {"contact": {"+1 5550100299"}, "way": {"sms_mobile"}}, "/email": {"contact": {"a@b.example"}}, "/app": {},
		"/codes": {}, "/remove": {"kind": {"auth_phone"}}} {
		fields.Set("token", token)
		b.Post(o.at+"/account/security"+path, fields).On().Sees(200, "Show that it is you")
	}
	if got := o.kinds("B1001"); got != "auth_phone" {
		t.Errorf("registered %q", got)
	}
	elsewhere := b.Get(o.at + "/account/security/prove?to=https://evil.example/").Sees(200)
	if to := elsewhere.Submit("Go on", map[string]string{"password": apptest.Password}).Location; to != "/account/security" {
		t.Errorf("leads to %q", to)
	}
}

func TestWrongPasswordsHereLockAsAtSignIn(t *testing.T) {
	t.Parallel()
	o := newOwn(t, "  questions:", "  lockout: {threshold: 5, ignore_repeat_last: 0}\n  questions:")
	b := o.in("B1001")
	o.later(6 * time.Minute)
	page := b.Get(o.at + "/account/security/codes").On().Sees(200)
	for i := range 11 { // a known device may fail ten times
		page = page.Submit("Go on", map[string]string{"password": "Wrong-" + strconv.Itoa(i)}).Sees(422)
	}
	page.Submit("Go on", map[string]string{"password": apptest.Password}).Sees(422)
}

func TestCodesWhileRegistering(t *testing.T) {
	t.Parallel()
	o := newOwn(t)
	b, other := o.in("B1001"), o.in("B1001")
	since := o.Clock.Now()
	ask := b.Get(o.at + "/account/security/phone").Sees(200)
	ask.Submit("Send the code", map[string]string{"contact": "", "way": "sms_mobile"}).Sees(422, "Enter a telephone number")
	ask.Submit("Send the code", map[string]string{"contact": "+1 555", "way": "sms_mobile"}).Sees(422, "too short")
	ask.Submit("Send the code", map[string]string{"contact": "+44 7400 123456", "way": "sms_mobile"}).Sees(422, "We cannot send codes to that country")
	ask.Submit("Send the code", map[string]string{"contact": "+1 5550100201", "way": "pigeon"}).Sees(422, "Choose how")
	page := ask.Submit("Send the code", map[string]string{"contact": "+1 5550100201", "way": "sms_mobile"}).On().Sees(200)
	code := o.code("+15550100201", since)
	page.Submit("Send another code", nil).Sees(429, "A code was sent a moment ago")
	page.Submit("Confirm", map[string]string{"code": ""}).Sees(422, "Enter the code")
	token := other.Get(o.at + "/account/security").Value("token")
	other.Post(o.at+"/account/security/code", url.Values{"token": {token}, "code": {code}}).On().Sees(200, "Please begin again")
	wrong := "000000"
	if code == wrong {
		wrong = "000001"
	}
	for left := 4; left > 0; left-- {
		page = page.Submit("Confirm", map[string]string{"code": wrong}).Sees(422, "You have")
	}
	page.Submit("Confirm", map[string]string{"code": wrong}).On().Sees(200, "Please begin again")
	b.Post(o.at+"/account/security/code", url.Values{"token": {page.Value("token")}, "code": {code}}).On().Sees(200, "Please begin again")
	if got := o.kinds("B1001"); got != "" {
		t.Fatalf("registered %q", got)
	}
	o.later(2 * time.Minute) // a code at its end
	since = o.Clock.Now()
	page = b.Get(o.at+"/account/security/phone").Sees(200).Submit("Send the code", map[string]string{"contact": "+1 5550100201", "way": "voice_mobile"}).On().Sees(200, "We are calling")
	code = o.code("+15550100201", since)
	o.later(5*time.Minute + time.Second)
	page.Submit("Confirm", map[string]string{"code": code}).On().Sees(200, "Please begin again")
	// Of two at once one registers, and a used code works no more.
	since = o.Clock.Now()
	o.in("B1001")
	page = b.Get(o.at+"/account/security/prove?to=/account/security/phone").Sees(200).Submit("Go on", map[string]string{"password": apptest.Password}).On()
	page = page.Submit("Send the code", map[string]string{"contact": "+1 5550100201", "way": "sms_mobile"}).On().Sees(200)
	code = o.code("+15550100201", since)
	done := make(chan string, 2)
	for range 2 {
		go func() { done <- page.Submit("Confirm", map[string]string{"code": code}).On().Text() }()
	}
	won := 0
	for range 2 {
		if strings.Contains(<-done, "It is registered") {
			won++
		}
	}
	if won < 1 || o.Count("proofs") != 1 || o.Count("audit_events WHERE kind = 'methods.registered' AND outcome = 'success'") != 1 {
		t.Errorf("%d registered, %d proofs", won, o.Count("proofs"))
	}
}

func TestTenCodesAnHour(t *testing.T) {
	t.Parallel()
	o := newOwn(t)
	b := o.in("B1001")
	page := b.Get(o.at+"/account/security/app").Sees(200).Submit("Set up the app", nil).On().Sees(200)
	for i := range 10 {
		if i == 5 {
			page = b.Get(o.at+"/account/security/app").Sees(200).Submit("Set up the app", nil).On().Sees(200)
		}
		page.Submit("Confirm", map[string]string{"code": "abc"})
	}
	b.Get(o.at+"/account/security/app").Sees(200).Submit("Set up the app", nil).On().Sees(200).
		Submit("Confirm", map[string]string{"code": "123456"}).Sees(429, "Too many codes were tried")
}

func TestQuestionsAreRegistered(t *testing.T) {
	t.Parallel()
	o := newOwn(t)
	b := o.in("B1001")
	page := b.Get(o.at+"/account/security/questions").Sees(200, "Which room did you first live in?")
	good := map[string]string{"question1": "q01", "answer1": "blue harbour", "question2": "q02", "answer2": "Zanzibar", "question3": "q03", "answer3": "old mill",
		"question4": "q04", "answer4": "Émile", "question5": "q05", "answer5": "seventeen"}
	with := func(changes ...string) map[string]string {
		fields := map[string]string{}
		for k, v := range good {
			fields[k] = v
		}
		for i := 0; i < len(changes); i += 2 {
			fields[changes[i]] = changes[i+1]
		}
		return fields
	}
	for want, fields := range map[string]map[string]string{
		"Choose a question.": with("question1", ""), "no longer offered": with("question1", "own:00"), "You chose this question already": with("question2", "q01"),
		"Enter your answer": with("answer3", " "), "too short": with("answer3", "ab"), "too long": with("answer3", strings.Repeat("a1", 21)),
		"You gave this answer already": with("answer2", "  BLUE   harbour "), "your own name or address": with("answer1", "mateo villanueva"),
		"easy to guess": with("answer1", "1234"),
	} {
		page = page.Submit("Save", fields).Sees(422, want)
		if strings.Contains(page.Body, "seventeen") {
			t.Errorf("%s: an answer is echoed", want)
		}
		if !strings.Contains(page.Body, `value="q05" selected`) {
			t.Errorf("%s: a choice was lost", want)
		}
	}
	page.Submit("Save", good).On().Sees(200, "5 questions answered", "It is registered")
	var stored string
	o.Scan("SELECT string_agg(encode(answer, 'escape'), ' ') FROM proof_answers", nil, &stored)
	if strings.Contains(stored, "seventeen") {
		t.Error("an answer stands in the table")
	}
	b.Get(o.at+"/account/security/questions").Sees(200, "All your earlier questions and answers are replaced").Submit("Save", with("question1", "q06")).On().Sees(200)
	if n := o.Count("proof_answers"); n != 5 {
		t.Errorf("%d answers after replacing them, want 5", n)
	}
}

func TestRecoveryCodesAreShownOnce(t *testing.T) {
	t.Parallel()
	o := newOwn(t)
	b := o.in("B1001")
	page := b.Get(o.at+"/account/security/codes").Sees(200, "Recovery codes").Submit("Make recovery codes", nil).Sees(200, "shown this once")
	codes := regexp.MustCompile(`[0-9A-Z]{4}(?:-[0-9A-Z]{4}){3}`).FindAllString(page.Text(), -1)
	if len(codes) != 10 {
		t.Fatalf("%d codes", len(codes))
	}
	file := page.Submit("Download", nil).Sees(200)
	for _, code := range codes {
		if !strings.Contains(file.Body, code) {
			t.Errorf("the file lacks %s", code)
		}
	}
	if h := file.Header; h.Get("Content-Disposition") != `attachment; filename="recovery-codes.txt"` || h.Get("Cache-Control") != "no-store" || !strings.HasPrefix(h.Get("Content-Type"), "text/plain") {
		t.Errorf("headers of the file: %v", h)
	}
	other := o.in("B1001")
	other.Post(o.at+"/account/security/codes/file", url.Values{"token": {other.Get(o.at + "/account").Value("token")}, "codes": {page.Value("codes")}}).Sees(404)
	again := b.Get(o.at+"/account/security/codes").Sees(200, "10 codes are left")
	if strings.Contains(again.Body, codes[0]) {
		t.Error("a code is shown again")
	}
	first := o.text("SELECT string_agg(encode(hash, 'hex'), ' ' ORDER BY hash) FROM recovery_codes")
	again.Submit("Make recovery codes", nil).Sees(200)
	if n := o.Count("recovery_codes"); n != 10 || o.text("SELECT string_agg(encode(hash, 'hex'), ' ' ORDER BY hash) FROM recovery_codes") == first {
		t.Errorf("%d codes stand after making new ones, and they may be the old", n)
	}
	o.later(16 * time.Minute)
	page.Submit("Download", nil).Sees(404)
}
