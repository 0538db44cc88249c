package accounts

import (
	"context"

	"github.com/google/uuid"

	"portico/tenants"
)

// comparedPasswords is the most that a policy can compare a new password with, the one in use included.
const comparedPasswords = 24

// reused tells whether a new password, in NFC, is one of the last n of the account, the one in use
// included; 0 compares with none. Each comparison is a hash of its own in the tenant's turn (ErrBusy),
// at most 24; one that was sealed under a key that is gone is not compared.
func (a *Accounts) reused(ctx context.Context, t *tenants.Tenant, account uuid.UUID, password string, n int) (bool, error) {
	n = min(n, comparedPasswords)
	if n <= 0 {
		return false, nil
	}
	var sealed [][]byte
	keep := func(scan func(...any) error) error {
		var one []byte
		err := scan(&one)
		sealed = append(sealed, one)
		return err
	}
	err := a.DB.In(ctx, t.ID, func(s *tenants.Scope) error {
		b := &tenants.Batch{}
		b.Rows("SELECT password FROM accounts WHERE tenant_id = $1 AND id = $2 AND password IS NOT NULL",
			[]any{s.Tenant(), account}, keep)
		b.Rows(`SELECT password FROM earlier_passwords WHERE tenant_id = $1 AND account_id = $2
			ORDER BY replaced_at DESC, id DESC LIMIT $3`, []any{s.Tenant(), account, n - 1}, keep)
		return s.SendAndCommit(ctx, b)
	})
	if err != nil {
		return false, err
	}
	for _, one := range sealed {
		same := false
		err := a.Hasher.Do(ctx, t.ID, func() {
			same, _ = a.verify(t.ID, found{ok: true, ID: account, Sealed: one}, password)
		})
		if err != nil || same {
			return same, err
		}
	}
	return false, nil
}

// rememberPassword adds the keeping of the password in use to the batch in which a new one is written,
// before the statement that writes it; the caller holds the account. No more is kept than the policy
// compares: with histories of 0 and 1 nothing is, and what an earlier policy kept goes.
func rememberPassword(b *tenants.Batch, s *tenants.Scope, p tenants.PasswordPolicy, account uuid.UUID) {
	earlier := max(0, min(max(p.HistoryChange, p.HistoryReset), comparedPasswords)-1)
	if earlier > 0 {
		b.Exec(`INSERT INTO earlier_passwords (tenant_id, account_id, id, password, replaced_at)
			SELECT tenant_id, id, $3, password, $4 FROM accounts WHERE tenant_id = $1 AND id = $2 AND password IS NOT NULL`,
			s.Tenant(), account, tenants.NewID(), s.Now())
	}
	b.Exec(`DELETE FROM earlier_passwords WHERE tenant_id = $1 AND account_id = $2 AND id NOT IN
		(SELECT id FROM earlier_passwords WHERE tenant_id = $1 AND account_id = $2 ORDER BY replaced_at DESC, id DESC LIMIT $3)`,
		s.Tenant(), account, earlier)
}
