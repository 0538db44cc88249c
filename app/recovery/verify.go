package recovery

import (
	"errors"
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"

	"portico/app/gates"
	"portico/app/phones"
	"portico/app/proofs"
	"portico/app/visit"
	"portico/themes"
)

// VerifyPage offers the ways to prove who one is, or asks for the full contact of the one that was chosen.
func (f *Flow) VerifyPage(v *visit.Visit) error {
	st, done, err := f.state(v)
	if done {
		return err
	}
	switch st.Step {
	case gates.Prove:
	case gates.Unable:
		return v.Page(fiber.StatusOK, themes.UnablePage{Parts: gateParts(v, st, st.Gate()+1), Contact: v.Tenant.Policy.Help.ContactAdmin})
	default:
		return onward(v, st)
	}
	if o, ok := offer(st, v.C.Query("way")); ok && o.Retype {
		return v.Page(fiber.StatusOK, retypePage(v, st, o))
	}
	return v.Page(fiber.StatusOK, provePage(v, st))
}

// Verify takes the choice, and the contact where it was asked for, and lets the code go.
func (f *Flow) Verify(v *visit.Visit) error {
	form, err := v.Form("way", "contact")
	if err != nil {
		return err
	}
	st, done, err := f.state(v)
	if done {
		return err
	}
	if st.Step != gates.Prove {
		return onward(v, st)
	}
	o, ok := offer(st, form["way"])
	contact, typed := form["contact"]
	switch {
	case !ok:
		p := provePage(v, st)
		p.Errors = themes.FieldErrors{"way": {Key: "error.choose_way"}}
		return v.Page(fiber.StatusUnprocessableEntity, p)
	case o.Retype && !typed:
		return v.Redirect("/recover/verify?way=" + o.Kind.Name)
	}
	flow, _ := secret(v)
	err = f.Gates.Ask(v.Context(), v.Tenant, flow, o.Kind.Name, strings.TrimSpace(contact), v.Client)
	if err == nil {
		return v.Redirect("/recover/answer")
	}
	return f.notAsked(v, st, o, contact, err)
}

// notAsked says why no code left, and offers what can be done instead.
func (f *Flow) notAsked(v *visit.Visit, st gates.State, o gates.Offer, typed string, err error) error {
	var number *phones.NumberError
	var away *gates.UnavailableError
	var soon *proofs.TooSoonError
	retype := retypePage(v, st, o)
	retype.Typed = typed
	prove := provePage(v, st)
	switch {
	case errors.As(err, &number):
		retype.Errors = themes.FieldErrors{"contact": {Key: number.Key(), Args: map[string]any{"example": number.Example, "country": number.Country}}}
		return v.Page(fiber.StatusUnprocessableEntity, retype)
	case errors.Is(err, gates.ErrMismatch):
		retype.Errors = themes.FieldErrors{"contact": {Key: "error.contact_mismatch"}}
		return v.Page(fiber.StatusUnprocessableEntity, retype)
	case errors.As(err, &away):
		prove.Notice = &themes.Message{Key: "gate.unavailable"}
		if away.Why == "too_often" && !away.RetryAt.IsZero() {
			prove.Notice = &themes.Message{Key: "gate.too_often", Args: map[string]any{"when": away.RetryAt}}
		}
		prove.Ways = slices.DeleteFunc(prove.Ways, func(w themes.Way) bool { return w.Name == o.Kind.Name && len(prove.Ways) > 1 })
		return v.Page(fiber.StatusUnprocessableEntity, prove)
	case errors.As(err, &soon):
		prove.Notice = &themes.Message{Key: "gate.soon", Args: map[string]any{"when": soon.At}}
		return v.Page(fiber.StatusUnprocessableEntity, prove)
	}
	return f.gateError(v, err)
}

// Other gives up the way at hand, so that another can be chosen.
func (f *Flow) Other(v *visit.Visit) error {
	if _, err := v.Form(); err != nil {
		return err
	}
	flow, _ := secret(v)
	if err := f.Gates.Back(v.Context(), v.Tenant, flow, v.Client); err != nil {
		return f.gateError(v, err)
	}
	return v.Redirect("/recover/verify")
}

func offer(st gates.State, name string) (gates.Offer, bool) {
	i := slices.IndexFunc(st.Offers, func(o gates.Offer) bool { return o.Kind.Name == name })
	if i < 0 {
		return gates.Offer{}, false
	}
	return st.Offers[i], true
}

func provePage(v *visit.Visit, st gates.State) themes.ProvePage {
	p := themes.ProvePage{Parts: gateParts(v, st, st.Gate()+1), Gate: st.Gate(), Required: gatesShown(v, st),
		Contact: v.Tenant.Policy.Help.ContactAdmin, Unlock: v.Tenant.Policy.Reset.ReasonPrompt && len(st.Passed) == 0}
	for _, o := range st.Offers {
		p.Ways = append(p.Ways, themes.Way{Name: o.Kind.Name, Contact: o.Contact})
	}
	if len(p.Ways) == 1 {
		p.Chosen = p.Ways[0].Name
	}
	return p
}

func retypePage(v *visit.Visit, st gates.State, o gates.Offer) themes.RetypePage {
	return themes.RetypePage{Parts: gateParts(v, st, st.Gate()+1), Gate: st.Gate(), Email: o.Kind.Family == "email",
		Way: themes.Way{Name: o.Kind.Name, Contact: o.Contact}, Contact: v.Tenant.Policy.Help.ContactAdmin}
}
