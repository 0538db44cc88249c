package people

import (
	"context"
	"errors"
	"strings"
	"unicode/utf8"

	"github.com/google/uuid"

	"portico/app/accounts"
	"portico/rbac"
	"portico/tenants"
)

// IssuePass makes a one-time pass for somebody whom the operator recognised in the way that proofing says.
// standing is the id of the pass that the operator saw standing, the zero UUID for none: when another one
// stands by now, as after a second click, nothing is issued (code pass_meanwhile). The pass itself is in the
// answer alone. *RefusedError otherwise.
func (p *People) IssuePass(ctx context.Context, by By, account uuid.UUID, proofing string, standing uuid.UUID) (out accounts.Issued, err error) {
	err = p.DB.In(ctx, by.Tenant.ID, func(s *tenants.Scope) error {
		t, err := p.hold(ctx, s, by, rbac.PeopleRecover, account)
		if err != nil {
			return err
		}
		if code := noPass(by, t, proofing); code != "" {
			return refused(code)
		}
		now, err := p.standingPass(ctx, s, account)
		if err != nil {
			return err
		}
		if now.ID != standing {
			return refused("pass_meanwhile")
		}
		out, err = p.Accounts.IssuePassBy(ctx, s, by.Tenant, account, proofing, by.Who.ID)
		return passRefused(err)
	})
	return out, err
}

// noPass is the code of what stands against a pass, "" for nothing.
func noPass(by By, t target, proofing string) string {
	n := utf8.RuneCountInString(strings.TrimSpace(proofing))
	switch {
	case t.ID == by.Who.ID:
		return "self"
	case !by.Tenant.Policy.Passes.Enabled:
		return "pass_off"
	case t.Status != "active":
		return "disabled"
	case t.SignIn != "local":
		return "elsewhere"
	case t.Username == "":
		return "no_identifier"
	case n < 8 || n > 500:
		return "proofing"
	}
	return ""
}

func passRefused(err error) error {
	if errors.Is(err, accounts.ErrNoPass) {
		return errors.Join(refused("pass"), err)
	}
	return err
}

// standingPass is the pass of an account that may still open it; the zero Pass when there is none.
func (p *People) standingPass(ctx context.Context, s *tenants.Scope, account uuid.UUID) (accounts.Pass, error) {
	all, err := p.Accounts.Passes(ctx, s, &account)
	if err != nil || len(all) == 0 {
		return accounts.Pass{}, err
	}
	switch all[0].State(s.Now()) {
	case "unapproved", "waiting", "ready":
		return all[0], nil
	}
	return accounts.Pass{}, nil
}

// ApprovePass lets somebody's pass work, as the second operator. The pass is named, so that nobody approves
// another one than they saw; done already is no error.
func (p *People) ApprovePass(ctx context.Context, by By, account, pass uuid.UUID) error {
	return p.DB.In(ctx, by.Tenant.ID, func(s *tenants.Scope) error {
		if _, err := p.hold(ctx, s, by, rbac.PeopleRecover, account); err != nil {
			return err
		}
		now, err := p.standingPass(ctx, s, account)
		switch {
		case err != nil:
			return err
		case now.ID != pass || pass == (uuid.UUID{}):
			return refused("pass_meanwhile")
		case account == by.Who.ID:
			return refused("self")
		case now.State(s.Now()) != "unapproved":
			return nil
		}
		same, err := accounts.IssuedBySame(ctx, s, now, by.Who.ID)
		if err != nil {
			return err
		}
		if same {
			return refused("pass_same")
		}
		_, err = p.Accounts.ApprovePassBy(ctx, s, by.Tenant, pass, by.Who.ID)
		return passRefused(err)
	})
}

// RevokePass ends somebody's pass; one that has ended is no error.
func (p *People) RevokePass(ctx context.Context, by By, account, pass uuid.UUID) error {
	return p.DB.In(ctx, by.Tenant.ID, func(s *tenants.Scope) error {
		if _, err := p.hold(ctx, s, by, rbac.PeopleRecover, account); err != nil {
			return err
		}
		now, err := p.standingPass(ctx, s, account)
		if err != nil || now.ID != pass || pass == (uuid.UUID{}) {
			return err
		}
		return passRefused(p.Accounts.RevokePass(ctx, s, pass, "account:"+by.Who.ID.String()))
	})
}
