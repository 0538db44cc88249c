package audit

import (
	"context"

	"portico/tenants"
)

// Walk hands every event that a filter lets through to each, newest first, with the names that the page
// around it needs: it reads a thousand rows a transaction, so that a long export holds none open. look runs
// in the transaction of each thousand before its rows are handed on; nil is none.
func Walk(ctx context.Context, db *tenants.DB, tenant tenants.ID, f Filter, look func(*tenants.Scope, []Row) error, each func(Row) error) error {
	f.Limit = maxRows
	for {
		var rows []Row
		err := db.In(ctx, tenant, func(s *tenants.Scope) (err error) {
			if rows, err = List(ctx, s, f); err != nil || look == nil || len(rows) == 0 {
				return err
			}
			return look(s, rows)
		})
		if err != nil {
			return err
		}
		for _, r := range rows {
			if err := each(r); err != nil {
				return err
			}
		}
		if len(rows) < maxRows {
			return nil
		}
		f.Before = rows[len(rows)-1].ID
	}
}
