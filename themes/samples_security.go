package themes

import "time"

// securitySamples are the pages behind "Security & privacy", in the states that differ.
func securitySamples(h Help) []Sample {
	parts := func(errs FieldErrors) Parts { return Parts{Errors: errs, Help: h} }
	phone := ProofEntry{Kind: "auth_phone", Has: true, Contact: "+1 •••••••01", By: "owner", Since: sampleTime, Action: "/account/security/phone"}
	late := phone
	late.CountsFrom, late.Reconfirm = sampleTime.Add(24*time.Hour), true
	few := Able{Required: 2, Ways: []string{"mobile"}, Add: []string{"auth_email", "security_questions"}, Admin: []string{"office_phone"}}
	asked := []AskedQuestion{{ID: "q01", Key: "question.q01"}, {ID: "q02", Key: "question.q02"}, {ID: "own:1", Text: "Which room did you first live in?"}}
	return []Sample{
		{"security", SecurityPage{Parts: parts(nil), Able: Able{Can: true, Required: 2, Ways: []string{"mobile", "questions", "authenticator"}}, Change: true, Gates: 2,
			Entries: []ProofEntry{phone, {Kind: "office_phone", Has: true, Contact: "+1 •••••••02", By: "administrator", Since: sampleTime, Used: sampleTime, Fixed: true},
				{Kind: "security_questions", Has: true, By: "owner", Since: sampleTime, Asked: 5, Action: "/account/security/questions"},
				{Kind: "totp", Has: true, By: "owner", Since: sampleTime, Action: "/account/security/app"},
				{Kind: "recovery_code", Has: true, By: "owner", Since: sampleTime, Left: 7, Action: "/account/security/codes"},
				{Kind: "auth_email", Action: "/account/security/email"}}}, sampleSignedIn("/account/security")},
		{"security_few", SecurityPage{Parts: parts(nil), Able: few, Gates: 2, Delay: 24 * time.Hour,
			Entries: []ProofEntry{late, {Kind: "office_phone", Fixed: true}, {Kind: "security_questions", Action: "/account/security/questions"}}}, sampleSignedIn("/account/security")},
		{"prove_anew", ProveAnewPage{Parts: parts(FieldErrors{"password": {Key: "error.old_wrong"}}), Username: "ada", Code: true, ReturnTo: "c2VhbGVk"}, sampleSignedIn("/account/security/prove")},
		{"add_phone", AddContactPage{Parts: parts(nil), Kind: "auth_phone", Ways: []string{"sms_mobile", "voice_mobile"}, Chosen: "sms_mobile", Example: "+1 201-555-0123",
			Replace: "+1 •••••••01", Delay: 24 * time.Hour}, sampleSignedIn("/account/security/phone")},
		{"add_phone_error", AddContactPage{Parts: parts(FieldErrors{"contact": {Key: "error.phone_too_short", Args: map[string]any{"example": "+1 201-555-0123"}}}),
			Kind: "auth_phone", Typed: "+1 555", Ways: []string{"sms_mobile"}, Chosen: "sms_mobile", Example: "+1 201-555-0123"}, sampleSignedIn("/account/security/phone")},
		{"add_email", AddContactPage{Parts: parts(nil), Kind: "auth_email"}, sampleSignedIn("/account/security/email")},
		{"enrol_code", EnrolCodePage{Parts: parts(FieldErrors{"code": {Key: "error.code_wrong", Args: map[string]any{"count": 3}}}), Kind: "auth_phone", Method: "sms_mobile",
			Contact: "+15550100201", TTL: 5 * time.Minute, ResendAt: sampleTime.Add(time.Minute), Digits: 6}, sampleSignedIn("/account/security/code")},
		{"add_app", AddAppPage{Parts: parts(nil), Replace: true}, sampleSignedIn("/account/security/app")},
		{"add_app_key", AddAppPage{Parts: parts(nil), Secret: "PORTICOPORTICOPORTICOPORTICOPORT", Link: "otpauth://totp/Example:ada?secret=PORTICOPORTICOPORTICOPORTICOPORT&issuer=Example"}, sampleSignedIn("/account/security/app")},
		{"add_questions", AddQuestionsPage{Parts: parts(FieldErrors{"question2": {Key: "error.question_twice"}, "answer1": {Key: "error.answer_short", Args: map[string]any{"count": 3}}}),
			Questions: asked, Chosen: []string{"q01", "q01", ""}, Min: 3, Max: 40, Replace: true}, sampleSignedIn("/account/security/questions")},
		{"saved_codes", SavedCodesPage{Parts: parts(nil), Left: 4}, sampleSignedIn("/account/security/codes")},
		{"saved_codes_shown", SavedCodesPage{Parts: parts(nil), Codes: []string{"0123-4567-89AB-CDEF", "GHJK-MNPQ-RSTV-WXYZ"}, Sealed: "c2VhbGVk"}, sampleSignedIn("/account/security/codes")},
		{"remove_proof", RemoveProofPage{Parts: parts(nil), Kind: "auth_phone", Contact: "+1 •••••••01", Able: few}, sampleSignedIn("/account/security/remove")},
		{"remove_proof_needed", RemoveProofPage{Parts: parts(nil), Kind: "auth_phone", Contact: "+1 •••••••01", Needed: true}, sampleSignedIn("/account/security/remove")},
		{"remove_proof_by_pass", RemoveProofPage{Parts: parts(nil), Kind: "auth_phone", Contact: "+1 •••••••01", ByPass: true}, sampleSignedIn("/account/security/remove")},
		{"setup", SetupPage{Parts: parts(nil), Able: few, Add: []ProofEntry{{Kind: "auth_email", Action: "/account/security/email"}}, Skip: true}, sampleSignedIn("/account/security/setup")},
		{"setup_confirm", SetupPage{Parts: parts(nil), Confirm: []ProofEntry{phone}, Skip: true}, sampleSignedIn("/account/security/setup")},
	}
}

// factorSamples are the pages of a second factor, in the states that differ.
func factorSamples(h Help) []Sample {
	wrong := func(key string) Parts {
		return Parts{Help: h, Errors: FieldErrors{"code": {Key: key, Args: map[string]any{"count": 2}}}}
	}
	verify := sampleChrome("/login/verify")
	return []Sample{
		{"factor", FactorPage{Parts: Parts{Help: h}, Offer: true, TrustFor: 720 * time.Hour}, verify},
		{"factor_wrong", FactorPage{Parts: wrong("error.factor_app"), TrustFor: 720 * time.Hour, Trust: true}, verify},
		{"factor_saved", FactorPage{Parts: wrong("error.factor_saved"), Saved: true, Offer: true}, verify},
		{"factor_blocked", FactorBlockedPage{Parts: Parts{Help: h}, Until: sampleTime.Add(time.Minute)}, verify},
		{"factor_locked", FactorBlockedPage{Parts: Parts{Help: h}}, verify},
		{"factor_setup", FactorSetupPage{Parts: Parts{Help: h}, Action: "/account/security/app"}, sampleSignedIn("/account/security/setup")},
	}
}
