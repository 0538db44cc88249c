package letters_test

import (
	"errors"
	"net/netip"
	"strings"
	"testing"

	"portico/app/letters"
	"portico/app/letters/letterstest"
	"portico/tenants"
	"portico/themes"
)

// A test of a tenant's relay says what the server said, bounded and without the password; and no relay stands
// where the operator does not let it.
func TestTrySaysWhatTheServerSaid(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	relay := letterstest.NewRelay(t, letterstest.RelaySettings{Fault: func(session int) letterstest.Fault {
		switch session {
		case 2:
			return letterstest.Fault{To: "550 5.1.1 no\x07body " + strings.Repeat("x", 400)}
		}
		return letterstest.Fault{}
	}})
	id := h.addTenant("gamma", tenants.Sender{Transport: "smtp", From: "no-reply@gamma.example", SMTP: &tenants.SMTPSender{Host: relay.Host, Port: relay.Port, TLS: "none"}})
	o := h.outbox(func(s *letters.Settings) { s.OwnRelays, s.Transport = true, &sink{} })
	try := func(o *letters.Outbox) letters.Tried {
		t.Helper()
		got, err := o.Try(t.Context(), id, "ada@people.example", "en", themes.SenderNotice{What: "test", Link: "/console/sender"})
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	if got := try(o); got.Why != "" || got.As != letters.AsRelay || got.From != "no-reply@gamma.example" || len(relay.Got()) != 1 {
		t.Errorf("%+v", got)
	}
	if got := try(o); got.Why != "address" || !strings.HasPrefix(got.Said, "550 5.1.1 no body") || len([]rune(got.Said)) != 200 {
		t.Errorf("%+v", got)
	}
	strict := h.outbox(func(s *letters.Settings) { s.OwnRelays, s.Transport, s.RelaysAt = true, &sink{}, letters.PublicAddress })
	if got := try(strict); got.Why != "account" || got.Said != "" || relay.Sessions() != 2 {
		t.Errorf("%+v, %d sessions", got, relay.Sessions())
	}
	if _, err := o.Try(t.Context(), tenants.NewID(), "ada@people.example", "en", themes.SenderNotice{What: "test"}); !errors.Is(err, tenants.ErrNoTenant) {
		t.Errorf("nobody's: %v", err)
	}
}

func TestPublicAddresses(t *testing.T) {
	t.Parallel()
	for text, public := range map[string]bool{"93.184.215.14": true, "2606:2800:21f:cb07::1": true, "127.0.0.1": false, "::1": false, "10.0.0.1": false, "172.31.0.9": false,
		"192.168.1.1": false, "169.254.169.254": false, "100.64.0.1": false, "0.0.0.0": false, "255.255.255.255": false, "fe80::1": false, "fd00::1": false,
		"::ffff:127.0.0.1": false, "::ffff:169.254.169.254": false, "64:ff9b::7f00:1": false, "2002:7f00:1::": false, "224.0.0.1": false, "198.18.0.1": false} {
		if got := letters.PublicAddress(netip.MustParseAddr(text)); got != public {
			t.Errorf("%s: %t", text, got)
		}
	}
}
