package tenants

import "time"

// customerPortal is the column PWR, after Power Pages' local accounts: sign in by username, get back in
// by the e-mail address, with a help panel, a knowledge base and cases beside it.
func customerPortal() Policy {
	return Policy{
		Preset:  "customer-portal",
		Routing: RoutingPolicy{LoginPath: "/SignIn", LocaleDefault: "en", LocaleFromBrowser: true},
		SignIn: SignInPolicy{
			Identifier: "username", Layout: "split", LocalEnabled: true, External: "provider_buttons",
			AccountTypeChooser: []string{}, RememberMe: true,
			ForgotKind: "button", ForgotPosition: "beside_submit",
		},
		Session: SessionPolicy{
			TTL: Duration(24 * time.Hour), Absolute: Duration(720 * time.Hour), Sliding: true,
			RememberFor: Duration(720 * time.Hour),
		},
		MFA: MFAPolicy{SignIn: "off", RememberBrowser: true, RememberFor: Duration(720 * time.Hour), CodeTTL: Duration(5 * time.Minute)},
		Reset: ResetPolicy{
			Enabled: true, Scope: "all", Identifier: "email", Captcha: "off", CaptchaKind: "work", UnknownAccount: "generic",
			ExternallyManaged: "generic", DeliveryHint: true,
		},
		Gates: GatesPolicy{
			Required: 1, DistinctBy: "family", MethodsUse: []string{"email_link"}, MethodsRegister: []string{},
			AdminOnly: []string{}, SessionTTL: Duration(15 * time.Minute), Admin: AdminGates{Forbid: []string{}},
		},
		Questions:    QuestionsPolicy{Custom: []string{}},
		Registration: RegistrationPolicy{AtSignIn: "off"},
		Link:         LinkPolicy{TTL: Duration(24 * time.Hour), SupersedeOnReissue: true, OpensNewTab: false},
		Passes:       PassesPolicy{Enabled: false, TTL: Duration(time.Hour), Approval: "second", Delay: Duration(24 * time.Hour)},
		Throttle: ThrottlePolicy{
			MailSend: Throttle{Limit: 10, Window: Duration(10 * time.Minute)},
			SignInIP: Throttle{Limit: 1000, Window: Duration(3 * time.Minute), Block: Duration(10 * time.Minute)},
			Networks: []Network{}, Ceiling: 50,
		},
		Lockout: LockoutPolicy{
			Threshold: 5, Duration: Duration(24 * time.Hour), Growth: "none",
			LocationAware: true, AdminUnlock: true, ClearedByReset: true, ClearedByUnlock: true, RevealLocked: true,
		},
		Password: PasswordPolicy{
			Mode: "classes", Min: 8, Max: 256, Require: []string{}, ClassesMin: 3, Charset: "any", UI: "none",
			ConfirmField: true, HistoryChange: 1, BannedCustom: []string{}, ChangeInside: true,
		},
		Finish:  FinishPolicy{Mode: "success_page", RevokeSessions: "all", AfterLogin: "/"},
		Notify:  NotifyPolicy{UserOnReset: true, AdminsOnAdminReset: false},
		Help:    HelpPolicy{Panel: []string{"browse_kb", "create_case", "contact"}},
		Modules: ModulesPolicy{KnowledgeBase: true, Cases: true, Contact: true, Search: true},
		Users: UsersPolicy{
			Mode: []string{"open", "code"}, RolesPreset: "portal", RoleScopes: []string{"global", "account", "contact", "self"},
			DeactivatedLogin: "generic", InviteTTL: Duration(7 * 24 * time.Hour),
		},
		Audit: AuditPolicy{RetentionDays: 365, Export: true},
	}
}
