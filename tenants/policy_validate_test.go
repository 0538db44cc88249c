package tenants

import (
	"slices"
	"strings"
	"testing"
	"time"
)

const hour = Duration(time.Hour)

// refusedPolicies: each row changes one thing of a sound preset and names the field that must be refused.
var refusedPolicies = []struct {
	name, preset, field, says string
	change                    func(*Policy)
}{
	{"preset", "nist", "preset", "none of", func(p *Policy) { p.Preset = "axp" }},
	{"alias of a real page", "nist", "routing.login_path", "page of its own", func(p *Policy) { p.Routing.LoginPath = "/Login" }},
	{"alias elsewhere", "nist", "routing.login_path", "one path segment", func(p *Policy) { p.Routing.LoginPath = "//evil.test" }},
	{"locale", "nist", "routing.locale_default", "language", func(p *Policy) { p.Routing.LocaleDefault = "English" }},
	{"query param shape", "nist", "routing.locale_query_param", "small letters", func(p *Policy) { p.Routing.LocaleQueryParam = "M K" }},
	{"query param taken", "nist", "routing.locale_query_param", "meaning", func(p *Policy) { p.Routing.LocaleQueryParam = "token" }},
	{"identifier", "nist", "signin.identifier", "none of", func(p *Policy) { p.SignIn.Identifier = "phone" }},
	{"layout", "nist", "signin.layout", "none of", func(p *Policy) { p.SignIn.Layout = "" }},
	{"nobody signs in", "nist", "signin.local_enabled", "nobody", func(p *Policy) { p.SignIn.LocalEnabled = false }},
	{"provider while off", "nist", "signin.external_default_provider", "off", func(p *Policy) { p.SignIn.ExternalDefaultProvider = "x" }},
	{"chooser too long", "nist", "signin.account_type_chooser", "more than 5", func(p *Policy) { p.SignIn.AccountTypeChooser = []string{"a", "b", "c", "d", "e", "f"} }},
	{"forgot without recovery", "nist", "signin.forgot_kind", "recovery is off", func(p *Policy) { p.Reset.Enabled = false }},
	{"forgot without scope", "nist", "signin.forgot_kind", "recovery is off", func(p *Policy) { p.Reset.Scope = "none" }},
	{"forgot position", "nist", "signin.forgot_position", "none of", func(p *Policy) { p.SignIn.ForgotPosition = "top" }},
	{"idle too long", "email-link", "session.ttl", "longer", func(p *Policy) { p.Session.TTL = Duration(24*time.Hour + time.Second) }},
	{"idle too short", "nist", "session.ttl", "shorter", func(p *Policy) { p.Session.TTL = 0 }},
	{"absolute too long", "email-link", "session.absolute", "30 days", func(p *Policy) { p.Session.Absolute = Duration(721 * time.Hour) }},
	{"absolute before idle", "email-link", "session.absolute", "never be reached", func(p *Policy) { p.Session.Absolute = hour }},
	{"revalidate", "nist", "session.revalidate_every", "at once", func(p *Policy) { p.Session.RevalidateEvery = hour }},
	{"remember too long", "customer-portal", "session.remember_for", "longer", func(p *Policy) { p.Session.RememberFor = Duration(721 * time.Hour) }},
	{"remember for nothing", "customer-portal", "session.remember_for", "shorter", func(p *Policy) { p.Session.RememberFor = 0 }},
	{"mfa", "nist", "mfa.signin", "none of", func(p *Policy) { p.MFA.SignIn = "maybe" }},
	{"mfa without totp", "nist", "mfa.signin", "nobody could set one up", func(p *Policy) { p.MFA.SignIn = "required" }},
	{"mfa that administrators set", "nist", "mfa.admins", "nobody could set one up", func(p *Policy) {
		p.MFA.Admins, p.Gates.MethodsRegister, p.Gates.AdminOnly = "required", []string{"totp"}, []string{"totp"}
	}},
	{"mfa of administrators", "nist", "mfa.admins", "none of", func(p *Policy) { p.MFA.Admins = "off" }},
	{"less for administrators", "nist", "mfa.admins", "less than everybody", func(p *Policy) {
		p.MFA.SignIn, p.MFA.Admins, p.Gates.MethodsRegister = "required", "optional", []string{"totp"}
	}},
	{"mfa remembered", "nist", "mfa.remember_for", "720h", func(p *Policy) { p.MFA.RememberFor = Duration(721 * time.Hour) }},
	{"mfa remembered for nothing", "nist", "mfa.remember_for", "30 days", func(p *Policy) {
		p.MFA.SignIn, p.MFA.RememberBrowser, p.MFA.RememberFor = "optional", true, 0
	}},
	{"mfa code", "customer-portal", "mfa.code_ttl", "ten minutes", func(p *Policy) { p.MFA.CodeTTL = Duration(11 * time.Minute) }},
	{"scope group", "nist", "reset.scope_group", "external_id", func(p *Policy) { p.Reset.Scope = "group" }},
	{"group without scope", "nist", "reset.scope_group", "names a group", func(p *Policy) { p.Reset.ScopeGroup = "g" }},
	{"reset identifier", "nist", "reset.identifier", "none of", func(p *Policy) { p.Reset.Identifier = "name" }},
	{"captcha after", "nist", "reset.captcha_after", "between", func(p *Policy) { p.Reset.Captcha = "after_n" }},
	{"captcha kind", "nist", "reset.captcha_kind", "is none of", func(p *Policy) { p.Reset.CaptchaKind = "riddle" }},
	{"captcha count unused", "nist", "reset.captcha_after", "alone", func(p *Policy) { p.Reset.CaptchaAfter = 3 }},
	{"reveal", "two-gate", "reset.unknown_account", "strangers", func(p *Policy) { p.Reset.UnknownAccount = "reveal" }},
	{"externally managed", "nist", "reset.externally_managed", "none of", func(p *Policy) { p.Reset.ExternallyManaged = "hide" }},
	{"echo without address", "customer-portal", "reset.confirm_echo_address", "stored", func(p *Policy) { p.Reset.ConfirmEchoAddress, p.Reset.Identifier = true, "username" }},
	{"registration of nothing", "nist", "reset.requires_registration", "offers none", func(p *Policy) { p.Reset.RequiresRegistration = true }},
	{"unlock without gates", "nist", "reset.unlock_without_reset", "anybody", func(p *Policy) { p.Reset.UnlockWithoutReset, p.Gates.MethodsUse = true, nil }},
	{"reason without unlock", "nist", "reset.reason_prompt", "nowhere", func(p *Policy) { p.Reset.ReasonPrompt = true }},
	{"three gates", "two-gate", "gates.required", "between", func(p *Policy) { p.Gates.Required = 3 }},
	{"no gate", "nist", "gates.required", "between", func(p *Policy) { p.Gates.Required = 0 }},
	{"two gates, one family", "two-gate", "gates.required", "only 1", func(p *Policy) { p.Gates.MethodsUse = []string{"sms_mobile", "voice_mobile"} }},
	{"same phone by method", "two-gate", "gates.distinct_by", "same phone", func(p *Policy) {
		p.Gates.DistinctBy, p.Gates.MethodsUse = "method", []string{"sms_mobile", "voice_mobile"}
	}},
	{"no method", "nist", "gates.methods_use", "nobody could recover", func(p *Policy) { p.Gates.MethodsUse = nil }},
	{"unknown method", "nist", "gates.methods_use", "none of", func(p *Policy) { p.Gates.MethodsUse = []string{"email_link", "pigeon"} }},
	{"method twice", "nist", "gates.methods_use", "twice", func(p *Policy) { p.Gates.MethodsUse = []string{"email_link", "email_link"} }},
	{"method that nobody has", "nist", "gates.methods_use", "nobody could ever", func(p *Policy) { p.Gates.MethodsUse = []string{"email_link", "totp"} }},
	{"questions alone", "two-gate", "gates.methods_use", "alone", func(p *Policy) { p.Gates.Required, p.Gates.Admin = 1, AdminGates{} }},
	{"forbidden alone", "two-gate", "gates.admin.forbid", "leaves", func(p *Policy) {
		p.Gates.Admin.Forbid = []string{"sms_mobile", "voice_mobile", "voice_office", "security_questions"}
	}},
	{"one kind left", "two-gate", "gates.admin.forbid", "1 kinds", func(p *Policy) { p.Gates.Admin.Forbid = []string{"voice_office", "security_questions"} }},
	{"administrators weaker", "two-gate", "gates.admin.required", "neither", func(p *Policy) { p.Gates.Admin.Required = 1 }},
	{"admin only unoffered", "two-gate", "gates.admin_only", "is not in", func(p *Policy) { p.Gates.AdminOnly = []string{"totp"} }},
	{"admin sets answers", "two-gate", "gates.admin_only", "never sets", func(p *Policy) { p.Gates.AdminOnly = []string{"security_questions"} }},
	{"code too long", "two-gate", "gates.otp_ttl", "ten minutes", func(p *Policy) { p.Gates.OTPTTL = Duration(11 * time.Minute) }},
	{"four digits", "two-gate", "gates.otp_digits", "between", func(p *Policy) { p.Gates.OTPDigits = 4 }},
	{"flow too long", "nist", "gates.session_ttl", "longer", func(p *Policy) { p.Gates.SessionTTL = Duration(2 * time.Hour) }},
	{"retype nothing", "nist", "gates.retype_contact", "no phone", func(p *Policy) { p.Gates.RetypeContact = true }},
	{"two questions", "two-gate", "questions.ask", "between", func(p *Policy) { p.Questions.Ask = 2 }},
	{"asks more than registered", "two-gate", "questions.ask", "registered", func(p *Policy) { p.Questions.Register, p.Questions.Ask = 3, 5 }},
	{"short question", "two-gate", "questions.custom", "3 to 200", func(p *Policy) { p.Questions.Custom = []string{"?"} }},
	{"question twice", "two-gate", "questions.custom", "twice", func(p *Policy) { p.Questions.Custom = []string{"First pet?", "first pet?"} }},
	{"21 questions", "two-gate", "questions.custom", "20 at most", func(p *Policy) {
		for i := range 21 {
			p.Questions.Custom = append(p.Questions.Custom, "Question "+strings.Repeat("x", i+1))
		}
	}},
	{"answer bounds", "two-gate", "questions.answer_min", "more than", func(p *Policy) { p.Questions.AnswerMin, p.Questions.AnswerMax = 20, 10 }},
	{"register nothing", "nist", "registration.at_signin", "offers none", func(p *Policy) { p.Registration.AtSignIn = "forced" }},
	{"reconfirm bound", "two-gate", "registration.reconfirm_days", "between", func(p *Policy) { p.Registration.ReconfirmDays = 731 }},
	{"reconfirm while off", "nist", "registration.reconfirm_days", "is off", func(p *Policy) { p.Registration.ReconfirmDays = 10 }},
	{"link above the ceiling", "email-link", "link.ttl", "24 hours", func(p *Policy) { p.Link.TTL = Duration(24*time.Hour + time.Second) }},
	{"link too short", "email-link", "link.ttl", "shorter", func(p *Policy) { p.Link.TTL = Duration(time.Minute) }},
	{"older links live on", "customer-portal", "link.supersede_on_reissue", "at once", func(p *Policy) { p.Link.SupersedeOnReissue = false }},
	{"window without limit", "nist", "throttle.mail_send.limit", "off", func(p *Policy) { p.Throttle.MailSend.Limit = 0 }},
	{"limit without window", "nist", "throttle.mail_send.window", "shorter", func(p *Policy) { p.Throttle.MailSend.Window = 0 }},
	{"block of two days", "nist", "throttle.same_account.block", "outlasts", func(p *Policy) { p.Throttle.SameAccount.Block = Duration(48 * time.Hour) }},
	{"no sign-in limit", "nist", "throttle.signin_ip.limit", "always", func(p *Policy) { p.Throttle.SignInIP = Throttle{} }},
	{"sign-in limit too high", "nist", "throttle.signin_ip.limit", "1000 in 3m", func(p *Policy) { p.Throttle.SignInIP = Throttle{Limit: 100, Window: Duration(time.Second)} }},
	{"network shape", "nist", "throttle.networks", "address range", func(p *Policy) { p.Throttle.Networks = []Network{{CIDR: "10.0.0.1", Factor: 2}} }},
	{"network bits", "nist", "throttle.networks", "beyond", func(p *Policy) { p.Throttle.Networks = []Network{{CIDR: "192.0.2.1/24", Factor: 2}} }},
	{"everybody's network", "nist", "throttle.networks", "wider", func(p *Policy) { p.Throttle.Networks = []Network{{CIDR: "0.0.0.0/0", Factor: 2}} }},
	{"network factor", "nist", "throttle.networks.factor", "between", func(p *Policy) { p.Throttle.Networks = []Network{{CIDR: "192.0.2.0/24"}} }},
	{"network twice", "nist", "throttle.networks", "twice", func(p *Policy) {
		p.Throttle.Networks = []Network{{CIDR: "192.0.2.0/24", Factor: 2}, {CIDR: "192.0.2.0/24", Factor: 3}}
	}},
	{"ceiling", "nist", "throttle.ceiling", "between", func(p *Policy) { p.Throttle.Ceiling = 0 }},
	{"lock threshold low", "nist", "lockout.threshold", "mistype", func(p *Policy) { p.Lockout.Threshold = 1 }},
	{"lock threshold high", "nist", "lockout.threshold", "100", func(p *Policy) { p.Lockout.Threshold = 101 }},
	{"lock too long", "customer-portal", "lockout.duration", "outlasts", func(p *Policy) { p.Lockout.Duration = Duration(25 * time.Hour) }},
	{"growth", "nist", "lockout.growth", "none of", func(p *Policy) { p.Lockout.Growth = "triple" }},
	{"growth below duration", "nist", "lockout.growth_cap", "nothing could grow", func(p *Policy) { p.Lockout.GrowthCap = Duration(time.Second) }},
	{"cap without growth", "email-link", "lockout.growth_cap", "does not have", func(p *Policy) { p.Lockout.GrowthCap = hour }},
	{"repeats", "nist", "lockout.ignore_repeat_last", "between", func(p *Policy) { p.Lockout.IgnoreRepeatLast = 11 }},
	{"lock the owner out", "nist", "lockout.location_aware", "stranger", func(p *Policy) { p.Lockout.LocationAware = false }},
	{"lock survives a reset", "customer-portal", "lockout.cleared_by_reset", "outlives", func(p *Policy) { p.Lockout.ClearedByReset = false }},
	{"lock survives an unlock", "nist", "lockout.cleared_by_self_unlock", "mislead", func(p *Policy) { p.Lockout.ClearedByUnlock = false }},
	{"seven characters", "email-link", "password.min", "floor of 8", func(p *Policy) { p.Password.Min = 7 }},
	{"fourteen in nist", "nist", "password.min", "15", func(p *Policy) { p.Password.Min = 14 }},
	{"optional factor is none", "nist", "password.min", "15", func(p *Policy) { p.Password.Min, p.MFA.SignIn = 8, "optional" }},
	{"257 characters", "nist", "password.max", "ceiling", func(p *Policy) { p.Password.Max = 257 }},
	{"most too few", "nist", "password.max", "64", func(p *Policy) { p.Password.Max = 63 }},
	{"least above most", "email-link", "password.min", "more than", func(p *Policy) { p.Password.Min, p.Password.Max = 65, 64 }},
	{"classes in nist", "nist", "password.classes_min", "mode nist", func(p *Policy) { p.Password.ClassesMin = 3 }},
	{"require in nist", "nist", "password.require", "mode nist", func(p *Policy) { p.Password.Require = []string{"digit"} }},
	{"ascii in nist", "nist", "password.charset", "mode nist", func(p *Policy) { p.Password.Charset = "ascii" }},
	{"age in nist", "nist", "password.max_age_days", "periodic", func(p *Policy) { p.Password.MaxAgeDays = 90 }},
	{"unknown class", "email-link", "password.require", "none of", func(p *Policy) { p.Password.Require = []string{"emoji"} }},
	{"classes", "email-link", "password.classes_min", "between", func(p *Policy) { p.Password.ClassesMin = 5 }},
	{"short term", "two-gate", "password.banned_custom", "4 to 16", func(p *Policy) { p.Password.BannedCustom = []string{"abc"} }},
	{"long term", "two-gate", "password.banned_custom", "4 to 16", func(p *Policy) { p.Password.BannedCustom = []string{strings.Repeat("a", 17)} }},
	{"term twice", "two-gate", "password.banned_custom", "twice", func(p *Policy) { p.Password.BannedCustom = []string{"Contoso", "contoso"} }},
	{"own terms without a score", "email-link", "password.banned_min_score", "between", func(p *Policy) { p.Password.BannedCustom, p.Password.BannedNameMin = []string{"contoso"}, 4 }},
	{"age without a change inside", "email-link", "password.max_age_days", "change_in_session", func(p *Policy) { p.Password.MaxAgeDays = 180 }},
	{"score", "two-gate", "password.banned_min_score", "between", func(p *Policy) { p.Password.BannedMinScore = 0 }},
	{"finish", "nist", "finish.mode", "none of", func(p *Policy) { p.Finish.Mode = "confetti" }},
	{"signed in by a link", "nist", "finish.auto_sign_in", "way to sign in", func(p *Policy) { p.Finish.AutoSignIn = true }},
	{"sessions live on", "nist", "finish.revoke_sessions", "thief", func(p *Policy) { p.Finish.RevokeSessions = "none" }},
	{"open redirect", "nist", "finish.after_login", "neither", func(p *Policy) { p.Finish.AfterLogin = "//evil.test" }},
	{"open redirect by backslash", "nist", "finish.after_login", "neither", func(p *Policy) { p.Finish.AfterLogin = `/\evil.test` }},
	{"script", "nist", "finish.after_login", "neither", func(p *Policy) { p.Finish.AfterLogin = "javascript:alert(1)" }},
	{"userinfo", "nist", "finish.after_login", "neither", func(p *Policy) { p.Finish.AfterLogin = "https://a@evil.test/" }},
	{"no notice", "email-link", "notify.user_on_reset", "owner", func(p *Policy) { p.Notify.UserOnReset = false }},
	{"phone not tappable", "nist", "help.phone_link", "tapped", func(p *Policy) { p.Help.Phone = "(858) 635-4357" }},
	{"phone link", "nist", "help.phone_link", "dialled", func(p *Policy) { p.Help.Phone, p.Help.PhoneLink = "1", "858-635" }},
	{"help mail", "nist", "help.email", "mail address", func(p *Policy) { p.Help.Email = "Help <help@example.com>" }},
	{"help address", "nist", "help.url", "neither", func(p *Policy) { p.Help.URL = "http://example.com" }},
	{"panel without module", "customer-portal", "help.panel", "modules.kb", func(p *Policy) { p.Modules.KnowledgeBase = false }},
	{"contact leads nowhere", "customer-portal", "help.panel", "lead to", func(p *Policy) { p.Modules.Contact = false }},
	{"line break", "nist", "help.escalation", "line break", func(p *Policy) { p.Help.Escalation = "IT\nhelp" }},
	{"text turned around", "nist", "help.escalation", "turns the text", func(p *Policy) { p.Help.Escalation = "IT \u202epleh" }},
	{"no way in", "nist", "users.registration_mode", "nobody", func(p *Policy) { p.Users.Mode = nil }},
	{"sso without sso", "nist", "users.registration_mode", "needs signin.external", func(p *Policy) { p.Users.Mode = []string{"sso_jit"} }},
	{"roles", "nist", "users.roles", "none of", func(p *Policy) { p.Users.RolesPreset = "root" }},
	{"deactivated", "email-link", "users.deactivated_login", "strangers", func(p *Policy) { p.Users.DeactivatedLogin = "message" }},
	{"invitation too long", "nist", "users.invite_ttl", "two weeks", func(p *Policy) { p.Users.InviteTTL = Duration(337 * time.Hour) }},
	{"pass without approval", "nist", "passes.approval", "none of", func(p *Policy) { p.Passes.Approval = "none" }},
	{"pass too long", "nist", "passes.ttl", "24h", func(p *Policy) { p.Passes.TTL = Duration(25 * time.Hour) }},
	{"delay too short", "nist", "passes.delay", "object", func(p *Policy) { p.Passes.Delay = hour }},
	{"audit too short", "nist", "audit.retention_days", "between", func(p *Policy) { p.Audit.RetentionDays = 7 }},
}

func TestValidateRefuses(t *testing.T) {
	t.Parallel()
	for _, row := range refusedPolicies {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			p := preset(t, row.preset)
			row.change(&p)
			faults := p.Validate()
			if !slices.ContainsFunc(faults, func(f Fault) bool { return f.Field == row.field && strings.Contains(f.Problem, row.says) }) {
				t.Errorf("%s is not refused with %q; got %v", row.field, row.says, faults)
			}
		})
	}
}

// The bounds themselves are allowed: a rule that refuses its own edge is as wrong as one that never refuses.
func TestValidateAllowsTheBounds(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name, preset string
		change       func(*Policy)
	}{
		{"link of a day", "nist", func(p *Policy) { p.Link.TTL = Duration(24 * time.Hour) }},
		{"idle of a day", "email-link", func(p *Policy) { p.Session.TTL, p.Session.Absolute = Duration(24*time.Hour), Duration(720*time.Hour) }},
		{"eight with a factor", "nist", func(p *Policy) {
			p.Password.Min, p.MFA.SignIn, p.Gates.MethodsRegister = 8, "required", []string{"totp"}
		}},
		{"a factor of administrators", "nist", func(p *Policy) { p.MFA.Admins, p.Gates.MethodsRegister = "required", []string{"totp"} }},
		{"whoever has one", "nist", func(p *Policy) { p.MFA.SignIn, p.MFA.RememberBrowser = "optional", true }},
		{"eight in classes", "email-link", func(p *Policy) { p.Password.Min = 8 }},
		{"hundred failures", "nist", func(p *Policy) { p.Lockout.Threshold = 100 }},
		{"code of ten minutes", "two-gate", func(p *Policy) { p.Gates.OTPTTL = Duration(10 * time.Minute) }},
		{"terms of 4 and 16", "two-gate", func(p *Policy) { p.Password.BannedCustom = []string{"abcd", strings.Repeat("a", 16)} }},
		{"networks", "nist", func(p *Policy) {
			p.Throttle.Networks = []Network{{CIDR: "192.0.2.0/24", Factor: 1000}, {CIDR: "2001:db8::/32", Factor: 1}}
		}},
		{"invitation of two weeks", "nist", func(p *Policy) { p.Users.InviteTTL = Duration(336 * time.Hour) }},
		{"pass of a day after a week", "nist", func(p *Policy) {
			p.Passes = PassesPolicy{Enabled: true, TTL: Duration(24 * time.Hour), Approval: "delay", Delay: Duration(168 * time.Hour)}
		}},
		{"recovery off", "nist", func(p *Policy) {
			p.Reset.Enabled, p.SignIn.ForgotKind, p.Gates.MethodsUse = false, "none", []string{}
		}},
		{"own app", "nist", func(p *Policy) { p.Finish.AfterLogin = "https://app.example.com/home?x=1" }},
		{"confirm field without ticks", "email-link", func(p *Policy) { p.Password.ConfirmField, p.Password.UI = true, "none" }},
		{"user id and mailed link", "email-link", func(p *Policy) { p.Reset.Identifier, p.Reset.ConfirmEchoAddress = "user_id", false }},
	} {
		p := preset(t, row.preset)
		row.change(&p)
		for _, f := range p.Validate() {
			t.Errorf("%s: %s", row.name, f)
		}
	}
}
