package recovery

import (
	"errors"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/gofiber/fiber/v2"

	"portico/app/accounts"
	"portico/app/visit"
	"portico/themes"
)

const maxNote = 500

// ContactPage offers to ask the administrators for help. A recovery on its way knows who asks.
func (f *Flow) ContactPage(v *visit.Visit) error {
	if !v.Tenant.Policy.Help.ContactAdmin {
		return visit.ErrNotFound
	}
	p := contactPage(v)
	if p.Ask && f.showsCaptcha(v) {
		p.Captcha = v.AskCaptcha("/recover/contact")
	}
	return v.Page(fiber.StatusOK, p)
}

// Contact asks them. The answer is the same for everybody, with a code of its own.
func (f *Flow) Contact(v *visit.Visit) error {
	form, err := v.Form("identifier", "note", visit.CaptchaID, visit.CaptchaAnswer, visit.CaptchaWork)
	if err != nil {
		return err
	}
	if !v.Tenant.Policy.Help.ContactAdmin {
		return visit.ErrNotFound
	}
	p := contactPage(v)
	p.Typed, p.Note = strings.TrimSpace(form["identifier"]), plainNote(form["note"])
	if p.Errors = contactFaults(p); p.Errors != nil {
		if form[visit.CaptchaID] != "" {
			p.Captcha = v.SameCaptcha(form, "/recover/contact")
		}
		return v.Page(fiber.StatusUnprocessableEntity, p)
	}
	if err := f.contactCaptcha(v, form, &p); err != nil || p.Errors != nil {
		if err == nil {
			err = v.Page(fiber.StatusUnprocessableEntity, p)
		}
		return err
	}
	ask := accounts.HelpAsked{Typed: p.Typed, Note: p.Note}
	if !p.Ask {
		ask.Flow, _ = secret(v)
	}
	code, err := f.Accounts.AskForHelp(v.Context(), v.Tenant, ask, v.Client)
	if errors.Is(err, accounts.ErrNoFlow) { // it ended while they wrote: who are you?
		p.Ask = true
		p.Errors = themes.FieldErrors{"identifier": {Key: "error.required_" + p.Identifier}}
		v.ClearCookie(visit.CookieFlow)
		return v.Page(fiber.StatusUnprocessableEntity, p)
	}
	if err != nil {
		return err
	}
	return v.Page(fiber.StatusOK, themes.ContactSentPage{Code: code, Parts: themes.Parts{Help: v.Help()}})
}

// contactCaptcha asks of whoever is not on a recovery already, where a CAPTCHA was, what recovery asks.
func (f *Flow) contactCaptcha(v *visit.Visit, form visit.Form, p *themes.ContactPage) error {
	if !p.Ask {
		return nil
	}
	var missing *errCaptcha
	err := f.passCaptcha(v, form)
	if errors.As(err, &missing) {
		p.Captcha = v.AskCaptcha("/recover/contact")
		p.Errors = visit.CaptchaFault(p.Captcha, missing.Key)
		return nil
	}
	return err
}

func contactPage(v *visit.Visit) themes.ContactPage {
	flow, _ := secret(v)
	return themes.ContactPage{Identifier: v.Tenant.Policy.Reset.Identifier, Ask: flow == "", Parts: themes.Parts{Help: v.Help()}}
}

func contactFaults(p themes.ContactPage) themes.FieldErrors {
	if p.Ask {
		if key := wrongIdentifier(p.Identifier, p.Typed); key != "" {
			return themes.FieldErrors{"identifier": {Key: key}}
		}
	}
	if utf8.RuneCountInString(p.Note) > maxNote {
		return themes.FieldErrors{"note": {Key: "error.note_long"}}
	}
	return nil
}

// plainNote is what somebody wrote without what nobody can see or what turns text around: it is read by
// people who did not ask for it.
func plainNote(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case r == '\n':
			return r
		case r == '\t':
			return ' '
		case !unicode.IsPrint(r):
			return -1
		}
		return r
	}, strings.ReplaceAll(s, "\r\n", "\n"))
	return strings.TrimSpace(s)
}
