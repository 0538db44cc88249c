package app_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/pquerna/otp/totp"

	"portico/app/apptest"
	"portico/app/proofs"
)

// Two tenants with the same rules and the same user id; the other's person has other proofs. Whatever is the
// first one's proves nothing at the second.
func TestProofsOfOneTenantProveNothingAtAnother(t *testing.T) {
	t.Parallel()
	rich := strings.Replace(gated, "  reset: {captcha", "  gates: {methods_use: [sms_mobile, totp, recovery_code, security_questions], methods_register: [auth_phone, totp, recovery_code, security_questions], admin_only: [], retype_contact: false, admin: {required: 0, forbid: []}}\n  reset: {captcha", 1)
	other := strings.NewReplacer("slug: gated", "slug: other", "Gated College", "Other College", "gated.example", "other.example").Replace(rich)
	c := newCollege(t, apptest.Options{Tenants: []string{rich, other}})
	const mine, theirs = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP", "KRSXG5CTMVRXEZLUKRSXG5CTMVRXEZLU"
	codes := proofs.NewRecoveryCodes()
	c.register("A1001", proofs.New{Kind: proofs.Authenticator, Contact: mine}, proofs.New{Kind: proofs.RecoveryCodes, Codes: codes})
	c.registerAt("other", "A1001", proofs.New{Kind: proofs.AuthPhone, Contact: "+15550100277"}, proofs.New{Kind: proofs.Authenticator, Contact: theirs},
		proofs.New{Kind: proofs.RecoveryCodes, Codes: proofs.NewRecoveryCodes()},
		proofs.New{Kind: proofs.Questions, Answers: map[string]string{"q01": "a1b", "q02": "a2b", "q03": "a3b", "q04": "a4b", "q05": "a5b"}})
	here, there := c.at, c.Origin("other")
	b := c.Browser()
	c.begin(b, "A1001", "reset").Submit("Next", map[string]string{"way": "sms_mobile"}).On().Sees(200)
	text := c.code(mateosPhone)
	app, err := totp.GenerateCode(mine, c.Clock.Now())
	if err != nil {
		t.Fatal(err)
	}
	c.at = there
	for way, given := range map[string]map[string]string{
		"sms_mobile": {"code": text}, "totp": {"code": app}, "recovery_code": {"code": codes[0]},
	} {
		stranger := c.Browser()
		stranger.From = "203.0.113." + map[string]string{"sms_mobile": "1", "totp": "2", "recovery_code": "3"}[way]
		page := c.begin(stranger, "A1001", "reset").Submit("Next", map[string]string{"way": way}).On().Sees(200)
		page.Submit("Next", given).On().Sees(422, "does not fit")
	}
	page := c.begin(c.Browser(), "A1001", "reset").Submit("Next", map[string]string{"way": "security_questions"}).On().Sees(200)
	page.Submit("Next", map[string]string{"answer1": "blue harbour", "answer2": "Zanzibar", "answer3": "old mill"}).On().Sees(422, "do not fit")

	thief := c.Browser() // the first tenant's flow, at the second
	thief.SetCookies(there+"/", b.Cookies(here+"/")...)
	for _, path := range []string{"/recover/verify", "/recover/answer", "/recover/goal", "/recover/set"} {
		thief.Get(there + path).On().Sees(410)
	}
	token := c.Browser().Get(there + "/login").Value("token")
	thief.Post(there+"/recover/answer", url.Values{"token": {token}, "code": {text}}).Sees(403)
	if n := c.Count("recovery_flows WHERE jsonb_array_length(gates) > 0"); n != 0 {
		t.Errorf("%d flows passed a gate", n)
	}
	c.at = here // where it belongs, it still counts
	b.Get(here+"/recover/answer").Sees(200).Submit("Next", map[string]string{"code": text}).On().Sees(200, "One more check")
}
