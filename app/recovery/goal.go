package recovery

import (
	"github.com/gofiber/fiber/v2"

	"portico/app/gates"
	"portico/app/visit"
	"portico/themes"
)

// GoalPage asks whether the password is forgotten, or known while the account is locked.
func (f *Flow) GoalPage(v *visit.Visit) error {
	st, done, err := f.state(v)
	if done {
		return err
	}
	if !v.Tenant.Policy.Reset.ReasonPrompt || len(st.Passed) > 0 {
		return onward(v, st)
	}
	return v.Page(fiber.StatusOK, themes.GoalPage{Parts: gateParts(v, st, 1), Chosen: st.Goal})
}

// Decide takes the answer.
func (f *Flow) Decide(v *visit.Visit) error {
	form, err := v.Form("goal")
	if err != nil {
		return err
	}
	st, done, err := f.state(v)
	if done {
		return err
	}
	if len(st.Passed) > 0 {
		return onward(v, st)
	}
	if goal := form["goal"]; goal != gates.Reset && goal != gates.Unlock {
		p := themes.GoalPage{Parts: gateParts(v, st, 1), Chosen: st.Goal}
		p.Errors = themes.FieldErrors{"goal": {Key: "error.choose_goal"}}
		return v.Page(fiber.StatusUnprocessableEntity, p)
	}
	flow, _ := secret(v)
	if err := f.Gates.Decide(v.Context(), v.Tenant, flow, form["goal"], v.Client); err != nil {
		return f.gateError(v, err)
	}
	return v.Redirect("/recover/verify")
}
