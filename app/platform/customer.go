package platform

import (
	"slices"

	"github.com/gofiber/fiber/v2"

	"portico/app/directory"
	"portico/app/visit"
	"portico/rbac"
	"portico/tenants"
	"portico/themes"
)

// paths are where a step is taken, below the customer's own page.
var paths = map[string]string{
	directory.StepPreset: "/preset", directory.StepLook: "/look", directory.StepSignIn: "/signin", directory.StepAdmin: "/admin",
	directory.StepTrial: "/trial", directory.StepLive: "/state/live", directory.StepAddresses: "/addresses", directory.StepSender: "/sender",
}

// inDraft are the steps that belong to the customer's own console once they are live.
var inDraft = []string{directory.StepPreset, directory.StepLook, directory.StepSignIn, directory.StepTrial, directory.StepLive}

// Customer is /platform/customers/:slug: how far they are, and what can be done.
func (f *Flow) Customer(v *visit.Visit) error {
	c, err := f.Directory.Get(v.Context(), v.C.Params("slug"))
	if err != nil {
		return err
	}
	page := themes.CustomerPage{Customer: row(c), Edit: v.StaffCan(rbac.CustomersEdit), Access: v.StaffCan(rbac.AccessAsk) && c.State == tenants.Live}
	if page.Steps, err = f.steps(v, c); err != nil {
		return err
	}
	page.Ready = len(missing(page.Steps)) == 0
	t, err := f.Directory.Tenant(v.Context(), c.Slug)
	if err != nil {
		return err
	}
	if page.Owners, err = f.Directory.Owners(v.Context(), t); err != nil {
		return err
	}
	for _, to := range directory.Follows(c.State) {
		if mayMove(v, c.State, to) {
			page.Moves = append(page.Moves, string(to))
		}
	}
	events, err := f.Directory.Events(v.Context(), &c.ID, directory.EventsQuery{Most: 20})
	if err != nil {
		return err
	}
	page.Events = shown(events)
	return v.Page(fiber.StatusOK, page)
}

// mayMove tells whether who is signed in may bring about a state: going live for the first time is the end of
// bringing somebody live, all else weighs more.
func mayMove(v *visit.Visit, from, to tenants.State) bool {
	if from == tenants.Draft && to == tenants.Live {
		return v.StaffCan(rbac.CustomersEdit)
	}
	return v.StaffCan(rbac.CustomersState)
}

func (f *Flow) steps(v *visit.Visit, c directory.Customer) ([]themes.CustomerStep, error) {
	list, err := f.Directory.Checklist(v.Context(), c.Slug)
	if err != nil {
		return nil, err
	}
	var all []themes.CustomerStep
	for _, s := range list {
		step := themes.CustomerStep{Name: s.Name, State: s.State, Note: s.Note, By: s.By, At: s.DoneAt}
		if path, ok := paths[s.Name]; ok && v.StaffCan(rbac.CustomersEdit) && (c.State == tenants.Draft || !slices.Contains(inDraft, s.Name)) && f.has(s.Name) {
			step.Path = "/platform/customers/" + c.Slug + path
		}
		all = append(all, step)
	}
	return all, nil
}

// has tells whether a step has a page here: of those that other rooms answer for, only where the room is there.
func (f *Flow) has(step string) bool {
	if step != directory.StepAddresses && step != directory.StepSender {
		return true
	}
	return slices.ContainsFunc(f.Directory.Steps, func(c directory.Check) bool { return c.Step == step })
}

// missing are the steps without which nobody goes live, by the directory's own rule.
func missing(steps []themes.CustomerStep) []themes.CustomerStep {
	return slices.DeleteFunc(slices.Clone(steps), func(s themes.CustomerStep) bool {
		return s.State == directory.Done || !slices.Contains(directory.Needed(), s.Name)
	})
}

// StatePage asks before a state changes.
func (f *Flow) StatePage(v *visit.Visit) error { return f.askState(v, fiber.StatusOK, "", nil) }

func (f *Flow) askState(v *visit.Visit, status int, reason string, wrong themes.FieldErrors) error {
	c, to, err := f.moving(v)
	if err != nil {
		return err
	}
	page := themes.CustomerStatePage{Parts: themes.Parts{Errors: wrong}, Customer: row(c), To: string(to), Reason: reason}
	if to == tenants.Leaving {
		page.LeavesAt = v.Clock.Now().Add(directory.Notice)
	}
	if c.State == tenants.Draft && to == tenants.Live {
		steps, err := f.steps(v, c)
		if err != nil {
			return err
		}
		page.Missing = missing(steps)
	}
	return v.Page(status, page)
}

// moving reads which customer is to come into which state.
func (f *Flow) moving(v *visit.Visit) (directory.Customer, tenants.State, error) {
	to := tenants.State(v.C.Params("to"))
	c, err := f.Directory.Get(v.Context(), v.C.Params("slug"))
	if err != nil {
		return c, to, err
	}
	if !slices.Contains(directory.Follows(c.State), to) {
		return c, to, visit.ErrNotFound
	}
	if !mayMove(v, c.State, to) {
		return c, to, &visit.StaffDeniedError{Permission: rbac.CustomersState}
	}
	return c, to, nil
}

// SetState changes the state.
func (f *Flow) SetState(v *visit.Visit) error {
	form, err := v.Form("reason")
	if err != nil {
		return err
	}
	c, to, err := f.moving(v)
	if err != nil {
		return err
	}
	err = f.Directory.SetState(v.Context(), by(v), c.Slug, to, form["reason"])
	if wrong := faultOf(err); wrong != nil {
		return f.askState(v, fiber.StatusUnprocessableEntity, form["reason"], wrong)
	}
	if err != nil {
		return err
	}
	v.Say(visit.SayStateChanged)
	return v.Redirect("/platform/customers/" + c.Slug)
}
