package themes

import (
	"html/template"
	"strconv"
)

// importFields are the fields in the order in which they are offered.
func importFields() []string {
	return []string{"external_id", "display_name", "email", "username", "user_id", "locale", "groups", "roles",
		"auth_phone", "office_phone", "auth_email", "disabled", "password_hash"}
}

// FieldOptions are what a column can mean.
func (v *view) FieldOptions(chosen string) []Option {
	all := []Option{{Value: "", Text: v.r.Text(v.B, v.Locale, "imports.field_skip", nil), Chosen: chosen == ""}}
	for _, f := range importFields() {
		all = append(all, Option{Value: f, Text: v.r.Text(v.B, v.Locale, "imports.field_"+f, nil), Chosen: f == chosen})
	}
	return all
}

// ImportState is a state in words.
func (v *view) ImportState(state string) string {
	return v.r.Text(v.B, v.Locale, "imports.state_"+state, nil)
}

// ImportResult is what came of a row in words.
func (v *view) ImportResult(result string) string {
	return v.r.Text(v.B, v.Locale, "imports.result_"+result, nil)
}

// ImportWhy is why a row was refused.
func (v *view) ImportWhy(m Message) template.HTML {
	if m.Key == "" {
		return ""
	}
	return v.Msg(m)
}

// ImportEnd says why an import ended as it did; "" is nothing.
func (v *view) ImportEnd(reason string) string {
	key := map[string]string{"ceiling": "imports.end_ceiling", "unread": "imports.no_missing", "rights": "imports.end_rights",
		"gone": "imports.end_gone", "bounces": "imports.waves_bounces", "last_owner": "imports.why_last_owner", "": ""}
	k, known := key[reason]
	if !known {
		k = "imports.end_other"
	}
	if k == "" {
		return ""
	}
	return v.r.Text(v.B, v.Locale, k, nil)
}

// Number is a number as an attribute.
func (v *view) Number(n int) string { return strconv.Itoa(n) }
