package letters_test

import (
	"testing"
	"time"

	"github.com/google/uuid"

	"portico/app/letters"
	"portico/tenants"
	"portico/themes"
)

// link makes a mailed link of the tenant; column, when given, says how it ended.
func (h *house) link(tenant tenants.ID, ended string, expires time.Duration) *uuid.UUID {
	h.t.Helper()
	id := tenants.NewID()
	err := h.db.In(h.t.Context(), tenant, func(s *tenants.Scope) error {
		_, err := s.Exec(h.t.Context(), `INSERT INTO links (tenant_id, id, hash, purpose, stamp, known, issued_at, expires_at)
			VALUES ($1, $2, sha256($3), 'recovery', 1, false, $4, $5)`, tenant, id, id[:], s.Now(), s.Now().Add(expires))
		if err != nil || ended == "" {
			return err
		}
		_, err = s.Exec(h.t.Context(), "UPDATE links SET "+ended+" = $2 WHERE tenant_id = $1 AND id = $3", tenant, s.Now(), id)
		return err
	})
	if err != nil {
		h.t.Fatal(err)
	}
	return &id
}

func TestLettersOfEndedLinksAreSkipped(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	o := h.outbox(func(*letters.Settings) {})
	nobody := tenants.NewID()
	cases := map[string]struct {
		link   *uuid.UUID
		state  letters.State
		reason string
	}{
		"live":            {h.link(h.a, "", time.Hour), letters.Sent, ""},
		"none":            {nil, letters.Sent, ""},
		"used":            {h.link(h.a, "used_at", time.Hour), letters.Skipped, "link used"},
		"replaced":        {h.link(h.a, "replaced_at", time.Hour), letters.Skipped, "link replaced"},
		"revoked":         {h.link(h.a, "revoked_at", time.Hour), letters.Skipped, "link revoked"},
		"expired":         {h.link(h.a, "", -time.Second), letters.Skipped, "link expired"},
		"gone":            {&nobody, letters.Skipped, "link gone"},
		"another tenants": {h.link(h.b, "", time.Hour), letters.Skipped, "link gone"},
	}
	ids := map[string]uuid.UUID{}
	for name, c := range cases {
		d := recovery("ada@people.example", name)
		d.LinkID = c.link
		ids[name] = h.write(o, h.a, d)
	}
	s := &sink{}
	h.working(s)
	for name, c := range cases {
		if row := h.row(h.a, ids[name], c.state); row.Reason != c.reason || row.EndedAt == nil {
			t.Errorf("%s: %+v", name, row)
		}
	}
	if n := len(s.all()); n != 2 {
		t.Errorf("%d mails left, want 2", n)
	}
	var sealed int
	h.asSuper("SELECT count(sealed) FROM letters", nil, &sealed)
	if sealed != 0 {
		t.Errorf("%d letters are still sealed", sealed)
	}
}

func TestOldLettersAndClosedTenantsSendNothing(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	o := h.outbox(func(*letters.Settings) {})
	old := h.write(o, h.a, recovery("ada@people.example", "r1"))
	h.clock.Advance(24*time.Hour + time.Minute)
	shut := h.write(o, h.b, recovery("bob@people.example", "r1"))
	h.asSuper("UPDATE tenants SET state = 'suspended' WHERE id = $1", []any{h.b})
	s := &sink{}
	h.working(s)
	if row := h.row(h.a, old, letters.Failed); row.Reason != "too old" {
		t.Errorf("old: %+v", row)
	}
	if row := h.row(h.b, shut, letters.Skipped); row.Reason != "the tenant is not live" {
		t.Errorf("shut: %+v", row)
	}
	if n := len(s.all()); n != 0 {
		t.Errorf("%d mails left", n)
	}
}

func TestPlatformLetters(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	inbox := &letters.Inbox{}
	o := h.working(inbox)
	var id, decoy uuid.UUID
	err := h.db.AcrossAll(t.Context(), tenants.ForFindPortal, func(a *tenants.Across) (err error) {
		b := &tenants.Batch{}
		portals := themes.PortalsLetter{Portals: []themes.Link{{Label: "Alpha", URL: "http://alpha.localhost:8080"}}}
		for range 2 {
			if id, err = o.AddPlatform(b, a, letters.Draft{Letter: portals, To: "ada@people.example", Event: "p1", Lane: letters.Urgent}); err != nil {
				return err
			}
		}
		if decoy, err = o.AddPlatform(b, a, letters.Draft{Letter: portals, Event: "p2", Lane: letters.Urgent}); err != nil {
			return err
		}
		return a.Send(t.Context(), b)
	})
	if err != nil {
		t.Fatal(err)
	}
	state := func(id uuid.UUID) (s string) {
		h.asSuper("SELECT coalesce((SELECT state || reason || (sealed IS NULL) FROM platform.letters WHERE id = $1 OR (event = 'p1' AND $1 <> $2)), '')", []any{id, decoy}, &s)
		return s
	}
	for want, which := range map[string]uuid.UUID{"senttrue": id, "skippeddecoytrue": decoy} {
		h.eventually("the platform's letter is "+want, func() bool { return state(which) == want }, func() string { return state(which) })
	}
	page := inbox.List("", "", time.Time{})
	if len(page.Letters) != 1 || page.Letters[0].Tenant != "" || page.Letters[0].Headers["From"] != "Portico <portico@platform.example>" {
		t.Errorf("inbox: %+v", page)
	}
}
