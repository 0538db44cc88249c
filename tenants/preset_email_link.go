package tenants

import "time"

// emailLink is the column AXP: sign in by e-mail address, get back in by one mailed link. The idle and
// absolute ends, the throttles and the lock's threshold are not published there; these are ours.
func emailLink() Policy {
	return Policy{
		Preset:  "email-link",
		Routing: RoutingPolicy{LocaleDefault: "en", LocaleFromBrowser: true},
		SignIn: SignInPolicy{
			Identifier: "email", Layout: "single", LocalEnabled: true, External: "by_org_name",
			AccountTypeChooser: []string{}, RememberMe: false,
			ForgotKind: "link", ForgotPosition: "below_password",
		},
		Session: SessionPolicy{TTL: Duration(24 * time.Hour), Absolute: Duration(720 * time.Hour), Sliding: true},
		MFA:     MFAPolicy{SignIn: "off", RememberBrowser: false, RememberFor: Duration(720 * time.Hour), CodeTTL: Duration(5 * time.Minute)},
		Reset: ResetPolicy{
			Enabled: true, Scope: "all", Identifier: "email", Captcha: "off", CaptchaKind: "work", UnknownAccount: "generic",
			ExternallyManaged: "message", ConfirmEchoAddress: true, ReenterLink: true, DeliveryHint: true,
		},
		Gates: GatesPolicy{
			Required: 1, DistinctBy: "family", MethodsUse: []string{"email_link"}, MethodsRegister: []string{},
			AdminOnly: []string{}, SessionTTL: Duration(15 * time.Minute), Admin: AdminGates{Forbid: []string{}},
		},
		Questions:    QuestionsPolicy{Custom: []string{}},
		Registration: RegistrationPolicy{AtSignIn: "off"},
		Link:         LinkPolicy{TTL: Duration(24 * time.Hour), SupersedeOnReissue: true, OpensNewTab: true},
		Passes:       PassesPolicy{Enabled: false, TTL: Duration(time.Hour), Approval: "second", Delay: Duration(24 * time.Hour)},
		Throttle: ThrottlePolicy{
			IdentityFail: Throttle{Limit: 5, Window: Duration(24 * time.Hour), Block: Duration(24 * time.Hour)},
			MailSend:     Throttle{Limit: 10, Window: Duration(10 * time.Minute), Block: Duration(24 * time.Hour)},
			SameAccount:  Throttle{Limit: 5, Window: Duration(time.Hour)},
			SignInIP:     Throttle{Limit: 1000, Window: Duration(3 * time.Minute), Block: Duration(10 * time.Minute)},
			Networks:     []Network{}, Ceiling: 50,
		},
		Lockout: LockoutPolicy{
			Threshold: 5, Duration: Duration(15 * time.Minute), Growth: "none",
			LocationAware: true, AdminUnlock: true, ClearedByReset: true, ClearedByUnlock: true, RevealLocked: true,
		},
		Password: PasswordPolicy{
			Mode: "classes", Min: 8, Max: 256, Require: []string{"lower", "upper", "special"}, Charset: "any",
			UI: "live_checklist", BannedCustom: []string{},
		},
		Finish:  FinishPolicy{Mode: "redirect_login", RevokeSessions: "all", AfterLogin: "/"},
		Notify:  NotifyPolicy{UserOnReset: true, AdminsOnAdminReset: false},
		Help:    HelpPolicy{Escalation: "Brand Administrator", Panel: []string{}, SecurityNote: true},
		Modules: ModulesPolicy{},
		Users: UsersPolicy{
			Mode: []string{"invite", "sso_jit"}, RolesPreset: "axp", RoleScopes: []string{"brand", "location", "department"},
			DeactivatedLogin: "generic", InviteTTL: Duration(7 * 24 * time.Hour),
		},
		Audit: AuditPolicy{RetentionDays: 365, Export: true},
	}
}
