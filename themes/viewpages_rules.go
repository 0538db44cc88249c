package themes

import (
	"html/template"
	"strings"
	"time"
)

// RuleLabel is the name of a knob: rules.knob.<path>; the limits share theirs, and their parts.
func RuleLabel(path string) Message {
	if parts := strings.Split(path, "."); len(parts) == 3 && parts[0] == "throttle" {
		return Message{Key: "rules.part." + parts[2], Args: map[string]any{"what": Message{Key: "rules.knob.throttle." + parts[1]}}}
	}
	return Message{Key: "rules.knob." + path}
}

// ruleWhy is what a knob does; the first of a limit's three parts says what is counted.
func ruleWhy(path string) Message {
	if parts := strings.Split(path, "."); len(parts) == 3 && parts[0] == "throttle" {
		if parts[2] == "limit" {
			return Message{Key: "rules.why.throttle." + parts[1]}
		}
		return Message{Key: "rules.whypart." + parts[2]}
	}
	return Message{Key: "rules.why." + path}
}

// RuleLabel is the name of a knob.
func (v *view) RuleLabel(path string) template.HTML { return v.Msg(RuleLabel(path)) }

// RuleWhy is what a knob does.
func (v *view) RuleWhy(path string) template.HTML { return v.Msg(ruleWhy(path)) }

// RuleWord is a word of the rules by its family: group, mark, effect, fixed, is.
func (v *view) RuleWord(family, name string) template.HTML {
	return v.Msg(Message{Key: "rules." + family + "." + name})
}

// RuleValue is the value of a knob in words.
func (v *view) RuleValue(x RuleValue) template.HTML {
	none := func() template.HTML { return v.Msg(Message{Key: "rules.none"}) }
	switch x.Kind {
	case "flag", "choice", "several":
		if len(x.Words) == 0 {
			if x.Text != "" {
				return isolated(x.Text)
			}
			return none()
		}
		words := make([]string, len(x.Words))
		for i, key := range x.Words {
			words[i] = v.r.Text(v.B, v.Locale, key, nil)
		}
		return template.HTML(template.HTMLEscapeString(strings.Join(words, v.r.Text(v.B, v.Locale, "console.comma", nil)))) //nolint:gosec // escaped
	case "length":
		if x.Length == 0 {
			return isolated("0")
		}
		if exactly(x.Length) {
			return template.HTML(template.HTMLEscapeString(v.r.duration(v.B, v.Locale, x.Length))) //nolint:gosec // escaped
		}
		return isolated(x.Human)
	}
	if x.Text == "" {
		return none()
	}
	var items []string
	for line := range strings.SplitSeq(x.Text, "\n") {
		items = append(items, string(isolated(line)))
	}
	return template.HTML(strings.Join(items, "<br>")) //nolint:gosec // each line is escaped
}

// exactly tells whether the words for lengths say this one without rounding it.
func exactly(d time.Duration) bool {
	return d%time.Hour == 0 || d < time.Hour && d%time.Minute == 0 || d < time.Minute && d%time.Second == 0
}

func isolated(s string) template.HTML {
	return template.HTML("<bdi>" + template.HTMLEscapeString(s) + "</bdi>") //nolint:gosec // escaped
}

// RuleInput is the one-line field of a knob.
func (v *view) RuleInput(f RuleField) field {
	label := RuleLabel(f.Path)
	in := field{Name: f.Path, Type: "text", Label: v.r.Text(v.B, v.Locale, label.Key, label.Args), Value: f.Typed, Autocomplete: "off",
		Hint: v.RuleWhy(f.Path), Error: v.fault(v.P.(parted).parts().Errors, f.Path), View: v}
	if f.Value.Kind == "number" {
		in.InputMode = "numeric"
	}
	if f.Value.Kind == "length" {
		in.Hint += " " + v.Msg(Message{Key: "rules.length_hint"})
	}
	return in
}

// RuleArea is the field of a knob that has one value a line.
func (v *view) RuleArea(f RuleField) area {
	in := v.RuleInput(f)
	hint := "rules.lines_hint"
	if f.Value.Kind == "networks" {
		hint = "rules.networks_hint"
	}
	return area{Name: in.Name, Label: in.Label, Value: f.Typed, Hint: in.Hint + " " + v.Msg(Message{Key: hint}), Error: in.Error, View: v}
}

// RulePick is the field of a knob with one choice of several.
func (v *view) RulePick(f RuleField) pick {
	in := v.RuleInput(f)
	p := pick{Name: in.Name, Label: in.Label, Hint: in.Hint, Error: in.Error, View: v}
	for _, o := range f.Options {
		p.Options = append(p.Options, Option{Value: o.Value, Text: v.RuleOption(o), Chosen: o.Chosen})
	}
	return p
}

// RuleOption is the text of a choice, with a word where it comes later.
func (v *view) RuleOption(o RuleOption) string {
	text := o.Value
	if o.Word != "" {
		text = v.r.Text(v.B, v.Locale, o.Word, nil)
	}
	if o.Later {
		text = v.r.Text(v.B, v.Locale, "rules.option_later", map[string]any{"option": text})
	}
	return text
}

// RuleFault is what is wrong with a field of the form.
func (v *view) RuleFault(name string) template.HTML {
	return v.fault(v.P.(parted).parts().Errors, name)
}

// PresetText is a preset as people read it.
func (v *view) PresetText(name string) string {
	return v.r.Text(v.B, v.Locale, "rules.is.preset_"+name, nil)
}

// rulePairs is a table of knobs with two values.
type rulePairs struct {
	Rows        []RuleChange
	Left, Right string // keys of the columns' names
	View        *view
}

// RulePairs is a table of changes with the names of its columns.
func (v *view) RulePairs(rows []RuleChange, left, right string) rulePairs {
	return rulePairs{Rows: rows, Left: left, Right: right, View: v}
}
