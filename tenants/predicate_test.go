package tenants

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"gorm.io/gorm"
)

// group is a row of groups for GORM.
type group struct {
	TenantID  ID        `gorm:"type:uuid"`
	ID        uuid.UUID `gorm:"type:uuid;primaryKey"`
	Kind      string
	Name      string
	CreatedAt time.Time
}

func (group) TableName() string { return "groups" }

func newGroup(name string) group { return group{ID: NewID(), Kind: "group", Name: name} }

func TestGormKeepsToTheTenant(t *testing.T) {
	t.Parallel()
	db, _, one, two := open(t, 2)
	ctx := t.Context()
	must(t, db.In(ctx, one, func(s *Scope) error {
		g, err := s.Gorm(ctx)
		must(t, err)
		a, rows := newGroup("a"), []*group{{ID: NewID(), Kind: "group", Name: "b"}}
		must(t, g.Create(&a).Error)
		must(t, g.Create(&rows).Error)
		if a.TenantID != one || rows[0].TenantID != one {
			t.Error("new rows did not get the tenant")
		}
		foreign := newGroup("c")
		foreign.TenantID = two
		if err := g.Create(&foreign).Error; !errors.Is(err, ErrForeignTenant) {
			t.Errorf("another tenant's row: %v", err)
		}
		if err := g.Create(&[]group{newGroup("d"), foreign}).Error; !errors.Is(err, ErrForeignTenant) {
			t.Errorf("another tenant's row among ours: %v", err)
		}
		if err := g.Model(&group{}).Create(map[string]any{"name": "x"}).Error; err == nil {
			t.Error("a row was made from a map")
		}
		return nil
	}))
	must(t, db.In(ctx, two, func(s *Scope) error {
		g, err := s.Gorm(ctx)
		must(t, err)
		var found []group
		must(t, g.Where(&group{Name: ""}).Find(&found).Error) // F11: the condition of a zero field vanishes
		if len(found) != 0 {
			t.Errorf("saw %d rows of another tenant", len(found))
		}
		for what, res := range map[string]*gorm.DB{
			"update": g.Model(&group{}).Where("1 = 1").Update("name", "taken"),
			"delete": g.Where("name = ?", "a").Or("1 = 1").Delete(&group{}),
		} {
			if res.Error != nil || res.RowsAffected != 0 {
				t.Errorf("%s: %d rows, %v", what, res.RowsAffected, res.Error)
			}
		}
		return nil
	}))
	if n := groups(t, db, one); n != 2 {
		t.Errorf("%d rows, want 2", n)
	}
	err := db.In(ctx, one, func(s *Scope) error {
		g, err := s.Gorm(ctx)
		must(t, err)
		return g.Model(&group{}).Where("name = ?", "a").Update("tenant_id", two).Error
	})
	if err == nil {
		t.Error("a row moved to another tenant")
	}
}

// Row security would hide a predicate that does not hold, so the statements themselves are looked at.
func TestGormsStatementsNameTheTenant(t *testing.T) {
	t.Parallel()
	db, _, one, _ := open(t, 1)
	must(t, db.In(t.Context(), one, func(s *Scope) error {
		g, err := s.Gorm(t.Context())
		must(t, err)
		dry := g.Session(&gorm.Session{DryRun: true})
		var rows []group
		var n int64
		for what, res := range map[string]*gorm.DB{
			"all":      dry.Find(&rows),
			"or":       dry.Where("name = ?", "a").Or("name = ?", "b").Find(&rows),
			"lone or":  dry.Or("name = ?", "b").Find(&rows),
			"or text":  dry.Where("name = 'a' OR name = 'b'").Find(&rows),
			"count":    dry.Model(&group{}).Where("name = ?", "a").Or("name = ?", "b").Count(&n),
			"update":   dry.Model(&group{}).Where("name = ?", "a").Or("1 = 1").Update("name", "x"),
			"delete":   dry.Where("name = ?", "a").Or("1 = 1").Delete(&group{}),
			"by key":   dry.First(&group{}, "id = ?", NewID()),
			"struct":   dry.Where(&group{Name: "a"}).Find(&rows),
			"not":      dry.Not("name = ?", "a").Or("kind = ?", "b").Find(&rows),
			"subquery": dry.Where("id IN (?)", dry.Model(&group{}).Select("id")).Find(&rows),
		} {
			text := res.Statement.SQL.String()
			_, where, _ := strings.Cut(text, " WHERE ")
			if !strings.Contains(where, `"groups"."tenant_id" = `) || outerOr(where) {
				t.Errorf("%s: %s", what, text)
			}
		}
		return nil
	}))
	if err := db.gorm.Find(&[]group{}).Error; err == nil {
		t.Error("gorm works outside of a scope")
	}
	if err := db.gorm.Create(&group{}).Error; err == nil {
		t.Error("gorm writes outside of a scope")
	}
}

// outerOr tells whether a condition has an OR outside of all brackets.
func outerOr(where string) bool {
	depth := 0
	for i, c := range where {
		switch c {
		case '(':
			depth++
		case ')':
			depth--
		}
		if depth == 0 && strings.HasPrefix(strings.ToUpper(where[i:]), " OR ") {
			return true
		}
	}
	return false
}
