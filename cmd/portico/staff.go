package main

import (
	"context"
	"errors"
	"fmt"

	"portico/app/audit"
	"portico/app/staff"
	"portico/rbac"
	"portico/tenants"
)

type staffVerb struct {
	Add     staffAdd     `cmd:"" help:"Add somebody to the platform's staff; prints the link with which they begin."`
	Link    staffLink    `cmd:"" help:"Print a new link for somebody who lost password or app; what they have holds until they used it."`
	List    staffList    `cmd:"" help:"List the staff."`
	Disable staffDisable `cmd:"" help:"End somebody's access at once."`
}

type staffAdd struct {
	config
	Email string `arg:"" help:"Their mail address, with which they sign in."`
	Name  string `required:"" help:"Their name."`
	Role  string `default:"owner" enum:"owner,onboarding,support,auditor" help:"What they may do."`
	JSON  bool   `help:"As JSON."`
}

// startLink is what `staff add --json` and `staff link --json` print.
type startLink struct {
	ID    string `json:"id,omitempty"`
	Email string `json:"email"`
	Role  string `json:"role,omitempty"`
	Link  string `json:"link"`
}

// Run adds them. The link is printed, too, because the first of all begins before any mail can leave.
func (s *staffAdd) Run(ctx context.Context) error {
	return operateStaff(s.config, func(p *portal, f *staff.Staff) error {
		m, token, err := f.Add(ctx, audit.Operator, staff.New{Email: s.Email, Name: s.Name, Role: rbac.StaffRole(s.Role), Locale: "en"})
		if err != nil {
			return fmt.Errorf("%s: %w", s.Email, err)
		}
		return printLink(p, s.JSON, startLink{ID: m.ID.String(), Email: m.Email, Role: string(m.Role)}, token)
	})
}

type staffLink struct {
	config
	Email string `arg:"" help:"Whose."`
	JSON  bool   `help:"As JSON."`
}

// Run makes a new link; the one before ends.
func (s *staffLink) Run(ctx context.Context) error {
	return operateStaff(s.config, func(p *portal, f *staff.Staff) error {
		id, err := f.Named(ctx, s.Email)
		if err != nil {
			return unknownStaff(s.Email, err)
		}
		token, err := f.Renew(ctx, audit.Operator, id, "en")
		if err != nil {
			return unknownStaff(s.Email, err)
		}
		return printLink(p, s.JSON, startLink{ID: id.String(), Email: s.Email}, token)
	})
}

func printLink(p *portal, asJSON bool, l startLink, token string) error {
	l.Link = p.resolver.PlatformOrigin() + "/platform/start/" + token
	if asJSON {
		return printJSON(l)
	}
	fmt.Printf("%s begins here; the link works once, for a day:\n%s\n", l.Email, l.Link)
	return nil
}

type staffList struct {
	config
	JSON bool `help:"As JSON."`
}

// listedStaff is one row of `staff list --json`.
type listedStaff struct {
	ID    string `json:"id"`
	Email string `json:"email"`
	Name  string `json:"name"`
	Role  string `json:"role"`
	State string `json:"state"`
}

// Run lists them by name.
func (s *staffList) Run(ctx context.Context) error {
	return operateStaff(s.config, func(_ *portal, f *staff.Staff) error {
		all, err := f.All(ctx)
		if err != nil {
			return err
		}
		rows := []listedStaff{}
		for _, m := range all {
			state := "active"
			switch {
			case m.Disabled:
				state = "disabled"
			case !m.Begun:
				state = "invited"
			}
			rows = append(rows, listedStaff{m.ID.String(), m.Email, m.Name, string(m.Role), state})
		}
		if s.JSON {
			return printJSON(rows)
		}
		for _, r := range rows {
			fmt.Printf("%-40s %-10s %-9s %s\n", r.Email, r.Role, r.State, r.Name)
		}
		return nil
	})
}

type staffDisable struct {
	config
	Email string `arg:"" help:"Whose."`
}

// Run ends somebody's access; the last owner stays.
func (s *staffDisable) Run(ctx context.Context) error {
	return operateStaff(s.config, func(_ *portal, f *staff.Staff) error {
		id, err := f.Named(ctx, s.Email)
		if err != nil {
			return unknownStaff(s.Email, err)
		}
		disabled := true
		return f.Change(audit.With(ctx, audit.Origin{Actor: audit.Operator}), staff.Session{}, id, staff.Change{Disabled: &disabled})
	})
}

func unknownStaff(email string, err error) error {
	if errors.Is(err, tenants.ErrNotFound) {
		return fmt.Errorf("nobody of the staff who can sign in has the address %q", email)
	}
	return err
}

func operateStaff(c config, work func(*portal, *staff.Staff) error) error {
	p, err := c.operate()
	if err != nil {
		return err
	}
	defer p.close()
	return work(p, p.staff())
}

// staff is the work of package staff on this portal's parts.
func (p *portal) staff() *staff.Staff {
	return &staff.Staff{DB: p.db, Accounts: p.accounts, Seals: p.accounts.Seals, Outbox: p.outbox}
}
