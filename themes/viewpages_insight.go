package themes

import (
	"cmp"
	"html/template"
	"maps"
	"slices"
	"strings"
)

// worded is the text of a key that is put together from a code, or the code itself where there is none: what
// other parts write down may be newer than the words.
func (v *view) worded(family, code string) string {
	key := family + strings.NewReplacer(" ", "_", "-", "_").Replace(strings.ToLower(code))
	if m, ok := v.r.words.placeholders[key]; ok && len(m) == 0 {
		return v.r.Text(v.B, v.Locale, key, nil)
	}
	return code
}

// EventText is what happened, in words.
func (v *view) EventText(kind string) string { return v.worded("audit.kind.", kind) }

// EventReason is why, in words: a code of ours, a code with what it is about behind a colon, or the rules that
// a password broke.
func (v *view) EventReason(reason string) string {
	const family = "audit.reason."
	if broken(reason) {
		return v.worded(family, "password_rules")
	}
	whole := strings.ReplaceAll(reason, ":", "_")
	if said := v.worded(family, whole); said != whole {
		return said
	}
	if code, _, about := strings.Cut(reason, ":"); about {
		return v.worded(family, code)
	}
	return reason
}

// broken tells whether a reason names rules of passwords, as accounts.PasswordError does.
func broken(reason string) bool {
	names := strings.Fields(reason)
	for _, name := range names {
		switch name {
		case "min", "max", "classes", "ascii", "common", "banned", "guessable", "personal", "personal_word", "brand_word", "reused", "lower", "upper", "digit", "special":
		default:
			return false
		}
	}
	return len(names) > 0
}

// FactLabel names a detail of an event; "" is the whole.
func (v *view) FactLabel(key string) string {
	return v.worded("audit.fact.", cmp.Or(key, "whole"))
}

// FactText is a detail's value: ways to show who one is by their names.
func (v *view) FactText(key string, value AuditValue) template.HTML {
	switch {
	case value.Who != nil:
		return v.Whom(*value.Who, false)
	case !value.At.IsZero():
		return v.Msg(Message{Key: "audit.at", Args: map[string]any{"when": value.At}})
	case key == "method" || key == "methods":
		return v.isolated(v.worded("audit.method.", value.Text))
	}
	return v.isolated(value.Text)
}

func (v *view) isolated(text string) template.HTML {
	return template.HTML("<bdi>" + template.HTMLEscapeString(text) + "</bdi>") //nolint:gosec // escaped here
}

// Whom names somebody of the audit, with the way to their page where linked says so.
func (v *view) Whom(w AuditWho, linked bool) template.HTML {
	switch w.Kind {
	case "account":
		name := v.isolated(w.Name)
		if !linked {
			return name
		}
		href := template.HTMLEscapeString(v.URL("/console/people/" + w.ID))
		return template.HTML(`<a href="` + href + `">` + string(name) + `</a>`) //nolint:gosec // both escaped
	case "gone":
		return v.Msg(Message{Key: "audit.gone", Args: map[string]any{"id": w.Name}})
	case "key":
		return v.Msg(Message{Key: "audit.actor.key", Args: map[string]any{"name": w.Name}})
	case "":
		return "–"
	}
	return v.isolated(v.worded("audit.actor.", w.Kind))
}

// OutcomeBadge is the colour of an outcome; its word stands in it.
func (v *view) OutcomeBadge(outcome string) string {
	return map[string]string{"success": "good", "failure": "warn", "denied": "bad"}[outcome]
}

// OutcomeText is an outcome in words.
func (v *view) OutcomeText(outcome string) string { return v.worded("audit.outcome.", outcome) }

// EventKinds are all kinds of events to choose from, by their words.
func (v *view) EventKinds() []Option {
	chosen := v.P.(AuditPage).Filter.Kind
	options := []Option{{Text: v.r.Text(v.B, v.Locale, "audit.any_kind", nil), Chosen: chosen == ""}}
	for _, key := range slices.Sorted(maps.Keys(v.r.words.placeholders)) {
		if kind, ok := strings.CutPrefix(key, "audit.kind."); ok {
			options = append(options, Option{Value: kind, Text: v.EventText(kind), Chosen: kind == chosen})
		}
	}
	slices.SortStableFunc(options[1:], func(a, b Option) int { return strings.Compare(a.Text, b.Text) })
	return options
}

// Picks are the options of a closed list: the first key is of "", the others of values by their family.
func (v *view) Picks(chosen, anyKey, family string, values ...string) []Option {
	options := []Option{{Text: v.r.Text(v.B, v.Locale, anyKey, nil), Chosen: chosen == ""}}
	for _, value := range values {
		options = append(options, Option{Value: value, Text: v.worded(family, value), Chosen: value == chosen})
	}
	return options
}

// pagerView is what the template of the pages before and behind sees.
type pagerView struct {
	View          *view
	Before, After string
}

// PagerOf offers the pages around a list.
func (v *view) PagerOf(before, after string) pagerView { return pagerView{v, before, after} }
