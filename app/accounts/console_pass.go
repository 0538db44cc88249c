package accounts

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/google/uuid"

	"portico/app/audit"
	"portico/tenants"
)

// IssuePassBy is IssuePass by somebody who is signed in: operators are told apart by their accounts, and a
// name stands nowhere.
func (a *Accounts) IssuePassBy(ctx context.Context, s *tenants.Scope, t *tenants.Tenant, account uuid.UUID, proofing string, operator uuid.UUID) (Issued, error) {
	if operator == account {
		return Issued{}, fmt.Errorf("%w: nobody issues a pass for themselves", ErrNoPass)
	}
	return a.IssuePass(ctx, s, t, account, proofing, audit.AccountActor(operator))
}

// ApprovePassBy is ApprovePass by somebody who is signed in. Whoever issued it cannot approve it, nor can its
// owner; nor can an account that goes by the name under which a command issued it.
func (a *Accounts) ApprovePassBy(ctx context.Context, s *tenants.Scope, t *tenants.Tenant, id uuid.UUID, operator uuid.UUID) (Pass, error) {
	p, err := holdPass(ctx, s, id)
	if err != nil {
		return p, err
	}
	if operator == p.AccountID {
		return p, fmt.Errorf("%w: nobody approves a pass for themselves", ErrNoPass)
	}
	same, err := sameOperator(ctx, s, p, operator)
	if err != nil {
		return p, err
	}
	if same {
		return p, fmt.Errorf("%w: whoever issued a pass cannot approve it", ErrNoPass)
	}
	return a.ApprovePass(ctx, s, t, id, audit.AccountActor(operator))
}

// IssuedBySame tells whether an account issued a pass, as itself or by its name at a command.
func IssuedBySame(ctx context.Context, s *tenants.Scope, p Pass, operator uuid.UUID) (bool, error) {
	return sameOperator(ctx, s, p, operator)
}

func sameOperator(ctx context.Context, s *tenants.Scope, p Pass, operator uuid.UUID) (bool, error) {
	if strings.HasPrefix(p.IssuedBy, "account:") {
		return p.IssuedBy == audit.AccountActor(operator), nil
	}
	names, err := namesOf(ctx, s, operator)
	return slices.Contains(names, skeleton(p.IssuedBy)), err
}
