package app_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/uuid"

	"portico/app/apptest"
	"portico/app/letters/letterstest"
)

// hooked is a portal whose carrier tells, with one letter that has left.
type hooked struct {
	*apptest.Portal
	t       *testing.T
	sns     *letterstest.SNS
	browser *apptest.Browser
	letter  uuid.UUID
}

func newHooked(t *testing.T) *hooked {
	t.Helper()
	h := &hooked{t: t, sns: letterstest.NewSNS(t)}
	h.Portal = apptest.Start(t, apptest.Options{SNS: h.sns})
	h.browser = h.Browser()
	since := h.Clock.Now()
	h.browser.AskForLink(h.Origin("first"), "ava@first.example")
	h.Letter("ava@first.example", since)
	h.Scan("SELECT id FROM letters WHERE recipient = 'ava@first.example'", nil, &h.letter)
	return h
}

// post sends a body as SNS does, and expects a status.
func (h *hooked) post(body string, status int) {
	h.t.Helper()
	h.browser.Send("POST", "http://localhost:"+h.Port+"/hooks/ses", body, map[string]string{"Content-Type": "text/plain; charset=UTF-8"}).Sees(status)
}

func (h *hooked) event(kind, slug string, letter uuid.UUID) string {
	return fmt.Sprintf(`{"eventType":%q,"mail":{"tags":{"portico_letter":[%q],"portico_tenant":[%q],"ses:from-domain":["first.example"]}},
		"bounce":{"bounceType":"Permanent","bounceSubType":"NoEmail","timestamp":"2026-11-22T10:00:00.000Z"},
		"complaint":{"complaintFeedbackType":"abuse","timestamp":"2026-11-22T10:00:00.000Z"},"delivery":{"timestamp":"2026-11-22T10:00:00.000Z"}}`, kind, letter, slug)
}

// TestSESTellsOfALetter: what SNS signed is kept once, for the letter and the tenant that it names, and for no other.
func TestSESTellsOfALetter(t *testing.T) {
	t.Parallel()
	h := newHooked(t)
	bounced := h.sns.Notification(t, h.event("Bounce", "first", h.letter), nil)
	h.post(bounced, 204)
	h.post(bounced, 204) // again
	h.post(h.sns.Notification(t, h.event("Bounce", "first", h.letter), nil), 204)
	if n := h.Count("letter_feedback WHERE kind = 'bounced' AND permanent AND reason = 'NoEmail'"); n != 1 {
		t.Errorf("%d bounces are kept", n)
	}
	if n := h.Count("account_identifiers WHERE norm = 'ava@first.example' AND bounced_as = 'bounced'"); n != 1 {
		t.Error("the address is not marked")
	}
	if n := h.Count("audit_events WHERE kind = 'letter.bounced'"); n != 1 {
		t.Errorf("%d times written down", n)
	}
	h.post(h.sns.Notification(t, h.event("Complaint", "first", h.letter), nil), 204)
	h.post(h.sns.Notification(t, h.event("Delivery", "first", h.letter), nil), 204)
	if n := h.Count("letter_feedback"); n != 3 {
		t.Errorf("%d messages are kept, not 3", n)
	}
	for _, event := range []string{
		h.event("Delivery", "second", h.letter), h.event("Bounce", "nobody", h.letter), h.event("Bounce", "first", uuid.New()), h.event("Open", "first", h.letter),
		`{"notificationType":"AmazonSnsSubscriptionSucceeded"}`, "Successfully validated SNS topic", `{"eventType":"Bounce","mail":{"tags":{"portico_letter":["x"],"portico_tenant":["first"]}}}`, "[]", "",
		h.event("Bounce", `a\x00b`, h.letter), h.event("Bounce", "../x", h.letter), h.event("Bounce", "", h.letter),
	} {
		h.post(h.sns.Notification(t, event, nil), 204)
	}
	if n := h.Count("letter_feedback"); n != 3 {
		t.Errorf("%d messages are kept: one of another tenant's or of nothing counts", n)
	}
}

// TestForgedFeedbackIsRefused: nothing is kept, confirmed or fetched for what SNS did not sign for our topic.
func TestForgedFeedbackIsRefused(t *testing.T) {
	t.Parallel()
	h := newHooked(t)
	set := func(pairs ...string) func(map[string]string) {
		return func(m map[string]string) {
			for i := 0; i < len(pairs); i += 2 {
				m[pairs[i]] = pairs[i+1]
			}
		}
	}
	bounce := h.event("Bounce", "first", h.letter)
	for name, change := range map[string]func(map[string]string){
		"another message":        set("after Message", h.event("Complaint", "first", h.letter)),
		"another topic":          set("TopicArn", "arn:aws:sns:eu-west-1:999999999999:portico-letters"),
		"no topic":               set("TopicArn", ""),
		"sha-1":                  set("SignatureVersion", "1"),
		"no version":             set("SignatureVersion", ""),
		"another time":           set("after Timestamp", "2026-11-22T10:00:01.000Z"),
		"another subject":        set("after Subject", "x"),
		"no signature":           set("after Signature", ""),
		"half a signature":       set("after Signature", "AAAA"),
		"no base64":              set("after Signature", "%%%"),
		"another kind":           set("Type", "SomethingElse"),
		"as a subscription":      set("after Type", "SubscriptionConfirmation"),
		"certificate elsewhere":  set("SigningCertURL", "https://evil.example/SimpleNotificationService-0123456789abcdef0123456789abcdef.pem"),
		"certificate by http":    set("SigningCertURL", strings.Replace(h.sns.Certificate, "https", "http", 1)),
		"another region's":       set("SigningCertURL", strings.Replace(h.sns.Certificate, "eu-west-1", "us-east-1", 1)),
		"host as a user":         set("SigningCertURL", strings.Replace(h.sns.Certificate, "amazonaws.com/", "amazonaws.com@evil.example/", 1)),
		"host as a beginning":    set("SigningCertURL", strings.Replace(h.sns.Certificate, "amazonaws.com/", "amazonaws.com.evil.example/", 1)),
		"a port":                 set("SigningCertURL", strings.Replace(h.sns.Certificate, "amazonaws.com/", "amazonaws.com:8443/", 1)),
		"another path":           set("SigningCertURL", "https://sns.eu-west-1.amazonaws.com/evil.pem"),
		"a query":                set("SigningCertURL", h.sns.Certificate+"?x"),
		"expired certificate":    set("SigningCertURL", h.sns.Expired),
		"broken certificate":     set("SigningCertURL", h.sns.Broken),
		"certificate of nothing": set("SigningCertURL", "https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-0123456789abcdef0123456789abcdef.pem"),
	} {
		t.Run(name, func(*testing.T) { h.post(h.sns.Notification(t, bounce, change), 403) })
	}
	for _, body := range []string{"", "{}", "null", "[]", "x", strings.Repeat("[", 20_000)} {
		h.post(body, 403)
	}
	for name, change := range map[string]func(map[string]string){
		"address elsewhere": set("SubscribeURL", "https://evil.example/?Action=ConfirmSubscription&Token=x&TopicArn="+h.sns.Topic),
		"another topic's":   set("SubscribeURL", "https://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription&Token=x&TopicArn=arn:aws:sns:eu-west-1:999999999999:x"),
		"another action":    set("SubscribeURL", "https://sns.eu-west-1.amazonaws.com/?Action=DeleteTopic&Token=x&TopicArn="+h.sns.Topic),
		"changed":           set("after Token", "x"),
	} {
		t.Run(name, func(*testing.T) { h.post(h.sns.Subscription(t, change), 403) })
	}
	if n := h.Count("letter_feedback"); n != 0 {
		t.Errorf("%d forged messages are kept", n)
	}
	if len(h.sns.Confirmed()) != 0 {
		t.Error("a forged subscription was confirmed")
	}
	h.browser.Get("http://localhost:" + h.Port + "/hooks/ses").Sees(405)
	h.browser.Send("POST", h.Origin("first")+"/hooks/ses", h.sns.Notification(t, bounce, nil), map[string]string{"Content-Type": "text/plain"}).Sees(404)
	h.post(strings.Repeat("x", 70_000), 413)
}

// TestSubscriptionsOfOurTopicAreConfirmed, and what cannot be judged while SNS is away comes again.
func TestSubscriptionsOfOurTopicAreConfirmed(t *testing.T) {
	t.Parallel()
	h := newHooked(t)
	h.sns.Away(true)
	h.post(h.sns.Subscription(t, nil), 503)
	h.post(h.sns.Notification(t, h.event("Delivery", "first", h.letter), nil), 503)
	h.sns.Away(false)
	h.post(h.sns.Subscription(t, nil), 204)
	h.post(h.sns.Notification(t, h.event("Delivery", "first", h.letter), nil), 204)
	if got := h.sns.Confirmed(); len(got) != 1 || got[0] != h.sns.Topic {
		t.Errorf("confirmed: %v", got)
	}
	if h.Count("letter_feedback WHERE kind = 'delivered'") != 1 {
		t.Error("what came again is not kept")
	}
	before := len(h.sns.Asked())
	for i := range 40 { // addresses of certificates that nobody has are not asked for without end
		h.browser.Send("POST", "http://localhost:"+h.Port+"/hooks/ses", h.sns.Notification(t, "{}", func(m map[string]string) {
			m["SigningCertURL"] = fmt.Sprintf("https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-%032x.pem", i)
		}), map[string]string{"Content-Type": "text/plain"})
	}
	if n := len(h.sns.Asked()) - before; n > 10 {
		t.Errorf("%d certificates were asked for", n)
	}
	h.post(h.sns.Notification(t, h.event("Complaint", "first", h.letter), nil), 204) // the known one still counts
}

// TestNoTopicNoHook: without a topic the address does not exist.
func TestNoTopicNoHook(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t, apptest.Options{})
	p.Browser().Send("POST", "http://localhost:"+p.Port+"/hooks/ses", "{}", map[string]string{"Content-Type": "text/plain"}).Sees(404)
}
