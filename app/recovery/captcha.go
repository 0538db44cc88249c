package recovery

import (
	"cmp"
	"errors"

	"github.com/gofiber/fiber/v2"

	"portico/app/accounts"
	"portico/app/visit"
	"portico/themes"
)

// errCaptcha means that the policy wants a CAPTCHA which the form did not bring, or not rightly. Key says
// which, for the page.
type errCaptcha struct{ Key string }

func (e *errCaptcha) Error() string { return "captcha: " + e.Key }

// passCaptcha takes the CAPTCHA of a form and keeps in v.Client how it went, for the limits of the address.
// *errCaptcha when the policy wants one and it was not solved. What the form says beyond the CAPTCHA is
// judged before, so that a slip of the pen costs nobody new characters.
func (f *Flow) passCaptcha(v *visit.Visit, form visit.Form) error {
	wrong, err := v.TakeCaptcha(form)
	if err != nil || v.Client.Captcha != accounts.CaptchaNone {
		return err
	}
	due, err := f.Accounts.CaptchaDue(v.Context(), v.Tenant, v.Client)
	if err != nil || !due {
		return err
	}
	return &errCaptcha{Key: cmp.Or(wrong, "error.captcha_missing")}
}

// orCaptcha answers with the page and a CAPTCHA when that is what an error comes to: 422 when the policy
// asks for one, 429 when an address is over its limit. Every other error passes through.
func orCaptcha(v *visit.Visit, p themes.RecoverPage, err error) error {
	var missing *errCaptcha
	if errors.As(err, &missing) {
		p.Captcha = v.AskCaptcha("/recover")
		p.Errors = visit.CaptchaFault(p.Captcha, missing.Key)
		return v.Page(fiber.StatusUnprocessableEntity, p)
	}
	if p.Captcha, p.Errors = v.CaptchaInstead(err, "/recover"); p.Captcha != nil {
		return v.Page(fiber.StatusTooManyRequests, p)
	}
	return err
}

// showsCaptcha tells whether the first page has a CAPTCHA. While the database is away nobody can tell;
// people then see the page, and the form asks.
func (f *Flow) showsCaptcha(v *visit.Visit) bool {
	if v.CaptchaAsked() {
		return true
	}
	due, err := f.Accounts.CaptchaDue(v.Context(), v.Tenant, v.Client)
	return err == nil && due
}
