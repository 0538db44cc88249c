package main

import (
	"context"
	"fmt"
	"time"

	"portico/tenants"
)

// roleSQL asks who serves and whether that role could pass the wall between tenants.
const roleSQL = `SELECT current_user, r.rolsuper OR r.rolbypassrls OR coalesce(pg_has_role(r.oid, to_regrole('portico_owner')::oid, 'member'), false), clock_timestamp()
	FROM pg_roles r WHERE r.rolname = current_user`

func strongRole(role string) error {
	return fmt.Errorf("%s could pass the wall between tenants; serve as portico_app", role)
}

// refuseStrongRole ends the start as a role to which row security does not apply. A database that is away
// is no reason: the portal starts without it and says so.
func (p *portal) refuseStrongRole(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	for name, db := range map[string]*tenants.DB{"DATABASE_URL": p.db, "PORTICO_DIRECT_DATABASE_URL": p.work} {
		var role string
		var strong bool
		var now time.Time
		if err := db.Pool().QueryRow(ctx, roleSQL).Scan(&role, &strong, &now); err != nil {
			p.log.Warn("the database did not say which role serves", "setting", name, "error", err)
			continue
		}
		if strong {
			return fmt.Errorf("%s: %w", name, strongRole(role))
		}
	}
	return nil
}
