package people

import (
	"context"
	"strings"

	"github.com/google/uuid"

	"portico/app/access"
	"portico/app/accounts"
	"portico/app/audit"
	"portico/rbac"
	"portico/tenants"
)

// Erase deletes somebody with everything that is theirs. What stays is the audit, which holds their id and
// nothing that names them. typed is their name, to be sure that it is them: code name otherwise.
// access.ErrLastOwner for the last who may do everything; *RefusedError for oneself. Done already is
// tenants.ErrNotFound.
func (p *People) Erase(ctx context.Context, by By, account uuid.UUID, typed string) error {
	return p.DB.In(ctx, by.Tenant.ID, func(s *tenants.Scope) error {
		return access.KeepOwner(ctx, s, func() error {
			t, err := p.hold(ctx, s, by, rbac.PeopleErase, account)
			switch {
			case err != nil:
				return err
			case account == by.Who.ID:
				return refused("self")
			case strings.Join(strings.Fields(typed), " ") != strings.Join(strings.Fields(CalledBy(t.Person)), " "):
				return &FieldError{"name", "confirm"}
			}
			return Remove(ctx, s, account)
		})
	})
}

// CalledBy is what somebody is called where their name is asked for: the name, or else what they are known by.
func CalledBy(who accounts.Person) string {
	for _, text := range []string{who.Name, who.Username, who.Email} {
		if strings.TrimSpace(text) != "" {
			return text
		}
	}
	return who.ID.String()
}

// Remove takes somebody away with all that is theirs, in the caller's transaction, which has made sure that they may go.
func Remove(ctx context.Context, s *tenants.Scope, account uuid.UUID) error {
	b := &tenants.Batch{}
	// Addresses that get no letters, while it is known whose they were; somebody else's by now stays.
	b.Exec(`DELETE FROM suppressions x WHERE x.tenant_id = $1 AND x.address IN (
			SELECT lower(value COLLATE "C") FROM account_identifiers WHERE tenant_id = $1 AND account_id = $2 AND kind = 'email'
			UNION SELECT lower(recipient COLLATE "C") FROM letters WHERE tenant_id = $1 AND account_id = $2 AND channel = 'email')
		AND NOT EXISTS (SELECT FROM account_identifiers o WHERE o.tenant_id = $1 AND o.kind = 'email' AND o.norm = x.address AND o.account_id <> $2)`,
		s.Tenant(), account)
	// Letters stay as figures, without whom they went to; those on their way do not leave.
	b.Exec(`UPDATE letters SET state = 'skipped', reason = 'the account was erased', sealed = NULL, ended_at = $3
		WHERE tenant_id = $1 AND account_id = $2 AND state IN ('queued', 'sending')`, s.Tenant(), account, s.Now())
	b.Exec(`UPDATE letters SET recipient = CASE recipient WHEN '' THEN '' ELSE 'erased:' || id::text END, account_id = NULL, sealed = NULL
		WHERE tenant_id = $1 AND account_id = $2`, s.Tenant(), account)
	b.Exec("UPDATE access_requests SET decided_by = NULL WHERE tenant_id = $1 AND decided_by = $2", s.Tenant(), account)
	b.Exec("DELETE FROM accounts WHERE tenant_id = $1 AND id = $2", s.Tenant(), account) // all else goes with it
	if err := audit.Add(ctx, b, s, audit.Event{Kind: audit.AccountErased, Outcome: audit.Success, AccountID: &account}); err != nil {
		return err
	}
	return s.Send(ctx, b)
}
