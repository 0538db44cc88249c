package recovery

import (
	"slices"

	"portico/app/visit"
	"portico/themes"
)

// Help is /help: how to get back in and whom to ask, made from the policy.
func (f *Flow) Help(v *visit.Visit) error {
	return v.Cached("help", func() themes.Page {
		p := v.Tenant.Policy
		page := themes.HelpPage{
			Identifier: p.SignIn.Identifier, ResetIdentifier: p.Reset.Identifier,
			ResetEnabled: enabled(v), LinkTTL: p.Link.TTL.Std(), ConfirmField: p.Password.ConfirmField,
			ChangeInside: p.Password.ChangeInside, DeliveryHint: p.Reset.DeliveryHint,
			SSO:  p.SignIn.External != "off" || slices.Contains(p.Users.Mode, "sso_jit"),
			Help: v.Help(),
		}
		if p.Password.UI != "none" {
			page.Rules = v.PasswordRules()
		}
		return page
	})
}
