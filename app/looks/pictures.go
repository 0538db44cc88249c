package looks

import (
	"context"
	"encoding/hex"
	"fmt"

	"portico/app/audit"
	"portico/tenants"
	"portico/themes"
)

// KeepPicture stores a picture that themes.Picture made, by its content, and answers its name: the SHA-256
// of its bytes, 64 hexadecimal digits. The same picture twice is one.
func (l *Looks) KeepPicture(ctx context.Context, tenant tenants.ID, p themes.Picture) (string, error) {
	sum, err := hex.DecodeString(p.SHA256)
	if err != nil {
		return "", err
	}
	return p.SHA256, l.DB.In(ctx, tenant, func(s *tenants.Scope) error {
		n, err := s.Exec(ctx, `INSERT INTO images (tenant_id, sha256, media_type, bytes, width, height, created_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING`,
			s.Tenant(), sum, p.MediaType, p.Bytes, p.Width, p.Height, s.Now())
		if err != nil || n == 0 {
			return err
		}
		return audit.Write(ctx, s, audit.Event{Kind: audit.PictureAdded, Outcome: audit.Success,
			Details: map[string]any{"sha256": p.SHA256, "type": p.MediaType, "bytes": len(p.Bytes), "width": p.Width, "height": p.Height}})
	})
}

// missingPictures tells which pictures of a theme the tenant does not have.
func missingPictures(ctx context.Context, s *tenants.Scope, t themes.Theme) (faults []string, err error) {
	for _, name := range []string{t.Logo.Image, t.Logo.ImageDark, t.Background.Image} {
		if name == "" {
			continue
		}
		sum, err := hex.DecodeString(name)
		if err != nil {
			return nil, err
		}
		var there bool
		if err := s.Row(ctx, "SELECT EXISTS (SELECT 1 FROM images WHERE tenant_id = $1 AND sha256 = $2)", []any{s.Tenant(), sum}, &there); err != nil {
			return nil, err
		}
		if !there {
			faults = append(faults, fmt.Sprintf("the picture %s… has not been uploaded here", name[:12]))
		}
	}
	return faults, nil
}

// HasPicture tells whether the tenant has a picture of that name.
func (l *Looks) HasPicture(ctx context.Context, tenant tenants.ID, name string) (there bool, err error) {
	sum, err := hex.DecodeString(name)
	if err != nil || len(sum) != 32 {
		return false, nil //nolint:nilerr // what is no name names nothing
	}
	err = l.DB.One(ctx, tenant, "SELECT EXISTS (SELECT 1 FROM images WHERE tenant_id = $1 AND sha256 = $2)", []any{tenant, sum}, &there)
	return there, err
}
