package visit

import (
	"errors"
	"fmt"
	"log/slog"

	"github.com/maypok86/otter/v2"

	"portico/app/accounts"
	"portico/app/captcha"
	"portico/rbac"
	"portico/tenants"
	"portico/themes"
)

// Errors that handlers return and package app turns into pages.
var (
	ErrStaleForm = errors.New("the form has expired or came from elsewhere")
	ErrBadForm   = errors.New("the form could not be read")
	ErrNotFound  = errors.New("no such page")
)

// Web is what all visits share.
type Web struct {
	Renderer *themes.Renderer
	Resolver *tenants.Resolver
	Accounts *accounts.Accounts
	Guard    *rbac.Guard
	Captcha  *captcha.Desk
	Seals    tenants.Keyring
	Clock    *tenants.Clock
	Log      *slog.Logger

	brands  *otter.Cache[tenants.ID, brandOf]
	pages   *otter.Cache[pageKey, *themes.Prepared]
	neutral *themes.Brand
}

type brandOf struct {
	version int64
	brand   *themes.Brand
}

type pageKey struct {
	tenant  tenants.ID
	version int64
	base    string
	locale  string
	state   string

	signedIn bool
	console  bool // the menu leads to the console
}

// Bounds of what is kept: a brand is about 30 KB, a prepared page about 10 KB.
const (
	keptBrands = 2_000
	keptPages  = 4_000
)

// Open makes the caches. It is called once, before the first visit.
func (w *Web) Open() error {
	var err error
	w.brands, err = otter.New(&otter.Options[tenants.ID, brandOf]{MaximumSize: keptBrands})
	if err != nil {
		return fmt.Errorf("brand cache: %w", err)
	}
	w.pages, err = otter.New(&otter.Options[pageKey, *themes.Prepared]{MaximumSize: keptPages})
	if err != nil {
		return fmt.Errorf("page cache: %w", err)
	}
	w.neutral = themes.PlatformBrand(w.Resolver.PlatformOrigin())
	return nil
}

// Neutral is the platform's own look.
func (w *Web) Neutral() *themes.Brand { return w.neutral }

// Brand is the look of a tenant at its present version. A theme that does not compile (it was written
// by a newer program) falls back to the neutral look rather than closing the door.
func (w *Web) Brand(t *tenants.Tenant) *themes.Brand {
	if kept, ok := w.brands.GetIfPresent(t.ID); ok && kept.version == t.Version {
		return kept.brand
	}
	brand, err := themes.NewBrand(t)
	if err != nil {
		w.Log.Error("a theme could not be used", "tenant", t.Slug, "error", err)
		return w.neutral
	}
	w.brands.Set(t.ID, brandOf{version: t.Version, brand: brand})
	return brand
}
