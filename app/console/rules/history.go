package rules

import (
	"errors"
	"strconv"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"portico/app/rules"
	"portico/app/visit"
	"portico/rbac"
	"portico/tenants"
	"portico/themes"
)

// History is /console/rules/history: every version, by whom and when.
func (f *Flow) History(v *visit.Visit) error {
	below := int64(0)
	if text := v.C.Query("below"); text != "" {
		var err error
		if below, err = version(text); err != nil {
			return visit.ErrNotFound
		}
	}
	now, err := f.Rules.Standing(v.Context(), v.Tenant)
	if err != nil {
		return err
	}
	all, more, err := f.Rules.History(v.Context(), v.Tenant, below)
	if err != nil {
		return err
	}
	names, err := f.Rules.Names(v.Context(), v.Tenant, all)
	if err != nil {
		return err
	}
	page := themes.RulesHistoryPage{Parts: parts(v), Now: now.Number}
	for _, x := range all {
		page.Versions = append(page.Versions, shownVersion(x, names))
	}
	if more {
		page.Older = "/console/rules/history?below=" + strconv.FormatInt(all[len(all)-1].Number, 10)
	}
	return v.Page(fiber.StatusOK, page)
}

// Version is /console/rules/history/:version: what it changed, and what going back to it would change.
func (f *Flow) Version(v *visit.Visit) error {
	number, err := version(v.C.Params("version"))
	if err != nil {
		return visit.ErrNotFound
	}
	this, err := f.Rules.At(v.Context(), v.Tenant, number)
	if err != nil {
		return err
	}
	now, err := f.Rules.Standing(v.Context(), v.Tenant)
	if err != nil {
		return err
	}
	page := themes.RulesVersionPage{Parts: parts(v), Now: now.Number, Edit: v.Can(rbac.RulesEdit).Allowed,
		Since: changes(rules.Diff(now.Policy, this.Policy))}
	before, err := f.Rules.At(v.Context(), v.Tenant, number-1)
	switch {
	case errors.Is(err, tenants.ErrNotFound):
		page.First = true
	case err != nil:
		return err
	default:
		page.Changed = changes(rules.Diff(before.Policy, this.Policy))
	}
	names, err := f.Rules.Names(v.Context(), v.Tenant, []rules.Version{this})
	page.Version = shownVersion(this, names)
	page.Version.Changes = len(page.Changed)
	if err != nil {
		return err
	}
	return v.Page(fiber.StatusOK, page)
}

// shownVersion names who saved it: whoever may read the rules is told who made them what they are. The operator
// has no name, and of a colleague who is gone only that it was one.
func shownVersion(x rules.Version, names map[uuid.UUID]string) themes.RuleVersion {
	shown := themes.RuleVersion{Number: x.Number, At: x.At, Changes: x.Changes, By: names[x.Account]}
	if shown.By == "" && x.Account != (uuid.UUID{}) {
		shown.By = "–"
	}
	return shown
}
