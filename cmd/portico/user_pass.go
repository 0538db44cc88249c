package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/google/uuid"

	"portico/app/accounts"
	"portico/app/audit"
	"portico/tenants"
)

type userPass struct {
	Issue   passIssue   `cmd:"" help:"Issue a one-time pass to somebody whom you recognised; prints it once."`
	Approve passApprove `cmd:"" help:"Approve a pass that somebody else issued; it works from then on."`
	Revoke  passRevoke  `cmd:"" help:"End a pass that was not used."`
	List    passList    `cmd:"" help:"List the newest passes."`
}

// listedPass is a pass as --json prints it.
type listedPass struct {
	ID         string `json:"id"`
	Account    string `json:"account"`
	Name       string `json:"name"`
	State      string `json:"state"`
	Approval   string `json:"approval"`
	Proofing   string `json:"proofing"`
	IssuedBy   string `json:"issued_by"`
	ApprovedBy string `json:"approved_by,omitempty"`
	WorksFrom  string `json:"works_from,omitempty"`
	Until      string `json:"until"`
	Pass       string `json:"pass,omitempty"` // of a new one alone
}

func listPass(p accounts.Pass, now time.Time) listedPass {
	l := listedPass{ID: p.ID.String(), Account: p.AccountID.String(), Name: p.Name, State: p.State(now), Approval: p.Approval,
		Proofing: p.Proofing, IssuedBy: p.IssuedBy, ApprovedBy: p.ApprovedBy, Until: p.ExpiresAt.UTC().Format(time.RFC3339)}
	if !p.ReadyAt.IsZero() {
		l.WorksFrom = p.ReadyAt.UTC().Format(time.RFC3339)
	}
	return l
}

type passIssue struct {
	person
	Proofing string `required:"" help:"How the person was recognised, such as \"passport seen at the desk\"; it is recorded."`
	By       string `required:"" help:"Who issues it: a name in one script, never the person's own."`
	JSON     bool   `help:"As JSON."`
}

// Run prints the pass once, on standard output alone: it is stored as a keyed hash.
func (u *passIssue) Run(ctx context.Context) error {
	ctx = audit.With(ctx, audit.Origin{Actor: audit.Operator})
	return u.with(ctx, func(p *portal, s *tenants.Scope, t *tenants.Tenant, id uuid.UUID) error {
		issued, err := p.accounts.IssuePass(ctx, s, t, id, u.Proofing, u.By)
		if err != nil {
			return err
		}
		l := listPass(issued.Pass, s.Now())
		l.Pass = issued.Plain
		if issued.Told == 0 {
			fmt.Fprintln(os.Stderr, "portico: the owner has no address, so nobody was told; the pass needs the approval of somebody else")
		}
		if u.JSON {
			return printJSON(l)
		}
		fmt.Println(l.Pass)
		fmt.Fprintf(os.Stderr, "pass %s for %s is %s\n", l.ID, l.Name, l.State)
		return nil
	})
}

type passByID struct {
	config
	Tenant string    `arg:"" help:"The tenant's slug."`
	ID     uuid.UUID `arg:"" help:"The pass, as list names it."`
	By     string    `required:"" help:"Who does it."`
}

func (u passByID) on(ctx context.Context, work func(context.Context, *portal, *tenants.Scope, *tenants.Tenant) error) error {
	err := at(ctx, u.config, u.Tenant, work)
	if errors.Is(err, tenants.ErrNotFound) {
		return fmt.Errorf("there is no pass %s at %s", u.ID, u.Tenant)
	}
	return err
}

type passApprove struct{ passByID }

// Run approves.
func (u *passApprove) Run(ctx context.Context) error {
	return u.on(ctx, func(ctx context.Context, p *portal, s *tenants.Scope, t *tenants.Tenant) error {
		pass, err := p.accounts.ApprovePass(ctx, s, t, u.ID, u.By)
		if err == nil {
			fmt.Printf("works until %s\n", pass.ExpiresAt.UTC().Format("2006-01-02 15:04 UTC"))
		}
		return err
	})
}

type passRevoke struct{ passByID }

// Run revokes.
func (u *passRevoke) Run(ctx context.Context) error {
	return u.on(ctx, func(ctx context.Context, p *portal, s *tenants.Scope, _ *tenants.Tenant) error {
		return p.accounts.RevokePass(ctx, s, u.ID, u.By)
	})
}

type passList struct {
	config
	Tenant string `arg:"" help:"The tenant's slug."`
	JSON   bool   `help:"As JSON."`
}

// Run lists them, newest first; never a pass itself.
func (u *passList) Run(ctx context.Context) error {
	return at(ctx, u.config, u.Tenant, func(ctx context.Context, p *portal, s *tenants.Scope, _ *tenants.Tenant) error {
		all, err := p.accounts.Passes(ctx, s, nil)
		if err != nil {
			return err
		}
		rows := []listedPass{}
		for _, one := range all {
			rows = append(rows, listPass(one, s.Now()))
		}
		if u.JSON {
			return printJSON(rows)
		}
		for _, l := range rows {
			fmt.Printf("%s  %-10s  %s  issued by %s\n", l.ID, l.State, l.Name, l.IssuedBy)
		}
		return nil
	})
}
