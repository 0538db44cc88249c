package main

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"portico/app/audit"
	"portico/app/phones"
	"portico/app/proofs"
	"portico/tenants"
)

type userPhone struct {
	person
	Office string `required:"" help:"The office phone with its country code, such as \"+1 4251234567\"; \"none\" removes it."`
}

// Run sets or removes the office phone, which an administrator alone does; it counts at once.
func (u *userPhone) Run(ctx context.Context) error {
	number := ""
	if u.Office != "none" {
		n, err := phones.Parse(u.Office, "")
		if err != nil {
			return fmt.Errorf("--office: %w", err)
		}
		number = n.E164
	}
	return u.with(ctx, func(p *portal, s *tenants.Scope, t *tenants.Tenant, id uuid.UUID) error {
		own := &proofs.Proofs{DB: p.db, Seals: p.accounts.Seals, Peppers: p.accounts.Peppers, Hasher: p.accounts.Hasher, Outbox: p.outbox}
		e := &proofs.Enrolment{Proofs: own, Accounts: p.accounts}
		if err := e.SetOffice(audit.With(ctx, audit.Origin{Actor: audit.Operator}), s, t, id, number); err != nil {
			return err
		}
		if number == "" {
			fmt.Println("removed")
			return nil
		}
		fmt.Println("set", phones.Mask(number))
		return nil
	})
}
