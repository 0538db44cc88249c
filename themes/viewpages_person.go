package themes

import (
	"html/template"
	"strconv"
	"strings"
)

// WhyText is the sentence of one reason.
func (v *view) WhyText(w WhyLine) template.HTML {
	args := map[string]any{}
	if !w.At.IsZero() {
		args["when"] = w.At
	}
	switch {
	case w.Role != (RoleName{}):
		args["role"] = v.RoleText(w.Role)
	case w.Text != "":
		args["what"] = v.IdentifierName(w.Text)
	}
	return v.Msg(Message{Key: w.Key, Args: args})
}

// IdentifierName names a kind of identifier.
func (v *view) IdentifierName(kind string) string {
	key := map[string]string{"email": "person.kind_email", "username": "person.kind_username", "user_id": "person.kind_user_id"}[kind]
	return v.r.Text(v.B, v.Locale, key, nil)
}

// PassText is the state of a one-time pass.
func (v *view) PassText(p PassLine) template.HTML {
	key := map[string]string{"unapproved": "person.pass_unapproved", "waiting": "person.pass_waiting", "ready": "person.pass_ready",
		"expired": "person.pass_expired", "used": "person.pass_used", "revoked": "person.pass_revoked"}[p.State]
	args := map[string]any{"by": p.By, "when": p.At}
	switch p.State {
	case "waiting":
		args["when"] = p.From
	case "ready":
		args["when"] = p.Until
	}
	return v.Msg(Message{Key: key, Args: args})
}

// ProofBy says who set somebody's proof.
func (v *view) ProofBy(by string) string {
	key := map[string]string{"owner": "person.by_owner", "administrator": "person.by_administrator", "import": "person.by_import"}[by]
	return v.r.Text(v.B, v.Locale, key, nil)
}

// asks are the words of the page before something is done to somebody: its title, and what will happen.
var asks = map[string][3]string{
	"disable":  {"person.do_disable_title", "person.do_disable_lead", "person.do_disable"},
	"sessions": {"person.do_sessions_title", "person.do_sessions_lead", "person.do_sessions"},
	"register": {"person.do_register_title", "person.do_register_lead", "person.do_register"},
	"erase":    {"person.do_erase_title", "person.do_erase_lead", "person.do_erase"},
}

// AskTitle asks.
func (v *view) AskTitle() template.HTML { return v.ask(0) }

// AskLead says what will happen.
func (v *view) AskLead() template.HTML { return v.ask(1) }

// AskButton names what will happen.
func (v *view) AskButton() template.HTML { return v.ask(2) }

func (v *view) ask(part int) template.HTML {
	p := v.P.(PersonAskPage)
	return v.Msg(Message{Key: asks[p.Act][part], Args: map[string]any{"name": p.Person.Name}})
}

// GroupKind names what a group is.
func (v *view) GroupKind(kind string) string {
	key := map[string]string{"location": "groups.kind_location", "department": "groups.kind_department", "group": "groups.kind_group"}[kind]
	return v.r.Text(v.B, v.Locale, key, nil)
}

// KindOptions are the kinds of groups to choose from.
func (v *view) KindOptions(chosen string) []Option {
	var all []Option
	for _, kind := range []string{"location", "department", "group"} {
		all = append(all, Option{Value: kind, Text: v.GroupKind(kind), Chosen: kind == chosen})
	}
	return all
}

// PlaceOptions are the places in the tree where a group may stand.
func (v *view) PlaceOptions(f GroupForm) []Option {
	var all []Option
	if f.Top {
		all = append(all, Option{Text: v.r.Text(v.B, v.Locale, "groups.top", nil), Chosen: f.Above == ""})
	}
	for _, g := range f.Places {
		all = append(all, Option{Value: g.ID, Text: strings.Repeat("\u2003", min(g.Depth, 8)) + g.Name, Chosen: g.ID == f.Above})
	}
	return all
}

// Indent is the class of a depth in the tree.
func (v *view) Indent(depth int) string { return "depth-" + strconv.Itoa(min(depth, 6)) }

// Listed joins names to a list as a sentence has it.
func (v *view) Listed(names []string) string { return v.listed(names) }

// actionView is what a button is drawn from.
type actionView struct {
	V *view
	A PersonAction
}

// WithAction hands an action to the part that draws it.
func (v *view) WithAction(a any) actionView {
	switch a := a.(type) {
	case PersonAction:
		return actionView{v, a}
	case *PersonAction:
		return actionView{v, *a}
	}
	return actionView{V: v}
}
