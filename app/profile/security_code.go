package profile

import (
	"cmp"
	"errors"
	"strings"

	"github.com/gofiber/fiber/v2"

	"portico/app/accounts"
	"portico/app/proofs"
	"portico/app/visit"
	"portico/themes"
)

// CodePage asks for the code that was sent to the contact that is being registered.
func (f *Flow) CodePage(v *visit.Visit) error { return f.askCode(v, fiber.StatusOK, nil) }

func (f *Flow) askCode(v *visit.Visit, status int, wrong themes.FieldErrors) error {
	p, err := f.Own.Pending(v.Context(), v.Tenant, owner(v))
	if errors.Is(err, proofs.ErrEnded) || err == nil && p.Method == "totp" {
		return f.over(v)
	}
	if err != nil {
		return err
	}
	return answer(v, status, themes.EnrolCodePage{Parts: themes.Parts{Errors: wrong, Help: v.Help()}, Kind: p.Kind, Method: p.Method,
		Contact: p.Contact, TTL: p.Until.Sub(p.SentAt), ResendAt: p.NextAt, Digits: cmp.Or(v.Tenant.Policy.Gates.OTPDigits, 6)})
}

// over leads back from what took too long.
func (f *Flow) over(v *visit.Visit) error {
	v.Say(visit.SayProofEnded)
	return v.Redirect("/account/security")
}

// Code tries it, and registers the contact when it is right.
func (f *Flow) Code(v *visit.Visit) error {
	return f.finish(v, f.askCode)
}

// finish tries the code of the form; ask draws the page again with what is wrong.
func (f *Flow) finish(v *visit.Visit, ask func(*visit.Visit, int, themes.FieldErrors) error) error {
	form, err := v.Form("code")
	if err != nil {
		return err
	}
	if strings.TrimSpace(form["code"]) == "" {
		return ask(v, fiber.StatusUnprocessableEntity, themes.FieldErrors{"code": {Key: "error.code_empty"}})
	}
	kind, err := f.Own.Finish(v.Context(), v.Tenant, owner(v), form["code"])
	var wrong *proofs.WrongError
	var limit *accounts.LimitError
	switch {
	case err == nil:
		return f.changed(v, visit.SayProofAdded)
	case errors.As(err, &wrong) && wrong.Left > 0:
		fault := themes.Message{Key: "error.code_wrong", Args: map[string]any{"count": wrong.Left}}
		if kind == proofs.Authenticator {
			fault = themes.Message{Key: "error.proof_app_time"}
		}
		return ask(v, fiber.StatusUnprocessableEntity, themes.FieldErrors{"code": fault})
	case errors.As(err, &wrong), errors.Is(err, proofs.ErrEnded):
		return f.over(v)
	case errors.As(err, &limit):
		return ask(v, fiber.StatusTooManyRequests, themes.FieldErrors{"code": {Key: "error.proof_too_many", Args: map[string]any{"when": limit.RetryAt}}})
	}
	return refuse(err)
}

// CodeAgain sends another code to the same contact.
func (f *Flow) CodeAgain(v *visit.Visit) error {
	if _, err := v.Form(); err != nil {
		return err
	}
	err := f.Own.Again(v.Context(), v.Tenant, owner(v))
	if err == nil {
		return v.Redirect("/account/security/code")
	}
	if errors.Is(err, proofs.ErrEnded) {
		return f.over(v)
	}
	fault, status, ok := notSent(err)
	if !ok {
		return refuse(err)
	}
	return f.askCode(v, status, themes.FieldErrors{"form": fault})
}

// CodeCancel gives up the contact at hand and asks for another.
func (f *Flow) CodeCancel(v *visit.Visit) error {
	if _, err := v.Form(); err != nil {
		return err
	}
	p, err := f.Own.Pending(v.Context(), v.Tenant, owner(v))
	if errors.Is(err, proofs.ErrEnded) {
		return v.Redirect("/account/security")
	}
	if err == nil {
		err = f.Own.Cancel(v.Context(), v.Tenant, owner(v))
	}
	if err != nil {
		return err
	}
	return v.Redirect(cmp.Or(paths[p.Kind], "/account/security"))
}
