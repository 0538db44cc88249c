package tenants

import "time"

// twoGate is the column UNI, after Microsoft Entra's self-service password reset: two proofs of
// different families, or an unlock that leaves the password as it is. Strangers get the generic answer
// here and every session ends with a reset, which Entra does not promise.
func twoGate() Policy {
	return Policy{
		Preset:  "two-gate",
		Routing: RoutingPolicy{LocaleDefault: "en", LocaleFromBrowser: true, LocaleQueryParam: "mkt"},
		SignIn: SignInPolicy{
			Identifier: "user_id", Layout: "two_step", LocalEnabled: true, External: "off",
			AccountTypeChooser: []string{"Work or school account"}, RememberMe: false,
			ForgotKind: "link", ForgotPosition: "below_form",
		},
		Session: SessionPolicy{TTL: Duration(24 * time.Hour), Absolute: Duration(720 * time.Hour), Sliding: true},
		MFA:     MFAPolicy{SignIn: "off", RememberBrowser: false, RememberFor: Duration(720 * time.Hour), CodeTTL: Duration(5 * time.Minute)},
		Reset: ResetPolicy{
			Enabled: true, Scope: "all", Identifier: "user_id", Captcha: "always", CaptchaKind: "image", RequiresRegistration: true,
			UnknownAccount: "generic", ExternallyManaged: "contact_admin", DeliveryHint: true, ReasonPrompt: true,
			UnlockWithoutReset: true,
		},
		Gates: GatesPolicy{
			Required: 2, DistinctBy: "family",
			MethodsUse:      []string{"sms_mobile", "voice_mobile", "voice_office", "security_questions"},
			MethodsRegister: []string{"office_phone", "auth_phone", "auth_email", "security_questions"},
			AdminOnly:       []string{"office_phone"},
			RetypeContact:   true,
			SessionTTL:      Duration(15 * time.Minute),
			OTPTTL:          Duration(5 * time.Minute),
			OTPDigits:       6,
			Admin:           AdminGates{Required: 2, Forbid: []string{"security_questions"}},
		},
		Questions:    QuestionsPolicy{Register: 5, Ask: 3, Custom: []string{}, AnswerMin: 3, AnswerMax: 40},
		Registration: RegistrationPolicy{AtSignIn: "skippable", ReconfirmDays: 180},
		Link:         LinkPolicy{TTL: Duration(30 * time.Minute), SupersedeOnReissue: true, OpensNewTab: false},
		Passes:       PassesPolicy{Enabled: true, TTL: Duration(time.Hour), Approval: "second", Delay: Duration(24 * time.Hour)},
		Throttle: ThrottlePolicy{
			IdentityFail: Throttle{Limit: 5, Window: Duration(24 * time.Hour), Block: Duration(24 * time.Hour)},
			MethodUse:    Throttle{Limit: 5, Window: Duration(time.Hour), Block: Duration(24 * time.Hour)},
			MailSend:     Throttle{Limit: 10, Window: Duration(10 * time.Minute), Block: Duration(24 * time.Hour)},
			SameAccount:  Throttle{Limit: 5, Window: Duration(time.Hour), Block: Duration(24 * time.Hour)},
			SignInIP:     Throttle{Limit: 1000, Window: Duration(3 * time.Minute), Block: Duration(10 * time.Minute)},
			Networks:     []Network{}, Ceiling: 50,
		},
		Lockout: LockoutPolicy{
			Threshold: 10, Duration: Duration(time.Minute), Growth: "double", GrowthCap: Duration(time.Hour),
			IgnoreRepeatLast: 3,
			LocationAware:    true, AdminUnlock: true, ClearedByReset: true, ClearedByUnlock: true, RevealLocked: true,
		},
		Password: PasswordPolicy{
			Mode: "classes", Min: 8, Max: 256, Require: []string{}, ClassesMin: 3, Charset: "ascii", UI: "strength",
			ConfirmField: true, Advice: true, HistoryChange: 1, BannedGlobal: true, BannedCustom: []string{},
			BannedMinScore: 5, BannedNameMin: 4, ChangeInside: true,
		},
		Finish:  FinishPolicy{Mode: "message", RevokeSessions: "all", AfterLogin: "/"},
		Notify:  NotifyPolicy{UserOnReset: true, AdminsOnAdminReset: true},
		Help:    HelpPolicy{ContactAdmin: true, Panel: []string{}, SecurityNote: true, ArticleFeedback: true},
		Modules: ModulesPolicy{},
		Users: UsersPolicy{
			Mode: []string{"provisioned"}, RolesPreset: "university", RoleScopes: []string{"directory"},
			DeactivatedLogin: "generic", InviteTTL: Duration(7 * 24 * time.Hour),
		},
		Audit: AuditPolicy{RetentionDays: 365, Export: true},
	}
}
