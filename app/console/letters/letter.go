package letters

import (
	"errors"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"portico/app/insight"
	"portico/app/letters"
	"portico/app/visit"
	"portico/rbac"
	"portico/tenants"
	"portico/themes"
)

// moment is a time that may be none.
func moment(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return *t
}

func isNobody(err error) bool { return errors.Is(err, insight.ErrNobody) }

// Letter is /console/letters/:id: one letter's way.
func (f *Flow) Letter(v *visit.Visit) error { return f.page(v, fiber.StatusOK, nil) }

func (f *Flow) page(v *visit.Visit, status int, errs themes.FieldErrors) error {
	letter, names, err := f.find(v, rbac.LettersRead)
	if err != nil {
		return err
	}
	page := themes.LetterWayPage{Parts: themes.Parts{Help: v.Help(), Errors: errs}, Row: shown(letter, names), MessageID: letter.MessageID, From: letter.SentFrom, As: string(letter.SentAs),
		Tries: letter.Attempts, Sent: moment(letter.SentAt), Delivered: moment(letter.DeliveredAt), Bounced: moment(letter.BouncedAt), ForGood: letter.ForGood, Word: letter.Bounce,
		Complained: moment(letter.ComplainAt), People: v.Can(rbac.PeopleRead).Allowed}
	if letter.State == letters.Failed || letter.State == letters.Skipped {
		page.Ended = moment(letter.EndedAt)
	}
	page.Again = letter.Again() && v.Can(rbac.LettersResend).Allowed
	return v.Page(status, page)
}

// find reads the letter of the address, within reach of a permission.
func (f *Flow) find(v *visit.Visit, p rbac.Permission) (letters.Delivery, insight.Names, error) {
	var letter letters.Delivery
	text := v.C.Params("id")
	id, err := uuid.Parse(text)
	if err != nil || len(text) != 36 {
		return letter, nil, visit.ErrNotFound
	}
	reach, err := v.Reach(p)
	if err != nil {
		return letter, nil, err
	}
	filter := letters.DeliveryFilter{ID: &id}
	if !reach.Everywhere {
		filter.Groups = &reach.Groups
	}
	var names insight.Names
	err = f.DB.In(v.Context(), v.Tenant.ID, func(s *tenants.Scope) error {
		rows, err := letters.Deliveries(v.Context(), s, filter)
		if err != nil {
			return err
		}
		if len(rows) == 0 {
			return visit.ErrNotFound
		}
		letter = rows[0]
		names, err = insight.NamesFor(v.Context(), s, whose(rows))
		return err
	})
	return letter, names, err
}
