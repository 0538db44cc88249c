package accounts

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"

	"portico/app/audit"
	"portico/app/letters"
	"portico/tenants"
	"portico/themes"
)

// ForAddress is the purpose of a link that confirms a new mail address.
const ForAddress = "address"

// addressLife is how long a new address may be confirmed.
const addressLife = 24 * time.Hour

// ErrTaken means that another account of the tenant has an identifier.
var ErrTaken = errors.New("another account has this identifier")

// ChangeAddress begins to give an account a new mail address: a link to it is mailed there, and nothing
// counts before somebody opened that. The addresses that were known hear of it. A change that was begun
// before is replaced. It answers until when the link works. ErrBadIdentifier, ErrTaken.
func (a *Accounts) ChangeAddress(ctx context.Context, s *tenants.Scope, t *tenants.Tenant, account uuid.UUID, typed string) (time.Time, error) {
	norm, value, err := Storable(Email, typed)
	if err != nil {
		return time.Time{}, err
	}
	if err := free(ctx, s, Email, norm, account); err != nil {
		return time.Time{}, err
	}
	var who Person
	b := &tenants.Batch{}
	Hold(b, s, &account)
	PersonOf(b, s, t, &account, Client{}, &who)
	if err := s.Send(ctx, b); err != nil {
		return time.Time{}, err
	}
	link, token, until := tenants.NewID(), newSecret(), s.Now().Add(addressLife)
	b = &tenants.Batch{}
	replaceAddressLink(b, s, account)
	b.Exec(`INSERT INTO links (tenant_id, id, hash, purpose, address, account_id, stamp, known, issued_at, expires_at)
		VALUES ($1, $2, $3, 'address', $4, $5, $6, false, $7, $8)`,
		s.Tenant(), link, secretHash(token), value, account, who.Stamp, s.Now(), until)
	_, err = a.Outbox.Add(b, s, letters.Draft{Lane: letters.Urgent, To: value, AccountID: &account, LinkID: &link, Locale: who.Locale,
		Event: link.String(), Letter: themes.AddressLetter{Name: who.Name, Link: "/address/" + token, ExpiresAt: until}})
	if err != nil {
		return until, err
	}
	_, err = a.tell(ctx, b, s, who, link.String(), themes.AddressNotice{Name: who.Name, Address: maskedAddress(value), At: s.Now()})
	if err != nil {
		return until, err
	}
	err = audit.Add(ctx, b, s, audit.Event{Kind: audit.AddressAsked, Outcome: audit.Success, AccountID: &account,
		Details: map[string]any{"before": maskedAddress(who.Email), "after": maskedAddress(value)}})
	if err != nil {
		return until, err
	}
	return until, s.Send(ctx, b)
}

func replaceAddressLink(b *tenants.Batch, s *tenants.Scope, account uuid.UUID) {
	b.Exec(`UPDATE links SET replaced_at = $3 WHERE tenant_id = $1 AND account_id = $2 AND purpose = 'address'
		AND used_at IS NULL AND replaced_at IS NULL AND revoked_at IS NULL`, s.Tenant(), account, s.Now())
}

// free is ErrTaken when an account other than one has an identifier.
func free(ctx context.Context, s *tenants.Scope, kind, norm string, but uuid.UUID) error {
	var owner uuid.UUID
	err := s.Row(ctx, "SELECT account_id FROM account_identifiers WHERE tenant_id = $1 AND kind = $2 AND norm = $3",
		[]any{s.Tenant(), kind, norm}, &owner)
	switch {
	case errors.Is(err, tenants.ErrNotFound):
		return nil
	case err == nil && owner != but:
		return ErrTaken
	}
	return err
}

// PendingAddress is a new address that waits for its confirmation; "" is none.
func PendingAddress(ctx context.Context, s *tenants.Scope, account uuid.UUID) (address string, until time.Time, err error) {
	err = s.Row(ctx, `SELECT l.address, l.expires_at FROM links l JOIN accounts a ON a.tenant_id = l.tenant_id AND a.id = l.account_id
		WHERE l.tenant_id = $1 AND l.account_id = $2 AND l.purpose = 'address' AND l.used_at IS NULL AND l.replaced_at IS NULL
			AND l.revoked_at IS NULL AND l.expires_at > $3 AND l.stamp = a.stamp`, []any{s.Tenant(), account, s.Now()}, &address, &until)
	if errors.Is(err, tenants.ErrNotFound) {
		return "", time.Time{}, nil
	}
	return address, until, err
}

// CancelAddress takes a change of the address back before it was confirmed; none is no error.
func CancelAddress(ctx context.Context, s *tenants.Scope, account uuid.UUID) error {
	n, err := s.Exec(ctx, `UPDATE links SET revoked_at = $3 WHERE tenant_id = $1 AND account_id = $2 AND purpose = 'address'
		AND used_at IS NULL AND replaced_at IS NULL AND revoked_at IS NULL`, s.Tenant(), account, s.Now())
	if err != nil || n == 0 {
		return err
	}
	return audit.Write(ctx, s, audit.Event{Kind: audit.AddressAsked, Outcome: audit.Success, Reason: "taken back", AccountID: &account})
}

// ConfirmAddress spends the link to a new address: it takes the place of the account's, and counts as
// confirmed. Links and recoveries that went to the one before end; that one hears of it. *LinkError,
// ErrTaken when another account got the address meanwhile.
func (a *Accounts) ConfirmAddress(ctx context.Context, t *tenants.Tenant, token string, client Client) error {
	l, err := a.CheckLink(ctx, t, ForAddress, token, client)
	if err != nil {
		return err
	}
	return a.DB.In(ctx, t.ID, func(s *tenants.Scope) error {
		var spent int64
		var who Person
		var value string
		b := &tenants.Batch{}
		Hold(b, s, &l.who.ID)
		spend(b, s, ForAddress, token, &spent)
		PersonOf(b, s, t, &l.who.ID, client, &who)
		b.Row(nil, "SELECT address FROM links WHERE tenant_id = $1 AND id = $2", []any{s.Tenant(), l.ID}, &value)
		if err := s.Send(ctx, b); err != nil {
			return err
		}
		if spent != 1 {
			return whyNotSpent(ctx, s, t, ForAddress, token)
		}
		return a.moveAddress(ctx, s, who, value, l.ID.String())
	})
}

func (a *Accounts) moveAddress(ctx context.Context, s *tenants.Scope, who Person, value, event string) error {
	norm, value, err := Storable(Email, value)
	if err != nil {
		return fmt.Errorf("address of a link: %w", err)
	}
	if err := free(ctx, s, Email, norm, who.ID); err != nil {
		return err
	}
	b := &tenants.Batch{}
	_, err = a.tell(ctx, b, s, who, event, themes.AddressNotice{Name: who.Name, Address: maskedAddress(value), At: s.Now(), Done: true})
	if err != nil {
		return err
	}
	endBegun(b, s, who.ID, "revoked")
	b.Exec(`UPDATE challenges SET ended_at = $3 WHERE tenant_id = $1 AND account_id = $2 AND ended_at IS NULL`, s.Tenant(), who.ID, s.Now())
	b.Exec("DELETE FROM account_identifiers WHERE tenant_id = $1 AND account_id = $2 AND kind = 'email'", s.Tenant(), who.ID)
	var made int64
	b.ExecCount(&made, `INSERT INTO account_identifiers (tenant_id, kind, norm, value, account_id, verified_at, created_at)
		VALUES ($1, 'email', $2, $3, $4, $5, $5) ON CONFLICT DO NOTHING`, s.Tenant(), norm, value, who.ID, s.Now())
	b.Exec("UPDATE accounts SET updated_at = $3 WHERE tenant_id = $1 AND id = $2", s.Tenant(), who.ID, s.Now())
	err = audit.Add(ctx, b, s, audit.Event{Kind: audit.AddressChanged, Outcome: audit.Success, AccountID: &who.ID, Actor: audit.AccountActor(who.ID),
		Details: map[string]any{"before": maskedAddress(who.Email), "after": maskedAddress(value)}})
	if err != nil {
		return err
	}
	if err := s.Send(ctx, b); err != nil {
		return err
	}
	if made != 1 { // somebody was given it at this very moment
		return ErrTaken
	}
	return nil
}

// maskedAddress shows of a mail address its first letter and its domain, for letters and for the audit, which
// outlives the account.
func maskedAddress(address string) string {
	local, domain, ok := strings.Cut(address, "@")
	if !ok {
		return ""
	}
	for _, r := range local {
		return string(r) + "•••@" + domain
	}
	return ""
}
