package tenants

import "context"

// SetState moves a tenant between its states and tells every instance; ErrNotFound when there is no
// such slug.
func SetState(ctx context.Context, a *Across, slug string, to State) error {
	var id ID
	err := a.Row(ctx, "UPDATE tenants SET state = $2 WHERE slug = $1 RETURNING id", []any{slug, string(to)}, &id)
	if err != nil {
		return err
	}
	return Touch(ctx, a, id)
}
