package tenants

import (
	"regexp"
	"slices"
	"strings"
	"time"
)

// Validate tells every value of a policy that cannot hold: unknown names, numbers out of range, values
// beyond the platform's floors and ceilings (with the source of the bound), and combinations that
// contradict each other. It judges what a tenant may ever ask for; NotYet tells what waits for a later
// version. An empty answer means that the policy is sound.
func (p Policy) Validate() []Fault {
	var f faults
	f.oneOf("preset", p.Preset, PresetNames()...)
	p.Routing.validate(&f)
	p.SignIn.validate(&f, p.Reset)
	p.Session.validate(&f, p.SignIn)
	p.MFA.validate(&f, p.Gates)
	p.Reset.validate(&f, p.Gates)
	p.Gates.validate(&f, p.Reset)
	p.Questions.validate(&f, p.Gates)
	p.Registration.validate(&f, p.Gates)
	p.Link.validate(&f)
	p.Passes.validate(&f)
	p.Throttle.validate(&f)
	p.Lockout.validate(&f)
	p.Password.validate(&f, p.MFA)
	p.Finish.validate(&f)
	p.Notify.validate(&f)
	p.Help.validate(&f, p.Modules)
	p.Users.validate(&f, p.SignIn)
	f.between("audit.retention_days", p.Audit.RetentionDays, 30, 3650)
	return f
}

var (
	loginAlias = regexp.MustCompile(`^/[A-Za-z0-9][A-Za-z0-9_-]{0,63}$`)
	localeTag  = regexp.MustCompile(`^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$`)
	queryParam = regexp.MustCompile(`^[a-z][a-z0-9_]{0,15}$`)
	groupName  = regexp.MustCompile(`^[\x21-\x7e]{1,128}$`) // an external id
)

// ownPaths are first segments that the product serves itself; an alias of theirs would hide a page.
var ownPaths = []string{
	"login", "logout", "recover", "account", "help", "console", "platform", "api", "t", "dev", "static",
	"healthz", "readyz", "metrics", "unlock", "invite", "support", "kb", "cases", "captcha", "assets", "theme", "images",
}

func (r RoutingPolicy) validate(f *faults) {
	if r.LoginPath != "" {
		f.refuse(!loginAlias.MatchString(r.LoginPath), "routing.login_path",
			"%q is not one path segment such as /SignIn", r.LoginPath)
		f.refuse(slices.Contains(ownPaths, strings.ToLower(strings.TrimPrefix(r.LoginPath, "/"))), "routing.login_path",
			"%q is a page of its own here; an alias needs another name", r.LoginPath)
	}
	f.refuse(!localeTag.MatchString(r.LocaleDefault), "routing.locale_default", "%q is not a language such as en or pt-BR", r.LocaleDefault)
	if r.LocaleQueryParam != "" {
		f.refuse(!queryParam.MatchString(r.LocaleQueryParam), "routing.locale_query_param",
			"%q is not a short name of small letters, digits and underscores", r.LocaleQueryParam)
		f.refuse(slices.Contains([]string{"token", "return_to", "code", "state"}, r.LocaleQueryParam), "routing.locale_query_param",
			"%q has a meaning of its own here", r.LocaleQueryParam)
	}
}

func (s SignInPolicy) validate(f *faults, reset ResetPolicy) {
	f.oneOf("signin.identifier", s.Identifier, "email", "username", "user_id")
	f.oneOf("signin.layout", s.Layout, "single", "two_step", "split")
	f.oneOf("signin.external", s.External, "off", "by_org_name", "provider_buttons")
	f.oneOf("signin.forgot_kind", s.ForgotKind, "link", "button", "none")
	f.oneOf("signin.forgot_position", s.ForgotPosition, "below_password", "below_form", "beside_submit")
	f.refuse(!s.LocalEnabled && s.External == "off", "signin.local_enabled",
		"is off while signin.external is off too: nobody could sign in")
	f.refuse(s.ExternalDefaultProvider != "" && s.External == "off", "signin.external_default_provider",
		"names a provider while signin.external is off")
	f.oneLine("signin.external_default_provider", s.ExternalDefaultProvider, 100)
	f.refuse(len(s.AccountTypeChooser) > 5, "signin.account_type_chooser", "has more than 5 choices")
	for _, choice := range s.AccountTypeChooser {
		f.refuse(strings.TrimSpace(choice) == "", "signin.account_type_chooser", "has an empty choice")
		f.oneLine("signin.account_type_chooser", choice, 80)
	}
	f.refuse(reset.off() && s.ForgotKind != "none", "signin.forgot_kind",
		"offers a way to recovery while recovery is off: say none, or turn reset.enabled on")
	f.refuse(s.ForgotPosition == "below_password" && s.Layout == "two_step" && len(s.AccountTypeChooser) > 0, "signin.forgot_position",
		"is below a password that the first step of two_step does not show, while account_type_chooser belongs to that step: say below_form")
}

const (
	longestIdle     = 24 * time.Hour
	longestAbsolute = 720 * time.Hour
)

func (s SessionPolicy) validate(f *faults, in SignInPolicy) {
	f.lasting("session.ttl", s.TTL, time.Minute, longestIdle, "the platform's ceiling for people's sessions; administrators have their own of 15m")
	f.lasting("session.absolute", s.Absolute, 5*time.Minute, longestAbsolute, "NIST SP 800-63B-4 2.1.3: sign in again at least every 30 days")
	f.refuse(s.Sliding && s.Absolute < s.TTL, "session.absolute",
		"%s is shorter than session.ttl %s, which could then never be reached", s.Absolute, s.TTL)
	f.refuse(s.RevalidateEvery != 0, "session.revalidate_every",
		"must be 0: an ended session, account or role ends at once everywhere here, not at the next check")
	if in.RememberMe {
		f.lasting("session.remember_for", s.RememberFor, time.Hour, longestAbsolute, "NIST SP 800-63B-4 2.1.3: sign in again at least every 30 days")
		return
	}
	f.refuse(s.RememberFor.Std() > longestAbsolute, "session.remember_for", "%s is longer than the most of %s", s.RememberFor, Duration(longestAbsolute))
}

// For is what a sign-in asks of somebody: off, optional, required.
func (m MFAPolicy) For(admin bool) string {
	if admin && m.Admins != "" {
		return m.Admins
	}
	return m.SignIn
}

// Asks tells whether a sign-in asks anybody.
func (m MFAPolicy) Asks() bool { return m.For(false) != "off" || m.For(true) != "off" }

func (m MFAPolicy) validate(f *faults, g GatesPolicy) {
	f.oneOf("mfa.signin", m.SignIn, "off", "optional", "required")
	f.oneOf("mfa.admins", m.Admins, "", "optional", "required")
	f.refuse(m.Admins == "optional" && m.SignIn == "required", "mfa.admins", "asks administrators for less than everybody else: say required, or leave it out")
	const nobody = "required needs totp in gates.methods_register, and not in gates.admin_only: nobody could set one up"
	f.refuse(m.SignIn == "required" && !g.Registers("totp"), "mfa.signin", nobody)
	f.refuse(m.Admins == "required" && !g.Registers("totp"), "mfa.admins", nobody)
	if m.Asks() && m.RememberBrowser {
		f.lasting("mfa.remember_for", m.RememberFor, time.Hour, longestAbsolute, "a browser is known for 30 days at most (security.md 4.2)")
	}
	f.refuse(m.RememberFor.Std() > longestAbsolute, "mfa.remember_for", "%s is longer than the most of %s", m.RememberFor, Duration(longestAbsolute))
	if m.Asks() || m.CodeTTL != 0 {
		f.lasting("mfa.code_ttl", m.CodeTTL, time.Minute, 10*time.Minute, "NIST SP 800-63B-4 3.1.3.2 and ASVS 6.5.5: codes live ten minutes at most")
	}
}
