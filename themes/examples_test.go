package themes

import (
	"encoding/json"
	"os"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"

	"portico/tenants"
)

// noon is the moment that examples play at.
var noon = time.Date(2026, 11, 22, 10, 42, 0, 0, time.UTC)

var testHelp = map[string]tenants.HelpPolicy{
	"alliants":   {Escalation: "Brand Administrator", SecurityNote: true},
	"university": {Escalation: "Alliant Information Technology Helpdesk", Phone: "(858) 635-4357, option 1", PhoneLink: "+18586354357", Email: "helpdesk@alliant.edu", SecurityNote: true},
	"power":      {Phone: "+1 800 555 0147", Email: "support@alliantpower.com", Panel: []string{"browse_kb", "create_case", "contact"}},
}

var testNames = map[string]string{"alliants": "Alliants AXP", "university": "Alliant International University", "power": "Alliant Power"}

// testBrand makes the brand of a demo theme, as its tenant file would.
func testBrand(t testing.TB, slug string) *Brand {
	t.Helper()
	if slug == "platform" {
		return PlatformBrand("http://localhost:8080")
	}
	theme, words := demo(t, slug)
	doc, err := json.Marshal(theme)
	if err != nil {
		t.Fatal(err)
	}
	b, err := NewBrand(&tenants.Tenant{
		Slug: slug, Name: testNames[slug], Origin: "http://" + slug + ".localhost:8080", Theme: doc, Words: words,
		Policy: tenants.Policy{
			Routing: tenants.RoutingPolicy{LocaleDefault: "en", LocaleFromBrowser: true},
			Help:    testHelp[slug],
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// demo reads a demo fragment, strictly.
func demo(t testing.TB, slug string) (Theme, tenants.Words) {
	t.Helper()
	f, err := os.Open("testdata/demo_" + slug + ".yaml")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	doc := struct {
		Theme Theme         `yaml:"theme"`
		Words tenants.Words `yaml:"words"`
	}{Theme: DefaultTheme()}
	d := yaml.NewDecoder(f)
	d.KnownFields(true)
	if err := d.Decode(&doc); err != nil {
		t.Fatal(err)
	}
	return doc.Theme, doc.Words
}

// example is one page as it is drawn in goldens and screenshots.
type example struct {
	name   string
	page   Page
	chrome Chrome
}

func chrome(path string) Chrome {
	return Chrome{Nonce: "bm9uY2U", Token: "dG9rZW4", Path: path}
}

func signedIn(path string) Chrome {
	c := chrome(path)
	c.Person = "Ada Lovelace"
	return c
}

func ruleText(key string, count int) Message {
	return Message{Key: key, Args: map[string]any{"count": count}}
}

// examplePages is every page, in the states that differ, as the brand's policy would fill it.
func examplePages(slug string) []example {
	h := HelpOf(testHelp[slug])
	steps := func(n int) Steps {
		return Steps{Current: n, Keys: []string{"step.identify", "step.link", "step.password"}}
	}
	rules := []PasswordRule{
		{Name: "min", Text: ruleText("rule.min", 8), Test: "min:8", Met: true},
		{Name: "lower", Text: ruleText("rule.lower", 1), Test: "lower", Met: true},
		{Name: "upper", Text: ruleText("rule.upper", 1), Test: "upper"},
		{Name: "special", Text: ruleText("rule.special", 1), Test: "special"},
	}
	signin := SignInPage{Layout: "single", Identifier: "email", Forgot: true, ForgotKind: "link", ForgotPosition: "below_password", Help: h}
	password := PasswordPage{
		Title: "set.title", Label: "set.new", Confirm: "set.confirm", Submit: "set.submit", Action: "/recover/set",
		Username: "ada@example.com", UI: "live_checklist", Rules: rules, Min: 8, Max: 256, Steps: steps(3), Help: h,
	}
	sent := RecoverSentPage{
		Echo: "ada@example.com", ReenterLink: true, DeliveryHint: true, Resend: "c2VhbGVk",
		ResendAt: noon.Add(time.Minute), LinkTTL: 24 * time.Hour, Steps: steps(2), Help: h,
	}
	recoverKind := "email"
	switch slug {
	case "university":
		signin.Layout, signin.Identifier, signin.ForgotPosition = "two_step", "user_id", "below_form"
		recoverKind = "user_id"
		password.ConfirmField, password.Advice, password.UI = true, true, "strength"
		sent.Echo, sent.ReenterLink = "", false
	case "power":
		signin.Layout, signin.Identifier, signin.RememberMe = "split", "username", true
		signin.ForgotKind, signin.ForgotPosition = "button", "beside_submit"
		password.ConfirmField, password.UI = true, "none"
		sent.Echo, sent.ReenterLink = "", false
	}
	second := signin
	second.AskPassword, second.Typed = true, "ada@example.com"
	if slug != "university" {
		second.AskPassword = false
	}
	second.ReturnTo = "c2VhbGVk"
	second.Errors = FieldErrors{"form": {Key: "error.credentials"}, "password": {Key: "error.required_password"}}
	passwordBad := password
	passwordBad.Errors = FieldErrors{"password": {Key: "error.too_short", Args: map[string]any{"count": 8}}, "confirm": {Key: "error.mismatch"}}
	flash := chrome("/login")
	flash.Flash = &Flash{Kind: "good", Key: "signin.password_reset"}
	failed := chrome("/nothing")
	failed.RequestID = "01935c2e-7b1a"
	return append([]example{
		{"signin", signin, chrome("/login")},
		{"signin_error", second, chrome("/login")},
		{"signin_flash", signin, flash},
		{"recover", RecoverPage{Identifier: recoverKind, Steps: steps(1), Help: h}, chrome("/recover")},
		{"recover_error", RecoverPage{
			Identifier: recoverKind, Typed: "ada@", Steps: steps(1), Help: h,
			Errors: FieldErrors{"identifier": {Key: "error.email_form"}},
		}, chrome("/recover")},
		{"recover_sent", sent, chrome("/recover")},
		{"password", password, chrome("/recover/set")},
		{"password_error", passwordBad, chrome("/recover/set")},
		{"link_replaced", LinkEndedPage{Reason: "replaced", At: noon, Purpose: "recovery", Resend: true, Steps: steps(2), Help: h}, chrome("/recover/set")},
		{"link_unknown", LinkEndedPage{Reason: "unknown", Purpose: "recovery", Steps: steps(2), Help: h}, chrome("/recover/set")},
		{"invite", invitePage(password), chrome("/invite/accept")},
		{"invite_ended", LinkEndedPage{Reason: "expired", At: noon, Purpose: "invite", Help: h}, chrome("/invite/accept")},
		{"pass", PassPage{Identifier: signin.Identifier, Parts: Parts{Help: h}}, chrome("/recover/pass")},
		{"pass_error", PassPage{Identifier: signin.Identifier, Typed: "ada", Parts: Parts{Help: h, Errors: FieldErrors{"form": {Key: "error.pass"}}}}, chrome("/recover/pass")},
		{"pass_stop", PassStopPage{Parts{Help: h}}, chrome("/recover/stop")},
		{"pass_stopped", PassStoppedPage{Parts{Help: h}}, chrome("/recover/stop")},
		{"contact", ContactPage{Identifier: recoverKind, Ask: true, Note: "<b>", Parts: Parts{Help: h, Errors: FieldErrors{"note": {Key: "error.note_long"}}}}, chrome("/recover/contact")},
		{"contact_sent", ContactSentPage{Code: "7K2M-9QRT-X04B", Parts: Parts{Help: h}}, chrome("/recover/contact")},
		{"recover_done", RecoverDonePage{Mode: "success_page", Steps: steps(3), Help: h}, chrome("/recover/done")},
		{"unlock", UnlockPage{Action: "/unlock", Help: h}, chrome("/unlock")},
		{"unlock_done", UnlockDonePage{Help: h}, chrome("/unlock")},
		{"home", HomePage{Help: h, Links: []Link{
			{Label: "Guest conversations", URL: "https://app.example.com/", Note: "Messages, requests and bookings"},
			{Label: "Reports", URL: "https://reports.example.com/"},
		}}, signedIn("/")},
		{"home_empty", HomePage{Help: h}, signedIn("/")},
		{"account", AccountPage{
			Name: "Ada Lovelace", Identifiers: []Identifier{{"email", "ada@example.com"}, {"username", "ada"}},
			Sessions: []SessionRow{
				{ID: "1", Browser: "Chrome on Windows", Address: "203.0.113.7", SignedIn: noon.Add(-time.Hour), Seen: noon, Current: true},
				{ID: "2", Browser: "", Address: "2001:db8::1", SignedIn: noon.Add(-26 * time.Hour), Seen: noon.Add(-20 * time.Hour)},
			}, Help: h,
		}, signedIn("/account")},
		{"help", HelpPage{
			Identifier: signin.Identifier, ResetIdentifier: recoverKind, ResetEnabled: true, LinkTTL: 24 * time.Hour,
			DeliveryHint: true, ConfirmField: password.ConfirmField, SSO: slug == "alliants", Rules: rules, Help: h,
		}, chrome("/help")},
		{"failure", FailurePage{Status: 404, Kind: "not_found", BackTo: "/login", Help: h}, failed},
		{"failure_busy", FailurePage{Status: 503, Kind: "busy", RetryAt: noon, BackTo: "/login", Help: h}, failed},
	}, append(gateExamples(h), append(securityExamples(h), factorExamples(h)...)...)...)
}

// invitePage is a first password in place of a new one.
func invitePage(p PasswordPage) PasswordPage {
	p.Title, p.Label, p.Confirm, p.Submit, p.Action = "invite.title", "invite.label", "invite.confirm", "invite.submit", "/invite/accept"
	p.Lead, p.Steps = Message{Key: "invite.lead", Args: map[string]any{"identifier": "ada@example.com"}}, Steps{}
	return p
}

// platformPages are those without a tenant.
func platformPages() []example {
	return []example{
		{"find_portal", FindPortalPage{}, chrome("/")},
		{"find_portal_error", FindPortalPage{Typed: "ada@", Errors: FieldErrors{"email": {Key: "error.email_form"}}}, chrome("/find")},
		{"find_portal_sent", FindPortalSentPage{Echo: "ada@example.com"}, chrome("/find")},
		{"nowhere", NowherePage{Reason: "unknown"}, chrome("/")},
		{"nowhere_suspended", NowherePage{Reason: "suspended"}, chrome("/")},
	}
}

// exampleLetters is every letter, in the states that differ.
func exampleLetters() map[string]Letter {
	return map[string]Letter{
		"recovery": RecoveryLetter{
			Name: "Ada Lovelace", Link: "/recover/ZXhhbXBsZS10b2tlbi1vZi00My1jaGFyYWN0ZXJzLWhlcmU",
			ExpiresAt: noon.Add(24 * time.Hour), TTL: 24 * time.Hour, NewTab: true,
		},
		"sso":             SSOLetter{Name: "Ada Lovelace", Mode: "message"},
		"sso_admin":       SSOLetter{Mode: "contact_admin"},
		"unlock":          UnlockLetter{Name: "Ada Lovelace", Link: "/unlock/ZXhhbXBsZQ", ExpiresAt: noon.Add(time.Hour), LockedUntil: noon.Add(15 * time.Minute), FailedFrom: "203.0.113.7"},
		"unlock_forever":  UnlockLetter{Link: "/unlock/ZXhhbXBsZQ", ExpiresAt: noon.Add(time.Hour), FailedFrom: "203.0.113.7"},
		"invitation":      InvitationLetter{Name: "Ada Lovelace", Link: "/invite/ZXhhbXBsZQ", Identifier: "ada@example.com", ExpiresAt: noon.Add(168 * time.Hour)},
		"pass_issued":     PassIssuedNotice{Name: "Ada Lovelace", At: noon, Stop: "/recover/stop/ZXhhbXBsZQ"},
		"pass_delayed":    PassIssuedNotice{Name: "Ada Lovelace", At: noon, Stop: "/recover/stop/ZXhhbXBsZQ", WorksFrom: noon.Add(24 * time.Hour)},
		"pass_used":       PassUsedNotice{Name: "Ada Lovelace", At: noon, From: "203.0.113.7"},
		"access_asked":    AccessAskedLetter{Who: "Ada Lovelace", Permission: "people.disable", Reason: "I <b>cover</b> for Sue.", Link: "/console/requests"},
		"access_approved": AccessDecidedLetter{Name: "Ada Lovelace", Permission: "people.disable", Approved: true, Note: "Until May.", Link: "/console"},
		"access_declined": AccessDecidedLetter{Name: "Ada Lovelace", Permission: "people.disable", Link: "/console"},
		"address":         AddressLetter{Name: "Ada Lovelace", Link: "/address/ZXhhbXBsZQ", ExpiresAt: noon.Add(24 * time.Hour)},
		"address_begun":   AddressNotice{Name: "Ada Lovelace", Address: "a•••@analytical.example", At: noon},
		"address_done":    AddressNotice{Name: "Ada Lovelace", Address: "a•••@analytical.example", At: noon, Done: true},
		"contact_admin":   ContactAdminLetter{Name: "Ada Lovelace", Identifier: "ada@example.com", At: noon, From: "203.0.113.7", Code: "7K2M-9QRT-X04B", Note: "My phone is <b>gone</b>."},
		"admin_reset":     AdminResetNotice{Name: "Ada Lovelace", Identifier: "ada@example.com", At: noon, From: "203.0.113.7"},
		"reset_notice":    ResetNotice{Name: "Ada Lovelace", At: noon, From: "203.0.113.7"},
		"unlock_notice":   UnlockNotice{Name: "Ada Lovelace", At: noon, From: "203.0.113.7"},
		"gate":            GateLetter{Name: "Ada Lovelace", Link: "/recover/gate/ZXhhbXBsZQ", TTL: 15 * time.Minute, ExpiresAt: noon.Add(15 * time.Minute)},
		"portals":         PortalsLetter{Portals: []Link{{Label: "Alliants AXP", URL: "http://alliants.localhost:8080/login"}}},
	}
}
