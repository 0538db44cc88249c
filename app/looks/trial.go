package looks

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"portico/app/audit"
	"portico/app/letters"
	"portico/tenants"
	"portico/themes"
)

// trialsAnHour bounds the test letters of one person.
const trialsAnHour = 10

// ErrNoAddress means that an account has no mail address that a letter could go to.
var ErrNoAddress = errors.New("the account has no mail address")

// LimitError means that somebody sent as many test letters as they may for now.
type LimitError struct{ RetryAt time.Time }

// Error names the moment from which it can be tried again.
func (e *LimitError) Error() string {
	return fmt.Sprintf("too many test letters until %s", e.RetryAt.Format(time.RFC3339))
}

// SendTrial writes a letter as the drafts have it, filled with people who do not exist, to the address of the
// account that asks for it, and to nobody else: there is no way to name another. Its subject says that it is
// a test. ErrNoAddress, *LimitError and ErrRefused say why it was not written.
func (l *Looks) SendTrial(ctx context.Context, t *tenants.Tenant, account uuid.UUID, locale string, sample themes.LetterSample) error {
	shown, err := l.Shown(ctx, t.ID)
	if err != nil {
		return err
	}
	brand, err := shown.Brand(t)
	if err != nil {
		return err
	}
	letter, err := l.Renderer.TestLetter(brand, locale, sample.Letter)
	if err != nil {
		return err
	}
	return l.DB.In(ctx, t.ID, func(s *tenants.Scope) error {
		to, err := ownAddress(ctx, s, account)
		if err != nil {
			return err
		}
		if err := l.takeTrial(ctx, s, account); err != nil {
			return err
		}
		event := "test:" + tenants.NewID().String()
		if _, err := l.Outbox.Write(ctx, s, letters.Draft{Letter: letter, To: to, Locale: locale, AccountID: &account, Event: event}); err != nil {
			return err
		}
		return audit.Write(ctx, s, audit.Event{Kind: audit.TestLetterSent, Outcome: audit.Success, AccountID: &account,
			Details: map[string]any{"letter": sample.Name, "locale": locale}})
	})
}

// ownAddress is the first address of an account: where all of its letters go.
func ownAddress(ctx context.Context, s *tenants.Scope, account uuid.UUID) (to string, err error) {
	err = s.Row(ctx, `SELECT value FROM account_identifiers WHERE tenant_id = $1 AND account_id = $2 AND kind = 'email'
		ORDER BY created_at, norm LIMIT 1`, []any{s.Tenant(), account}, &to)
	if errors.Is(err, tenants.ErrNotFound) {
		return "", ErrNoAddress
	}
	return to, err
}

// takeTrial counts one test letter of a person.
func (l *Looks) takeTrial(ctx context.Context, s *tenants.Scope, account uuid.UUID) error {
	keys := [][]byte{l.Seals.MAC("limit", s.Tenant(), "test letter hour", account.String())}
	var allowed bool
	var retryAt *time.Time
	err := s.Row(ctx, "SELECT allowed, retry_at FROM take_limits($1, $2, $3, $4, $5, 1)",
		[]any{s.Now(), keys, []int32{trialsAnHour}, []time.Duration{time.Hour}, []time.Duration{0}}, &allowed, &retryAt)
	if err != nil || allowed {
		return err
	}
	limit := &LimitError{}
	if retryAt != nil {
		limit.RetryAt = *retryAt
	}
	return limit
}
