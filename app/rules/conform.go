package rules

import (
	"slices"
	"strings"
	"time"

	"portico/tenants"
)

// Mark says that a knob's value is not what NIST SP 800-63B-4 or OWASP ASVS 5.0 ask for. Its reason is the
// word rules.mark.<Code>; Source names the requirement.
type Mark struct {
	Path   string
	Code   string
	Source string
}

// longLink is the life of a mailed link beyond which it is marked; NIST's own ceiling of a day is the
// platform's.
const longLink = 30 * time.Minute

// Marks lists where a policy is not conformant, in the order of the knobs.
func Marks(p tenants.Policy) []Mark {
	var all []Mark
	mark := func(when bool, path, code, source string) {
		if when {
			all = append(all, Mark{Path: path, Code: code, Source: source})
		}
	}
	enforced := p.MFA.SignIn == "required"
	mark(enforced && p.Session.TTL.Std() > time.Hour, "session.ttl", "idle", "NIST SP 800-63B-4 2.2.3")
	mark(enforced && p.Session.Absolute.Std() > day, "session.absolute", "absolute", "NIST SP 800-63B-4 2.2.3")
	mark(p.MFA.For(true) != "required", "mfa.admins", "admins", "ASVS 6.3.3")

	g := p.Gates
	mark(slices.Contains(g.MethodsUse, "security_questions"), "gates.methods_use", "questions", "NIST SP 800-63B-4 3.1.1.2, ASVS 6.4.2")
	mark(byPhoneAlone(g.MethodsUse), "gates.methods_use", "phones", "NIST SP 800-63B-4 3.1.3.3, ASVS 6.6.1")
	mark(slices.Contains(g.MethodsRegister, "security_questions"), "gates.methods_register", "questions", "NIST SP 800-63B-4 3.1.1.2, ASVS 6.4.2")
	mark(p.Link.TTL.Std() > longLink, "link.ttl", "link", "ASVS 6.5.5")
	mark(p.Throttle.MethodUse.Limit == 0 && p.ThroughGates(), "throttle.method_use.limit", "unlimited", "ASVS 6.6.3")
	mark(p.Throttle.MailSend.Limit == 0, "throttle.mail_send.limit", "unlimited", "ASVS 2.4.1")

	w := p.Password
	const classes = "NIST SP 800-63B-4 3.1.1.2, ASVS 6.2.5"
	mark(w.Mode == "classes", "password.mode", "classes", classes)
	mark(w.Min < 15 && !enforced, "password.min", "short", "NIST SP 800-63B-4 3.1.1.2")
	mark(len(w.Require) > 0, "password.require", "classes", classes)
	mark(w.ClassesMin > 0, "password.classes_min", "classes", classes)
	mark(w.Charset == "ascii", "password.charset", "ascii", "NIST SP 800-63B-4 3.1.1.2")
	mark(w.MaxAgeDays > 0, "password.max_age_days", "age", "NIST SP 800-63B-4 3.1.1.2, ASVS 6.2.10")
	mark(!w.ChangeInside, "password.change_in_session", "no_change", "ASVS 6.2.2")
	return all
}

// byPhoneAlone tells whether codes go over the telephone network with nothing beside them but questions.
func byPhoneAlone(methods []string) bool {
	phones := false
	for _, m := range methods {
		if strings.HasPrefix(m, "sms_") || strings.HasPrefix(m, "voice_") {
			phones = true
		} else if m != "security_questions" {
			return false
		}
	}
	return phones
}
