package tenants

import "time"

// nist is NIST SP 800-63B-4 with this product's own defaults: no character classes, fifteen characters
// while the password is the only factor, a mailed link of thirty minutes, a lock that grows from thirty
// seconds to fifteen minutes. A new tenant starts here.
func nist() Policy {
	return Policy{
		Preset:  "nist",
		Routing: RoutingPolicy{LocaleDefault: "en", LocaleFromBrowser: true},
		SignIn: SignInPolicy{
			Identifier: "email", Layout: "single", LocalEnabled: true, External: "off",
			AccountTypeChooser: []string{}, RememberMe: false,
			ForgotKind: "link", ForgotPosition: "below_password",
		},
		Session: SessionPolicy{TTL: Duration(30 * time.Minute), Absolute: Duration(12 * time.Hour), Sliding: true},
		MFA:     MFAPolicy{SignIn: "off", RememberBrowser: false, RememberFor: Duration(720 * time.Hour), CodeTTL: Duration(5 * time.Minute)},
		Reset: ResetPolicy{
			Enabled: true, Scope: "all", Identifier: "email", Captcha: "off", CaptchaKind: "work", UnknownAccount: "generic",
			ExternallyManaged: "message", ReenterLink: true, DeliveryHint: true,
		},
		Gates: GatesPolicy{
			Required: 1, DistinctBy: "family", MethodsUse: []string{"email_link"}, MethodsRegister: []string{},
			AdminOnly: []string{}, SessionTTL: Duration(15 * time.Minute), Admin: AdminGates{Forbid: []string{}},
		},
		Questions:    QuestionsPolicy{Custom: []string{}},
		Registration: RegistrationPolicy{AtSignIn: "off"},
		Link:         LinkPolicy{TTL: Duration(30 * time.Minute), SupersedeOnReissue: true, OpensNewTab: false},
		Passes:       PassesPolicy{Enabled: false, TTL: Duration(time.Hour), Approval: "second", Delay: Duration(24 * time.Hour)},
		Throttle: ThrottlePolicy{
			IdentityFail: Throttle{Limit: 10, Window: Duration(24 * time.Hour), Block: Duration(24 * time.Hour)},
			MailSend:     Throttle{Limit: 3, Window: Duration(10 * time.Minute)},
			SameAccount:  Throttle{Limit: 5, Window: Duration(time.Hour)},
			SignInIP:     Throttle{Limit: 20, Window: Duration(time.Minute)},
			Networks:     []Network{}, Ceiling: 50,
		},
		Lockout: LockoutPolicy{
			Threshold: 5, Duration: Duration(30 * time.Second), Growth: "double",
			GrowthCap:     Duration(15 * time.Minute),
			LocationAware: true, AdminUnlock: true, ClearedByReset: true, ClearedByUnlock: true, RevealLocked: true,
		},
		Password: PasswordPolicy{
			Mode: "nist", Min: 15, Max: 256, Require: []string{}, Charset: "any", UI: "live_checklist",
			BannedCustom: []string{},
		},
		Finish:  FinishPolicy{Mode: "redirect_login", RevokeSessions: "all", AfterLogin: "/"},
		Notify:  NotifyPolicy{UserOnReset: true, AdminsOnAdminReset: false},
		Help:    HelpPolicy{Panel: []string{}, SecurityNote: true},
		Modules: ModulesPolicy{},
		Users: UsersPolicy{
			Mode: []string{"invite"}, RolesPreset: "portico", RoleScopes: []string{},
			DeactivatedLogin: "generic", InviteTTL: Duration(7 * 24 * time.Hour),
		},
		Audit: AuditPolicy{RetentionDays: 365, Export: true},
	}
}
