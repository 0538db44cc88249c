package letters

import (
	"errors"
	"strings"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"portico/app/letters"
	"portico/app/people"
	"portico/app/visit"
	"portico/rbac"
	"portico/tenants"
	"portico/themes"
)

// Again writes a letter anew by the story that wrote it.
func (f *Flow) Again(v *visit.Visit) error {
	if _, err := v.Form(); err != nil {
		return err
	}
	text := v.C.Params("id")
	id, err := uuid.Parse(text)
	if err != nil || len(text) != 36 {
		return visit.ErrNotFound
	}
	err = f.People.ResendLetter(v.Context(), people.By{Tenant: v.Tenant, Who: v.Session.Subject()}, id, v.Locale)
	var why *people.RefusedError
	switch {
	case err == nil:
		v.Say(visit.SayLetterAgain)
		return v.Redirect("/console/letters/" + id.String())
	case errors.As(err, &why):
		return f.page(v, fiber.StatusConflict, themes.FieldErrors{"form": {Key: refusals(strings.TrimPrefix(why.Code, "letter_"))}})
	case errors.Is(err, letters.ErrForced):
		return f.page(v, fiber.StatusConflict, themes.FieldErrors{"form": {Key: "error.sender_let"}})
	case errors.Is(err, people.ErrHigher):
		return &visit.HigherError{Permission: rbac.LettersResend}
	case errors.Is(err, tenants.ErrNotFound):
		return visit.ErrNotFound
	}
	return err
}

// refusals are the sentences of why no letter was written.
func refusals(why string) string {
	switch why {
	case "gates":
		return "delivery.no_gates"
	case "off":
		return "delivery.no_off"
	case "disabled":
		return "delivery.no_disabled"
	case "elsewhere":
		return "delivery.no_elsewhere"
	case "no_address", "unconfirmed":
		return "delivery.no_address"
	case "limited":
		return "delivery.no_limited"
	}
	return "delivery.no_invite"
}
