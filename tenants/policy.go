package tenants

// Policy is everything that a tenant decides about getting in and getting back in: the knobs of the
// product's policy model, one field a knob, grouped as tenant files group them. It is data: versioned
// in `settings`, validated by Validate, and never changed in place once loaded.
type Policy struct {
	Preset       string             `yaml:"preset" json:"preset"` // email-link, two-gate, customer-portal, nist
	Routing      RoutingPolicy      `yaml:"routing" json:"routing"`
	SignIn       SignInPolicy       `yaml:"signin" json:"signin"`
	Session      SessionPolicy      `yaml:"session" json:"session"`
	MFA          MFAPolicy          `yaml:"mfa" json:"mfa"`
	Reset        ResetPolicy        `yaml:"reset" json:"reset"`
	Gates        GatesPolicy        `yaml:"gates" json:"gates"`
	Questions    QuestionsPolicy    `yaml:"questions" json:"questions"`
	Registration RegistrationPolicy `yaml:"registration" json:"registration"`
	Link         LinkPolicy         `yaml:"link" json:"link"`
	Passes       PassesPolicy       `yaml:"passes" json:"passes"`
	Throttle     ThrottlePolicy     `yaml:"throttle" json:"throttle"`
	Lockout      LockoutPolicy      `yaml:"lockout" json:"lockout"`
	Password     PasswordPolicy     `yaml:"password" json:"password"`
	Finish       FinishPolicy       `yaml:"finish" json:"finish"`
	Notify       NotifyPolicy       `yaml:"notify" json:"notify"`
	Help         HelpPolicy         `yaml:"help" json:"help"`
	Modules      ModulesPolicy      `yaml:"modules" json:"modules"`
	Users        UsersPolicy        `yaml:"users" json:"users"`
	Audit        AuditPolicy        `yaml:"audit" json:"audit"`
}

// RoutingPolicy says how the tenant's pages are addressed and in which language they speak.
type RoutingPolicy struct {
	LoginPath         string `yaml:"login_path" json:"login_path"`                   // an alias that redirects to /login, such as /SignIn; "" is none
	LocaleDefault     string `yaml:"locale_default" json:"locale_default"`           // one of the catalogue's locales
	LocaleFromBrowser bool   `yaml:"locale_from_browser" json:"locale_from_browser"` // follow Accept-Language
	LocaleQueryParam  string `yaml:"locale_query_param" json:"locale_query_param"`   // such as mkt; "" is none
}

// SignInPolicy shapes the sign-in page.
type SignInPolicy struct {
	Identifier              string   `yaml:"identifier" json:"identifier"` // email, username, user_id
	Layout                  string   `yaml:"layout" json:"layout"`         // single, two_step, split
	LocalEnabled            bool     `yaml:"local_enabled" json:"local_enabled"`
	External                string   `yaml:"external" json:"external"` // off, by_org_name, provider_buttons
	ExternalDefaultProvider string   `yaml:"external_default_provider" json:"external_default_provider"`
	AccountTypeChooser      []string `yaml:"account_type_chooser" json:"account_type_chooser"` // choices shown after "can't access"; empty is none
	RememberMe              bool     `yaml:"remember_me" json:"remember_me"`
	ForgotKind              string   `yaml:"forgot_kind" json:"forgot_kind"`         // link, button
	ForgotPosition          string   `yaml:"forgot_position" json:"forgot_position"` // below_password, below_form, beside_submit
}

// SessionPolicy bounds a person's session.
type SessionPolicy struct {
	TTL             Duration `yaml:"ttl" json:"ttl"`           // idle time when Sliding, else from sign-in; at most 24h
	Absolute        Duration `yaml:"absolute" json:"absolute"` // from sign-in, whatever happens; at most 720h (NIST AAL1)
	Sliding         bool     `yaml:"sliding" json:"sliding"`
	RememberFor     Duration `yaml:"remember_for" json:"remember_for"`         // life of a remembered session; at most 720h
	RevalidateEvery Duration `yaml:"revalidate_every" json:"revalidate_every"` // always 0 here: a session ends at once everywhere
}

// MFAPolicy asks for a second factor at sign-in.
type MFAPolicy struct {
	SignIn          string   `yaml:"signin" json:"signin"`                     // off; optional: of those who have one; required
	Admins          string   `yaml:"admins" json:"admins"`                     // of those with an administrative role: optional, required; "" is as SignIn
	RememberBrowser bool     `yaml:"remember_browser" json:"remember_browser"` // offer not to be asked again in this browser
	RememberFor     Duration `yaml:"remember_for" json:"remember_for"`         // for how long; at most 720h
	CodeTTL         Duration `yaml:"code_ttl" json:"code_ttl"`
}

// ResetPolicy shapes the entry of recovery.
type ResetPolicy struct {
	Enabled                bool   `yaml:"enabled" json:"enabled"`
	Scope                  string `yaml:"scope" json:"scope"`                 // all, none, group
	ScopeGroup             string `yaml:"scope_group" json:"scope_group"`     // external id of the group when Scope is group
	Identifier             string `yaml:"identifier" json:"identifier"`       // email, username, user_id
	Captcha                string `yaml:"captcha" json:"captcha"`             // off, always, after_n
	CaptchaAfter           int    `yaml:"captcha_after" json:"captcha_after"` // requests an hour from one address
	CaptchaKind            string `yaml:"captcha_kind" json:"captcha_kind"`   // image, work; also where an address is over its limits
	RequiresConfirmedEmail bool   `yaml:"requires_confirmed_email" json:"requires_confirmed_email"`
	RequiresRegistration   bool   `yaml:"requires_registration" json:"requires_registration"`
	UnknownAccount         string `yaml:"unknown_account" json:"unknown_account"`       // generic (reveal is refused)
	ExternallyManaged      string `yaml:"externally_managed" json:"externally_managed"` // message, contact_admin, generic: what the SSO letter says
	ConfirmEchoAddress     bool   `yaml:"confirm_echo_address" json:"confirm_echo_address"`
	ReenterLink            bool   `yaml:"reenter_link" json:"reenter_link"`
	DeliveryHint           bool   `yaml:"delivery_hint" json:"delivery_hint"` // show the text reset.delivery_hint
	ReasonPrompt           bool   `yaml:"reason_prompt" json:"reason_prompt"`
	UnlockWithoutReset     bool   `yaml:"unlock_without_reset" json:"unlock_without_reset"`
}

// GatesPolicy says which proofs a recovery demands.
type GatesPolicy struct {
	Required        int        `yaml:"required" json:"required"`                 // 1 or 2
	DistinctBy      string     `yaml:"distinct_by" json:"distinct_by"`           // family, method
	MethodsUse      []string   `yaml:"methods_use" json:"methods_use"`           // proofs that a recovery accepts
	MethodsRegister []string   `yaml:"methods_register" json:"methods_register"` // proofs that a person may register
	AdminOnly       []string   `yaml:"admin_only" json:"admin_only"`             // of those, the ones an administrator sets
	RetypeContact   bool       `yaml:"retype_contact" json:"retype_contact"`
	SessionTTL      Duration   `yaml:"session_ttl" json:"session_ttl"`
	OTPTTL          Duration   `yaml:"otp_ttl" json:"otp_ttl"` // at most 10m (NIST SP 800-63B-4, ASVS 6.5.5)
	OTPDigits       int        `yaml:"otp_digits" json:"otp_digits"`
	Admin           AdminGates `yaml:"admin" json:"admin"`
	NewProofDelay   Duration   `yaml:"new_proof_delay" json:"new_proof_delay"` // before a new proof counts for recovery
}

// AdminGates is what a recovery of an administrator demands beyond GatesPolicy.
type AdminGates struct {
	Required int      `yaml:"required" json:"required"` // 0 is no difference
	Forbid   []string `yaml:"forbid" json:"forbid"`
}

// QuestionsPolicy bounds security questions.
type QuestionsPolicy struct {
	Register  int      `yaml:"register" json:"register"`
	Ask       int      `yaml:"ask" json:"ask"`
	Custom    []string `yaml:"custom" json:"custom"` // the tenant's own, at most 20 of 3 to 200 characters
	AnswerMin int      `yaml:"answer_min" json:"answer_min"`
	AnswerMax int      `yaml:"answer_max" json:"answer_max"`
}

// RegistrationPolicy asks people to register proofs.
type RegistrationPolicy struct {
	AtSignIn      string `yaml:"at_signin" json:"at_signin"` // off, skippable, forced
	ReconfirmDays int    `yaml:"reconfirm_days" json:"reconfirm_days"`
}

// LinkPolicy bounds mailed links. Single use and the check on opening hold whatever it says.
type LinkPolicy struct {
	TTL                Duration `yaml:"ttl" json:"ttl"` // at most 24h (NIST SP 800-63B-4 on mailed recovery codes)
	SupersedeOnReissue bool     `yaml:"supersede_on_reissue" json:"supersede_on_reissue"`
	OpensNewTab        bool     `yaml:"opens_new_tab" json:"opens_new_tab"`
}

// PassesPolicy lets the helpdesk issue one-time passes to people without a mailbox or without their
// phone, after it recorded how it recognised them. A pass needs a second operator or a delay in which
// its owner can object (security.md 4.4); none at all is not offered.
type PassesPolicy struct {
	Enabled  bool     `yaml:"enabled" json:"enabled"`
	TTL      Duration `yaml:"ttl" json:"ttl"`           // from when it begins to work; at most 24h
	Approval string   `yaml:"approval" json:"approval"` // second: another operator approves; delay: it begins to work later
	Delay    Duration `yaml:"delay" json:"delay"`       // for approval delay; at least 24h
}

// Throttle is one counter: Limit events in Window, then refused for Block (0: until the window ends).
// A Limit of 0 turns the counter off where the platform has no floor of its own.
type Throttle struct {
	Limit  int      `yaml:"limit" json:"limit"`
	Window Duration `yaml:"window" json:"window"`
	Block  Duration `yaml:"block" json:"block"`
}

// Network is an address range of the tenant's own, in which many people share one address.
type Network struct {
	CIDR   string `yaml:"cidr" json:"cidr"`
	Factor int    `yaml:"factor" json:"factor"` // multiplies the limits per address, 1 to 1000
	Note   string `yaml:"note" json:"note"`
}

// ThrottlePolicy bounds how often things may be tried.
type ThrottlePolicy struct {
	IdentityFail Throttle  `yaml:"identity_fail" json:"identity_fail"`
	MethodUse    Throttle  `yaml:"method_use" json:"method_use"`
	MailSend     Throttle  `yaml:"mail_send" json:"mail_send"`
	SameAccount  Throttle  `yaml:"same_account" json:"same_account"`
	SignInIP     Throttle  `yaml:"signin_ip" json:"signin_ip"`
	Networks     []Network `yaml:"networks" json:"networks"`
	Ceiling      int       `yaml:"ceiling" json:"ceiling"` // requests a second of the whole tenant, per instance; bursts of four times that
}

// LockoutPolicy answers wrong passwords.
type LockoutPolicy struct {
	Threshold        int      `yaml:"threshold" json:"threshold"`
	Duration         Duration `yaml:"duration" json:"duration"`
	Growth           string   `yaml:"growth" json:"growth"` // none, double
	GrowthCap        Duration `yaml:"growth_cap" json:"growth_cap"`
	IgnoreRepeatLast int      `yaml:"ignore_repeat_last" json:"ignore_repeat_last"` // the last n wrong passwords don't count again, 0 to 10
	LocationAware    bool     `yaml:"location_aware" json:"location_aware"`         // known devices always count apart here; kept for the model
	AdminUnlock      bool     `yaml:"admin_unlock" json:"admin_unlock"`
	ClearedByReset   bool     `yaml:"cleared_by_reset" json:"cleared_by_reset"`
	ClearedByUnlock  bool     `yaml:"cleared_by_self_unlock" json:"cleared_by_self_unlock"`
	RevealLocked     bool     `yaml:"reveal_locked" json:"reveal_locked"` // tells a known device until when; strangers never
}

// PasswordPolicy judges new passwords. Blocklist, caps and NFC hold whatever it says.
type PasswordPolicy struct {
	Mode           string   `yaml:"mode" json:"mode"` // nist, classes
	Min            int      `yaml:"min" json:"min"`   // code points
	Max            int      `yaml:"max" json:"max"`
	Require        []string `yaml:"require" json:"require"`         // lower, upper, digit, special
	ClassesMin     int      `yaml:"classes_min" json:"classes_min"` // of the four; 0 is none
	Charset        string   `yaml:"charset" json:"charset"`         // any, ascii
	UI             string   `yaml:"ui" json:"ui"`                   // live_checklist, strength, none
	ConfirmField   bool     `yaml:"confirm_field" json:"confirm_field"`
	Advice         bool     `yaml:"advice" json:"advice"` // show the text password.advice
	HistoryChange  int      `yaml:"history_change" json:"history_change"`
	HistoryReset   int      `yaml:"history_reset" json:"history_reset"`
	MaxAgeDays     int      `yaml:"max_age_days" json:"max_age_days"`
	BannedGlobal   bool     `yaml:"banned_global" json:"banned_global"` // the scored check with what people everywhere use; the plain blocklist is always on
	BannedCustom   []string `yaml:"banned_custom" json:"banned_custom"` // the scored check with the tenant's own terms
	BannedMinScore int      `yaml:"banned_min_score" json:"banned_min_score"`
	BannedNameMin  int      `yaml:"banned_name_min" json:"banned_name_min"`
	ChangeInside   bool     `yaml:"change_in_session" json:"change_in_session"`
}

// FinishPolicy says how a recovery ends.
type FinishPolicy struct {
	Mode           string `yaml:"mode" json:"mode"`                       // redirect_login, message, success_page
	AutoSignIn     bool   `yaml:"auto_sign_in" json:"auto_sign_in"`       // refused: OWASP Forgot Password
	RevokeSessions string `yaml:"revoke_sessions" json:"revoke_sessions"` // all
	AfterLogin     string `yaml:"after_login" json:"after_login"`         // a path here or an allow-listed address
}

// NotifyPolicy says who hears of what; the owner always hears of a reset, an unlock and a change of proofs.
type NotifyPolicy struct {
	UserOnReset        bool `yaml:"user_on_reset" json:"user_on_reset"`
	AdminsOnAdminReset bool `yaml:"admins_on_admin_reset" json:"admins_on_admin_reset"`
}

// HelpPolicy says whom to ask.
type HelpPolicy struct {
	Escalation      string   `yaml:"escalation" json:"escalation"` // who, in the brand's words: "Brand Administrator"
	Phone           string   `yaml:"phone" json:"phone"`           // as shown
	PhoneLink       string   `yaml:"phone_link" json:"phone_link"` // as dialled, +1858…
	Email           string   `yaml:"email" json:"email"`
	URL             string   `yaml:"url" json:"url"`
	ContactAdmin    bool     `yaml:"contact_admin_mail" json:"contact_admin_mail"`
	Panel           []string `yaml:"panel" json:"panel"` // browse_kb, create_case, contact
	SecurityNote    bool     `yaml:"security_note" json:"security_note"`
	ArticleFeedback bool     `yaml:"article_feedback" json:"article_feedback"`
}

// ModulesPolicy turns parts of the portal on.
type ModulesPolicy struct {
	KnowledgeBase bool `yaml:"kb" json:"kb"`
	Cases         bool `yaml:"cases" json:"cases"`
	Contact       bool `yaml:"contact" json:"contact"`
	Search        bool `yaml:"search" json:"search"`
}

// UsersPolicy says how accounts come to be and what their roles are.
type UsersPolicy struct {
	Mode             []string `yaml:"registration_mode" json:"registration_mode"` // invite, sso_jit, open, code, provisioned
	RolesPreset      string   `yaml:"roles" json:"roles"`                         // portico, axp, university, portal
	RoleScopes       []string `yaml:"role_scopes" json:"role_scopes"`
	DeactivatedLogin string   `yaml:"deactivated_login" json:"deactivated_login"` // generic (message is refused)
	InviteTTL        Duration `yaml:"invite_ttl" json:"invite_ttl"`               // of an invitation's link; at most 336h (security.md 4.3)
}

// AuditPolicy bounds how long the audit is kept, and whether those who may can take it out as a file.
type AuditPolicy struct {
	RetentionDays int  `yaml:"retention_days" json:"retention_days"`
	Export        bool `yaml:"export" json:"export"`
}
