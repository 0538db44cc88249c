package tenants

import (
	"slices"
	"strings"
	"time"
)

func (r ResetPolicy) off() bool { return !r.Enabled || r.Scope == "none" }

func (r ResetPolicy) validate(f *faults, g GatesPolicy) {
	f.oneOf("reset.scope", r.Scope, "all", "none", "group")
	f.refuse(r.Scope == "group" && !groupName.MatchString(r.ScopeGroup), "reset.scope_group",
		"must name the group by its external_id while reset.scope is group")
	f.refuse(r.Scope != "group" && r.ScopeGroup != "", "reset.scope_group", "names a group while reset.scope is %s", r.Scope)
	f.oneOf("reset.identifier", r.Identifier, "email", "username", "user_id")
	f.oneOf("reset.captcha", r.Captcha, "off", "always", "after_n")
	if r.Captcha == "after_n" {
		f.between("reset.captcha_after", r.CaptchaAfter, 1, 100)
	} else {
		f.refuse(r.CaptchaAfter != 0, "reset.captcha_after", "counts for reset.captcha after_n alone; say 0")
	}
	f.oneOf("reset.captcha_kind", r.CaptchaKind, "image", "work")
	f.refuse(r.UnknownAccount != "generic", "reset.unknown_account",
		"%q would tell strangers who has an account; only generic is allowed (OWASP Forgot Password, ASVS 6.3.8)", r.UnknownAccount)
	f.oneOf("reset.externally_managed", r.ExternallyManaged, "message", "contact_admin", "generic")
	f.refuse(r.ConfirmEchoAddress && r.Identifier != "email", "reset.confirm_echo_address",
		"can only show an address that was typed; with reset.identifier %s it would tell strangers a stored one", r.Identifier)
	f.refuse(r.ReenterLink && r.Captcha == "always", "reset.reenter_link",
		"leads back to a form that reset.captcha always guards: the person would solve it again for nothing")
	f.refuse(r.RequiresConfirmedEmail && !g.uses("email_link") && !g.uses("email_code"), "reset.requires_confirmed_email",
		"asks for a confirmed address while no proof in gates.methods_use is mailed")
	f.refuse(r.RequiresRegistration && len(g.MethodsRegister) == 0, "reset.requires_registration",
		"asks people to have registered proofs while gates.methods_register offers none")
	f.refuse(r.UnlockWithoutReset && r.off(), "reset.unlock_without_reset", "needs recovery, which is off")
	f.refuse(r.UnlockWithoutReset && len(g.MethodsUse) == 0, "reset.unlock_without_reset",
		"needs a proof, and gates.methods_use has none: anybody could unlock any account")
	f.refuse(r.ReasonPrompt && !r.UnlockWithoutReset, "reset.reason_prompt",
		"offers \"I know my password\", which leads nowhere while reset.unlock_without_reset is off")
}

func (g GatesPolicy) validate(f *faults, r ResetPolicy) {
	f.between("gates.required", g.Required, 1, 2)
	f.oneOf("gates.distinct_by", g.DistinctBy, "family", "method")
	f.eachOf("gates.methods_use", g.MethodsUse, proofNames()...)
	f.eachOf("gates.methods_register", g.MethodsRegister, registrable()...)
	f.eachOf("gates.admin_only", g.AdminOnly, registrable()...)
	f.eachOf("gates.admin.forbid", g.Admin.Forbid, proofNames()...)
	for _, name := range g.AdminOnly {
		f.refuse(!slices.Contains(g.MethodsRegister, name), "gates.admin_only", "%q is not in gates.methods_register", name)
		f.refuse(name == "security_questions", "gates.admin_only", "an administrator never sets or reads answers to security questions")
	}
	codes := false
	for _, name := range g.MethodsUse {
		k, ok := ProofOf(name)
		codes = codes || k.SendCode
		f.refuse(ok && k.Needs != "" && !slices.Contains(g.MethodsRegister, k.Needs), "gates.methods_use",
			"%q rests on %q, which gates.methods_register does not offer: nobody could ever have it", name, k.Needs)
	}
	g.enough(f, r)
	f.lasting("gates.session_ttl", g.SessionTTL, 5*time.Minute, time.Hour, "a recovery that stands open longer is a risk in a shared place")
	if codes || g.OTPTTL != 0 {
		f.lasting("gates.otp_ttl", g.OTPTTL, time.Minute, 10*time.Minute, "NIST SP 800-63B-4 3.1.3.2 and ASVS 6.5.5: codes live ten minutes at most")
	}
	if codes || g.OTPDigits != 0 {
		f.between("gates.otp_digits", g.OTPDigits, 6, 8)
	}
	f.refuse(g.RetypeContact && !codes, "gates.retype_contact", "has no phone or address to type again: gates.methods_use sends no code")
	f.lasting("gates.new_proof_delay", g.NewProofDelay, 0, 720*time.Hour, "a proof that counts only after a month strands its owner")
}

// enough holds rule 8 of the policy model: never more gates than distinct proofs that people can have.
func (g GatesPolicy) enough(f *faults, r ResetPolicy) {
	kinds := g.usable(nil)
	f.refuse(!r.off() && len(g.MethodsUse) == 0, "gates.methods_use", "is empty while recovery is on: nobody could recover")
	if n := g.distinct(kinds); len(g.MethodsUse) > 0 && n < g.Required {
		f.add("gates.required", "asks for %d proofs of different kinds (gates.distinct_by %s), but people can have only %d", g.Required, g.DistinctBy, n)
	}
	f.refuse(g.Required == 1 && g.uses("security_questions"), "gates.methods_use",
		"security_questions never open an account alone: ask for 2 gates (ASVS 6.4.2, NIST SP 800-63B-4 3.1.1.2)")
	f.refuse(g.Required > 1 && g.DistinctBy == "method" && g.distinctFamilies(kinds) < 2, "gates.distinct_by",
		"method would accept two proofs that reach the same phone or mailbox, and gates.methods_use has no others")
	f.refuse(g.Admin.Required != 0 && (g.Admin.Required < g.Required || g.Admin.Required > 2), "gates.admin.required",
		"%d is neither 0 (no difference) nor between gates.required (%d) and 2", g.Admin.Required, g.Required)
	asked := max(g.Required, g.Admin.Required)
	if n := g.distinct(g.usable(g.Admin.Forbid)); len(kinds) > 0 && n < asked {
		f.add("gates.admin.forbid", "leaves administrators %d kinds of proof, but their recovery asks for %d", n, asked)
	}
}

func (g GatesPolicy) distinctFamilies(kinds []ProofKind) int {
	g.DistinctBy = "family"
	return g.distinct(kinds)
}

func (q QuestionsPolicy) validate(f *faults, g GatesPolicy) {
	used := g.uses("security_questions") || slices.Contains(g.MethodsRegister, "security_questions")
	if used || q.Register != 0 || q.Ask != 0 {
		f.between("questions.register", q.Register, 3, 5)
		f.between("questions.ask", q.Ask, 3, 5)
		f.refuse(q.Ask > q.Register, "questions.ask", "asks %d questions of people who registered %d", q.Ask, q.Register)
	}
	if used || q.AnswerMin != 0 || q.AnswerMax != 0 {
		f.between("questions.answer_min", q.AnswerMin, 3, 40)
		f.between("questions.answer_max", q.AnswerMax, 3, 40)
		f.refuse(q.AnswerMin > q.AnswerMax, "questions.answer_min", "%d is more than questions.answer_max %d", q.AnswerMin, q.AnswerMax)
	}
	f.refuse(len(q.Custom) > 20, "questions.custom", "has %d questions; 20 at most", len(q.Custom))
	seen := map[string]bool{}
	for _, text := range q.Custom {
		n := len([]rune(strings.TrimSpace(text)))
		f.refuse(n < 3 || n > 200, "questions.custom", "%q has %d characters; a question has 3 to 200", cut(text), n)
		f.refuse(seen[strings.ToLower(text)], "questions.custom", "%q stands twice", cut(text))
		f.oneLine("questions.custom", text, 200)
		seen[strings.ToLower(text)] = true
	}
}

func (r RegistrationPolicy) validate(f *faults, g GatesPolicy) {
	f.oneOf("registration.at_signin", r.AtSignIn, "off", "skippable", "forced")
	f.refuse(r.AtSignIn != "off" && len(g.MethodsRegister) == 0, "registration.at_signin",
		"asks people to register proofs while gates.methods_register offers none")
	f.between("registration.reconfirm_days", r.ReconfirmDays, 0, 730)
	f.refuse(r.ReconfirmDays > 0 && r.AtSignIn == "off", "registration.reconfirm_days",
		"asks at sign-in, where registration.at_signin is off")
}

func (l LinkPolicy) validate(f *faults) {
	f.lasting("link.ttl", l.TTL, 5*time.Minute, 24*time.Hour, "NIST SP 800-63B-4 4.2.1: mailed recovery codes live 24 hours at most")
	f.refuse(!l.SupersedeOnReissue, "link.supersede_on_reissue", "must be true: a newer link ends the older ones at once here")
}

// cut shortens a text for a message.
func cut(s string) string {
	if r := []rune(s); len(r) > 40 {
		return string(r[:40]) + "…"
	}
	return s
}
