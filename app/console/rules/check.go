package rules

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"

	"portico/app/rules"
	"portico/app/visit"
	"portico/rbac"
	"portico/tenants"
	"portico/themes"
)

// Check is POST /console/rules/check: what a whole preset, an earlier version, or a change that somebody
// else's came before would do.
func (f *Flow) Check(v *visit.Visit) error {
	form, err := v.WideForm(func(field string) bool {
		return slices.Contains([]string{"base", "preset", "version"}, field) || carried(field)
	})
	if err != nil {
		return err
	}
	base, err := version(form["base"])
	if err != nil {
		return err
	}
	now, err := f.Rules.Standing(v.Context(), v.Tenant)
	if err != nil {
		return err
	}
	if now.Number != base {
		return f.conflict(v, base, setOf(form))
	}
	var after tenants.Policy
	kept, back := []rules.Knob(nil), "/console/rules"
	switch {
	case form["preset"] != "":
		var ok bool
		if after, kept, ok = rules.FromPreset(now.Policy, form["preset"]); !ok {
			return fmt.Errorf("%w: a preset", visit.ErrBadForm)
		}
		back = "/console/rules/compare?preset=" + form["preset"]
	case form["version"] != "":
		number, err := version(form["version"])
		if err != nil {
			return err
		}
		earlier, err := f.Rules.At(v.Context(), v.Tenant, number)
		if err != nil {
			return err
		}
		after, kept = rules.Settled(now.Policy, earlier.Policy)
		back = "/console/rules/history/" + form["version"]
	default:
		var wrong *rules.FaultsError
		if after, err = rules.Propose(now.Policy, setOf(form)); errors.As(err, &wrong) {
			return f.cannot(v, now, after, wrong.Faults)
		}
		if err != nil {
			return err
		}
	}
	return f.impact(v, now, after, kept, back)
}

func carried(field string) bool {
	path, ok := strings.CutPrefix(field, "set:")
	_, known := rules.Named(path)
	return ok && known
}

// setOf are the values that a form carries on.
func setOf(form visit.Form) rules.Set {
	set := rules.Set{}
	for name, text := range form {
		if path, ok := strings.CutPrefix(name, "set:"); ok {
			set[path] = text
		}
	}
	return set
}

// impact shows what a change would do, with the button that saves it.
func (f *Flow) impact(v *visit.Visit, now rules.Version, after tenants.Policy, kept []rules.Knob, back string) error {
	set := rules.SetOf(now.Policy, after)
	page := themes.RulesImpactPage{Parts: parts(v), Base: now.Number, Changes: changes(rules.Diff(now.Policy, after)), Carry: carry(set), Back: back}
	for _, k := range kept {
		page.Kept = append(page.Kept, k.Path)
	}
	var wrong *rules.FaultsError
	if _, err := rules.Propose(now.Policy, set); errors.As(err, &wrong) {
		return f.cannot(v, now, after, wrong.Faults)
	}
	page.Marks, page.Mended = marksBetween(now.Policy, after)
	if len(set) == 0 {
		return v.Page(fiber.StatusOK, page)
	}
	var names *rbac.Reach
	if v.Can(rbac.PeopleRead).Allowed {
		reach, err := v.Reach(rbac.PeopleRead)
		if err != nil {
			return err
		}
		names = &reach
	}
	impact, err := f.Rules.Impact(v.Context(), v.Tenant, now.Policy, after, names)
	if err != nil {
		return err
	}
	page.Named, page.AtLeast, page.Looked = names != nil, impact.AtLeast, impact.Looked
	for _, e := range impact.Effects {
		shown := themes.RuleEffect{Name: e.Name, Count: e.Count}
		for _, p := range e.People {
			shown.People = append(shown.People, themes.RulePerson{ID: p.ID.String(), Name: p.Name, Identifier: p.Identifier})
		}
		page.Effects = append(page.Effects, shown)
	}
	return v.Page(fiber.StatusOK, page)
}

// cannot says what stands against a change; there is nothing to save.
func (f *Flow) cannot(v *visit.Visit, now rules.Version, after tenants.Policy, faults []rules.Fault) error {
	page := themes.RulesImpactPage{Parts: parts(v), Base: now.Number, Changes: changes(rules.Diff(now.Policy, after)), Back: "/console/rules"}
	for _, x := range faults {
		page.Faults = append(page.Faults, said(x))
	}
	return v.Page(fiber.StatusUnprocessableEntity, page)
}

// marksBetween are the marks that a change brings and takes away.
func marksBetween(before, after tenants.Policy) (brought, mended []themes.RuleMark) {
	was, is := rules.Marks(before), rules.Marks(after)
	for _, m := range is {
		if !slices.Contains(was, m) {
			brought = append(brought, mark(m))
		}
	}
	for _, m := range was {
		if !slices.Contains(is, m) {
			mended = append(mended, mark(m))
		}
	}
	return brought, mended
}

// Save is POST /console/rules/save, the end of the way.
func (f *Flow) Save(v *visit.Visit) error {
	form, err := v.WideForm(func(field string) bool { return field == "base" || carried(field) })
	if err != nil {
		return err
	}
	base, err := version(form["base"])
	if err != nil {
		return err
	}
	set := setOf(form)
	err = f.Rules.Save(v.Context(), v.Tenant, base, set, "")
	var wrong *rules.FaultsError
	switch {
	case errors.Is(err, tenants.ErrChanged):
		return f.conflict(v, base, set)
	case errors.As(err, &wrong):
		now, err := f.Rules.Standing(v.Context(), v.Tenant)
		if err != nil {
			return err
		}
		return f.cannot(v, now, now.Policy, wrong.Faults)
	case errors.Is(err, rules.ErrNothing):
		v.Say(visit.SayRulesSame)
	case err != nil:
		return err
	default:
		v.Resolver.Forget(v.Tenant.ID)
		v.Say(visit.SayRulesSaved)
	}
	return v.Redirect("/console/rules")
}
