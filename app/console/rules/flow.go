package rules

import (
	"slices"

	"github.com/gofiber/fiber/v2"

	"portico/app/rules"
	"portico/app/visit"
	"portico/rbac"
	"portico/tenants"
	"portico/themes"
)

// Flow is the pages about the policy.
type Flow struct{ Rules *rules.Rules }

func parts(v *visit.Visit) themes.Parts { return themes.Parts{Help: v.Help()} }

// List is /console/rules: every knob with its value, what differs from the preset, and what is not
// conformant. ?show=differs and ?show=marked keep those alone.
func (f *Flow) List(v *visit.Visit) error {
	now, err := f.Rules.Standing(v.Context(), v.Tenant)
	if err != nil {
		return err
	}
	show := v.C.Query("show")
	if !slices.Contains([]string{"", "differs", "marked"}, show) {
		return visit.ErrNotFound
	}
	page := themes.RulesPage{Parts: parts(v), Preset: now.Policy.Preset, Version: now.Number, Show: show, Edit: v.Can(rbac.RulesEdit).Allowed}
	marks := marksByPath(now.Policy)
	for _, group := range rules.Groups() {
		g := themes.RuleGroup{Name: group}
		for _, k := range rules.OfGroup(group) {
			row := row(k, now.Policy, marks)
			page.Total++
			if row.Differs {
				page.Differs++
			}
			if len(row.Marks) > 0 {
				page.Marked++
			}
			if show == "" || show == "differs" && row.Differs || show == "marked" && len(row.Marks) > 0 {
				g.Rows = append(g.Rows, row)
			}
		}
		if len(g.Rows) > 0 {
			page.Groups = append(page.Groups, g)
		}
	}
	return v.Page(fiber.StatusOK, page)
}

// Compare is /console/rules/compare: the policy beside a preset, and the way to take that over.
func (f *Flow) Compare(v *visit.Visit) error {
	now, err := f.Rules.Standing(v.Context(), v.Tenant)
	if err != nil {
		return err
	}
	other := v.C.Query("preset", now.Policy.Preset)
	preset, ok := tenants.Preset(other)
	if !ok {
		return visit.ErrNotFound
	}
	return v.Page(fiber.StatusOK, themes.RulesComparePage{Parts: parts(v), Present: now.Policy.Preset, Other: other,
		Presets: tenants.PresetNames(), Rows: changes(rules.Diff(now.Policy, preset)), Base: now.Number, Edit: v.Can(rbac.RulesEdit).Allowed})
}
