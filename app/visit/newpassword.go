package visit

import (
	"strconv"

	"portico/app/accounts"
	"portico/themes"
)

// NewPassword completes a page that asks for a new password with what the tenant's policy says of it:
// rules, bounds, the second field. The first of the broken rules, if any, is explained beside the field.
func (v *Visit) NewPassword(page themes.PasswordPage, broken []accounts.Rule) themes.PasswordPage {
	p := v.Tenant.Policy.Password
	page.ConfirmField, page.UI, page.Advice = p.ConfirmField, p.UI, p.Advice
	page.Min, page.Max, page.Rules, page.Help = p.Min, p.Max, v.PasswordRules(), v.Help()
	if len(broken) > 0 {
		page.Errors = themes.FieldErrors{"password": v.PasswordFault(broken[0])}
	}
	return page
}

// PasswordTyped finds what is wrong with the fields of such a page before the password itself is
// judged: nothing typed, or not the same twice.
func (v *Visit) PasswordTyped(form Form) themes.FieldErrors {
	switch {
	case form["password"] == "":
		return themes.FieldErrors{"password": {Key: "error.required_new"}}
	case v.Tenant.Policy.Password.ConfirmField && form["confirm"] != form["password"]:
		return themes.FieldErrors{"confirm": {Key: "error.mismatch"}}
	}
	return nil
}

// PasswordRules is the list that a person sees. Nothing is met before anything was typed.
func (v *Visit) PasswordRules() []themes.PasswordRule {
	var rules []themes.PasswordRule
	for _, r := range accounts.RulesOf(v.Tenant.Policy.Password) {
		t := themes.PasswordRule{Name: r.Name, Text: themes.Message{Key: "rule." + r.Name, Args: map[string]any{"count": r.N}}, Test: r.Name}
		switch r.Name {
		case "min", "classes":
			t.Test = r.Name + ":" + strconv.Itoa(r.N)
		case "common":
			t.Name, t.Text.Key, t.Test = "known", "rule.known", "known"
		}
		rules = append(rules, t)
	}
	return rules
}

// PasswordFault says which rule was broken and what to do.
func (v *Visit) PasswordFault(r accounts.Rule) themes.Message {
	args := map[string]any{"count": r.N}
	switch r.Name {
	case "min":
		return themes.Message{Key: "error.too_short", Args: args}
	case "max":
		return themes.Message{Key: "error.too_long", Args: args}
	case "personal":
		if accounts.BrandWord(v.Tenant, r.Word) {
			return themes.Message{Key: "error.brand_word", Args: map[string]any{"brand": v.Tenant.Name}}
		}
		return themes.Message{Key: "error.personal_word"}
	case "common":
		return themes.Message{Key: "error.common"}
	}
	return themes.Message{Key: "error." + r.Name, Args: args}
}
