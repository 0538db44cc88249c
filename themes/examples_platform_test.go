package themes

// onPlatform is the frame of a page of the staff's.
func onPlatform(path string) Chrome {
	return Chrome{Nonce: "nonce", Token: "token", Path: path, Person: "Olga <i>Reyes</i>", Console: []ConsoleEntry{
		{"/platform/customers", "platform.customers", "tree"}, {"/platform/staff", "platform.staff", "users"}, {"/platform/audit", "platform.events", "audit"}}}
}

// platformExamples are the staff's pages, in the platform's own look.
func platformExamples() []example {
	harbour := CustomerRow{Slug: "harbour", Name: "Harbour <b>Hotels</b>", State: "draft", Address: "https://harbour.portico.example", Waiting: 1, CreatedAt: noon}
	open := Chrome{Nonce: "nonce", Token: "token", Path: "/platform/login"}
	faults := Parts{Errors: FieldErrors{"reason": {Key: "error.platform_reason"}}}
	presets := []string{"email-link", "two-gate", "customer-portal", "nist"}
	events := []PlatformEvent{{At: noon, Kind: "tenant.suspended", Outcome: "success", Reason: "An <b>unpaid</b> bill", Who: "Olga Reyes", Tenant: "harbour", From: "192.0.2.7"},
		{At: noon, Kind: "staff.signin", Outcome: "failure", Reason: "wrong code", Who: "anonymous"}}
	return append(hostExamples(), []example{
		{"staff_signin", StaffSignInPage{Typed: "olga@portico.example", Parts: Parts{Errors: FieldErrors{"password": {Key: "error.staff_wrong"}}}}, open},
		{"staff_verify", StaffVerifyPage{}, open},
		{"staff_verify_again", StaffVerifyPage{Again: true, To: "/platform/staff", Parts: Parts{Errors: FieldErrors{"code": {Key: "error.staff_code"}}}}, open},
		{"staff_start", StaffStartPage{Name: "Ben", Email: "ben@portico.example", Secret: "MFRGGZDFMZTWQ2LK", Link: "otpauth://totp/Portico", Min: 15, EndsAt: noon}, open},
		{"staff_link_ended", LinkEndedPage{Purpose: "staff", Reason: "used", At: noon}, open},
		{"customers", CustomersPage{Rows: []CustomerRow{harbour, {Slug: "gone", Name: "Gone", State: "leaving", Address: "https://gone.example", Lost: 2, LeavesAt: noon, CreatedAt: noon}},
			Count: 1000, More: true, After: "/platform/customers?at=x", Anybody: true, Create: true}, onPlatform("/platform/customers")},
		{"customers_none", CustomersPage{Create: true}, onPlatform("/platform/customers")},
		{"customers_not_found", CustomersPage{Anybody: true, Typed: "zzz"}, onPlatform("/platform/customers")},
		{"customer_new", CustomerNewPage{Presets: presets, Preset: "nist", Slug: "www", Parts: Parts{Errors: FieldErrors{"slug": {Key: "error.platform_slug"}}}}, onPlatform("/platform/customers/new")},
		{"customer", CustomerPage{Customer: harbour, Edit: true, Moves: []string{"live", "leaving"}, Owners: []string{"Mara"}, Events: events, Steps: []CustomerStep{
			{Name: "name", State: "done"}, {Name: "preset", State: "done", At: noon, By: "Olga", Path: "/platform/customers/harbour/preset"}, {Name: "look", State: "open", Path: "/platform/customers/harbour/look"},
			{Name: "addresses", State: "waiting"}, {Name: "sender", State: "optional"}, {Name: "live", State: "broken"}}}, onPlatform("/platform/customers/harbour")},
		{"customer_preset", CustomerPresetPage{Customer: harbour, Presets: presets, Preset: "two-gate"}, onPlatform("/platform/customers/harbour/preset")},
		{"customer_look", CustomerLookPage{Customer: harbour, Name: "Harbour", Accent: "#0b6b53", Layouts: "card", Faults: []string{"theme.colors.accent: too pale"}}, onPlatform("/platform/customers/harbour/look")},
		{"customer_signin", CustomerSignInPage{Customer: harbour, Identifier: "email", Factor: true}, onPlatform("/platform/customers/harbour/signin")},
		{"customer_admin", CustomerAdminPage{Customer: harbour, Kind: "username", Owners: []string{"Mara"}}, onPlatform("/platform/customers/harbour/admin")},
		{"customer_trial", CustomerTrialPage{Customer: harbour, Address: "olga@portico.example"}, onPlatform("/platform/customers/harbour/trial")},
		{"customer_trial_begun", CustomerTrialPage{Customer: harbour, Address: "olga@portico.example", SignsIn: "olga@portico.example", Begun: true, Reset: true, Enter: "https://harbour.portico.example/trial/x"}, onPlatform("/platform/customers/harbour/trial")},
		{"customer_trial_invited", CustomerTrialPage{Customer: harbour, Address: "olga@portico.example", SignsIn: "test-run", Begun: true, Invites: true, Enter: "https://harbour.portico.example/trial/x"}, onPlatform("/platform/customers/harbour/trial")},
		{"customer_trial_done", CustomerTrialPage{Customer: harbour, Begun: true, Reset: true, SignedIn: true}, onPlatform("/platform/customers/harbour/trial")},
		{"customer_live_missing", CustomerStatePage{Customer: harbour, To: "live", Missing: []CustomerStep{{Name: "look", State: "open", Path: "/platform/customers/harbour/look"}}}, onPlatform("/platform/customers/harbour/state/live")},
		{"customer_suspend", CustomerStatePage{Parts: faults, Customer: harbour, To: "suspended"}, onPlatform("/platform/customers/harbour/state/suspended")},
		{"customer_leave", CustomerStatePage{Customer: harbour, To: "leaving", LeavesAt: noon}, onPlatform("/platform/customers/harbour/state/leaving")},
		{"customer_access", CustomerAccessPage{Customer: harbour, Level: "help", Hours: "4", Rows: []AccessGrant{
			{ID: "1", Who: "Sun", Level: "help", Reason: "<b>Ada</b> is locked out", State: "open", AskedAt: noon, EndsAt: noon, Mine: true, MayEnd: true}, {ID: "2", Who: "Ben", Level: "read", Reason: "A look", State: "refused", AskedAt: noon}}}, onPlatform("/platform/customers/harbour/access")},
		{"customer_access_none", CustomerAccessPage{Customer: harbour, Level: "help", Hours: "1", Approval: true}, onPlatform("/platform/customers/harbour/access")},
		{"staff_list", StaffPage{Edit: true, Roles: []string{"owner", "onboarding", "support", "auditor"}, Role: "support", Rows: []StaffRow{
			{ID: "1", Name: "Olga", Email: "olga@portico.example", Role: "owner", Begun: true, Self: true, SignedInAt: noon}, {ID: "2", Name: "Ben", Email: "ben@portico.example", Role: "support", LinkEnds: noon},
			{ID: "3", Name: "Ada", Email: "ada@portico.example", Role: "auditor", Begun: true, Disabled: true}}}, onPlatform("/platform/staff")},
		{"customer_sender", CustomerSenderPage{Customer: harbour, Sender: senderExamples()[0].Page.(SenderPage).Sender}, onPlatform("/platform/customers/harbour/sender")},
		{"platform_audit", PlatformAuditPage{Rows: events, After: "/platform/audit?before=1"}, onPlatform("/platform/audit")},
		{"platform_audit_none", PlatformAuditPage{}, onPlatform("/platform/audit")},
	}...)
}

// staffAccessExamples are what a customer sees of it.
func staffAccessExamples() []example {
	in := inConsole("/console/staff")
	in.Notes = []Note{{Key: "platform.banner", Args: map[string]any{"name": "Sun", "when": noon, "reason": "<b>Ada</b> is locked out"}, Path: "/console/staff"}}
	return []example{
		{"staff_access", StaffAccessPage{Approval: true, Rows: []AccessGrant{{ID: "1", Who: "Sun", Level: "help", Reason: "Ada", State: "open", AskedAt: noon, EndsAt: noon, MayEnd: true},
			{ID: "2", Who: "Ben", Level: "manage", Reason: "<b>x</b>", State: "asked", AskedAt: noon}}}, in},
		{"staff_access_none", StaffAccessPage{}, inConsole("/console/staff")},
	}
}
