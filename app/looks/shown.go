package looks

import (
	"context"
	"encoding/json"

	"portico/tenants"
	"portico/themes"
)

// Shown is a look with its words as a preview shows them.
type Shown struct {
	Theme json.RawMessage
	Words tenants.Words
	Draft bool // some of it is a draft
}

// Shown reads the drafts of look and words; where there is none, what is in force.
func (l *Looks) Shown(ctx context.Context, tenant tenants.ID) (shown Shown, err error) {
	err = l.DB.In(ctx, tenant, func(s *tenants.Scope) error {
		shown, err = drafted(ctx, s)
		return err
	})
	return shown, err
}

func drafted(ctx context.Context, s *tenants.Scope) (Shown, error) {
	theme, err := read(ctx, s, tenants.SubjectTheme)
	if err != nil {
		return Shown{}, err
	}
	words, err := read(ctx, s, tenants.SubjectWords)
	if err != nil {
		return Shown{}, err
	}
	shown := Shown{Theme: theme.Document, Draft: theme.Exists || words.Exists}
	if len(words.Document) > 0 {
		err = json.Unmarshal(words.Document, &shown.Words)
	}
	return shown, err
}

// Brand works out how a tenant would look and speak with it. ErrRefused when the look does not hold any
// more: it may be older than a rule.
func (s Shown) Brand(t *tenants.Tenant) (*themes.Brand, error) {
	drawn := *t
	drawn.Theme, drawn.Words = s.Theme, s.Words
	brand, err := themes.NewBrand(&drawn)
	if err != nil {
		return nil, &RefusedError{Faults: []string{err.Error()}}
	}
	return brand, nil
}
