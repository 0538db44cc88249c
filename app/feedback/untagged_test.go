package feedback_test

import (
	"context"
	"fmt"
	"log/slog"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"portico/app/feedback"
	"portico/app/letters"
	"portico/app/letters/letterstest"
	"portico/tenants"
	"portico/tenants/tenantstest"
)

// TestUntagged: what an identity notifies of has no tags; the letter is found by its header or by SES's id of it,
// the tenant by its configuration set or by whose the sender's domain is, and nobody's letter by another's word.
func TestUntagged(t *testing.T) {
	t.Parallel()
	urls, clock, sns := tenantstest.Database(t), &tenants.Clock{}, letterstest.NewSNS(t)
	db, err := tenants.Open(tenants.DBSettings{URL: urls.AppURL, Clock: clock, Log: slog.New(slog.DiscardHandler), MaxConns: 4})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(db.Close)
	see, err := tenants.NewResolver(db, tenants.Addresses{BaseURL: "http://localhost:8080", BaseDomain: "localhost"})
	if err != nil {
		t.Fatal(err)
	}
	f := feedback.New(feedback.Settings{DB: db, Resolver: see, Log: slog.New(slog.DiscardHandler), Topics: []string{sns.Topic}, Carry: sns.Carry})
	super, err := pgx.Connect(t.Context(), urls.SuperURL)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = super.Close(context.Background()) })
	a, b := tenants.NewID(), tenants.NewID()
	for i, id := range []tenants.ID{a, b} {
		if _, err := super.Exec(t.Context(), "INSERT INTO tenants (id, slug, name, state, created_at, updated_at) VALUES ($1, $2, 'x', 'live', $3, $3)", id, fmt.Sprint("t", i), clock.Now()); err != nil {
			t.Fatal(err)
		}
		if _, err := super.Exec(t.Context(), `INSERT INTO sender_domains (tenant_id, domain, from_address, wanted, state, state_since, challenge)
			VALUES ($1, 'shared.example', 'x@shared.example', true, 'verified', $2, 'x')`, id, clock.Now()); err != nil {
			t.Fatal(err)
		}
	}
	letter := func(tenant tenants.ID, message string) uuid.UUID {
		id := tenants.NewID()
		if _, err := super.Exec(t.Context(), `INSERT INTO letters (tenant_id, id, kind, lane, channel, recipient, event, state, message_id, created_at, sent_at, ended_at)
			VALUES ($1, $2, 'x', 'bulk', 'email', 'ada@people.example', $3, 'sent', $3, $4, $4, $4)`, tenant, id, message, clock.Now()); err != nil {
			t.Fatal(err)
		}
		return id
	}
	bounce := func(mail string) string {
		return sns.Notification(t, `{"notificationType":"Bounce","mail":{`+mail+`},"bounce":{"bounceType":"Permanent","bounceSubType":"NoEmail","timestamp":"2026-11-22T10:00:00.000Z"}}`, nil)
	}
	byHeader, byMessage, byFallback := letter(a, "m1"), letter(b, "m2"), letter(b, "m3")
	for name, c := range map[string]struct {
		mail string
		want feedback.Outcome
	}{
		"by header":                {fmt.Sprintf(`"source":"Brand <no-reply@Shared.example>","headers":[{"name":"x-portico-letter","value":%q}]`, byHeader), feedback.Kept},
		"by SES's id":              {`"source":"no-reply@shared.example","destination":["ada@people.example"],"messageId":"m2"`, feedback.Kept},
		"by configuration set":     {fmt.Sprintf(`"source":"no-reply@platform.example","tags":{"ses:configuration-set":[%q]},"headers":[{"name":"X-Portico-Letter","value":%q}]`, letters.SetName(b), byFallback), feedback.Kept},
		"of nobody's domain":       {`"source":"x@elsewhere.example","destination":["ada@people.example"],"messageId":"m1"`, feedback.Ignored},
		"another tenant's set":     {fmt.Sprintf(`"tags":{"ses:configuration-set":[%q]},"headers":[{"name":"X-Portico-Letter","value":%q}]`, letters.SetName(a), byFallback), feedback.Known},
		"a set of somebody else":   {`"tags":{"ses:configuration-set":["portico-1"]}`, feedback.Ignored},
		"without anything":         {`"source":"no-reply@shared.example"`, feedback.Known},
		"with a source that is no": {`"source":"a@b@\u0000"`, feedback.Ignored},
	} {
		if got, err := f.Receive(t.Context(), []byte(bounce(c.mail))); err != nil || got != c.want {
			t.Errorf("%s: %s %v, want %s", name, got, err, c.want)
		}
	}
	var kept, barred int
	if err := super.QueryRow(t.Context(), "SELECT (SELECT count(*) FROM letter_feedback WHERE letter_id = ANY ($1)), (SELECT count(*) FROM suppressions)",
		[]uuid.UUID{byHeader, byMessage, byFallback}).Scan(&kept, &barred); err != nil || kept != 3 || barred != 2 {
		t.Errorf("%d are kept, %d addresses suppressed: %v", kept, barred, err)
	}
}
