package people

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/google/uuid"

	"portico/app/accounts"
	"portico/app/phones"
	"portico/app/proofs"
	"portico/rbac"
	"portico/tenants"
)

// ErrHigher means that somebody holds more than who wants to change them.
var ErrHigher = errors.New("holds more than who asks")

// RefusedError says why something cannot be done to somebody. Code is the end of a key of the catalogue,
// person.no_<code>; Until is when it could be, zero where that is unknown.
type RefusedError struct {
	Code  string
	Until time.Time
}

// Error names the code.
func (e *RefusedError) Error() string { return "refused: " + e.Code }

func refused(code string) error { return &RefusedError{Code: code} }

// By is who does something at a tenant, and what they hold.
type By struct {
	Tenant *tenants.Tenant
	Who    rbac.Subject
}

// target is somebody to whom something is done, as they are in this transaction.
type target struct {
	accounts.Person
	version  int64 // of what can be edited
	groups   []uuid.UUID
	holdings []rbac.Holding
	tree     rbac.Tree
}

// hold reads somebody and keeps them as they are until the transaction ends, for who may do something to
// them: tenants.ErrNotFound out of reach, ErrHigher over somebody who holds more.
func (p *People) hold(ctx context.Context, s *tenants.Scope, by By, need rbac.Permission, account uuid.UUID) (target, error) {
	b := &tenants.Batch{}
	accounts.Hold(b, s, &account)
	t, err := p.find(ctx, s, b, by, need, account)
	if err == nil && !p.Guard.Covers(by.Tenant, t.tree, by.Who, t.holdings) {
		err = ErrHigher
	}
	return t, err
}

// find reads somebody within reach of a permission, after the statements of a batch.
func (p *People) find(ctx context.Context, s *tenants.Scope, b *tenants.Batch, by By, need rbac.Permission, account uuid.UUID) (target, error) {
	var t target
	var holds []string
	var changed time.Time
	var found bool
	accounts.PersonOf(b, s, by.Tenant, &account, accounts.Client{}, &t.Person)
	b.Row(&found, "SELECT a.updated_at, "+rbac.HoldingsSQL("a.tenant_id", "a.id", "$3")+" FROM accounts a WHERE a.tenant_id = $1 AND a.id = $2",
		[]any{s.Tenant(), account, s.Now()}, &changed, &holds)
	b.Rows("SELECT group_id FROM account_groups WHERE tenant_id = $1 AND account_id = $2 ORDER BY group_id", []any{s.Tenant(), account},
		func(scan func(...any) error) error {
			var id uuid.UUID
			err := scan(&id)
			t.groups = append(t.groups, id)
			return err
		})
	if err := s.Send(ctx, b); err != nil {
		return t, err
	}
	if !found {
		return t, tenants.ErrNotFound
	}
	t.version = changed.UnixMicro()
	var err error
	if t.holdings, err = rbac.ParseHoldings(holds); err != nil {
		return t, err
	}
	if t.tree, err = rbac.ReadTree(ctx, s); err != nil {
		return t, err
	}
	if !reaches(p.Guard.Decide(by.Tenant, by.Who, need), t.tree, t.groups) {
		return t, tenants.ErrNotFound
	}
	return t, nil
}

// reaches tells whether a decision holds for somebody who is in some groups.
func reaches(d rbac.Decision, tree rbac.Tree, groups []uuid.UUID) bool {
	return d.Allowed && (d.Everywhere || slices.ContainsFunc(groups, func(g uuid.UUID) bool { return within(d, tree, g) }))
}

// within tells whether a decision holds in a group; the zero UUID is the whole tenant.
func within(d rbac.Decision, tree rbac.Tree, group uuid.UUID) bool {
	if !d.Allowed || d.Everywhere {
		return d.Allowed
	}
	return group != (uuid.UUID{}) && slices.ContainsFunc(d.Groups, func(top uuid.UUID) bool { return tree.Within(group, top) })
}

// enrolment is how proofs are set for somebody else.
func (p *People) enrolment() *proofs.Enrolment {
	a := p.Accounts
	return &proofs.Enrolment{Proofs: p.proofs(), Accounts: a, Phones: &phones.Book{Keys: a.Seals}}
}

func (p *People) proofs() *proofs.Proofs {
	a := p.Accounts
	return &proofs.Proofs{DB: a.DB, Seals: a.Seals, Peppers: a.Peppers, Hasher: a.Hasher, Outbox: a.Outbox}
}
