package app_test

import (
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"portico/app/apptest"
	"portico/app/proofs"
)

// The acceptance vectors of the two-gate recovery (behaviour.md 3E), on the movable clock.

// shownNumber is the end of a number as it is shown.
var shownNumber = regexp.MustCompile(`•\d\d\b`)

func TestACodeHoldsForFiveMinutes(t *testing.T) {
	t.Parallel()
	c := newCollege(t, apptest.Options{})
	page := c.begin(c.Browser(), "A1001", "reset").Submit("Next", map[string]string{"way": "sms_mobile"}).On()
	page = page.Submit("Next", map[string]string{"contact": mateosPhone}).On().Sees(200, "5 minutes")
	code := c.code(mateosPhone)
	c.Clock.Advance(5*time.Minute + time.Second)
	page = page.Submit("Next", map[string]string{"code": code}).On().Sees(422, "This code has ended")
	c.byText(page, mateosPhone).Sees(200, "One more check")
}

func TestARecoveryEndsAfterFifteenMinutes(t *testing.T) {
	t.Parallel()
	c := newCollege(t, apptest.Options{})
	page := c.byText(c.begin(c.Browser(), "A1001", "reset"), mateosPhone).Sees(200)
	c.Clock.Advance(15*time.Minute + time.Second)
	page = page.Submit("Next", map[string]string{"way": "security_questions"}).On().Sees(410, "Please start again")
	page.Hides("mateo", "Mateo", mateosPhone)
}

func TestASecondProofOfTheSamePhoneIsRefused(t *testing.T) {
	t.Parallel()
	c := newCollege(t, apptest.Options{})
	page := c.byText(c.begin(c.Browser(), "A1001", "reset"), mateosPhone).Sees(200)
	page.Hides("Call my mobile phone")
	page = page.Submit("Next", map[string]string{"way": "voice_mobile", "contact": mateosPhone}).Sees(422, "Choose one of the ways")
	if n := c.Count("letters WHERE channel = 'voice'"); n != 0 {
		t.Errorf("%d calls were made", n)
	}
	c.byQuestions(page, mateosAnswers).Sees(200, "Choose a new password")
}

func TestAnAdministratorIsOfferedNoQuestions(t *testing.T) {
	t.Parallel()
	c := newCollege(t, apptest.Options{})
	page := c.begin(c.Browser(), "A1002", "reset").Sees(200, "Text my mobile phone", "Call my office phone")
	page.Hides("Answer my security questions")
	page = c.byText(page, priyasPhone).Sees(200, "Call my office phone")
	page.Hides("Answer my security questions")
	page = page.Submit("Next", map[string]string{"way": "voice_office"}).On()
	page = page.Submit("Next", map[string]string{"contact": "(555) 010-0802"}).On().Sees(200)
	page.Submit("Next", map[string]string{"code": c.code(officePhone)}).On().Sees(200, "Choose a new password")
}

func TestOneProofIsNotEnoughAndSaysSoOnceItIsGiven(t *testing.T) {
	t.Parallel()
	c := newCollege(t, apptest.Options{})
	page := c.begin(c.Browser(), "A1003", "reset").Sees(200, "Contact your administrator")
	page.Hides("only one registered way")
	c.byText(page, "+15550100203").Sees(200, "only one registered way", "Contact your administrator", "Helpdesk")
}

// Everybody who cannot recover is shown what could be somebody's, and it is always the same.
func TestGatesTellNobodyWhoIsWho(t *testing.T) {
	t.Parallel()
	c := newCollege(t, apptest.Options{NoWorkers: true})
	for _, who := range []string{"A1004", "A9999", "B7", "nobody@nowhere.example"} {
		first, again := c.begin(c.Browser(), who, "reset"), c.begin(c.Browser(), who, "reset")
		first.Sees(200, "Show that it is you", "Contact your administrator")
		if first.Text() != again.Text() {
			t.Errorf("%s is shown other ways the second time:\n%s\n%s", who, first.Text(), again.Text())
		}
		for _, way := range []string{"sms_mobile", "voice_mobile"} {
			if !strings.Contains(first.Body, `value="`+way+`"`) {
				continue
			}
			asked := first.Submit("Next", map[string]string{"way": way, "contact": mateosPhone})
			asked.Sees(422, "not the one on record")
		}
	}
	known := c.begin(c.Browser(), "A1001", "reset").Submit("Next", map[string]string{"way": "sms_mobile", "contact": "+1 5550100299"})
	known.Sees(422, "not the one on record")
	if n := c.Count("letters WHERE recipient <> '' AND kind = 'code'"); n != 0 {
		t.Errorf("%d codes were sent", n)
	}
}

func TestCodesAndFlowsAreUsedOnce(t *testing.T) {
	t.Parallel()
	c := newCollege(t, apptest.Options{})
	b := c.Browser()
	page := c.begin(b, "A1001", "reset").Submit("Next", map[string]string{"way": "sms_mobile"}).On()
	page = page.Submit("Next", map[string]string{"contact": mateosPhone}).On().Sees(200)
	code := c.code(mateosPhone)
	var passed sync.Map
	var wait sync.WaitGroup
	form := url.Values{"token": {page.Value("token")}, "code": {code}}
	for i := range 12 { // the same right code, many times at once
		wait.Go(func() {
			a := b.Post(c.at+"/recover/answer", form)
			passed.Store(i, a.Status)
		})
	}
	wait.Wait()
	if n := c.Count("recovery_flows WHERE jsonb_array_length(gates) = 1"); n != 1 {
		t.Fatalf("%d flows passed one gate", n)
	}
	if n := c.Count("audit_events WHERE kind = 'reset.step' AND outcome = 'success' AND details->>'gate' = '1' AND reason = ''"); n != 1 {
		t.Errorf("the gate was passed %d times", n)
	}
	page = b.Get(c.at+"/recover/verify").Sees(200, "One more check")
	b.Post(c.at+"/recover/answer", form).On().Sees(422)
	page = c.byQuestions(page, mateosAnswers).Sees(200, "Choose a new password")
	set := url.Values{"token": {page.Value("token")}, "password": {"Lantern7Orchard-mill"}, "confirm": {"Lantern7Orchard-mill"}}
	for range 6 {
		wait.Go(func() { b.Post(c.at+"/recover/set", set) })
	}
	wait.Wait()
	if n := c.Count("audit_events WHERE kind = 'reset.completed'"); n != 1 {
		t.Errorf("the password was set %d times", n)
	}
	b.Post(c.at+"/recover/set", set).On().Sees(410)
}

// A flow's secret, token and cookie are worth nothing at another tenant, in another browser without them,
// or after they ended.
func TestFlowsBelongToOneTenantAndBrowser(t *testing.T) {
	t.Parallel()
	c := newCollege(t, apptest.Options{})
	b := c.Browser()
	page := c.byText(c.begin(b, "A1001", "reset"), mateosPhone).Sees(200)
	other := c.Browser()
	other.SetCookies(c.Origin("second")+"/", b.Cookies(c.at+"/")...)
	other.Get(c.Origin("second") + "/recover/verify").Sees(404)
	c.Browser().Get(c.at+"/recover/verify").Sees(410, "Please start again")
	c.Browser().Get(c.at + "/recover/answer").Sees(410)
	page.Submit("Start again", nil).On().Sees(200, "User ID")
	other = c.Browser()
	other.SetCookies(c.at+"/", b.Cookies(c.at+"/")...)
	other.Get(c.at + "/recover/verify").Sees(410)
}

func TestStepsAreNeverOutOfOrder(t *testing.T) {
	t.Parallel()
	c := newCollege(t, apptest.Options{})
	b := c.Browser()
	page := c.begin(b, "A1001", "reset")
	for path, want := range map[string]string{"/recover/set": "/recover/verify", "/recover/answer": "/recover/verify"} {
		if a := b.Get(c.at + path); a.Status != 303 || a.Location != want {
			t.Errorf("%s leads to %d %s", path, a.Status, a.Location)
		}
	}
	token := page.Value("token")
	b.Post(c.at+"/recover/set", url.Values{"token": {token}, "password": {"Lantern7Orchard-mill"}, "confirm": {"Lantern7Orchard-mill"}}).Sees(410)
	if n := c.Count("audit_events WHERE kind = 'reset.completed'"); n != 0 {
		t.Error("a password was set without a gate")
	}
}

func TestAnyInstanceServesAnyStep(t *testing.T) {
	t.Parallel()
	c := newCollege(t, apptest.Options{})
	beside := &college{Portal: apptest.Start(t, apptest.Options{Beside: c.Portal}), t: t}
	beside.at = beside.Origin("gated")
	b := c.Browser()
	c.byText(c.begin(b, "A1001", "reset"), mateosPhone).Sees(200)
	there := beside.Browser()
	there.SetCookies(beside.at+"/", b.Cookies(c.at+"/")...)
	page := there.Get(beside.at+"/recover/verify").Sees(200, "One more check")
	beside.byQuestions(page, mateosAnswers).Sees(200, "Choose a new password")
}

func TestAuthenticatorStepsAndSavedCodesWorkOnce(t *testing.T) {
	t.Parallel()
	rich := strings.Replace(gated, "  reset: {captcha", "  gates: {methods_use: [sms_mobile, totp, recovery_code, email_code, email_link], methods_register: [auth_phone, totp, recovery_code, auth_email], admin_only: [], admin: {required: 0, forbid: []}}\n  reset: {captcha", 1)
	c := newCollege(t, apptest.Options{Tenants: []string{rich, apptest.Second}})
	const secret = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
	codes := proofs.NewRecoveryCodes()
	c.register("A1001", proofs.New{Kind: proofs.Authenticator, Contact: secret}, proofs.New{Kind: proofs.RecoveryCodes, Codes: codes},
		proofs.New{Kind: proofs.AuthEmail, Contact: "mateo@elsewhere.example"})
	now, err := totp.GenerateCode(secret, c.Clock.Now())
	if err != nil {
		t.Fatal(err)
	}
	app := func(page *apptest.Answer) *apptest.Answer {
		return page.Submit("Next", map[string]string{"way": "totp"}).On().Submit("Next", map[string]string{"code": now[:3] + " " + now[3:]}).On()
	}
	saved := func(page *apptest.Answer, code string) *apptest.Answer {
		return page.Submit("Next", map[string]string{"way": "recovery_code"}).On().Submit("Next", map[string]string{"code": strings.ToLower(code)}).On()
	}
	saved(app(c.begin(c.Browser(), "A1001", "reset")).Sees(200, "One more check"), codes[0]).Sees(200, "Choose a new password")
	app(c.begin(c.Browser(), "A1001", "reset")).Sees(422, "does not fit") // the same thirty seconds again
	saved(c.begin(c.Browser(), "A1001", "reset"), codes[0]).Sees(422, "does not fit")
	page := saved(c.begin(c.Browser(), "A1001", "reset"), codes[1]).Sees(200, "m•••@e•••.example")
	page = page.Submit("Next", map[string]string{"way": "email_code"}).On().Submit("Next", map[string]string{"contact": "matteo@elsewhere.example"}).On()
	page.Sees(422, "not the one on record")
	page = page.Submit("Next", map[string]string{"contact": "Mateo@ELSEWHERE.example"}).On().Sees(200)
	page.Submit("Next", map[string]string{"code": c.code("mateo@elsewhere.example")}).On().Sees(200, "Choose a new password")
}

func TestAMailedLinkPassesAGateInItsOwnBrowserAlone(t *testing.T) {
	t.Parallel()
	rich := strings.Replace(gated, "  reset: {captcha", "  gates: {methods_use: [sms_mobile, email_link], methods_register: [auth_phone], admin_only: [], admin: {required: 0, forbid: []}}\n  reset: {captcha", 1)
	c := newCollege(t, apptest.Options{Tenants: []string{rich, apptest.Second}})
	b := c.Browser()
	c.begin(b, "A1001", "reset").Submit("Next", map[string]string{"way": "email_link"}).On().Sees(200, "Open it on this device")
	link := c.Letter("mateo@gated.example", time.Time{}).Links[0]
	c.Browser().Get(link).On().Sees(410)
	page := b.Get(link).On().Sees(200, "Confirm that it is you")
	if n := c.Count("recovery_flows WHERE jsonb_array_length(gates) > 0"); n != 0 {
		t.Error("opening the link passed the gate")
	}
	page.Submit("It is me, go on", nil).On().Sees(200, "One more check", "Text my mobile phone")
}

func TestWrongAnswersDrawNewQuestionsAndEndAfterThree(t *testing.T) {
	t.Parallel()
	c := newCollege(t, apptest.Options{})
	page := c.begin(c.Browser(), "A1001", "reset").Submit("Next", map[string]string{"way": "security_questions"}).On().Sees(200)
	page = page.Submit("Next", map[string]string{"answer1": "x"}).Sees(422, "Enter your answer")
	for range 2 {
		page = page.Submit("Next", map[string]string{"answer1": "no", "answer2": "no", "answer3": "no"}).Sees(422, "other questions")
	}
	page.Submit("Next", map[string]string{"answer1": "no", "answer2": "no", "answer3": "no"}).On().Sees(410)
	if n := c.Count("recovery_flows WHERE outcome = 'refused'"); n != 1 {
		t.Errorf("%d flows were refused", n)
	}
}

func TestALockStormLeavesTheOwnerAWayIn(t *testing.T) {
	t.Parallel()
	c := newCollege(t, apptest.Options{})
	own := c.Browser()
	own.From = "198.51.100.7"
	own.SignIn(c.at, "A1001", apptest.Password).Sees(303)
	for i := range 15 { // strangers, from everywhere
		s := c.Browser()
		s.From = "203.0.113." + string(rune('0'+i%10))
		s.SignIn(c.at, "A1001", "guess "+s.From+string(rune('a'+i))).Sees(422)
		c.begin(s, "A1001", "reset").Submit("Next", map[string]string{"way": "sms_mobile", "contact": "+1 5550100299"})
	}
	c.Browser().SignIn(c.at, "A1001", apptest.Password).Sees(422) // a stranger's browser is locked out
	page := own.Get(c.at + "/account").Sees(200)
	own.Post(c.at+"/logout", url.Values{"token": {page.Value("token")}}).Sees(303)
	own.SignIn(c.at, "A1001", apptest.Password).Sees(303) // the owner's is not
	c.byQuestions(c.byText(c.begin(own, "A1001", "unlock"), mateosPhone).Sees(200), mateosAnswers).Sees(200, "Your account is unlocked")
	c.Browser().SignIn(c.at, "A1001", apptest.Password).Sees(303)
}

// What changes between the gates counts: rules of now decide, not those of the beginning.
func TestRulesOfNowDecide(t *testing.T) {
	t.Parallel()
	c := newCollege(t, apptest.Options{})
	page := c.begin(c.Browser(), "A1001", "reset").Submit("Next", map[string]string{"way": "security_questions"}).On()
	page = page.Submit("Next", c.answers(mateosAnswers)).On().Sees(200, "One more check")
	c.Exec(`INSERT INTO role_assignments (tenant_id, id, account_id, role, granted_by, created_at)
		SELECT tenant_id, gen_random_uuid(), id, 'brand_admin', 'test', created_at FROM accounts WHERE external_id = 'g-1'`)
	page = c.byText(page, mateosPhone).Sees(200)
	page.Hides("Choose a new password")
	if n := c.Count("audit_events WHERE kind = 'reset.completed'"); n != 0 {
		t.Error("an administrator got in by questions")
	}
}

func TestOneNumberNeverMakesTwoGates(t *testing.T) {
	t.Parallel()
	c := newCollege(t, apptest.Options{})
	c.register("A1002", proofs.New{Kind: proofs.OfficePhone, Contact: priyasPhone})
	c.byText(c.begin(c.Browser(), "A1002", "reset"), priyasPhone).Sees(200, "only one registered way").Hides("Call my office phone")
}

func TestACodeToUnlockSetsNoPassword(t *testing.T) {
	t.Parallel()
	c := newCollege(t, apptest.Options{})
	b := c.Browser()
	page := c.begin(b, "A1001", "unlock").Submit("Next", map[string]string{"way": "sms_mobile"}).On()
	page.Submit("Next", map[string]string{"contact": mateosPhone}).On().Sees(200)
	code := c.code(mateosPhone)
	b.Get(c.at+"/recover/goal").Sees(200).Submit("Next", map[string]string{"goal": "reset"}).On().Sees(200, "Show that it is you")
	a := b.Post(c.at+"/recover/answer", url.Values{"token": {b.Get(c.at + "/recover/verify").Value("token")}, "code": {code}})
	a.Sees(422, "This code has ended")
}

// A link that was mailed while it was enough opens nothing once the tenant asks for two gates.
func TestOldLinksEndWhenGatesCome(t *testing.T) {
	t.Parallel()
	linked := strings.Replace(gated, "  reset: {captcha", "  gates: {required: 1, methods_use: [email_link], methods_register: [], admin_only: [], retype_contact: false, admin: {required: 0, forbid: []}}\n  reset: {reason_prompt: false, unlock_without_reset: false, requires_registration: false, captcha", 1)
	c := newCollege(t, apptest.Options{Tenants: []string{linked, apptest.Second}})
	b := c.Browser()
	b.AskForLink(c.at, "A1001").Sees(200)
	link := c.Letter("mateo@gated.example", time.Time{}).Links[0]
	b.Get(link).On().Sees(200, "Choose a new password")
	c.Apply(gated)
	b.Get(link).On().Sees(410)
	page := b.Get(c.at + "/login")
	b.Post(c.at+"/recover/set", url.Values{"token": {page.Value("token")}, "password": {"Lantern7Orchard-mill"}, "confirm": {"Lantern7Orchard-mill"}}).Sees(410)
	if a := b.Post(c.at+"/recover/again", url.Values{"token": {page.Value("token")}}); a.Status != 303 || a.Location != "/recover" {
		t.Errorf("a fresh link: %d %s", a.Status, a.Location)
	}
}

// Decoys look like people: masks differ from way to way and person to person as real ones do.
func TestDecoysLookLikePeople(t *testing.T) {
	t.Parallel()
	c := newCollege(t, apptest.Options{NoWorkers: true})
	same, shapes := 0, map[string]int{}
	for i := range 24 {
		b := c.Browser()
		b.From = "203.0.113." + string(rune('0'+i%10)) + string(rune('0'+i/10))
		page := c.begin(b, "X"+strings.Repeat("7", i+1), "reset").Sees(200)
		var shape []string
		masks := map[string]bool{}
		for _, way := range []string{"sms_mobile", "voice_office", "security_questions"} {
			if strings.Contains(page.Body, `value="`+way+`"`) {
				shape = append(shape, way)
			}
		}
		for _, m := range shownNumber.FindAllString(page.Text(), -1) {
			masks[m] = true
		}
		if len(masks) == 1 && len(shape) > 1 && shape[1] == "voice_office" {
			same++
		}
		shapes[strings.Join(shape, " ")]++
	}
	if same > 3 || len(shapes) < 3 {
		t.Errorf("%d with one number for two phones, shapes %v", same, shapes)
	}
}
