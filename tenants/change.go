package tenants

import (
	"context"
	"encoding/json"
	"errors"
)

// ErrChanged means that somebody else saved a document since the version that a change was made from.
var ErrChanged = errors.New("it was changed meanwhile")

// Setting reads one of the tenant's documents with its version; version 0 and a nil document where it has
// none.
func Setting(ctx context.Context, s *Scope, subject string) (version int64, doc json.RawMessage, err error) {
	err = s.Row(ctx, "SELECT version, document FROM settings WHERE tenant_id = $1 AND subject = $2 ORDER BY version DESC LIMIT 1",
		[]any{s.Tenant(), subject}, &version, &doc)
	if errors.Is(err, ErrNotFound) {
		return 0, nil, nil
	}
	return version, doc, err
}

// ChangeSetting saves the next version of one of a tenant's documents and tells every instance, in one
// transaction that holds the tenant's row: of two editors at once the second waits, and then finds that
// its base is no longer the newest (ErrChanged). change gets the document as it stands and answers the new
// one; what it writes beside (audit) is of the same transaction. The caller forgets the tenant in its own
// Resolver after it.
func (db *DB) ChangeSetting(ctx context.Context, id ID, subject string, base int64, by string,
	change func(s *Scope, was json.RawMessage) (document any, err error)) error {
	return db.AcrossAll(ctx, ForSettings, func(a *Across) error {
		var slug string
		if err := a.Row(ctx, "SELECT slug FROM tenants WHERE id = $1 FOR UPDATE", []any{id}, &slug); err != nil {
			return err
		}
		err := a.In(ctx, id, func(s *Scope) error {
			version, was, err := Setting(ctx, s, subject)
			if err != nil {
				return err
			}
			if version != base {
				return ErrChanged
			}
			document, err := change(s, was)
			if err != nil {
				return err
			}
			return SaveSetting(ctx, s, subject, document, by)
		})
		if err != nil {
			return err
		}
		return Touch(ctx, a, id)
	})
}
