package letters

import (
	"errors"

	"github.com/gofiber/fiber/v2"

	"portico/app/accounts"
	"portico/app/audit"
	"portico/app/letters"
	"portico/app/visit"
	"portico/rbac"
	"portico/tenants"
	"portico/themes"
)

// Again writes a letter anew by the story that wrote it: the person gets a new link, the one before ends,
// and their limits hold. Never a copy: what a letter said is gone once it was handed over.
func (f *Flow) Again(v *visit.Visit) error {
	if _, err := v.Form(); err != nil {
		return err
	}
	letter, _, err := f.find(v, rbac.LettersResend)
	if err != nil {
		return err
	}
	if !letter.Again() {
		return visit.ErrNotFound
	}
	var why string
	err = f.DB.In(v.Context(), v.Tenant.ID, func(s *tenants.Scope) error {
		if err := f.ranked(v, s, letter); err != nil {
			return err
		}
		err := audit.Write(v.Context(), s, audit.Event{Kind: audit.LetterResent, Outcome: audit.Success, AccountID: letter.AccountID,
			Details: map[string]any{"letter": letter.ID, "kind": letter.Kind}})
		if err != nil {
			return err
		}
		if letter.Suppressed { // one letter goes there because an administrator says so
			if err := letters.LetOne(v.Context(), s, letter.To); err != nil {
				return err
			}
		}
		why, err = f.write(v, s, letter)
		if err == nil && why != "" {
			err = errRefused // nothing was sent, so nothing is written down
		}
		return err
	})
	if why != "" {
		return f.page(v, fiber.StatusConflict, themes.FieldErrors{"form": {Key: refusals(why)}})
	}
	if errors.Is(err, letters.ErrForced) {
		return f.page(v, fiber.StatusConflict, themes.FieldErrors{"form": {Key: "error.sender_let"}})
	}
	if err != nil {
		return err
	}
	v.Say(visit.SayLetterAgain)
	return v.Redirect("/console/letters/" + letter.ID.String())
}

var errRefused = errors.New("the letter cannot be written anew")

// write lets the story write its letter; a reason says why it did not.
func (f *Flow) write(v *visit.Visit, s *tenants.Scope, letter letters.Delivery) (string, error) {
	if letter.Kind == "recovery" {
		return v.Accounts.SendRecovery(v.Context(), s, v.Tenant, *letter.AccountID, v.Locale)
	}
	// By the account: whoever has the letter's address by now may be somebody else.
	_, err := v.Accounts.InviteAgain(v.Context(), s, v.Tenant, *letter.AccountID, audit.AccountActor(v.Session.AccountID))
	switch {
	case errors.Is(err, accounts.ErrInvitedLately):
		return "limited", nil
	case errors.Is(err, accounts.ErrNotInvited):
		return "invite", nil
	}
	return "", err
}

// ranked refuses a letter to somebody who may do more than who asks for it, and keeps them as they are.
func (f *Flow) ranked(v *visit.Visit, s *tenants.Scope, letter letters.Delivery) error {
	b := &tenants.Batch{}
	accounts.Hold(b, s, letter.AccountID)
	var found bool
	var holds []string
	b.Row(&found, "SELECT "+rbac.HoldingsSQL("a.tenant_id", "a.id", "$3")+" FROM accounts a WHERE a.tenant_id = $1 AND a.id = $2",
		[]any{s.Tenant(), *letter.AccountID, s.Now()}, &holds)
	if err := s.Send(v.Context(), b); err != nil {
		return err
	}
	if !found {
		return visit.ErrNotFound // erased since
	}
	holdings, err := rbac.ParseHoldings(holds)
	if err != nil {
		return err
	}
	tree, err := rbac.ReadTree(v.Context(), s)
	if err != nil {
		return err
	}
	if !v.Guard.Covers(v.Tenant, tree, v.Session.Subject(), holdings) {
		return &visit.HigherError{Permission: rbac.LettersResend}
	}
	return nil
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
