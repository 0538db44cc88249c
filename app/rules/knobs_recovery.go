package rules

import (
	"time"

	"portico/tenants"
)

func proofNames() []string {
	return []string{"email_link", "email_code", "sms_mobile", "voice_mobile", "voice_office", "security_questions", "totp", "recovery_code", "passkey"}
}

func registrable() []string {
	return []string{"auth_email", "auth_phone", "office_phone", "security_questions", "totp", "recovery_code", "passkey"}
}

func recoveryKnobs() []Knob {
	return []Knob{
		flag("reset.enabled", func(p *policy) *bool { return &p.Reset.Enabled }),
		choice("reset.scope", func(p *policy) *string { return &p.Reset.Scope }, "all", "none", "group").words("scope"),
		text("reset.scope_group", func(p *policy) *string { return &p.Reset.ScopeGroup }),
		choice("reset.identifier", func(p *policy) *string { return &p.Reset.Identifier }, "email", "username", "user_id"),
		choice("reset.captcha", func(p *policy) *string { return &p.Reset.Captcha }, "off", "after_n", "always").more(),
		number("reset.captcha_after", 0, 100, func(p *policy) *int { return &p.Reset.CaptchaAfter }),
		choice("reset.captcha_kind", func(p *policy) *string { return &p.Reset.CaptchaKind }, "image", "work"),
		flag("reset.requires_confirmed_email", func(p *policy) *bool { return &p.Reset.RequiresConfirmedEmail }).more(),
		flag("reset.requires_registration", func(p *policy) *bool { return &p.Reset.RequiresRegistration }),
		choice("reset.unknown_account", func(p *policy) *string { return &p.Reset.UnknownAccount }, "generic").fixed(),
		choice("reset.externally_managed", func(p *policy) *string { return &p.Reset.ExternallyManaged }, "message", "contact_admin", "generic").words("managed"),
		flag("reset.confirm_echo_address", func(p *policy) *bool { return &p.Reset.ConfirmEchoAddress }),
		flag("reset.reenter_link", func(p *policy) *bool { return &p.Reset.ReenterLink }),
		flag("reset.delivery_hint", func(p *policy) *bool { return &p.Reset.DeliveryHint }),
		flag("reset.reason_prompt", func(p *policy) *bool { return &p.Reset.ReasonPrompt }),
		flag("reset.unlock_without_reset", func(p *policy) *bool { return &p.Reset.UnlockWithoutReset }),

		number("gates.required", 1, 2, func(p *policy) *int { return &p.Gates.Required }).more(),
		choice("gates.distinct_by", func(p *policy) *string { return &p.Gates.DistinctBy }, "method", "family").more(),
		several("gates.methods_use", func(p *policy) *[]string { return &p.Gates.MethodsUse }, proofNames()...).less(),
		several("gates.methods_register", func(p *policy) *[]string { return &p.Gates.MethodsRegister }, registrable()...),
		several("gates.admin_only", func(p *policy) *[]string { return &p.Gates.AdminOnly }, registrable()...),
		flag("gates.retype_contact", func(p *policy) *bool { return &p.Gates.RetypeContact }).more(),
		length("gates.session_ttl", 5*time.Minute, time.Hour, func(p *policy) *tenants.Duration { return &p.Gates.SessionTTL }).less(),
		length("gates.otp_ttl", 0, 10*time.Minute, func(p *policy) *tenants.Duration { return &p.Gates.OTPTTL }).less(),
		number("gates.otp_digits", 0, 8, func(p *policy) *int { return &p.Gates.OTPDigits }).more(),
		number("gates.admin.required", 0, 2, func(p *policy) *int { return &p.Gates.Admin.Required }).more(),
		several("gates.admin.forbid", func(p *policy) *[]string { return &p.Gates.Admin.Forbid }, proofNames()...).more(),
		length("gates.new_proof_delay", 0, month, func(p *policy) *tenants.Duration { return &p.Gates.NewProofDelay }).more(),

		number("questions.register", 0, 5, func(p *policy) *int { return &p.Questions.Register }).more(),
		number("questions.ask", 0, 5, func(p *policy) *int { return &p.Questions.Ask }).more(),
		lines("questions.custom", func(p *policy) *[]string { return &p.Questions.Custom }),
		number("questions.answer_min", 0, 40, func(p *policy) *int { return &p.Questions.AnswerMin }).more(),
		number("questions.answer_max", 0, 40, func(p *policy) *int { return &p.Questions.AnswerMax }),

		choice("registration.at_signin", func(p *policy) *string { return &p.Registration.AtSignIn }, "off", "skippable", "forced").more(),
		number("registration.reconfirm_days", 0, 730, func(p *policy) *int { return &p.Registration.ReconfirmDays }).lessOrOff(),

		length("link.ttl", 5*time.Minute, day, func(p *policy) *tenants.Duration { return &p.Link.TTL }).less(),
		flag("link.supersede_on_reissue", func(p *policy) *bool { return &p.Link.SupersedeOnReissue }).fixed(),
		flag("link.opens_new_tab", func(p *policy) *bool { return &p.Link.OpensNewTab }),

		flag("passes.enabled", func(p *policy) *bool { return &p.Passes.Enabled }).less(),
		length("passes.ttl", 5*time.Minute, day, func(p *policy) *tenants.Duration { return &p.Passes.TTL }).less(),
		choice("passes.approval", func(p *policy) *string { return &p.Passes.Approval }, "second", "delay"),
		length("passes.delay", day, 7*day, func(p *policy) *tenants.Duration { return &p.Passes.Delay }).more(),
	}
}
