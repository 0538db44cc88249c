package visit

import (
	"errors"
	"math"
	"strconv"
	"time"

	"github.com/gofiber/fiber/v2"

	"portico/app/accounts"
	"portico/app/captcha"
	"portico/themes"
)

// The fields of a form that carries a CAPTCHA.
const (
	CaptchaID     = "captcha_id"
	CaptchaAnswer = "captcha_answer"
	CaptchaWork   = "captcha_work"
)

// captchaQuery asks for the characters where the policy would have the browser work.
const captchaQuery = "captcha"

// CaptchaAsked tells whether the address asks for a page with characters: the way to new ones, and round
// the work, without scripts.
func (v *Visit) CaptchaAsked() bool { return v.C.Query(captchaQuery) == captcha.Image }

// AskCaptcha poses a CAPTCHA for the page that is about to answer, of the tenant's kind or of the one that
// the person chose, and lets the page play its audio. path is where the page with new characters is.
func (v *Visit) AskCaptcha(path string) *themes.CaptchaField {
	kind := v.Tenant.Policy.Reset.CaptchaKind
	if v.CaptchaAsked() || v.characters {
		kind = captcha.Image
	}
	return v.showCaptcha(v.Web.Captcha.New(v.Tenant.ID, v.formCookie(), kind), path)
}

// SameCaptcha shows the CAPTCHA of a form again, with what was typed, when something else on the form was
// at fault: it was not answered yet. Where it is not good any more, a new one.
func (v *Visit) SameCaptcha(form Form, path string) *themes.CaptchaField {
	c, ok := v.Web.Captcha.Again(v.Tenant.ID, v.formCookie(), form[CaptchaID])
	if !ok {
		return v.AskCaptcha(path)
	}
	field := v.showCaptcha(c, path)
	if len(form[CaptchaAnswer]) <= 32 {
		field.Typed = form[CaptchaAnswer]
	}
	return field
}

func (v *Visit) showCaptcha(c captcha.Challenge, path string) *themes.CaptchaField {
	v.media = true
	field := &themes.CaptchaField{ID: c.ID, Width: captcha.Width, Height: captcha.Height,
		Renew: path + "?" + captchaQuery + "=" + captcha.Image}
	if c.Puzzle != nil {
		field.Work = &themes.CaptchaWork{Salt: c.Puzzle.Salt, Target: c.Puzzle.Target, Most: c.Puzzle.Most}
	}
	return field
}

// TakeCaptcha spends the CAPTCHA that a form brought and keeps in v.Client how it went, for the limits.
// It returns the key of what is wrong with the answer; "" when it was right, when the provider is down,
// and when the form brought none. Errors are the database's.
func (v *Visit) TakeCaptcha(form Form) (wrong string, err error) {
	if form[CaptchaID] == "" {
		return "", nil
	}
	answer := captcha.Answer{ID: form[CaptchaID], Text: form[CaptchaAnswer], Work: form[CaptchaWork]}
	if c, ok := v.Web.Captcha.Again(v.Tenant.ID, v.Cookie(CookieForm), answer.ID); ok {
		v.characters = c.Kind == captcha.Image
	}
	switch err = v.Web.Captcha.Spend(v.Context(), v.Tenant.ID, v.Cookie(CookieForm), answer); {
	case err == nil:
		v.Client.Captcha = accounts.CaptchaSolved
	case errors.Is(err, captcha.ErrDown):
		v.Log.Error("the CAPTCHA's provider is down: people pass, limits are halved", "tenant", v.Tenant.Slug, "error", err)
		v.Client.Captcha = accounts.CaptchaDown
	case errors.Is(err, captcha.ErrWrong) && answer.Empty():
		v.captchaFault = "error.captcha_missing"
	case errors.Is(err, captcha.ErrWrong):
		v.captchaFault = "error.captcha_wrong"
	default:
		return "", err
	}
	return v.captchaFault, nil
}

// CaptchaInstead answers an address that is over its limit, when a solved CAPTCHA would let the try go on
// (decisions.md 21): the CAPTCHA to show on the form, what to say, and Retry-After for scripts; the page
// answers 429. nil for every other error, which is the caller's to return.
func (v *Visit) CaptchaInstead(err error, path string) (*themes.CaptchaField, themes.FieldErrors) {
	var limit *accounts.LimitError
	if !errors.As(err, &limit) || !limit.Solvable {
		return nil, nil
	}
	v.RetryAfter(limit.RetryAt.Sub(v.Clock.Now()))
	field := v.AskCaptcha(path)
	if v.captchaFault != "" {
		return field, CaptchaFault(field, v.captchaFault)
	}
	return field, themes.FieldErrors{"form": {Key: "error.captcha_limit"}}
}

// CaptchaFault puts a fault beside the characters, or on the form where a browser works and there is no
// field to go to.
func CaptchaFault(field *themes.CaptchaField, key string) themes.FieldErrors {
	name := CaptchaAnswer
	if field.Work != nil {
		name = "form"
	}
	return themes.FieldErrors{name: {Key: key}}
}

// RetryAfter says in whole seconds, at least one, when it makes sense to try again.
func (v *Visit) RetryAfter(wait time.Duration) {
	v.C.Set(fiber.HeaderRetryAfter, strconv.Itoa(max(1, int(math.Ceil(wait.Seconds())))))
}
