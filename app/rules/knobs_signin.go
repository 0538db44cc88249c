package rules

import (
	"time"

	"portico/tenants"
	"portico/themes"
)

type policy = tenants.Policy

// month is the most that NIST SP 800-63B-4 lets anybody stay signed in.
const month = 30 * day

func signInKnobs() []Knob {
	return []Knob{
		text("routing.login_path", func(p *policy) *string { return &p.Routing.LoginPath }),
		choice("routing.locale_default", func(p *policy) *string { return &p.Routing.LocaleDefault }, themes.Locales()...).words("lang"),
		flag("routing.locale_from_browser", func(p *policy) *bool { return &p.Routing.LocaleFromBrowser }),
		text("routing.locale_query_param", func(p *policy) *string { return &p.Routing.LocaleQueryParam }),

		choice("signin.identifier", func(p *policy) *string { return &p.SignIn.Identifier }, "email", "username", "user_id"),
		choice("signin.layout", func(p *policy) *string { return &p.SignIn.Layout }, "single", "two_step", "split"),
		flag("signin.local_enabled", func(p *policy) *bool { return &p.SignIn.LocalEnabled }),
		choice("signin.external", func(p *policy) *string { return &p.SignIn.External }, "off", "by_org_name", "provider_buttons"),
		text("signin.external_default_provider", func(p *policy) *string { return &p.SignIn.ExternalDefaultProvider }),
		lines("signin.account_type_chooser", func(p *policy) *[]string { return &p.SignIn.AccountTypeChooser }),
		flag("signin.remember_me", func(p *policy) *bool { return &p.SignIn.RememberMe }).less(),
		choice("signin.forgot_kind", func(p *policy) *string { return &p.SignIn.ForgotKind }, "link", "button", "none").words("forgot"),
		choice("signin.forgot_position", func(p *policy) *string { return &p.SignIn.ForgotPosition }, "below_password", "below_form", "beside_submit"),

		length("session.ttl", time.Minute, day, func(p *policy) *tenants.Duration { return &p.Session.TTL }).less(),
		length("session.absolute", 5*time.Minute, month, func(p *policy) *tenants.Duration { return &p.Session.Absolute }).less(),
		flag("session.sliding", func(p *policy) *bool { return &p.Session.Sliding }).less(),
		length("session.remember_for", 0, month, func(p *policy) *tenants.Duration { return &p.Session.RememberFor }).less(),
		length("session.revalidate_every", 0, 0, func(p *policy) *tenants.Duration { return &p.Session.RevalidateEvery }).fixed(),

		choice("mfa.signin", func(p *policy) *string { return &p.MFA.SignIn }, "off", "optional", "required").more(),
		choice("mfa.admins", func(p *policy) *string { return &p.MFA.Admins }, "", "optional", "required").more(),
		flag("mfa.remember_browser", func(p *policy) *bool { return &p.MFA.RememberBrowser }).less(),
		length("mfa.remember_for", 0, month, func(p *policy) *tenants.Duration { return &p.MFA.RememberFor }).less(),
		length("mfa.code_ttl", 0, 10*time.Minute, func(p *policy) *tenants.Duration { return &p.MFA.CodeTTL }).less(),
	}
}
