package rules

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"portico/app/rules"
	"portico/app/visit"
	"portico/themes"
)

// Edit is /console/rules/edit/:group, the form of one group.
func (f *Flow) Edit(v *visit.Visit) error {
	group := v.C.Params("group")
	knobs := rules.OfGroup(group)
	if len(knobs) == 0 {
		return visit.ErrNotFound
	}
	now, err := f.Rules.Standing(v.Context(), v.Tenant)
	if err != nil {
		return err
	}
	set := rules.Set{}
	for _, k := range knobs {
		set[k.Path] = typedAs(k, k.Print(now.Policy))
	}
	return v.Page(fiber.StatusOK, f.form(v, now, group, set, nil))
}

// TakeEdit reads the form, and shows what the change would do, or what is wrong with it.
func (f *Flow) TakeEdit(v *visit.Visit) error {
	group := v.C.Params("group")
	knobs := rules.OfGroup(group)
	if len(knobs) == 0 {
		return visit.ErrNotFound
	}
	form, err := v.WideForm(func(field string) bool { return field == "base" || belongs(knobs, field) })
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
	was, err := f.Rules.At(v.Context(), v.Tenant, base)
	if err != nil {
		return err
	}
	set, err := typed(knobs, was, form)
	if err != nil {
		return err
	}
	if now.Number != base {
		return f.conflict(v, base, only(was, set))
	}
	var wrong *rules.FaultsError
	after, err := rules.Propose(now.Policy, set)
	if errors.As(err, &wrong) {
		return v.Page(fiber.StatusUnprocessableEntity, f.form(v, now, group, set, wrong.Faults))
	}
	if err != nil {
		return err
	}
	return f.impact(v, now, after, nil, "/console/rules/edit/"+group)
}

// belongs tells whether a field is one of the form's: a knob's, or a choice of one that takes several.
func belongs(knobs []rules.Knob, field string) bool {
	path, option, several := strings.Cut(field, "~")
	return slices.ContainsFunc(knobs, func(k rules.Knob) bool {
		if k.Path != path || k.Fixed {
			return false
		}
		if several {
			return k.Kind == rules.Several && slices.Contains(k.Choices, option)
		}
		return k.Kind != rules.Several
	})
}

// typed reads the values of a form. What is ticked keeps the order that it had; what is new follows.
func typed(knobs []rules.Knob, was rules.Version, form visit.Form) (rules.Set, error) {
	set := rules.Set{}
	for _, k := range knobs {
		text, given := form[k.Path]
		switch {
		case k.Fixed:
		case k.Kind == rules.Flag:
			set[k.Path] = strconv.FormatBool(text == "true")
			if given && text != "true" {
				return nil, fmt.Errorf("%w: a tick", visit.ErrBadForm)
			}
		case k.Kind == rules.Several:
			order := rules.Items(k.Print(was.Policy))
			for _, c := range k.Choices {
				if !slices.Contains(order, c) {
					order = append(order, c)
				}
			}
			set[k.Path] = strings.Join(slices.DeleteFunc(order, func(c string) bool { return form[k.Path+"~"+c] == "" }), "\n")
		case !given:
			return nil, fmt.Errorf("%w: %s is missing", visit.ErrBadForm, k.Path)
		default:
			set[k.Path] = text
		}
	}
	return set, nil
}

// only keeps the values of a form that its editor changed.
func only(was rules.Version, set rules.Set) rules.Set {
	changed := rules.Set{}
	for path, text := range set {
		k, _ := rules.Named(path)
		policy := was.Policy
		if f := k.Read(&policy, text); f != nil || k.Print(policy) != k.Print(was.Policy) {
			changed[path] = text
		}
	}
	return changed
}

// typedAs is a printed value as it stands in a field.
func typedAs(k rules.Knob, printed string) string {
	if k.Kind == rules.Length {
		d, _ := rules.ParseLength(printed)
		return rules.HumanLength(d)
	}
	return printed
}

func (f *Flow) form(v *visit.Visit, now rules.Version, group string, set rules.Set, faults []rules.Fault) themes.RulesEditPage {
	page := themes.RulesEditPage{Parts: parts(v), Group: group, Base: now.Number, Preset: now.Policy.Preset}
	page.Errors = themes.FieldErrors{}
	marks := marksByPath(now.Policy)
	here := map[string]bool{}
	for _, k := range rules.OfGroup(group) {
		here[k.Path] = true
		field := themes.RuleField{RuleRow: row(k, now.Policy, marks), Typed: set[k.Path]}
		chosen := []string{set[k.Path]}
		if k.Kind == rules.Several {
			chosen = rules.Items(set[k.Path])
		}
		options := k.Choices
		if k.Kind == rules.Choice && !slices.Contains(options, k.Print(now.Policy)) {
			field.Options = append(field.Options, themes.RuleOption{Value: k.Print(now.Policy), Chosen: slices.Contains(chosen, k.Print(now.Policy))})
		}
		for _, c := range options {
			field.Options = append(field.Options, themes.RuleOption{Value: c, Word: k.Word(c), Chosen: slices.Contains(chosen, c), Later: k.Waits(c)})
		}
		page.Fields = append(page.Fields, field)
	}
	for _, x := range faults {
		if _, twice := page.Errors[x.Path]; here[x.Path] && !twice {
			page.Errors[x.Path] = said(x)
		} else {
			page.Loose = append(page.Loose, said(x))
		}
	}
	return page
}

// version reads the number of a version strictly.
func version(text string) (int64, error) {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 1 || strconv.FormatInt(n, 10) != text {
		return 0, fmt.Errorf("%w: a version", visit.ErrBadForm)
	}
	return n, nil
}
