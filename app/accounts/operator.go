package accounts

import (
	"cmp"
	"context"
	"errors"

	"github.com/google/uuid"

	"portico/app/audit"
	"portico/tenants"
)

// Find looks an account up by any of its identifiers, for commands; tenants.ErrNotFound when none has it.
func Find(ctx context.Context, s *tenants.Scope, typed string) (uuid.UUID, error) {
	var id uuid.UUID
	for _, kind := range []string{Email, Username, UserID} {
		norm, err := Normalize(kind, typed)
		if err != nil {
			continue
		}
		err = s.Row(ctx, "SELECT account_id FROM account_identifiers WHERE tenant_id = $1 AND kind = $2 AND norm = $3",
			[]any{s.Tenant(), kind, norm}, &id)
		if !errors.Is(err, tenants.ErrNotFound) {
			return id, err
		}
	}
	return id, tenants.ErrNotFound
}

// LiftLocks opens an account as who asks, the operator at a command: its locks, and its blocks in a recovery, which the audit
// counts. The owner gets the notice.
func (a *Accounts) LiftLocks(ctx context.Context, s *tenants.Scope, t *tenants.Tenant, account uuid.UUID) error {
	who := found{ok: true, ID: account}
	err := s.Row(ctx, `SELECT a.display_name, a.locale, coalesce((SELECT m.value FROM account_identifiers m
		WHERE m.tenant_id = a.tenant_id AND m.account_id = a.id AND m.kind = 'email' ORDER BY m.created_at, m.norm LIMIT 1), '')
		FROM accounts a WHERE a.tenant_id = $1 AND a.id = $2`, []any{s.Tenant(), account}, &who.Name, &who.Locale, &who.Email)
	if err != nil {
		return err
	}
	blocks, err := s.Exec(ctx, "DELETE FROM recovery_blocks WHERE tenant_id = $1 AND account_id = $2", s.Tenant(), account)
	if err != nil {
		return err
	}
	b := &tenants.Batch{}
	details := map[string]any{"method": []string{"operator"}, "recovery_blocks": blocks}
	actor := cmp.Or(audit.From(ctx).Actor, audit.Operator) // somebody who is signed in, or a command
	if err := a.unlocked(ctx, b, s, who, tenants.NewID().String(), details, actor); err != nil {
		return err
	}
	return s.Send(ctx, b)
}

// SetStatus disables or enables an account. Disabling ends its sessions and links at once, by the stamp,
// and makes strangers of its browsers.
func SetStatus(ctx context.Context, s *tenants.Scope, account uuid.UUID, disabled bool) error {
	status, kind := "active", audit.AccountEnabled
	if disabled {
		status, kind = "disabled", audit.AccountDisabled
	}
	n, err := s.Exec(ctx, `UPDATE accounts SET status = $3, stamp = stamp + 1, updated_at = $4
		WHERE tenant_id = $1 AND id = $2 AND status <> $3`, s.Tenant(), account, status, s.Now())
	if err != nil || n == 0 {
		return err
	}
	if disabled {
		b := &tenants.Batch{}
		forgetDevices(b, s, account, Client{})
		if err := s.Send(ctx, b); err != nil {
			return err
		}
	}
	return audit.Write(ctx, s, audit.Event{Kind: kind, Outcome: audit.Success, AccountID: &account})
}
