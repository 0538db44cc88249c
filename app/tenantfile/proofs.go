package tenantfile

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"portico/app/accounts"
	"portico/app/phones"
	"portico/app/proofs"
	"portico/tenants"
)

// readProofs puts what the references of a person's proofs stand for in their place. Faults name the
// reference, never the secret.
func (w *work) readProofs(field string, p *tenants.FileProofs) *tenants.FileProofs {
	if p == nil {
		return nil
	}
	read := *p
	read.Questions = map[string]string{}
	secret := func(at, ref string) string {
		if ref == "" {
			return ""
		}
		value, err := w.o.Secrets.Read(ref)
		if err != nil {
			w.refuse(field+"."+at, "%v", err)
		}
		return value
	}
	read.TOTP = secret("totp", p.TOTP)
	for id, ref := range p.Questions {
		read.Questions[id] = secret("questions."+id, ref)
	}
	for at, number := range map[string]*string{"auth_phone": &read.AuthPhone, "office_phone": &read.OfficePhone} {
		if *number == "" {
			continue
		}
		n, err := phones.Parse(*number, "")
		if err != nil {
			w.refuse(field+"."+at, "%v", err)
		}
		*number = n.E164
	}
	return &read
}

// storeProofs gives a new account the proofs that the file brought, which count at once: somebody vouches
// for them.
func storeProofs(ctx context.Context, s *tenants.Scope, a *accounts.Accounts, account uuid.UUID, p *tenants.FileProofs) error {
	if p == nil {
		return nil
	}
	store := &proofs.Proofs{DB: a.DB, Seals: a.Seals, Peppers: a.Peppers, Hasher: a.Hasher, Outbox: a.Outbox}
	var all []proofs.New
	add := func(kind, contact, by string) {
		if contact != "" {
			all = append(all, proofs.New{Account: account, Kind: kind, Contact: contact, SetBy: by})
		}
	}
	add(proofs.AuthPhone, p.AuthPhone, proofs.ByImport)
	add(proofs.OfficePhone, p.OfficePhone, proofs.ByAdministrator)
	add(proofs.AuthEmail, p.AuthEmail, proofs.ByImport)
	add(proofs.Authenticator, p.TOTP, proofs.ByImport)
	if len(p.Questions) > 0 {
		all = append(all, proofs.New{Account: account, Kind: proofs.Questions, Answers: p.Questions, SetBy: proofs.ByImport})
	}
	for _, n := range all {
		if _, err := store.Store(ctx, s, n); err != nil {
			return fmt.Errorf("proof %s: %w", n.Kind, err)
		}
	}
	return nil
}
