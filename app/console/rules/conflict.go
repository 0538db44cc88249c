package rules

import (
	"github.com/gofiber/fiber/v2"

	"portico/app/rules"
	"portico/app/visit"
	"portico/themes"
)

// conflict says that somebody saved since a form was opened: what they changed and what this form would,
// knob by knob. Nothing is merged; whoever wants their change all the same sees its effects anew.
func (f *Flow) conflict(v *visit.Visit, base int64, mine rules.Set) error {
	now, err := f.Rules.Standing(v.Context(), v.Tenant)
	if err != nil {
		return err
	}
	was, err := f.Rules.At(v.Context(), v.Tenant, base)
	if err != nil {
		return err
	}
	newest, err := f.Rules.At(v.Context(), v.Tenant, now.Number)
	if err != nil {
		return err
	}
	by, err := f.Rules.Names(v.Context(), v.Tenant, []rules.Version{newest})
	if err != nil {
		return err
	}
	page := themes.RulesConflictPage{Parts: parts(v), Base: base, Now: now.Number, At: newest.At, By: by[newest.Account], Carry: carry(mine)}
	for _, k := range rules.Knobs() {
		text, changed := mine[k.Path]
		before, theirs := k.Print(was.Policy), k.Print(now.Policy)
		if !changed {
			text = before
		}
		if !changed && before == theirs {
			continue
		}
		policy := was.Policy
		if k.Read(&policy, text) == nil {
			text = k.Print(policy)
		}
		page.Rows = append(page.Rows, themes.RuleClash{Path: k.Path, Base: value(k, before), Now: value(k, theirs), Mine: value(k, text),
			Both: before != theirs && text != before && text != theirs})
	}
	return v.Page(fiber.StatusConflict, page)
}
