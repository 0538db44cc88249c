package accounts

import (
	"context"

	"portico/tenants"
	"portico/themes"
)

// TellIdentifier adds letters to a batch that tell somebody, at every address of theirs, that an administrator
// changed the name of a kind by which they sign in or are found; value is the new one, "" none any more.
func (a *Accounts) TellIdentifier(ctx context.Context, b *tenants.Batch, s *tenants.Scope, who Person, kind, value string) error {
	_, err := a.tell(ctx, b, s, who, tenants.NewID().String(), themes.IdentifierNotice{Name: who.Name, Kind: kind, Value: value, At: s.Now()})
	return err
}
