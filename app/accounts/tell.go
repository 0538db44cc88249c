package accounts

import (
	"context"
	"fmt"
	"slices"

	"github.com/google/uuid"

	"portico/app/letters"
	"portico/tenants"
	"portico/themes"
)

// confirmedAddresses are all mail addresses that are known to be an account's owner's: confirmed
// identifiers and the registered address for recovery. At most one of a spelling.
func (a *Accounts) confirmedAddresses(ctx context.Context, s *tenants.Scope, account uuid.UUID) ([]string, error) {
	var to []string
	add := func(address string) {
		if !slices.ContainsFunc(to, func(one string) bool { return SameEmail(one, address) }) {
			to = append(to, address)
		}
	}
	b := &tenants.Batch{}
	b.Rows(`SELECT value FROM account_identifiers WHERE tenant_id = $1 AND account_id = $2 AND kind = 'email'
		AND verified_at IS NOT NULL ORDER BY created_at, norm`, []any{s.Tenant(), account}, func(scan func(...any) error) error {
		var address string
		err := scan(&address)
		add(address)
		return err
	})
	b.Rows(`SELECT id, sealed FROM proofs WHERE tenant_id = $1 AND account_id = $2 AND kind = 'auth_email'
		AND verified_at IS NOT NULL AND sealed IS NOT NULL`, []any{s.Tenant(), account}, func(scan func(...any) error) error {
		var id uuid.UUID
		var sealed []byte
		if err := scan(&id, &sealed); err != nil {
			return err
		}
		address, err := a.Seals.Open("proof", s.Tenant(), id.String(), sealed) // as app/proofs seals it
		if err != nil {
			return fmt.Errorf("registered address %s: %w", id, err)
		}
		add(string(address))
		return nil
	})
	return to, s.Send(ctx, b)
}

// reach are the addresses at which somebody hears of what happens to their account: every confirmed one,
// or else where mail goes.
func (a *Accounts) reach(ctx context.Context, s *tenants.Scope, who Person) ([]string, error) {
	to, err := a.confirmedAddresses(ctx, s, who.ID)
	if err == nil && len(to) == 0 && who.Email != "" {
		to = append(to, who.Email)
	}
	return to, err
}

// tell adds one letter to every address of reach to a batch, and says how many they are.
func (a *Accounts) tell(ctx context.Context, b *tenants.Batch, s *tenants.Scope, who Person, event string, l themes.Letter) (int, error) {
	to, err := a.reach(ctx, s, who)
	if err != nil {
		return 0, err
	}
	for _, address := range to {
		_, err := a.Outbox.Add(b, s, letters.Draft{Lane: letters.Notice, To: address, AccountID: who.Ref(),
			Locale: who.Locale, Event: event, Letter: l})
		if err != nil {
			return 0, err
		}
	}
	return len(to), nil
}
