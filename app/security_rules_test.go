package app_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"portico/app/apptest"
)

func (o *own) text(query string) string {
	var s string
	o.Scan(query, nil, &s)
	return s
}

func TestEveryAddressHearsOfAChange(t *testing.T) {
	t.Parallel()
	o := newOwn(t)
	b := o.in("B1001")
	addEmail := func(address string) *apptest.Answer {
		since := o.Clock.Now()
		page := b.Get(o.at+"/account/security/email").Sees(200).Submit("Send the code", map[string]string{"contact": address}).On().Sees(200, "Enter the code")
		return page.Submit("Confirm", map[string]string{"code": o.code(address, since)}).On().Sees(200, "It is registered")
	}
	b.Get(o.at+"/account/security/email").Sees(200).Submit("Send the code", map[string]string{"contact": "no address"}).Sees(422, "This is not an email address")
	addEmail("old@elsewhere.example")
	o.later(2 * time.Minute)
	since := o.Clock.Now()
	addEmail("new@elsewhere.example")
	for _, to := range []string{"mateo@secured.example", "old@elsewhere.example", "new@elsewhere.example"} {
		var notice string
		until(t, 20*time.Second, "a notice to "+to, func() bool {
			for _, l := range o.Inbox.List("secured", to, since).Letters {
				if l.Subject == "A way to get back in to your account changed" && strings.Contains(l.Text, "replaced") {
					notice = l.Text
				}
			}
			return notice != ""
		})
		if strings.Contains(notice, "new@elsewhere.example") {
			t.Errorf("the notice to %s names the whole address", to)
		}
	}
	details := o.text("SELECT string_agg(details::text, ' ') FROM audit_events WHERE kind = 'methods.registered'")
	if strings.Contains(details, "elsewhere.example") || !strings.Contains(details, `"change": "replaced"`) || !strings.Contains(details, `"after"`) {
		t.Errorf("audit: %s", details)
	}
}

func TestOfficePhoneIsTheAdministrators(t *testing.T) {
	t.Parallel()
	o := newOwn(t)
	b := o.in("B1001")
	token := b.Get(o.at + "/account/security").Value("token")
	b.Get(o.at + "/account/security/remove?kind=office_phone").Sees(404)
	b.Post(o.at+"/account/security/remove", url.Values{"token": {token}, "kind": {"office_phone"}}).Sees(404)
	mina := o.Browser()
	mina.SignIn(o.Origin("first"), "ava@first.example", apptest.Password).Sees(303)
	for _, path := range []string{"/phone", "/email", "/app", "/questions", "/codes"} { // another tenant offers none of them
		mina.Get(o.Origin("first") + "/account/security" + path).Sees(404)
	}
	mina.Get(o.Origin("first")+"/account/security").Sees(200, "You can get back in today with a mail to your address.")
	for _, c := range b.Cookies(o.at) {
		mina.SetCookies(o.Origin("first"), c)
	}
	mina.Get(o.Origin("first") + "/account/security").Sees(303)
}

func TestRemovingWhatThePolicyNeeds(t *testing.T) {
	t.Parallel()
	o := newOwn(t, "requires_registration: false", "requires_registration: true")
	b := o.in("B1001")
	o.addPhone(b, "+1 5550100201")
	o.addApp(b)
	page := b.Get(o.at+"/account/security/remove?kind=totp").Sees(200, "This cannot be removed")
	b.Post(o.at+"/account/security/remove", url.Values{"token": {page.Value("token")}, "kind": {"totp"}}).Sees(422, "This cannot be removed")
	b.Get(o.at+"/account/security/codes").Sees(200).Submit("Make recovery codes", nil).Sees(200)
	b.Get(o.at+"/account/security/remove?kind=totp").Sees(200).Submit("Remove", nil).On().Sees(200, "It is removed")
	if got := o.kinds("B1001"); got != "auth_phone recovery_code" {
		t.Errorf("registered %q", got)
	}
	if n := o.Count("audit_events WHERE kind = 'methods.registered' AND outcome = 'denied' AND reason = 'needed'"); n != 1 {
		t.Errorf("%d rows of the refusal in the audit", n)
	}
}

func TestANewProofCountsAfterItsDelay(t *testing.T) {
	t.Parallel()
	o := newOwn(t, "new_proof_delay: 0s", "new_proof_delay: 24h")
	b := o.in("B1001")
	o.addPhone(b, "+1 5550100201").Sees(200, "Counts from")
	_, page := o.addApp(b)
	page.Sees(200, "You cannot get back in today", "What you registered is enough from", "A new one counts after 24 hours")
	o.later(23*time.Hour + 59*time.Minute)
	o.in("B1001").Get(o.at+"/account/security").Sees(200, "You cannot get back in today")
	o.later(2 * time.Minute)
	o.in("B1001").Get(o.at+"/account/security").Sees(200, "You can get back in today")
}
