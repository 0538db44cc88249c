package looks

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"portico/app/audit"
	"portico/tenants"
	"portico/themes"
)

// Errors of pictures.
var (
	// ErrBusy means that as many pictures are being decoded as may be at once.
	ErrBusy = errors.New("too many pictures at once")
	// ErrPictures means that a tenant has MostPictures and shows all of them somewhere.
	ErrPictures = errors.New("the tenant keeps as many pictures as it may")
)

// MostPictures is how many pictures one tenant keeps. Those that no version, draft or link shows make room
// for new ones.
const MostPictures = 200

// slotWait is how long an upload waits for its turn.
const slotWait = 4 * time.Second

// NewPicture is themes.NewPicture in one of the slots: a small file can take a hundred times its size while it
// is decoded. ErrBusy when none is free in time.
func (l *Looks) NewPicture(ctx context.Context, file []byte) (themes.Picture, error) {
	ctx, cancel := context.WithTimeout(ctx, slotWait)
	defer cancel()
	select {
	case l.Slots <- struct{}{}:
		defer func() { <-l.Slots }()
		return themes.NewPicture(file)
	case <-ctx.Done():
		return themes.Picture{}, ErrBusy
	}
}

// keep stores a picture by its content: the same one twice is one. It runs behind the draft that shows it,
// whose row lets nobody else of the tenant keep or remove any meanwhile.
func keep(ctx context.Context, s *tenants.Scope, p themes.Picture) error {
	sum, err := hex.DecodeString(p.SHA256)
	if err != nil {
		return err
	}
	n, err := s.Exec(ctx, `INSERT INTO images (tenant_id, sha256, media_type, bytes, width, height, created_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING`,
		s.Tenant(), sum, p.MediaType, p.Bytes, p.Width, p.Height, s.Now())
	if err != nil || n == 0 {
		return err
	}
	if err := makeRoom(ctx, s); err != nil {
		return err
	}
	return audit.Write(ctx, s, audit.Event{Kind: audit.PictureAdded, Outcome: audit.Success,
		Details: map[string]any{"sha256": p.SHA256, "type": p.MediaType, "bytes": len(p.Bytes), "width": p.Width, "height": p.Height}})
}

// makeRoom removes what nothing shows once there are too many; letters that left show what was published, which
// the versions name.
func makeRoom(ctx context.Context, s *tenants.Scope) error {
	var n int
	count := func() error {
		return s.Row(ctx, "SELECT count(*) FROM images WHERE tenant_id = $1", []any{s.Tenant()}, &n)
	}
	if err := count(); err != nil || n <= MostPictures {
		return err
	}
	_, err := s.Exec(ctx, `DELETE FROM images i WHERE i.tenant_id = $1
		AND NOT EXISTS (SELECT 1 FROM settings v WHERE v.tenant_id = $1 AND v.subject = 'theme' AND strpos(v.document::text, encode(i.sha256, 'hex')) > 0)
		AND NOT EXISTS (SELECT 1 FROM look_drafts d WHERE d.tenant_id = $1 AND d.subject = 'theme' AND strpos(d.document::text, encode(i.sha256, 'hex')) > 0)
		AND NOT EXISTS (SELECT 1 FROM look_previews l WHERE l.tenant_id = $1 AND strpos(l.theme::text, encode(i.sha256, 'hex')) > 0)`, s.Tenant())
	if err != nil {
		return err
	}
	if err := count(); err != nil || n <= MostPictures {
		return err
	}
	return ErrPictures
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
