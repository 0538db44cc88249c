package staff

import (
	"context"

	"portico/app/accounts"
	"portico/tenants"
)

// Seed makes somebody with a password and an app's secret that are known, where nobody has their address yet: for
// `portico dev` and tests alone, which show both to whoever asks.
func (f *Staff) Seed(ctx context.Context, n New, password, secret string) error {
	norm, stored, err := accounts.Storable(accounts.Email, n.Email)
	if err != nil {
		return ErrAddress
	}
	id := tenants.NewID()
	sealed, err := f.Accounts.SealedPassword(ctx, tenants.ID{}, id, password)
	if err != nil {
		return err
	}
	return f.DB.AcrossAll(ctx, tenants.ForStaff, func(a *tenants.Across) error {
		_, err := a.Exec(ctx, `INSERT INTO platform.staff (id, email, norm, name, role, password, totp, created_at, created_by)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'dev') ON CONFLICT (norm) DO NOTHING`, id, stored, norm, n.Name, string(n.Role),
			sealed, f.Seals.Seal("staff totp", tenants.ID{}, id.String(), []byte(secret)), a.Now())
		return err
	})
}
