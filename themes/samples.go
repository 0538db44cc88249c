package themes

import (
	"cmp"
	"slices"
	"time"

	"portico/tenants"
)

// Sample is one page in one state, filled with people who do not exist: what previews show, and what the
// golden files of the tests are drawn from.
type Sample struct {
	Name   string // "recover_error": unique, and part of addresses
	Page   Page
	Chrome Chrome
}

// LetterSample is one letter in one state.
type LetterSample struct {
	Name   string // "pass_delayed": unique, and no page's name
	Letter Letter
}

// SampleStory is the pages of one part of the portal, in the order in which people meet them.
type SampleStory struct {
	Name     string // signin, recovery, gates, invitation, account, security, failure, platform
	Platform bool   // the platform's own pages, which no brand changes
	Pages    []Sample
}

// SampleOf is the brand that samples are filled for: its policy, and its rules for passwords as pages list
// them, which the policy's own package spells out.
type SampleOf struct {
	Policy tenants.Policy
	Rules  []PasswordRule
}

// SampleStories is every page that people meet who come to sign in, in the states that differ.
func SampleStories(of SampleOf) []SampleStory {
	h := HelpOf(of.Policy.Help)
	signIn := signInSamples(of, h)
	return []SampleStory{
		{Name: "signin", Pages: slices.Concat(signIn, factorSamples(h))},
		{Name: "recovery", Pages: slices.Concat(recoverySamples(of, h), passSamples(of, h), contactSamples(of, h), unlockSamples(h))},
		{Name: "gates", Pages: gateSamples(of, h)},
		{Name: "invitation", Pages: invitationSamples(of, h)},
		{Name: "account", Pages: accountSamples(of, h)},
		{Name: "security", Pages: securitySamples(h)},
		{Name: "failure", Pages: failureSamples(h)},
		{Name: "platform", Platform: true, Pages: platformSamples()},
	}
}

// SampleNamed finds a page among the stories by its name; false where there is none.
func SampleNamed(stories []SampleStory, name string) (story SampleStory, s Sample, ok bool) {
	for _, story := range stories {
		for _, s := range story.Pages {
			if s.Name == name {
				return story, s, true
			}
		}
	}
	return SampleStory{}, Sample{}, false
}

// sampleTime is the moment that samples play at.
var sampleTime = time.Date(2026, 11, 22, 10, 42, 0, 0, time.UTC)

const (
	sampleName    = "Ada Lovelace"
	sampleAddress = "ada@example.com"
	sampleClient  = "203.0.113.7"
)

// sampleChrome is what stands around a page that nobody signed in to see.
func sampleChrome(path string) Chrome {
	return Chrome{Nonce: "bm9uY2U", Token: "dG9rZW4", Path: path}
}

func sampleSignedIn(path string) Chrome {
	c := sampleChrome(path)
	c.Person = sampleName
	return c
}

// recoverySteps are the steps of a recovery by a mailed link.
func recoverySteps(n int) Steps {
	return Steps{Current: n, Keys: []string{"step.identify", "step.link", "step.password"}}
}

func signInPage(p tenants.Policy, h Help) SignInPage {
	return SignInPage{
		Layout: p.SignIn.Layout, Identifier: p.SignIn.Identifier, RememberMe: p.SignIn.RememberMe, Help: h,
		Forgot: p.Reset.Enabled && p.Reset.Scope != "none", ForgotKind: p.SignIn.ForgotKind, ForgotPosition: p.SignIn.ForgotPosition,
	}
}

func signInSamples(of SampleOf, h Help) []Sample {
	signIn := signInPage(of.Policy, h)
	wrong := signIn
	wrong.AskPassword, wrong.Typed, wrong.ReturnTo = signIn.Layout == "two_step", sampleAddress, "c2VhbGVk"
	wrong.Errors = FieldErrors{"form": {Key: "error.credentials"}, "password": {Key: "error.required_password"}}
	flash := sampleChrome("/login")
	flash.Flash = &Flash{Kind: "good", Key: "signin.password_reset"}
	captcha := wrong
	captcha.Captcha, captcha.ReturnTo = sampleCaptcha(), ""
	captcha.Errors = FieldErrors{"form": {Key: "error.captcha_limit"}}
	return []Sample{
		{"signin", signIn, sampleChrome("/login")},
		{"signin_error", wrong, sampleChrome("/login")},
		{"signin_flash", signIn, flash},
		{"signin_captcha", captcha, sampleChrome("/login")},
	}
}

// sampleCaptcha is a CAPTCHA that nobody can solve.
func sampleCaptcha() *CaptchaField {
	return &CaptchaField{ID: "Y2FwdGNoYQ", Width: 240, Height: 80, Renew: "/recover?captcha=image", Typed: "123 456"}
}

func recoverySamples(of SampleOf, h Help) []Sample {
	p := of.Policy
	kind := cmp.Or(p.Reset.Identifier, "email")
	ask := RecoverPage{Identifier: kind, Pass: p.Passes.Enabled, Contact: p.Help.ContactAdmin, Steps: recoverySteps(1), Help: h}
	wrong := ask
	wrong.Typed, wrong.Errors = "ada@", FieldErrors{"identifier": {Key: "error.email_form"}}
	captcha, fault, busy := ask, ask, ask
	captcha.Typed, fault.Typed, busy.Typed = sampleAddress, sampleAddress, sampleAddress
	captcha.Captcha, fault.Captcha, busy.Captcha = sampleCaptcha(), sampleCaptcha(), sampleCaptcha()
	fault.Errors = FieldErrors{"captcha_answer": {Key: "error.captcha_wrong"}}
	busy.Errors = FieldErrors{"form": {Key: "error.captcha_limit"}}
	busy.Captcha.Work, busy.Captcha.Typed = &CaptchaWork{Salt: "c2FsdA&", Target: "00ff", Most: 50_000}, ""
	sent := RecoverSentPage{
		ReenterLink: p.Reset.ReenterLink, DeliveryHint: p.Reset.DeliveryHint, Resend: "c2VhbGVk",
		ResendAt: sampleTime.Add(time.Minute), LinkTTL: p.Link.TTL.Std(), Steps: recoverySteps(2), Help: h,
	}
	if p.Reset.ConfirmEchoAddress {
		sent.Echo = sampleAddress
	}
	password := passwordPage(of, h)
	refused := password
	refused.Errors = FieldErrors{"password": {Key: "error.too_short", Args: map[string]any{"count": password.Min}}, "confirm": {Key: "error.mismatch"}}
	at := sampleChrome("/recover")
	set := sampleChrome("/recover/set")
	return []Sample{
		{"recover", ask, at},
		{"recover_error", wrong, at},
		{"recover_captcha", captcha, at},
		{"recover_captcha_error", fault, at},
		{"recover_captcha_work", busy, at},
		{"recover_sent", sent, at},
		{"password", password, set},
		{"password_error", refused, set},
		{"link_replaced", LinkEndedPage{Reason: "replaced", At: sampleTime, Purpose: "recovery", Resend: true, Steps: recoverySteps(2), Help: h}, set},
		{"link_unknown", LinkEndedPage{Reason: "unknown", Purpose: "recovery", Steps: recoverySteps(2), Help: h}, set},
		{"recover_done", RecoverDonePage{Mode: "success_page", Steps: recoverySteps(3), Help: h}, sampleChrome("/recover/done")},
	}
}

// passwordPage asks for a new password as the policy has it.
func passwordPage(of SampleOf, h Help) PasswordPage {
	p := of.Policy.Password
	return PasswordPage{
		Title: "set.title", Label: "set.new", Confirm: "set.confirm", Submit: "set.submit", Action: "/recover/set",
		Username: sampleAddress, ConfirmField: p.ConfirmField, Advice: p.Advice, UI: p.UI, Rules: of.Rules, Min: p.Min, Max: p.Max,
		Steps: recoverySteps(3), Help: h,
	}
}
