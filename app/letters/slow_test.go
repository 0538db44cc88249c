package letters_test

import (
	"context"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"portico/app/letters"
	"portico/app/letters/letterstest"
	"portico/tenants"
)

func TestSlowRelayOfOneTenantHoldsUpNoOther(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	open := make(chan struct{})
	relay := letterstest.NewRelay(t, letterstest.RelaySettings{Fault: func(int) letterstest.Fault { return letterstest.Fault{Until: open} }})
	slow := h.addTenant("gamma", tenants.Sender{
		Transport: "smtp", From: "post@gamma.example", SMTP: &tenants.SMTPSender{Host: relay.Host, Port: relay.Port, TLS: "none"},
	})
	s := &sink{}
	o := h.working(s, func(s *letters.Settings) {
		s.OwnRelays, s.Workers = true, map[letters.Lane]int{letters.Urgent: 4}
	})
	h.flood(o, slow, letters.Urgent, 20)
	h.eventually("the slow relay is busy", func() bool { return relay.Sessions() == 3 }, func() string { return fmt.Sprint(relay.Sessions()) })
	for i := range 5 {
		h.row(h.b, h.write(o, h.b, recovery("bob@people.example", fmt.Sprint(i))), letters.Sent)
	}
	if n := relay.Sessions(); n != 3 {
		t.Errorf("%d letters are at the slow relay, want its share of 3", n)
	}
	close(open)
	for _, r := range h.settled(slow) {
		if r.State != letters.Sent {
			t.Errorf("%+v", r)
		}
	}
}

func TestStartAndStopWithoutADatabase(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	away, err := tenants.Open(tenants.DBSettings{URL: "postgres://portico_app@127.0.0.1:1/none", Clock: h.clock, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	defer away.Close()
	for _, work := range []bool{false, true} {
		o := h.outbox(func(s *letters.Settings) { s.DB, s.Work, s.Transport = away, work, &sink{} })
		o.Start(t.Context())
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		defer cancel()
		if err := o.Stop(ctx); err != nil {
			t.Errorf("work %v: %v", work, err)
		}
	}
}

func TestInstanceThatOnlyWritesSendsNothing(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	s := &sink{}
	writer := h.outbox(func(o *letters.Settings) { o.Transport = s })
	writer.Start(t.Context())
	id := h.write(writer, h.a, recovery("ada@people.example", "r1"))
	if err := writer.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	if rows := h.list(h.a, letters.Filter{}); rows[0].State != letters.Queued || len(s.all()) != 0 {
		t.Errorf("%+v", rows)
	}
	h.working(s)
	h.row(h.a, id, letters.Sent)
}
