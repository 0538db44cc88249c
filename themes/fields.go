package themes

import (
	"html/template"
	"strings"
)

// field is one input with everything that belongs to it.
type field struct {
	Name, Type, Label, Value     string
	Autocomplete, InputMode      string
	Hint, Error                  template.HTML
	Star, Required, ShowPassword bool
	Code                         bool // digits in a row, left to right whatever the language
	Min                          int
	DescribedBy                  string // further ids
	View                         *view
}

// ID is the input's id.
func (f field) ID() string { return "f-" + f.Name }

// Described lists the ids that explain the input: its hint, its error, more.
func (f field) Described() string {
	var ids []string
	if f.Hint != "" {
		ids = append(ids, f.ID()+"-hint")
	}
	if f.Error != "" {
		ids = append(ids, f.ID()+"-error")
	}
	if f.DescribedBy != "" {
		ids = append(ids, f.DescribedBy)
	}
	return strings.Join(ids, " ")
}

// optional is a tenant's text that may be left empty: the catalogue's own is "" too.
func (v *view) optional(key string) template.HTML {
	if v.r.Text(v.B, v.Locale, key, nil) == "" {
		return ""
	}
	return v.Msg(Message{Key: key})
}

func (v *view) fault(errs FieldErrors, name string) template.HTML {
	m, ok := errs[name]
	if !ok {
		return ""
	}
	return v.Msg(m)
}

// identify is the field that says who somebody is, with the keyboard and autocomplete of its kind.
func (v *view) identify(name, kind, label, value string, errs FieldErrors) field {
	f := field{
		Name: name, Type: "text", Label: label, Value: value, Autocomplete: "username",
		Error: v.fault(errs, name), Star: v.Star(), Required: true, View: v,
	}
	if kind == "email" {
		f.Type, f.InputMode = "email", "email"
	}
	return f
}

// SignInField is the identifier of /login.
func (v *view) SignInField() field {
	p := v.P.(SignInPage)
	key := map[string]string{"email": "signin.email", "username": "signin.username", "user_id": "signin.user_id"}[p.Identifier]
	return v.identify("identifier", p.Identifier, v.r.Text(v.B, v.Locale, key, nil), p.Typed, p.Errors)
}

// PasswordField is the password of /login.
func (v *view) PasswordField() field {
	p := v.P.(SignInPage)
	return field{
		Name: "password", Type: "password", Label: v.r.Text(v.B, v.Locale, "signin.password", nil),
		Autocomplete: "current-password", Error: v.fault(p.Errors, "password"),
		Star: v.Star(), Required: true, ShowPassword: true, View: v,
	}
}

// RecoverField is the identifier of /recover.
func (v *view) RecoverField() field {
	p := v.P.(RecoverPage)
	f := v.identify("identifier", p.Identifier, v.recoverLabel(p.Identifier), p.Typed, p.Errors)
	f.Hint = v.optional("reset.id_help")
	if p.Gates {
		f.Hint = v.optional("gate.id_help")
	}
	return f
}

// recoverLabel is the tenant's reset.id_label, or the name of the kind that the policy asks for.
func (v *view) recoverLabel(kind string) string {
	if own := v.r.Text(v.B, v.Locale, "reset.id_label", nil); own != "" {
		return own
	}
	key := map[string]string{"email": "signin.email", "username": "signin.username", "user_id": "signin.user_id"}[kind]
	return v.r.Text(v.B, v.Locale, key, nil)
}

// NewPassword is the first field of a password page.
func (v *view) NewPassword() field {
	p := v.P.(PasswordPage)
	f := field{
		Name: "password", Type: "password", Label: v.r.Text(v.B, v.Locale, p.Label, nil),
		Autocomplete: "new-password", Error: v.fault(p.Errors, "password"), Star: v.Star(),
		Required: true, ShowPassword: true, Min: p.Min, View: v,
	}
	if p.UI == "live_checklist" && len(p.Rules) > 0 {
		f.DescribedBy = "rules"
	}
	if p.Advice {
		f.Hint = v.optional("password.advice")
	}
	return f
}

// ConfirmPassword is the second field of a password page.
func (v *view) ConfirmPassword() field {
	p := v.P.(PasswordPage)
	return field{
		Name: "confirm", Type: "password", Label: v.r.Text(v.B, v.Locale, p.Confirm, nil),
		Autocomplete: "new-password", Error: v.fault(p.Errors, "confirm"), Star: v.Star(),
		Required: true, View: v,
	}
}

// FindField is the address of the platform's front page.
func (v *view) FindField() field {
	p := v.P.(FindPortalPage)
	f := v.identify("email", "email", v.r.Text(v.B, v.Locale, "find.label", nil), p.Typed, p.Errors)
	f.Autocomplete = "email"
	return f
}

// area is a field of several lines.
type area struct {
	Name, Label, Value string
	Hint, Error        template.HTML
	View               *view
}

// ID is the field's id.
func (a area) ID() string { return "f-" + a.Name }

// Area is a field of several lines with its words and its fault; hint "" is none.
func (v *view) Area(name, label, hint, value string, errs FieldErrors) area {
	a := area{Name: name, Label: v.r.Text(v.B, v.Locale, label, nil), Value: value, Error: v.fault(errs, name), View: v}
	if hint != "" {
		a.Hint = v.Msg(Message{Key: hint})
	}
	return a
}

// TextField is one line with its words and its fault, for the console's forms; hint "" is none.
func (v *view) TextField(name, kind, label, hint, value string, errs FieldErrors) field {
	f := field{Name: name, Type: kind, Label: v.r.Text(v.B, v.Locale, label, nil), Value: value, Autocomplete: "off",
		Error: v.fault(errs, name), View: v}
	if hint != "" {
		f.Hint = v.Msg(Message{Key: hint})
	}
	return f
}

// pick is a field with a list to choose from.
type pick struct {
	Name, Label string
	Options     []Option
	Hint, Error template.HTML
	View        *view
}

// ID is the field's id.
func (c pick) ID() string { return "f-" + c.Name }

// Option is one line of a list to choose from: its value, and its text as it is shown.
type Option struct {
	Value, Text string
	Chosen      bool
}

// Listed are the options as HTML: a tree of some hundred groups is too much for a template to walk on every page.
func (c pick) Listed() template.HTML {
	var b strings.Builder
	for _, o := range c.Options {
		b.WriteString(`<option value="` + template.HTMLEscapeString(o.Value) + `"`)
		if o.Chosen {
			b.WriteString(" selected")
		}
		b.WriteString(">" + template.HTMLEscapeString(o.Text) + "</option>\n")
	}
	return template.HTML(b.String()) //nolint:gosec // escaped above
}

// Choice is a list to choose from, with its words and its fault; hint "" is none.
func (v *view) Choice(name, label, hint string, options []Option, errs FieldErrors) pick {
	c := pick{Name: name, Label: v.r.Text(v.B, v.Locale, label, nil), Options: options, Error: v.fault(errs, name), View: v}
	if hint != "" {
		c.Hint = v.Msg(Message{Key: hint})
	}
	return c
}
