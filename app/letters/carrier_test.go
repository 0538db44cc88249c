package letters_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/google/uuid"

	"portico/app/letters"
	"portico/app/letters/letterstest"
	"portico/tenants"
)

// hurry makes retries due now, as if their wait were over.
func (h *house) hurry() {
	h.asSuper(`UPDATE river.river_job SET scheduled_at = least(scheduled_at, now()), state = 'available'
		WHERE kind = 'letter' AND state IN ('available', 'scheduled', 'retryable')`, nil)
}

// settled waits until every letter of the tenant has ended, hurrying retries on.
func (h *house) settled(tenant tenants.ID) []letters.Row {
	h.t.Helper()
	var rows []letters.Row
	h.eventually("all letters have ended", func() bool {
		h.hurry()
		rows = h.list(tenant, letters.Filter{Limit: 500})
		for _, r := range rows {
			if r.EndedAt == nil {
				return false
			}
		}
		return true
	}, func() string { return fmt.Sprintf("%+v", rows) })
	return rows
}

func newSES(t *testing.T, fake *letterstest.SES) *letters.SES {
	t.Helper()
	s, err := letters.NewSES(t.Context(), letters.SESSettings{
		Region: "eu-west-1", Endpoint: fake.URL, ConfigurationSet: "alpha",
		Credentials: credentials.NewStaticCredentialsProvider("id", "key", ""),
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestSES(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		faults []letterstest.SESFault
		state  letters.State
		reason string
		calls  int
		mails  int
	}{
		"taken":                     {nil, letters.Sent, "", 1, 1},
		"throttled":                 {[]letterstest.SESFault{{Code: "Throttling"}, {Code: "ThrottlingException"}}, letters.Sent, "", 3, 1},
		"broken":                    {[]letterstest.SESFault{{Code: "InternalFailure", Status: 500}}, letters.Sent, "", 2, 1},
		"paused":                    {[]letterstest.SESFault{{Code: "AccountSendingPausedException"}}, letters.Sent, "", 2, 1},
		"unknown configuration set": {[]letterstest.SESFault{{Code: "ConfigurationSetDoesNotExist"}}, letters.Sent, "", 2, 1},
		"rejected":                  {[]letterstest.SESFault{{Code: "MessageRejected"}}, letters.Failed, "SES rejected the message", 1, 0},
		"not verified": {[]letterstest.SESFault{{Code: "MessageRejected", Message: "Email address is not verified. The following identities failed the check in region EU-WEST-1: a@b.example"}},
			letters.Sent, "", 2, 1},
		"bad address":     {[]letterstest.SESFault{{Code: "InvalidParameterValue"}}, letters.Failed, "SES does not take this address", 1, 0},
		"acceptance lost": {[]letterstest.SESFault{{Lost: true}}, letters.Sent, "", 2, 2},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t)
			fake := letterstest.NewSES(t, func(call int) letterstest.SESFault {
				if call <= len(c.faults) {
					return c.faults[call-1]
				}
				return letterstest.SESFault{}
			})
			o := h.working(newSES(t, fake))
			id := h.write(o, h.a, recovery("ada@people.example", "r1"))
			row := h.settled(h.a)[0]
			got := fake.Got()
			if row.State != c.state || row.Reason != c.reason || fake.Calls() != c.calls || len(got) != c.mails {
				t.Fatalf("%+v, %d calls, %d mails", row, fake.Calls(), len(got))
			}
			for _, m := range got {
				sesMail(t, m, id)
			}
			if c.state == letters.Sent && row.MessageID != got[len(got)-1].MessageID {
				t.Errorf("message id %q", row.MessageID)
			}
		})
	}
}

func sesMail(t *testing.T, m letterstest.SESMail, id uuid.UUID) {
	t.Helper()
	if m.From != "no-reply@alpha.example" || m.To != "ada@people.example" || m.ConfigurationSet != "alpha" ||
		m.Tags["portico_letter"] != id.String() {
		t.Errorf("request: %+v", m)
	}
	for _, want := range []string{"X-Portico-Letter: " + id.String(), "Message-ID: <" + id.String() + "@alpha.example>", "Content-Type: multipart/alternative"} {
		if !strings.Contains(string(m.Raw), want) {
			t.Errorf("the mail lacks %q", want)
		}
	}
}

func TestSMTP(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		relay  letterstest.RelaySettings
		tls    string
		user   string
		fault  letterstest.Fault // of the first connection
		state  letters.State
		reason string
		mails  int
	}{
		"taken":               {tls: "none", state: letters.Sent, mails: 1},
		"starttls and login":  {relay: letterstest.RelaySettings{StartTLS: true}, tls: "starttls", user: "u", state: letters.Sent, mails: 1},
		"implicit and login":  {relay: letterstest.RelaySettings{Implicit: true}, tls: "implicit", user: "u", state: letters.Sent, mails: 1},
		"greylisted":          {tls: "none", fault: letterstest.Fault{To: "451 4.7.1 later"}, state: letters.Sent, mails: 1},
		"busy":                {tls: "none", fault: letterstest.Fault{Greeting: "421 4.3.2 busy"}, state: letters.Sent, mails: 1},
		"login refused once":  {tls: "none", user: "u", fault: letterstest.Fault{Auth: "535 5.7.8 no"}, state: letters.Sent, mails: 1},
		"sender refused once": {tls: "none", fault: letterstest.Fault{From: "550 5.7.1 not yours"}, state: letters.Sent, mails: 1},
		"no such person":      {tls: "none", fault: letterstest.Fault{To: "550 5.1.1 ada@people.example unknown"}, state: letters.Failed, reason: "the relay does not take this recipient (550)"},
		"content refused":     {tls: "none", fault: letterstest.Fault{End: "554 5.7.1 spam"}, state: letters.Failed, reason: "the relay does not take the message (554)"},
		"content later":       {tls: "none", fault: letterstest.Fault{End: "452 4.3.1 full"}, state: letters.Sent, mails: 1},
		"cut in DATA":         {tls: "none", fault: letterstest.Fault{CutInData: true}, state: letters.Sent, mails: 1},
		"250 lost":            {tls: "none", fault: letterstest.Fault{Lost: true}, state: letters.Sent, mails: 2},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t)
			c.relay.Fault = func(session int) letterstest.Fault {
				if session == 1 {
					return c.fault
				}
				return letterstest.Fault{}
			}
			relay := letterstest.NewRelay(t, c.relay)
			o := h.working(&letters.SMTP{Host: relay.Host, Port: relay.Port, TLS: c.tls, Username: c.user, Password: "p", Trust: relay.Trust})
			id := h.write(o, h.a, recovery("ada@people.example", "r1"))
			row := h.settled(h.a)[0]
			got := relay.Got()
			if row.State != c.state || row.Reason != c.reason || len(got) != c.mails {
				t.Fatalf("%+v, %d mails", row, len(got))
			}
			for _, m := range got {
				if m.To != "ada@people.example" || m.From != "no-reply@alpha.example" || m.Secure != (c.tls != "none") ||
					!strings.Contains(m.Raw, "Message-ID: <"+id.String()+"@alpha.example>") {
					t.Errorf("mail: %+v", m)
				}
			}
			if c.user != "" && len(relay.Logins()) == 0 {
				t.Error("no login")
			}
		})
	}
}

func TestSMTPDemandsEncryption(t *testing.T) {
	t.Parallel()
	relay := letterstest.NewRelay(t, letterstest.RelaySettings{})
	for name, s := range map[string]*letters.SMTP{
		"starttls not offered":        {Host: relay.Host, Port: relay.Port, TLS: "starttls", Trust: relay.Trust},
		"plain beyond this machine":   {Host: "192.0.2.1", Port: relay.Port, TLS: "none"},
		"no setting":                  {Host: relay.Host, Port: relay.Port},
		"a certificate of a stranger": {Host: relay.Host, Port: letterstest.NewRelay(t, letterstest.RelaySettings{Implicit: true}).Port, TLS: "implicit"},
	} {
		if _, err := s.Send(t.Context(), letters.Envelope{From: "a@b.example", To: "c@d.example", Message: []byte("x")}); err == nil {
			t.Errorf("%s: sent", name)
		}
	}
	if n := len(relay.Got()); n != 0 {
		t.Errorf("%d mails went in clear", n)
	}
}

func TestOwnRelayOfATenant(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	relay := letterstest.NewRelay(t, letterstest.RelaySettings{})
	own := tenants.Sender{Transport: "smtp", From: "post@gamma.example", SMTP: &tenants.SMTPSender{Host: relay.Host, Port: relay.Port, TLS: "none", Username: "gamma"}}
	id := h.addTenant("gamma", own)
	own.SMTP.SealedPassword = letters.SealSenderPassword(h.keys, id, "relay-password")
	err := h.db.In(t.Context(), id, func(s *tenants.Scope) error {
		return tenants.SaveSetting(t.Context(), s, tenants.SubjectSender, own, "test")
	})
	if err != nil {
		t.Fatal(err)
	}
	platform := &sink{}
	o := h.working(platform, func(s *letters.Settings) { s.OwnRelays = true })
	h.row(id, h.write(o, id, recovery("ada@people.example", "r1")), letters.Sent)
	h.row(h.b, h.write(o, h.b, recovery("bob@people.example", "r1")), letters.Sent)
	if got := relay.Got(); len(got) != 1 || got[0].From != "post@gamma.example" || len(relay.Logins()) != 1 {
		t.Errorf("relay: %+v", got)
	}
	got := platform.all()
	if len(got) != 1 || got[0].From != "portico@platform.example" || got[0].To != "bob@people.example" {
		t.Fatalf("platform: %+v", got)
	}
	if !strings.Contains(string(got[0].Message), `From: "Brand beta" <portico@platform.example>`) {
		t.Error("the brand's name does not stand before the platform's address")
	}
}
