package themes

import "cmp"

// OldPassword is the field that stands before a new password while somebody is signed in.
func (v *view) OldPassword() field {
	p := v.P.(PasswordPage)
	return field{
		Name: "old", Type: "password", Label: v.r.Text(v.B, v.Locale, p.Old, nil),
		Autocomplete: "current-password", Error: v.fault(p.Errors, "old"), Star: v.Star(),
		Required: true, ShowPassword: true, View: v,
	}
}

// StrengthAsk is where the script asks for the strength of what is typed.
func (v *view) StrengthAsk() string {
	return v.URL(cmp.Or(v.P.(PasswordPage).Ask, "/recover/strength"))
}
