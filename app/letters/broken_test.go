package letters_test

import (
	"encoding/json"
	"testing"
	"time"

	"portico/app/letters"
	"portico/tenants"
)

// TestBrokenTenantKeepsItsLettersForADay: settings that do not hold are somebody's to mend; the letters
// wait, other tenants' letters do not, and after a day they are dead.
func TestBrokenTenantKeepsItsLettersForADay(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		subject  string
		document any
		reason   string
	}{
		"policy": {tenants.SubjectPolicy, json.RawMessage(`{"preset":"none"}`), "the tenant's settings cannot be read"},
		"theme":  {tenants.SubjectTheme, json.RawMessage(`{"colors":{"accent":"no"}}`), "the tenant's look does not hold"},
		"sender": {tenants.SubjectSender, tenants.Sender{From: "a@b.example\r\nBcc: eve@evil.example"}, "the sender's address is not one plain address"},
		"relay": {tenants.SubjectSender, tenants.Sender{Transport: "smtp", From: "a@b.example",
			SMTP: &tenants.SMTPSender{Host: "127.0.0.1", Port: 1, TLS: "none", SealedPassword: []byte("\x02k1broken")}}, "the relay's password cannot be opened"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t)
			save := func(subject string, document any) {
				err := h.db.In(t.Context(), h.a, func(s *tenants.Scope) error {
					return tenants.SaveSetting(t.Context(), s, subject, document, "test")
				})
				if err != nil {
					t.Fatal(err)
				}
				h.resolver.Forget(h.a)
			}
			save(c.subject, c.document)
			s := &sink{}
			o := h.working(s, func(s *letters.Settings) { s.OwnRelays = true })
			id := h.write(o, h.a, recovery("ada@people.example", "r1"))
			h.row(h.b, h.write(o, h.b, recovery("bob@people.example", "r1")), letters.Sent)
			h.eventually("the letter waits with its reason", func() bool {
				r := h.list(h.a, letters.Filter{})[0]
				return r.State == letters.Queued && r.Reason == c.reason
			}, func() string { return h.list(h.a, letters.Filter{})[0].Reason })
			h.clock.Advance(25 * time.Hour)
			h.resolver.Forget(h.a)
			h.eventually("the letter is dead", func() bool {
				h.hurry()
				return h.list(h.a, letters.Filter{})[0].State == letters.Failed
			}, func() string { return string(h.list(h.a, letters.Filter{})[0].State) })
			var sealed int
			h.asSuper("SELECT count(sealed) FROM letters WHERE id = $1", []any{id}, &sealed)
			if sealed != 0 || len(s.all()) != 1 {
				t.Errorf("sealed %d, sent %d", sealed, len(s.all()))
			}
		})
	}
}

func TestLettersOutliveTheDatabasesAbsence(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	s := &sink{}
	// A claim whose answer was lost with its connection waits for its lease.
	o := h.working(s, func(s *letters.Settings) { s.Lease = 2 * time.Second })
	for i := range 5 {
		h.write(o, h.a, recovery("ada@people.example", string(rune('a'+i))))
		h.asSuper("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()", nil, new(int))
		h.eventually("the database answers again", func() bool { return h.db.Ping(t.Context()) == nil }, func() string { return "" })
	}
	for _, r := range h.settled(h.a) {
		if r.State != letters.Sent {
			t.Errorf("%+v", r)
		}
	}
	if got := s.all(); len(got) < 5 {
		t.Errorf("%d letters left, want 5", len(got))
	}
}
