package app_test

import (
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"portico/app/accounts"
	"portico/app/apptest"
	"portico/app/audit"
	"portico/app/proofs"
)

// someAnswers are answers that the rules let pass.
func someAnswers() map[string]string {
	fields := map[string]string{}
	for i, answer := range []string{"blue harbour", "Zanzibar", "old mill", "Émile", "seventeen"} {
		no := strconv.Itoa(i + 1)
		fields["question"+no], fields["answer"+no] = "q0"+no, answer
	}
	return fields
}

// Whoever waits for a slot of the Hasher holds neither a connection nor the account's row.
func TestAnswersWaitForTheirHashOutsideOfTransactions(t *testing.T) {
	t.Parallel()
	o := newOwn(t)
	b := o.in("B1001")
	page := b.Get(o.at + "/account/security/questions").Sees(200)
	free, taken := make(chan struct{}), make(chan struct{})
	slots := 0
	for !o.Accounts.Hasher.Full(o.Tenant("secured").ID) && slots < 64 && o.Accounts.Hasher.Waiting() == 0 {
		go func() {
			_ = o.Accounts.Hasher.Do(t.Context(), o.Tenant("secured").ID, func() { taken <- struct{}{}; <-free })
		}()
		slots++
		until(t, 10*time.Second, "a slot is taken or waited for", func() bool {
			select {
			case <-taken:
				return true
			default:
				return o.Accounts.Hasher.Waiting() > 0
			}
		})
	}
	waiting := o.Accounts.Hasher.Waiting()
	status := make(chan int, 1)
	go func() { status <- page.Submit("Save", someAnswers()).Status }()
	until(t, 20*time.Second, "the answers wait for a slot", func() bool { return o.Accounts.Hasher.Waiting() > waiting })
	o.Exec("SELECT FROM accounts WHERE external_id = 'x-1' FOR NO KEY UPDATE NOWAIT") // fails while anybody holds it
	if n := o.Count("pg_stat_activity WHERE datname = current_database() AND state = 'idle in transaction'"); n != 0 {
		t.Errorf("%d transactions wait with the answers", n)
	}
	go func() { // whoever waited for a slot of this test takes it last
		for {
			select {
			case <-taken:
			case <-t.Context().Done():
				return
			}
		}
	}()
	close(free)
	if got := <-status; got != 303 {
		t.Errorf("the answers were answered with %d", got)
	}
	if got := o.kinds("B1001"); got != "security_questions" {
		t.Errorf("registered %q", got)
	}
}

func TestTenChangesAnHour(t *testing.T) {
	t.Parallel()
	o := newOwn(t)
	b := o.in("B1001")
	page := b.Get(o.at + "/account/security/questions").Sees(200)
	token := page.Value("token")
	for range 10 {
		b.Post(o.at+"/account/security/codes", url.Values{"token": {token}}).Sees(200)
	}
	before := o.text("SELECT string_agg(encode(hash, 'hex'), ' ' ORDER BY hash) FROM recovery_codes")
	b.Post(o.at+"/account/security/codes", url.Values{"token": {token}}).Sees(429, "Too many attempts")
	page.Submit("Save", someAnswers()).Sees(429)
	b.Post(o.at+"/account/security/remove", url.Values{"token": {token}, "kind": {"recovery_code"}}).Sees(429)
	b.Post(o.at+"/account/security/setup", url.Values{"token": {token}, "do": {"confirm"}}).Sees(429)
	if after := o.text("SELECT string_agg(encode(hash, 'hex'), ' ' ORDER BY hash) FROM recovery_codes"); after != before || o.kinds("B1001") != "recovery_code" {
		t.Error("a refused change changed something")
	}
	o.later(time.Hour + time.Second)
	b = o.in("B1001")
	b.Get(o.at+"/account/security/questions").Sees(200).Submit("Save", someAnswers()).Sees(303)
}

func TestAChangedProofEndsWhatAThiefBegan(t *testing.T) {
	t.Parallel()
	c := newCollege(t, apptest.Options{})
	thief := c.byText(c.begin(c.Browser(), "A1001", "reset"), mateosPhone).Sees(200)
	asked := thief.Submit("Next", map[string]string{"way": "security_questions"}).On().Sees(200)
	form := c.answers(mateosAnswers)
	c.register("A1001", proofs.New{Kind: proofs.AuthPhone, Contact: "+15550100299"})
	asked.Submit("Next", form).On().Sees(410)
	if n := c.Count("recovery_flows WHERE outcome = 'revoked'"); n != 1 {
		t.Errorf("%d recoveries revoked, want 1", n)
	}
	if n := c.Count("challenges WHERE ended_at IS NULL AND subject LIKE 'flow:%'"); n != 0 {
		t.Errorf("%d challenges of recoveries stand", n)
	}
}

func TestConfirmingDoesNotEndTheDuty(t *testing.T) {
	t.Parallel()
	o := newOwn(t, `at_signin: "off"`, "at_signin: forced")
	b := o.in("B1001")
	token := b.Get(o.at + "/account/security/setup").Sees(200).Value("token")
	confirm := func() string {
		return b.Post(o.at+"/account/security/setup", url.Values{"token": {token}, "do": {"confirm"}}).Sees(303).Location
	}
	if to := confirm(); to != "/account/security/setup" {
		t.Errorf("leads to %s", to)
	}
	if to := b.Get(o.at + "/account").Sees(303).Location; to != "/account/security/setup" {
		t.Errorf("the account opens, or leads to %s", to)
	}
	o.later(6 * time.Minute)
	if to := confirm(); !strings.HasPrefix(to, "/account/security/prove") {
		t.Errorf("not asked anew: %s", to)
	}
}

func TestARememberedBrowserProvesTheApp(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t, apptest.Options{Tenants: []string{withFactor(strings.Replace(apptest.First, "  help: {", "  gates: {methods_register: [totp, recovery_code]}\n  help: {", 1))}})
	const ava = "ava@first.example"
	at := p.Origin("first")
	b := p.Browser()
	b.SignIn(at, ava, apptest.Password).Sees(303)
	b.Get(at+"/account/security/codes").Sees(200, "Recovery codes")
	hasApp(t, p, "first", accounts.Email, ava) // this session never showed a code
	b.Get(at+"/account/security/codes").On().Sees(200, "Show that it is you", "Code from your authenticator app")
	p.Exec("UPDATE sessions SET amr = '{pwd,otp}'")
	b.Get(at+"/account/security/codes").Sees(200, "Recovery codes")
}

func TestAOneTimePassRemovesNothing(t *testing.T) {
	t.Parallel()
	o := newOwn(t)
	b := o.in("B1001")
	o.addPhone(b, "+1 5550100201")
	o.Exec("UPDATE sessions SET amr = '{pass}', duty = 'register'")
	page := b.Get(o.at+"/account/security/remove?kind=auth_phone").Sees(200, "This cannot be removed with a one-time pass")
	b.Post(o.at+"/account/security/remove", url.Values{"token": {page.Value("token")}, "kind": {"auth_phone"}}).Sees(422, "with a one-time pass")
	if got := o.kinds("B1001"); got != "auth_phone" {
		t.Errorf("registered %q", got)
	}
	if n := o.Count("audit_events WHERE kind = 'methods.registered' AND outcome = 'denied' AND reason = 'pass'"); n != 1 {
		t.Errorf("%d rows of the refusal in the audit", n)
	}
	o.later(2 * time.Minute)
	o.addPhone(b, "+1 5550100299").Sees(200) // replacing it is what the pass is for
}

func TestAnAnswerIsNotThePassword(t *testing.T) {
	t.Parallel()
	o := newOwn(t)
	b := o.in("B1001")
	fields := someAnswers()
	fields["answer3"] = " " + apptest.Password + " "
	page := b.Get(o.at+"/account/security/questions").Sees(200).Submit("Save", fields).Sees(422, "This is your password")
	if strings.Contains(page.Body, apptest.Password) || o.kinds("B1001") != "" {
		t.Error("the password is echoed or stored as an answer")
	}
}

func TestAWrongPasswordHereIsNoFailedChange(t *testing.T) {
	t.Parallel()
	o := newOwn(t)
	b := o.in("B1001")
	o.later(6 * time.Minute)
	b.Get(o.at+"/account/security/codes").On().Sees(200).Submit("Go on", map[string]string{"password": "Wrong-1"}).Sees(422)
	if n := o.Count("audit_events WHERE kind = $1 AND outcome = 'failure' AND details ->> 'for' = 'prove anew'", string(audit.SignInFailed)); n != 1 {
		t.Errorf("%d rows of the failure", n)
	}
	if n := o.Count("audit_events WHERE kind = $1", string(audit.PasswordChanged)); n != 0 {
		t.Errorf("%d rows of a change of the password", n)
	}
}
