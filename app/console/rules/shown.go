package rules

import (
	"slices"

	"portico/app/rules"
	"portico/tenants"
	"portico/themes"
)

// value is what a knob's printed value looks like.
func value(k rules.Knob, printed string) themes.RuleValue {
	x := themes.RuleValue{Kind: string(k.Kind), Text: printed}
	switch k.Kind {
	case rules.Flag:
		x.Words = []string{"rules.off"}
		if printed == "true" {
			x.Words = []string{"rules.on"}
		}
	case rules.Choice:
		if slices.Contains(k.Choices, printed) {
			x.Words = []string{k.Word(printed)}
		}
	case rules.Several:
		for _, item := range rules.Items(printed) {
			x.Words = append(x.Words, k.Word(item))
		}
	case rules.Length:
		x.Length, _ = rules.ParseLength(printed)
		x.Human = rules.HumanLength(x.Length)
	}
	return x
}

func marksByPath(p tenants.Policy) map[string][]themes.RuleMark {
	byPath := map[string][]themes.RuleMark{}
	for _, m := range rules.Marks(p) {
		byPath[m.Path] = append(byPath[m.Path], mark(m))
	}
	return byPath
}

func mark(m rules.Mark) themes.RuleMark {
	return themes.RuleMark{Path: m.Path, Code: m.Code, Source: m.Source}
}

func row(k rules.Knob, p tenants.Policy, marks map[string][]themes.RuleMark) themes.RuleRow {
	preset, _ := tenants.Preset(p.Preset)
	printed, usual := k.Print(p), k.Print(preset)
	return themes.RuleRow{Path: k.Path, Value: value(k, printed), Preset: value(k, usual), Differs: printed != usual,
		Fixed: k.Fixed, Later: len(k.Choices) == 0 && k.Waits(""), Marks: marks[k.Path]}
}

func changes(all []rules.Change) []themes.RuleChange {
	var shown []themes.RuleChange
	for _, c := range all {
		shown = append(shown, themes.RuleChange{Path: c.Knob.Path, Before: value(c.Knob, c.Before), After: value(c.Knob, c.After), Weaker: c.Weaker()})
	}
	return shown
}

// said is a fault as a sentence that names its knob.
func said(f rules.Fault) themes.Message {
	what := themes.Message{Key: "rules.fault." + f.Code, Args: f.Args}
	if f.Path == "" {
		return what
	}
	return themes.Message{Key: "rules.fault_at", Args: map[string]any{"label": themes.RuleLabel(f.Path), "fault": what}}
}

// carry are the values of a change as hidden fields.
func carry(set rules.Set) []themes.RuleHidden {
	var all []themes.RuleHidden
	for _, k := range rules.Knobs() {
		if text, ok := set[k.Path]; ok {
			all = append(all, themes.RuleHidden{Name: "set:" + k.Path, Value: text})
		}
	}
	return all
}
