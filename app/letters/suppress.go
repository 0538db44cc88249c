package letters

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/google/uuid"

	"portico/app/audit"
	"portico/tenants"
)

// A suppressed address gets no letters of its tenant. There are two exceptions, each for one letter as long
// as the address stays suppressed: the first recovery (link or code) that the person asks for after it, since
// a full or mended mailbox must not shut anybody out, and one letter that an administrator lets go. A letter
// that is tried again is the same letter. What a later letter tells (an arrival) ends a suppression that a
// bounce made; a complaint is the person's own word and ends by an administrator's or after a year.

// addressKey is a letter's recipient as suppressions name it.
const addressKey = `lower(l.recipient COLLATE "C")`

// spareLetter lets a letter to a suppressed address through where an exception is left, and notes that it
// was used. Two letters at once wait for one another here, and the second finds it gone.
const spareLetter = `UPDATE suppressions x SET
	admin_letter = CASE WHEN x.admin_at IS NOT NULL AND (x.admin_letter IS NULL OR x.admin_letter = due.id) THEN due.id ELSE x.admin_letter END,
	person_letter = CASE WHEN x.admin_at IS NOT NULL AND (x.admin_letter IS NULL OR x.admin_letter = due.id) THEN x.person_letter ELSE due.id END
	FROM due WHERE x.tenant_id = $5 AND x.address = due.barred AND due.why = '' AND due.hold = '' AND (
		x.admin_at IS NOT NULL AND (x.admin_letter IS NULL OR x.admin_letter = due.id) AND due.kind IN ('recovery', 'invitation', 'test')
		OR due.kind IN ('recovery', 'gate', 'code', 'sso') AND (x.person_letter IS NULL OR x.person_letter = due.id))
	RETURNING 1`

const (
	suppressAddress = `INSERT INTO suppressions AS x (tenant_id, address, cause, word, letter_id, since)
		SELECT l.tenant_id, ` + addressKey + `, $3, $4, l.id, $5 FROM letters l WHERE l.tenant_id = $1 AND l.id = $2 AND l.channel = 'email'
			AND length(l.recipient) BETWEEN 3 AND 320 AND l.recipient NOT LIKE 'erased:%'
		ON CONFLICT (tenant_id, address) DO UPDATE SET since = excluded.since, word = excluded.word, letter_id = excluded.letter_id,
			cause = CASE x.cause WHEN 'complained' THEN x.cause ELSE excluded.cause END
		WHERE x.since < excluded.since`
	freeSuppressed = `DELETE FROM suppressions x USING letters l WHERE l.tenant_id = $1 AND l.id = $2 AND x.tenant_id = $1 AND x.address = ` + addressKey + `
		AND x.cause = 'bounced' AND x.since < $3`
)

// Suppression is an address that gets no letters of the tenant.
type Suppression struct {
	Address  string
	Cause    Fate   // Bounced or Complained
	Word     string // the carrier's
	Since    time.Time
	ByPerson bool       // the one letter that the person may ask for was used
	AdminAt  *time.Time // an administrator let one go
	Used     bool       // and it went
}

// ErrForced means that an administrator let one letter go to a suppressed address before.
var ErrForced = errors.New("letters: one letter was let go to this address already")

// Key is an address as suppressions name it: ASCII letters small.
func Key(address string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'A' && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}, strings.TrimSpace(address))
}

// Suppressions lists suppressed addresses, the latest first, from before a moment (zero: now), limit at most
// 500; address narrows to one, "" for all.
func Suppressions(ctx context.Context, s *tenants.Scope, address string, before time.Time, limit int) ([]Suppression, error) {
	if before.IsZero() {
		before = s.Now().Add(time.Hour) // a carrier's clock may be ahead
	}
	var all []Suppression
	err := s.Each(ctx, `SELECT address, cause, word, since, person_letter IS NOT NULL, admin_at, admin_letter IS NOT NULL FROM suppressions
		WHERE tenant_id = $1 AND ($2 = '' OR address = $2) AND since < $3 ORDER BY since DESC, address LIMIT $4`,
		[]any{s.Tenant(), Key(address), before, min(max(limit, 1), 500)}, func(scan func(...any) error) error {
			var x Suppression
			err := scan(&x.Address, &x.Cause, &x.Word, &x.Since, &x.ByPerson, &x.AdminAt, &x.Used)
			all = append(all, x)
			return err
		})
	return all, err
}

// Lift ends a suppression: letters go to the address again, and it is no longer marked at its account.
// ErrNotFound when it is not suppressed.
func Lift(ctx context.Context, s *tenants.Scope, address string) error {
	key := Key(address)
	n, err := s.Exec(ctx, "DELETE FROM suppressions WHERE tenant_id = $1 AND address = $2", s.Tenant(), key)
	if err != nil {
		return err
	}
	if n == 0 {
		return tenants.ErrNotFound
	}
	var whom *uuid.UUID
	b := &tenants.Batch{}
	var found bool
	b.Row(&found, `WITH freed AS (UPDATE account_identifiers SET bounced_at = NULL, bounced_as = '' WHERE tenant_id = $1 AND kind = 'email'
		AND bounced_at IS NOT NULL AND lower(value COLLATE "C") = $2 RETURNING account_id) SELECT account_id FROM freed LIMIT 1`,
		[]any{s.Tenant(), key}, &whom)
	if err := s.Send(ctx, b); err != nil {
		return err
	}
	return audit.Write(ctx, s, audit.Event{Kind: audit.SuppressionLifted, Outcome: audit.Success, AccountID: whom, Details: map[string]any{"address": key}})
}

// LetOne lets one recovery or invitation go to a suppressed address, once as long as it stays suppressed: the
// next that is written, or one that waits. ErrNotFound when it is not suppressed, ErrForced the second time.
func LetOne(ctx context.Context, s *tenants.Scope, address string) error {
	key := Key(address)
	n, err := s.Exec(ctx, "UPDATE suppressions SET admin_at = $3, admin_by = $4 WHERE tenant_id = $1 AND address = $2 AND admin_at IS NULL",
		s.Tenant(), key, s.Now(), audit.From(ctx).Actor)
	if err != nil {
		return err
	}
	if n == 0 {
		var there bool
		if err := s.Row(ctx, "SELECT EXISTS (SELECT FROM suppressions WHERE tenant_id = $1 AND address = $2)", []any{s.Tenant(), key}, &there); err != nil {
			return err
		}
		if !there {
			return tenants.ErrNotFound
		}
		return ErrForced
	}
	return audit.Write(ctx, s, audit.Event{Kind: audit.SuppressionSpared, Outcome: audit.Success, Details: map[string]any{"address": key}})
}

// Suppressed tells whether letters to an address are not sent.
func Suppressed(ctx context.Context, s *tenants.Scope, address string) (is bool, err error) {
	err = s.Row(ctx, "SELECT EXISTS (SELECT FROM suppressions WHERE tenant_id = $1 AND address = $2)", []any{s.Tenant(), Key(address)}, &is)
	return is, err
}
