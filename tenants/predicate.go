package tenants

import (
	"errors"
	"fmt"
	"reflect"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"
)

// ErrForeignTenant means that a row of one tenant was about to be written in the scope of another.
var ErrForeignTenant = errors.New("tenants: row of another tenant")

const tenantKey = "portico:tenant"

// keepTenant makes GORM add the tenant to every statement on a model that has a TenantID. Row security
// would hold without it; the explicit predicate keeps plans on the (tenant_id, …) indexes and turns a
// forgotten scope into an error instead of an empty answer (security.md F11).
func keepTenant(g *gorm.DB) error {
	where := func(db *gorm.DB) {
		id, ok := scopeOf(db)
		if !ok || db.Statement.Schema == nil || db.Statement.Schema.LookUpField("TenantID") == nil {
			return
		}
		bindTogether(db.Statement)
		db.Statement.AddClause(clause.Where{Exprs: []clause.Expression{
			clause.Eq{Column: clause.Column{Table: clause.CurrentTable, Name: "tenant_id"}, Value: id},
		}})
	}
	cb := g.Callback()
	return errors.Join(
		cb.Create().Before("gorm:create").Register("portico:tenant", ownRows),
		cb.Query().Before("gorm:query").Register("portico:tenant", where),
		cb.Row().Before("gorm:row").Register("portico:tenant", where),
		cb.Update().Before("gorm:update").Register("portico:tenant", where),
		cb.Delete().Before("gorm:delete").Register("portico:tenant", where),
	)
}

// bindTogether puts the caller's conditions into brackets: `a OR b AND tenant` would let every a through.
func bindTogether(s *gorm.Statement) {
	c, ok := s.Clauses["WHERE"]
	if !ok {
		return
	}
	if where, ok := c.Expression.(clause.Where); ok && len(where.Exprs) > 0 {
		c.Expression = clause.Where{Exprs: []clause.Expression{clause.And(where.Exprs...)}}
		s.Clauses["WHERE"] = c
	}
}

func scopeOf(db *gorm.DB) (ID, bool) {
	v, ok := db.Get(tenantKey)
	if !ok {
		_ = db.AddError(errors.New("tenants: gorm used outside a Scope"))
		return ID{}, false
	}
	id, ok := v.(ID)
	return id, ok
}

// ownRows fills TenantID of new rows and refuses another tenant's.
func ownRows(db *gorm.DB) {
	id, ok := scopeOf(db)
	if !ok || db.Statement.Schema == nil {
		return
	}
	field := db.Statement.Schema.LookUpField("TenantID")
	if field == nil {
		return
	}
	own := func(row reflect.Value) {
		row = reflect.Indirect(row)
		v, zero := field.ValueOf(db.Statement.Context, row)
		if zero {
			_ = db.AddError(field.Set(db.Statement.Context, row, id))
			return
		}
		if v != any(id) {
			_ = db.AddError(fmt.Errorf("%w: %v in the scope of %v", ErrForeignTenant, v, id))
		}
	}
	rows := db.Statement.ReflectValue
	switch rows.Kind() {
	case reflect.Slice, reflect.Array:
		for i := range rows.Len() {
			own(rows.Index(i))
		}
	case reflect.Struct:
		own(rows)
	default:
		_ = db.AddError(errors.New("tenants: create from a struct or a slice of structs"))
	}
}
