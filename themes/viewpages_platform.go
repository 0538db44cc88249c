package themes

import (
	"html/template"
	"strings"
)

// PresetOptions are the presets to choose from, each with its own words.
func (v *view) PresetOptions(presets []string, chosen string) []Option {
	var all []Option
	for _, p := range presets {
		all = append(all, Option{Value: p, Text: v.worded("platform.preset_", strings.ReplaceAll(p, "-", "_")), Chosen: p == chosen})
	}
	return all
}

// PlatformPicks are options of a family of words of the platform's pages, "platform.<family>_<value>".
func (v *view) PlatformPicks(family, chosen string, values ...string) []Option {
	var all []Option
	for _, value := range values {
		all = append(all, Option{Value: value, Text: v.worded("platform."+family+"_", value), Chosen: value == chosen})
	}
	return all
}

// RolePicksOf are the roles of staff to choose from.
func (v *view) RolePicksOf(roles []string, chosen string) []Option {
	return v.PlatformPicks("role", chosen, roles...)
}

// PlatformText is a word of a family of the platform's pages; what a newer program wrote is shown as it is.
func (v *view) PlatformText(family, value string) string {
	return v.worded("platform."+family+"_", strings.NewReplacer("-", "_", ".", "_").Replace(value))
}

// CustomerBadge is the colour of a customer's state.
func (v *view) CustomerBadge(state string) string {
	return map[string]string{"live": "good", "draft": "info", "suspended": "bad", "leaving": "warn"}[state]
}

// StepBadge is the colour of a step's state.
func (v *view) StepBadge(state string) string {
	return map[string]string{"done": "good", "open": "warn", "optional": "info", "waiting": "info", "broken": "bad"}[state]
}

// GrantBadge is the colour of an access of staff.
func (v *view) GrantBadge(state string) string {
	return map[string]string{"open": "good", "asked": "warn"}[state]
}

// StaffPassword is the field of a password that staff choose.
func (v *view) StaffPassword() field {
	p := v.P.(StaffStartPage)
	return field{Name: "password", Type: "password", Label: v.r.Text(v.B, v.Locale, "set.new", nil), Autocomplete: "new-password",
		Error: v.fault(p.Errors, "password"), Required: true, ShowPassword: true, Min: p.Min,
		Hint: v.Msg(Message{Key: "platform.password_hint", Args: map[string]any{"count": p.Min}}), View: v}
}

// StaffCode is the field of the app's code.
func (v *view) StaffCode(errs FieldErrors) field {
	return field{Name: "code", Type: "text", Label: v.r.Text(v.B, v.Locale, "platform.code", nil), Autocomplete: "one-time-code",
		InputMode: "numeric", Code: true, Error: v.fault(errs, "code"), Required: true, View: v}
}

// StaffAddress and StaffWord are the fields of /platform/login.
func (v *view) StaffAddress() field {
	p := v.P.(StaffSignInPage)
	return v.identify("email", "email", v.r.Text(v.B, v.Locale, "signin.email", nil), p.Typed, p.Errors)
}

// StaffWord is the password of /platform/login.
func (v *view) StaffWord() field {
	p := v.P.(StaffSignInPage)
	return field{Name: "password", Type: "password", Label: v.r.Text(v.B, v.Locale, "signin.password", nil), Autocomplete: "current-password",
		Error: v.fault(p.Errors, "password"), Required: true, ShowPassword: true, View: v}
}

// StaffAppLink is the otpauth address as a link: it opens the app on the same device.
func (v *view) StaffAppLink() template.URL {
	return template.URL(v.P.(StaffStartPage).Link) //nolint:gosec // made of our own key
}

// PlatformEvents are the events of the page, for the table that both pages with events share.
func (v *view) PlatformEvents() []PlatformEvent {
	switch p := v.P.(type) {
	case CustomerPage:
		return p.Events
	case PlatformAuditPage:
		return p.Rows
	}
	return nil
}
