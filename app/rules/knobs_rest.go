package rules

import (
	"time"

	"portico/tenants"
)

func passwordKnobs() []Knob {
	return []Knob{
		choice("password.mode", func(p *policy) *string { return &p.Password.Mode }, "classes", "nist").more(),
		number("password.min", 8, 64, func(p *policy) *int { return &p.Password.Min }).more(),
		number("password.max", 64, 256, func(p *policy) *int { return &p.Password.Max }),
		several("password.require", func(p *policy) *[]string { return &p.Password.Require }, "lower", "upper", "digit", "special"),
		number("password.classes_min", 0, 4, func(p *policy) *int { return &p.Password.ClassesMin }),
		choice("password.charset", func(p *policy) *string { return &p.Password.Charset }, "any", "ascii"),
		choice("password.ui", func(p *policy) *string { return &p.Password.UI }, "live_checklist", "strength", "none").words("ui"),
		flag("password.confirm_field", func(p *policy) *bool { return &p.Password.ConfirmField }),
		flag("password.advice", func(p *policy) *bool { return &p.Password.Advice }),
		number("password.history_change", 0, 24, func(p *policy) *int { return &p.Password.HistoryChange }).more(),
		number("password.history_reset", 0, 24, func(p *policy) *int { return &p.Password.HistoryReset }).more(),
		number("password.max_age_days", 0, 730, func(p *policy) *int { return &p.Password.MaxAgeDays }),
		flag("password.banned_global", func(p *policy) *bool { return &p.Password.BannedGlobal }).more(),
		lines("password.banned_custom", func(p *policy) *[]string { return &p.Password.BannedCustom }).more(),
		number("password.banned_min_score", 0, 20, func(p *policy) *int { return &p.Password.BannedMinScore }).more(),
		number("password.banned_name_min", 0, 16, func(p *policy) *int { return &p.Password.BannedNameMin }),
		flag("password.change_in_session", func(p *policy) *bool { return &p.Password.ChangeInside }),
	}
}

func restKnobs() []Knob {
	return []Knob{
		choice("finish.mode", func(p *policy) *string { return &p.Finish.Mode }, "redirect_login", "message", "success_page").words("finish"),
		flag("finish.auto_sign_in", func(p *policy) *bool { return &p.Finish.AutoSignIn }).fixed(),
		choice("finish.revoke_sessions", func(p *policy) *string { return &p.Finish.RevokeSessions }, "all", "password").words("revoke"),
		text("finish.after_login", func(p *policy) *string { return &p.Finish.AfterLogin }),

		flag("notify.user_on_reset", func(p *policy) *bool { return &p.Notify.UserOnReset }).fixed(),
		flag("notify.admins_on_admin_reset", func(p *policy) *bool { return &p.Notify.AdminsOnAdminReset }).more(),

		text("help.escalation", func(p *policy) *string { return &p.Help.Escalation }),
		text("help.phone", func(p *policy) *string { return &p.Help.Phone }),
		text("help.phone_link", func(p *policy) *string { return &p.Help.PhoneLink }),
		text("help.email", func(p *policy) *string { return &p.Help.Email }),
		text("help.url", func(p *policy) *string { return &p.Help.URL }),
		flag("help.contact_admin_mail", func(p *policy) *bool { return &p.Help.ContactAdmin }),
		several("help.panel", func(p *policy) *[]string { return &p.Help.Panel }, "browse_kb", "create_case", "contact").words("panel"),
		flag("help.security_note", func(p *policy) *bool { return &p.Help.SecurityNote }),
		flag("help.article_feedback", func(p *policy) *bool { return &p.Help.ArticleFeedback }),

		flag("modules.kb", func(p *policy) *bool { return &p.Modules.KnowledgeBase }),
		flag("modules.cases", func(p *policy) *bool { return &p.Modules.Cases }),
		flag("modules.contact", func(p *policy) *bool { return &p.Modules.Contact }),
		flag("modules.search", func(p *policy) *bool { return &p.Modules.Search }),

		several("users.registration_mode", func(p *policy) *[]string { return &p.Users.Mode }, "invite", "provisioned", "sso_jit", "open", "code").words("by"),
		choice("users.roles", func(p *policy) *string { return &p.Users.RolesPreset }, "portico", "axp", "university", "portal").words("roles"),
		several("users.role_scopes", func(p *policy) *[]string { return &p.Users.RoleScopes },
			"brand", "location", "department", "directory", "global", "account", "contact", "self").words("within"),
		choice("users.deactivated_login", func(p *policy) *string { return &p.Users.DeactivatedLogin }, "generic").fixed(),
		length("users.invite_ttl", time.Hour, 14*day, func(p *policy) *tenants.Duration { return &p.Users.InviteTTL }).less(),

		number("audit.retention_days", 30, 3650, func(p *policy) *int { return &p.Audit.RetentionDays }).more(),
		flag("audit.export", func(p *policy) *bool { return &p.Audit.Export }),
	}
}
