package themes

import (
	"path/filepath"
	"testing"
)

// captchaPages are the pages that may show a CAPTCHA, with each kind of it.
func captchaPages() []example {
	work := &CaptchaField{ID: "Y2FwdGNoYQ", Width: 240, Height: 80, Renew: "/recover?captcha=image",
		Work: &CaptchaWork{Salt: "c2FsdA&", Target: "00ff", Most: 50_000}}
	shown := &CaptchaField{ID: "Y2FwdGNoYQ", Width: 240, Height: 80, Renew: "/recover?captcha=image", Typed: "123 456"}
	recover := RecoverPage{Identifier: "user_id", Typed: "a1234567", Steps: Steps{Current: 1, Keys: []string{"step.identify", "step.link", "step.password"}}}
	image, fault, busy := recover, recover, recover
	image.Captcha, fault.Captcha, busy.Captcha = shown, shown, work
	fault.Errors = FieldErrors{"captcha_answer": {Key: "error.captcha_wrong"}}
	busy.Errors = FieldErrors{"form": {Key: "error.captcha_limit"}}
	signIn := SignInPage{Layout: "single", Identifier: "email", Typed: "ada@example.com", Captcha: shown,
		Forgot: true, ForgotKind: "link", ForgotPosition: "below_password", Errors: FieldErrors{"form": {Key: "error.captcha_limit"}}}
	return []example{
		{"recover_captcha", image, chrome("/recover")},
		{"recover_captcha_error", fault, chrome("/recover")},
		{"recover_captcha_work", busy, chrome("/recover")},
		{"signin_captcha", signIn, chrome("/login")},
	}
}

func TestCaptchaPagesAsBefore(t *testing.T) {
	t.Parallel()
	r := testRenderer(t)
	for _, c := range []struct{ slug, locale string }{{"university", "en"}, {"alliants", "ar"}} {
		b := testBrand(t, c.slug)
		for _, e := range captchaPages() {
			page, err := r.Page(b, c.locale, e.chrome, e.page)
			if err != nil {
				t.Fatalf("%s %s: %v", c.slug, e.name, err)
			}
			golden(t, filepath.Join(c.slug+"-"+c.locale, e.name+".html"), page)
		}
	}
}
