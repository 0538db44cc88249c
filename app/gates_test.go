package app_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"portico/app/accounts"
	"portico/app/apptest"
	"portico/app/proofs"
	"portico/tenants"
)

// gated is a tenant whose recoveries go through two gates of different families, as the preset two-gate has
// it, without a CAPTCHA.
const gated = `portico: 1
slug: gated
name: Gated College
policy:
  preset: two-gate
  reset: {captcha: "off", externally_managed: generic}
  registration: {at_signin: "off", reconfirm_days: 0}
  throttle: {networks: []}
  password: {history_change: 0, banned_global: false, change_in_session: false}
  notify: {admins_on_admin_reset: false}
  help: {escalation: the Helpdesk, phone: (858) 635-4357, phone_link: "+18586354357", email: help@gated.example, article_feedback: false}
words:
  en:
    gate.sms_mobile: Text my mobile phone
    gate.voice_mobile: Call my mobile phone
    gate.voice_office: Call my office phone
    gate.security_questions: Answer my security questions
    set.title: Choose a new password
    set.submit: Finish
    done.text: Your password has been reset
sender: {transport: platform, from: noreply@gated.example, from_name: Gated College, phone: {provider: platform, countries: [US], voice: true}}
accounts:
  - {external_id: g-1, name: Mateo Villanueva, user_id: A1001, email: mateo@gated.example, password: "env:PORTICO_TENANT_P"}
  - {external_id: g-2, name: Priya Raghunathan, user_id: A1002, email: priya@gated.example, password: "env:PORTICO_TENANT_P", roles: [{role: brand_admin}]}
  - {external_id: g-3, name: Hana Kowalczyk, user_id: A1003, password: "env:PORTICO_TENANT_P"}
  - {external_id: g-4, name: Olufemi Adeyemi, user_id: A1004, email: olufemi@gated.example, password: "env:PORTICO_TENANT_P", status: disabled}
`

// college is a portal with the gated tenant, whose people have registered proofs.
type college struct {
	*apptest.Portal
	t  *testing.T
	at string
}

const mateosPhone, priyasPhone, officePhone = "+15550100201", "+15550100202", "+15550100802"

var mateosAnswers = map[string]string{"q01": "blue harbour", "q02": "Zanzibar", "q03": "old mill", "q04": "Émile", "q05": "seventeen"}

func newCollege(t *testing.T, o apptest.Options) *college {
	t.Helper()
	if o.Tenants == nil && o.Beside == nil {
		o.Tenants = []string{gated, apptest.Second}
	}
	c := &college{Portal: apptest.Start(t, o), t: t}
	c.at = c.Origin("gated")
	if o.Beside == nil {
		c.register("A1001", proofs.New{Kind: proofs.AuthPhone, Contact: mateosPhone}, proofs.New{Kind: proofs.Questions, Answers: mateosAnswers})
		c.register("A1002", proofs.New{Kind: proofs.AuthPhone, Contact: priyasPhone}, proofs.New{Kind: proofs.OfficePhone, Contact: officePhone},
			proofs.New{Kind: proofs.Questions, Answers: mateosAnswers})
		c.register("A1003", proofs.New{Kind: proofs.AuthPhone, Contact: "+15550100203"})
	}
	return c
}

// register gives somebody proofs that count from now on.
func (c *college) register(userID string, all ...proofs.New) {
	c.t.Helper()
	c.registerAt("gated", userID, all...)
}

func (c *college) registerAt(slug, userID string, all ...proofs.New) {
	c.t.Helper()
	tenant := c.Tenant(slug)
	p := &proofs.Proofs{DB: c.DB, Seals: c.Seals, Peppers: c.Peppers, Hasher: c.Accounts.Hasher, Outbox: c.Outbox}
	err := c.DB.In(c.t.Context(), tenant.ID, func(s *tenants.Scope) error {
		var who accounts.Person
		b := &tenants.Batch{}
		accounts.FindPerson(b, s, tenant, accounts.UserID, userID, accounts.Client{}, &who)
		if err := s.Send(c.t.Context(), b); err != nil {
			return err
		}
		for _, n := range all {
			n.Account, n.Verified, n.SetBy = who.ID, true, proofs.ByOwner
			if _, err := p.Store(c.t.Context(), s, n); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		c.t.Fatal(err)
	}
}

func (c *college) text(query string) string {
	var s string
	c.Scan(query, nil, &s)
	return s
}

// begin identifies and says what the matter is, up to the choice of the first proof.
func (c *college) begin(b *apptest.Browser, userID, goal string) *apptest.Answer {
	c.t.Helper()
	page := b.Get(c.at + "/recover").Sees(200)
	page = page.Submit("Next", map[string]string{"identifier": userID}).On().Sees(200)
	return page.Submit("Next", map[string]string{"goal": goal}).On()
}

// byText proves by a text to a phone.
func (c *college) byText(page *apptest.Answer, phone string) *apptest.Answer {
	c.t.Helper()
	page = page.Submit("Next", map[string]string{"way": "sms_mobile"}).On().Sees(200)
	page = page.Submit("Next", map[string]string{"contact": phone}).On().Sees(200)
	return page.Submit("Next", map[string]string{"code": c.code(phone)}).On()
}

// code is the newest code that went to a phone or an address.
func (c *college) code(to string) string {
	c.t.Helper()
	to = strings.ReplaceAll(to, " ", "")
	want := c.Count("letters WHERE recipient = $1 AND state <> 'skipped'", to)
	deadline := time.Now().Add(20 * time.Second)
	for time.Now().Before(deadline) {
		if l := c.Inbox.List("gated", to, time.Time{}).Letters; len(l) >= want && want > 0 {
			return l[0].Code
		}
		<-time.After(5 * time.Millisecond) // polling with a deadline: the worker is another goroutine
	}
	c.t.Fatalf("no code for %s; letters: %s", to, c.text("SELECT coalesce(string_agg(recipient || ' ' || state || ' ' || reason, '; '), '') FROM letters"))
	return ""
}

// byQuestions answers what is asked.
func (c *college) byQuestions(page *apptest.Answer, answers map[string]string) *apptest.Answer {
	c.t.Helper()
	page = page.Submit("Next", map[string]string{"way": "security_questions"}).On().Sees(200)
	return page.Submit("Next", c.answers(answers)).On()
}

// answers reads from the database which questions stand, in their order.
func (c *college) answers(known map[string]string) map[string]string {
	c.t.Helper()
	form := map[string]string{}
	for i, id := range strings.Split(c.text("SELECT array_to_string(asked, ',') FROM challenges WHERE ended_at IS NULL ORDER BY sent_at DESC LIMIT 1"), ",") {
		form["answer"+string(rune('1'+i))] = " " + strings.ToUpper(known[id]) + "  "
	}
	return form
}

func TestTwoGatesLeadToANewPassword(t *testing.T) {
	t.Parallel()
	c := newCollege(t, apptest.Options{})
	b := c.Browser()
	page := c.begin(b, "a1001", "reset")
	page.Sees(page.Status, "Text my mobile phone", "Call my mobile phone", "Answer my security questions", "•01", "Contact your administrator")
	page.Hides("Call my office phone")
	page = c.byText(page, "+1 5550100201").Sees(200)
	page.Sees(page.Status, "Answer my security questions")
	page.Hides("Text my mobile phone", "Call my mobile phone")
	page = c.byQuestions(page, mateosAnswers).Sees(200)
	page.Sees(page.Status, "Choose a new password")
	page = page.Submit("Finish", map[string]string{"password": "Lantern7Orchard-mill", "confirm": "Lantern7Orchard-mill"}).On().Sees(200)
	page.Sees(page.Status, "Your password has been reset")
	c.Browser().SignIn(c.at, "A1001", "Lantern7Orchard-mill").Sees(303)
	c.Browser().SignIn(c.at, "A1001", apptest.Password).Sees(422)
}

func TestUnlockLeavesThePasswordAlone(t *testing.T) {
	t.Parallel()
	c := newCollege(t, apptest.Options{})
	stranger := c.Browser()
	for range 12 {
		stranger.SignIn(c.at, "A1001", "wrong "+uuid.NewString()).Sees(422)
	}
	c.Browser().SignIn(c.at, "A1001", apptest.Password).Sees(422)
	before := c.text("SELECT encode(password, 'hex') FROM accounts WHERE external_id = 'g-1'")
	page := c.begin(c.Browser(), "A1001", "unlock")
	page = c.byQuestions(c.byText(page, mateosPhone).Sees(200), mateosAnswers).Sees(200)
	page.Sees(page.Status, "Your account is unlocked")
	if after := c.text("SELECT encode(password, 'hex') FROM accounts WHERE external_id = 'g-1'"); after != before {
		t.Error("the password changed")
	}
	c.Browser().SignIn(c.at, "A1001", apptest.Password).Sees(303)
	if l := c.Letter("mateo@gated.example", time.Time{}); !strings.Contains(strings.ToLower(l.Subject), "unlock") {
		t.Errorf("the owner was told %q", l.Subject)
	}
}

func TestFiveWrongCodesBlockForADay(t *testing.T) {
	t.Parallel()
	c := newCollege(t, apptest.Options{})
	b := c.Browser()
	page := c.begin(b, "A1001", "reset").Submit("Next", map[string]string{"way": "sms_mobile"}).On().Sees(200)
	page = page.Submit("Next", map[string]string{"contact": mateosPhone}).On().Sees(200)
	for left := 4; left > 0; left-- {
		page = page.Submit("Next", map[string]string{"code": "000000"}).Sees(422)
	}
	page = page.Submit("Next", map[string]string{"code": "000000"}).Sees(429)
	page.Sees(page.Status, "Too many tries", "Helpdesk")
	if n := c.Count("audit_events WHERE kind = 'reset.blocked' AND reason = 'proof'"); n != 1 {
		t.Errorf("%d audit rows of the block", n)
	}
	c.begin(b, "A1001", "reset").Sees(429)
	elsewhere := c.Browser() // another address is another client
	elsewhere.From = "198.51.100.9"
	c.byText(c.begin(elsewhere, "A1001", "reset"), mateosPhone).Sees(200)
	c.Clock.Advance(24*time.Hour + time.Second)
	c.byText(c.begin(c.Browser(), "A1001", "reset"), mateosPhone).Sees(200)
}
