package recovery

import (
	"errors"
	"strings"

	"github.com/gofiber/fiber/v2"

	"portico/app/gates"
	"portico/app/visit"
	"portico/themes"
)

// throughGates names what the flow cookie holds during a recovery through gates: the flow's secret, and
// behind a dot the token of a mailed link that was opened meanwhile.
const throughGates = "gates"

// begin starts a recovery through gates; everybody goes on to the next page.
func (f *Flow) begin(v *visit.Visit, p themes.RecoverPage, returnTo string) error {
	begun, err := f.Gates.Begin(v.Context(), v.Tenant, p.Typed, returnTo, v.Client)
	if err != nil {
		return orCaptcha(v, p, err)
	}
	v.KeepUntil(throughGates, begun.Secret, begun.Until)
	if v.Tenant.Policy.Reset.ReasonPrompt {
		return v.Redirect("/recover/goal")
	}
	return v.Redirect("/recover/verify")
}

// secret is what the browser holds of its flow, and the token of an opened link; "" is none.
func secret(v *visit.Visit) (flow, link string) {
	kept, _ := v.Opened(throughGates)
	flow, link, _ = strings.Cut(kept, ".")
	return flow, link
}

// state reads where the browser's flow stands. What has no next step here is answered already: done is true.
func (f *Flow) state(v *visit.Visit) (st gates.State, done bool, err error) {
	if !enabled(v) || !v.Tenant.Policy.ThroughGates() {
		return st, true, visit.ErrNotFound
	}
	flow, _ := secret(v)
	st, err = f.Gates.State(v.Context(), v.Tenant, flow, v.Client)
	switch {
	case err != nil:
		return st, true, f.gateError(v, err)
	case st.Step == gates.Blocked:
		return st, true, blockedPage(v, &gates.BlockedError{Until: st.BlockedUntil})
	}
	return st, false, nil
}

// onward leads to the page of the step that a flow is at: nobody gets to a step out of order, and coming
// back to an earlier page leads on.
func onward(v *visit.Visit, st gates.State) error {
	switch st.Step {
	case gates.Choose:
		return v.Redirect("/recover/goal")
	case gates.Answer:
		return v.Redirect("/recover/answer")
	case gates.SetNew:
		return v.Redirect("/recover/set")
	}
	return v.Redirect("/recover/verify")
}

// gateError answers what a flow cannot go on from, all alike; other errors pass through.
func (f *Flow) gateError(v *visit.Visit, err error) error {
	var blocked *gates.BlockedError
	switch {
	case errors.Is(err, gates.ErrEnded):
		v.ClearCookie(visit.CookieFlow)
		return v.Page(fiber.StatusGone, themes.FlowEndedPage{Parts: themes.Parts{Help: v.Help()}})
	case errors.As(err, &blocked):
		return blockedPage(v, blocked)
	}
	return err
}

func blockedPage(v *visit.Visit, blocked *gates.BlockedError) error {
	return v.Page(fiber.StatusTooManyRequests, themes.BlockedPage{Parts: themes.Parts{Help: v.Help()},
		Until: blocked.Until, Contact: v.Tenant.Policy.Help.ContactAdmin})
}

// gateParts are the progress and the help of a page of the flow. How many gates a stranger sees is the
// policy's number: that an administrator needs more shows only once the first is passed.
func gateParts(v *visit.Visit, st gates.State, current int) themes.Parts {
	return themes.Parts{Steps: gateSteps(st.Goal, gatesShown(v, st), current), Help: v.Help()}
}

func gatesShown(v *visit.Visit, st gates.State) int {
	if len(st.Passed) == 0 {
		return v.Tenant.Policy.Gates.Required
	}
	return st.Required
}

func gateSteps(goal string, required, current int) themes.Steps {
	keys := []string{"step.identify", "step.first", "step.second"}
	if required < 2 {
		keys = keys[:2]
	}
	if goal != gates.Unlock {
		keys = append(keys, "step.password")
	}
	return themes.Steps{Current: current, Keys: keys}
}

// Restart ends the flow and begins anew.
func (f *Flow) Restart(v *visit.Visit) error {
	if _, err := v.Form(); err != nil {
		return err
	}
	flow, _ := secret(v)
	if err := f.Gates.Leave(v.Context(), v.Tenant, flow, v.Client); err != nil {
		return err
	}
	v.ClearCookie(visit.CookieFlow)
	return v.Redirect("/recover")
}

// AccountType asks which kind of account it is, where the tenant names some; the answer leads to /recover.
func (f *Flow) AccountType(v *visit.Visit) error {
	types := v.Tenant.Policy.SignIn.AccountTypeChooser
	if !enabled(v) || len(types) == 0 {
		return visit.ErrNotFound
	}
	return v.Page(fiber.StatusOK, themes.ChooserPage{Parts: themes.Parts{Help: v.Help()}, Types: types,
		ReturnTo: v.SealReturn(v.OpenReturn(v.C.Query("return_to")))})
}
