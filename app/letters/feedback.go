package letters

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"

	"portico/app/audit"
	"portico/tenants"
)

// ErrFeedback means that what a carrier told cannot be kept.
var ErrFeedback = errors.New("letters: no such feedback")

// Fate is what a carrier tells of a letter after it took it.
type Fate string

// The fates of a letter.
const (
	Delivered  Fate = "delivered"  // the recipient's server has it
	Bounced    Fate = "bounced"    // it came back
	Complained Fate = "complained" // the recipient called it unwanted
)

// Told is one message of a carrier about one letter.
type Told struct {
	Letter    uuid.UUID
	Fate      Fate
	Permanent bool   // of a bounce: the address takes nothing, now or later
	Reason    string // a word of the carrier's, 500 bytes at most are kept; never an address or a text
	At        time.Time
}

const keepTold = `INSERT INTO letter_feedback (tenant_id, letter_id, kind, permanent, reason, at)
	SELECT tenant_id, id, $3, $4, $5, $6 FROM letters WHERE tenant_id = $1 AND id = $2 AND recipient <> ''
	ON CONFLICT DO NOTHING`

// An address is marked when its letter came back for good or was called unwanted, and free again when a
// later one arrived. A complaint is the person's own word: no delivery takes it back.
const (
	markAddress = `UPDATE account_identifiers i SET bounced_at = $3, bounced_as = $4 FROM letters l
		WHERE l.tenant_id = $1 AND l.id = $2 AND i.tenant_id = $1 AND i.account_id = l.account_id AND i.kind = 'email' AND i.value = l.recipient
			AND (i.bounced_at IS NULL OR i.bounced_at < $3)`
	freeAddress = `UPDATE account_identifiers i SET bounced_at = NULL, bounced_as = '' FROM letters l
		WHERE l.tenant_id = $1 AND l.id = $2 AND i.tenant_id = $1 AND i.account_id = l.account_id AND i.kind = 'email' AND i.value = l.recipient
			AND i.bounced_as = 'bounced' AND i.bounced_at < $3`
)

// Feedback records what a carrier told of a letter, once: the second time, and of letters that are gone or
// were never sent to anybody, it answers false and changes nothing. ErrFeedback for an unknown fate.
func Feedback(ctx context.Context, s *tenants.Scope, t Told) (bool, error) {
	if t.Fate != Delivered && t.Fate != Bounced && t.Fate != Complained || t.At.IsZero() {
		return false, ErrFeedback
	}
	if len(t.Reason) > 500 || !oneLine(t.Reason) {
		t.Reason = ""
	}
	n, err := s.Exec(ctx, keepTold, s.Tenant(), t.Letter, string(t.Fate), t.Permanent, t.Reason, t.At)
	if err != nil || n == 0 {
		return false, err
	}
	b := &tenants.Batch{}
	switch {
	case t.Fate == Delivered:
		b.Exec(freeAddress, s.Tenant(), t.Letter, t.At)
		b.Exec(freeSuppressed, s.Tenant(), t.Letter, t.At)
		return true, s.Send(ctx, b)
	case t.Fate == Complained || t.Permanent:
		b.Exec(markAddress, s.Tenant(), t.Letter, t.At, string(t.Fate))
		b.Exec(suppressAddress, s.Tenant(), t.Letter, string(t.Fate), t.Reason, t.At)
		// The figures are looked at soon. The row is written each time: who looks at them just now holds it, and
		// does not see this message yet.
		b.Exec("INSERT INTO senders (tenant_id) VALUES ($1) ON CONFLICT DO NOTHING", s.Tenant())
		b.Exec("UPDATE senders SET due_at = $2 WHERE tenant_id = $1", s.Tenant(), s.Now())
		if err := s.Send(ctx, b); err != nil {
			return true, err
		}
	}
	var whom *uuid.UUID
	if err := s.Row(ctx, "SELECT account_id FROM letters WHERE tenant_id = $1 AND id = $2", []any{s.Tenant(), t.Letter}, &whom); err != nil {
		return true, err
	}
	return true, audit.Write(ctx, s, audit.Event{Kind: audit.LetterFeedback, Outcome: audit.Failure, Reason: string(t.Fate), AccountID: whom,
		Details: map[string]any{"letter": t.Letter, "permanent": t.Permanent}})
}

// SentAsMessage finds the letter that left under a carrier's Message-ID to one of some recipients; the zero id
// where there is none.
func SentAsMessage(ctx context.Context, s *tenants.Scope, messageID string, to []string) (id uuid.UUID, err error) {
	if messageID == "" || len(messageID) > 300 || len(to) == 0 || len(to) > 10 {
		return id, nil
	}
	var found bool
	b := &tenants.Batch{}
	b.Row(&found, "SELECT id FROM letters WHERE tenant_id = $1 AND recipient = ANY ($2) AND message_id = $3 ORDER BY id DESC LIMIT 1", []any{s.Tenant(), to, messageID}, &id)
	return id, s.Send(ctx, b)
}

// Reported tells whether a carrier has told anything of the letters of the scope's tenant: where none does,
// that nothing came back is not known.
func Reported(ctx context.Context, s *tenants.Scope) (told bool, err error) {
	err = s.Row(ctx, "SELECT EXISTS (SELECT 1 FROM letter_feedback WHERE tenant_id = $1)", []any{s.Tenant()}, &told)
	return told, err
}
