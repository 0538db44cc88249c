package tenants

import (
	"net"
	"net/mail"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"
)

func (p FinishPolicy) validate(f *faults) {
	f.oneOf("finish.mode", p.Mode, "redirect_login", "message", "success_page")
	f.refuse(p.AutoSignIn, "finish.auto_sign_in", "must be false: a mailed link would then be a way to sign in (OWASP Forgot Password)")
	f.oneOf("finish.revoke_sessions", p.RevokeSessions, "all", "password", "none")
	f.refuse(p.RevokeSessions == "none", "finish.revoke_sessions",
		"must not be none: a reset ends what a thief may have opened (ASVS 7.4.3)")
	f.refuse(p.AfterLogin != "" && !localPath(p.AfterLogin) && !webAddress(p.AfterLogin), "finish.after_login",
		"%q is neither a path here, such as /account, nor an https address that portal.return_targets lists", cut(p.AfterLogin))
}

func (n NotifyPolicy) validate(f *faults) {
	f.refuse(!n.UserOnReset, "notify.user_on_reset", "must be true: the owner always hears of a reset (ASVS 6.3.7)")
}

var phoneLink = regexp.MustCompile(`^\+[1-9][0-9]{6,14}$`)

func (h HelpPolicy) validate(f *faults, m ModulesPolicy) {
	f.oneLine("help.escalation", h.Escalation, 120)
	f.oneLine("help.phone", h.Phone, 60)
	f.refuse(h.PhoneLink != "" && !phoneLink.MatchString(h.PhoneLink), "help.phone_link", "%q is not a number as dialled from abroad, such as +18586354357", cut(h.PhoneLink))
	f.refuse(h.Phone != "" && h.PhoneLink == "", "help.phone_link", "is missing: a number that is shown can be tapped")
	f.refuse(h.Phone == "" && h.PhoneLink != "", "help.phone", "is missing: help.phone_link is what it dials")
	f.refuse(h.Email != "" && !mailAddress(h.Email), "help.email", "%q is not a mail address", cut(h.Email))
	f.refuse(h.URL != "" && !localPath(h.URL) && !webAddress(h.URL), "help.url", "%q is neither an https address nor a path here", cut(h.URL))
	f.eachOf("help.panel", h.Panel, "browse_kb", "create_case", "contact")
	f.refuse(slices.Contains(h.Panel, "browse_kb") && !m.KnowledgeBase, "help.panel", "browse_kb needs modules.kb")
	f.refuse(slices.Contains(h.Panel, "create_case") && !m.Cases, "help.panel", "create_case needs modules.cases")
	f.refuse(slices.Contains(h.Panel, "contact") && !m.Contact && h.Email == "" && h.URL == "" && h.Phone == "", "help.panel",
		"contact needs modules.contact, or help.email, help.phone or help.url to lead to")
}

func (u UsersPolicy) validate(f *faults, in SignInPolicy) {
	f.refuse(len(u.Mode) == 0, "users.registration_mode", "is empty: nobody could ever get an account")
	f.eachOf("users.registration_mode", u.Mode, "invite", "sso_jit", "open", "code", "provisioned")
	f.refuse(slices.Contains(u.Mode, "sso_jit") && in.External == "off", "users.registration_mode", "sso_jit needs signin.external")
	f.oneOf("users.roles", u.RolesPreset, "portico", "axp", "university", "portal")
	f.eachOf("users.role_scopes", u.RoleScopes, "brand", "location", "department", "directory", "global", "account", "contact", "self")
	f.lasting("users.invite_ttl", u.InviteTTL, time.Hour, 336*time.Hour, "an invitation is a first password in a mailbox: two weeks at most")
	f.refuse(u.DeactivatedLogin != "generic", "users.deactivated_login",
		"%q would tell strangers who has an account; only generic is allowed (ASVS 6.3.8)", u.DeactivatedLogin)
}

func (p PassesPolicy) validate(f *faults) {
	f.oneOf("passes.approval", p.Approval, "second", "delay")
	f.lasting("passes.ttl", p.TTL, 5*time.Minute, 24*time.Hour, "a pass opens an account: whoever was given one uses it now")
	f.lasting("passes.delay", p.Delay, 24*time.Hour, 168*time.Hour, "the owner needs a day in which to object")
}

// localPath tells whether s is a path on this host that no browser reads as another host's.
func localPath(s string) bool {
	if len(s) == 0 || len(s) > 2000 || s[0] != '/' || strings.HasPrefix(s, "//") || strings.Contains(s, `\`) {
		return false
	}
	if strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r == 0x7f }) {
		return false
	}
	u, err := url.Parse(s)
	return err == nil && u.Host == "" && u.Scheme == "" && !strings.HasPrefix(u.Path, "//")
}

// webAddress tells whether s is an absolute https address, or http on this machine alone.
func webAddress(s string) bool {
	if len(s) > 2000 || strings.Contains(s, `\`) || strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r == 0x7f }) {
		return false
	}
	u, err := url.Parse(s)
	if err != nil || u.User != nil || u.Opaque != "" {
		return false
	}
	name := strings.ToLower(u.Hostname())
	if u.Scheme == "http" {
		ip := net.ParseIP(name)
		return name == "localhost" || strings.HasSuffix(name, ".localhost") || ip != nil && ip.IsLoopback()
	}
	_, err = NormalizeHost(u.Host)
	return u.Scheme == "https" && err == nil
}

// mailAddress tells whether s is one bare address without a display name.
func mailAddress(s string) bool {
	a, err := mail.ParseAddress(s)
	return err == nil && a.Name == "" && a.Address == s && len(s) <= 254 && !strings.ContainsAny(s, "\r\n")
}
