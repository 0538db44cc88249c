package tenants

import "strings"

const (
	leastPassword     = 8   // the platform's floor in every mode
	leastNISTPassword = 15  // where the password is the only factor
	mostPassword      = 256 // code points; 1,024 bytes hold beside it
	leastMost         = 64  // what everybody must be allowed to use
)

func (p PasswordPolicy) validate(f *faults, mfa MFAPolicy) {
	f.oneOf("password.mode", p.Mode, "nist", "classes")
	f.oneOf("password.charset", p.Charset, "any", "ascii")
	f.oneOf("password.ui", p.UI, "live_checklist", "strength", "none")
	f.eachOf("password.require", p.Require, "lower", "upper", "digit", "special")
	f.between("password.classes_min", p.ClassesMin, 0, 4)
	f.refuse(p.Min < leastPassword, "password.min", "%d is below the platform's floor of %d", p.Min, leastPassword)
	f.refuse(p.Max > mostPassword, "password.max", "%d is above the platform's ceiling of %d", p.Max, mostPassword)
	f.refuse(p.Max < leastMost, "password.max", "%d is less than the %d characters that everybody must be allowed (NIST SP 800-63B-4, ASVS 6.2.9)", p.Max, leastMost)
	f.refuse(p.Min > p.Max, "password.min", "%d is more than password.max %d", p.Min, p.Max)
	f.refuse(p.Min > leastMost, "password.min", "%d is more than the %d that people can be asked for", p.Min, leastMost)
	if p.Mode == "nist" {
		p.validateNIST(f, mfa)
	}
	f.between("password.history_change", p.HistoryChange, 0, 24)
	f.between("password.history_reset", p.HistoryReset, 0, 24)
	f.between("password.max_age_days", p.MaxAgeDays, 0, 730)
	f.refuse(p.MaxAgeDays > 0 && p.Mode == "classes" && !p.ChangeInside, "password.max_age_days",
		"needs password.change_in_session true: whoever signs in with a password of that age must be able to change it")
	p.validateBanned(f)
}

// validateNIST holds what mode nist promises: SP 800-63B-4 section 3.1.1.2.
func (p PasswordPolicy) validateNIST(f *faults, mfa MFAPolicy) {
	f.refuse(p.Min < leastNISTPassword && mfa.SignIn != "required", "password.min",
		"%d is less than %d, the least where the password is the only factor; 8 needs mfa.signin required (NIST SP 800-63B-4 3.1.1.2)", p.Min, leastNISTPassword)
	const why = "in mode nist, which forbids rules about kinds of characters; say mode classes to keep them (NIST SP 800-63B-4 3.1.1.2, ASVS 6.2.5)"
	f.refuse(len(p.Require) > 0, "password.require", "must be empty %s", why)
	f.refuse(p.ClassesMin > 0, "password.classes_min", "must be 0 %s", why)
	f.refuse(p.Charset == "ascii", "password.charset", "must be any %s", why)
	f.refuse(p.MaxAgeDays > 0, "password.max_age_days", "must be 0 in mode nist, which forbids periodic changes (ASVS 6.2.10)")
}

func (p PasswordPolicy) validateBanned(f *faults) {
	f.refuse(len(p.BannedCustom) > 1000, "password.banned_custom", "has %d terms; 1000 at most", len(p.BannedCustom))
	seen := map[string]bool{}
	for _, term := range p.BannedCustom {
		n := len([]rune(term))
		f.refuse(n < 4 || n > 16, "password.banned_custom", "%q has %d characters; a term has 4 to 16", cut(term), n)
		f.refuse(seen[strings.ToLower(term)], "password.banned_custom", "%q stands twice", cut(term))
		f.oneLine("password.banned_custom", term, 16)
		seen[strings.ToLower(term)] = true
	}
	scored := p.BannedGlobal || len(p.BannedCustom) > 0
	if scored || p.BannedMinScore != 0 {
		f.between("password.banned_min_score", p.BannedMinScore, 1, 20)
	}
	if scored || p.BannedNameMin != 0 {
		f.between("password.banned_name_min", p.BannedNameMin, 3, 16)
	}
}
