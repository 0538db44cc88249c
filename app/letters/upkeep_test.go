package letters_test

import (
	"testing"
	"time"

	"portico/app/letters"
	"portico/tenants"
)

func TestTidyRemovesWhatIsPastItsAge(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	o := h.outbox(func(*letters.Settings) {})
	h.write(o, h.a, recovery("ada@people.example", "old"))
	h.asSuper("UPDATE letters SET state = 'sent', sealed = NULL, ended_at = created_at", nil)
	h.link(h.a, "", time.Hour)
	for _, tenant := range []tenants.ID{h.a, h.b} {
		err := h.db.In(t.Context(), tenant, func(s *tenants.Scope) error {
			if tenant == h.a {
				if err := tenants.SaveSetting(t.Context(), s, tenants.SubjectPolicy, keepAudit(30), "test"); err != nil {
					return err
				}
			}
			_, err := s.Exec(t.Context(), `INSERT INTO audit_events (tenant_id, id, at, kind, outcome, actor) VALUES ($1, $2, $3, 'x', 'success', 'system')`,
				tenant, tenants.NewID(), s.Now().AddDate(0, 0, -40))
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	count := func() (letterRows, links, audits int) {
		h.asSuper("SELECT (SELECT count(*) FROM letters), (SELECT count(*) FROM links), (SELECT count(*) FROM audit_events)", nil, &letterRows, &links, &audits)
		return
	}
	if err := o.Tidy(t.Context()); err != nil {
		t.Fatal(err)
	}
	if l, k, a := count(); l != 1 || k != 1 || a != 1 {
		t.Errorf("young rows: %d letters, %d links, want 1 each; %d audit rows, want the other tenant's alone", l, k, a)
	}
	// The rows age rather than the clock: the database keeps what is fresh by its own.
	h.asSuper("UPDATE letters SET ended_at = ended_at - interval '91 days'", nil)
	h.asSuper("UPDATE links SET expires_at = expires_at - interval '91 days'", nil)
	if err := o.Tidy(t.Context()); err != nil {
		t.Fatal(err)
	}
	if l, k, a := count(); l != 0 || k != 0 || a != 1 {
		t.Errorf("old rows: %d letters, %d links, %d audit rows", l, k, a)
	}
}

func keepAudit(days int) tenants.Policy {
	p, _ := tenants.Preset("nist")
	p.Audit.RetentionDays = days
	return p
}
