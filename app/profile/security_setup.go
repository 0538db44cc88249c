package profile

import (
	"cmp"
	"slices"
	"time"

	"github.com/gofiber/fiber/v2"

	"portico/app/accounts"
	"portico/app/proofs"
	"portico/app/visit"
	"portico/tenants"
	"portico/themes"
)

// forSetup names what the set-up at sign-in keeps in the flow cookie: where the person was going.
const (
	forSetup     = "setup"
	dutyRegister = accounts.DutyRegister
	setupPath    = "/account/security/setup"
	setupFor     = time.Hour
)

// SetupPage follows a sign-in while something is missing: what, why, and how to register it. When nothing
// is, it asks whether the contacts are still right, or sends the person on.
func (f *Flow) SetupPage(v *visit.Visit) error {
	if target := v.ReturnTarget(v.C.Query("return_to")); target != "" {
		v.KeepUntil(forSetup, target, v.Clock.Now().Add(setupFor))
		return v.Redirect("/account/security/setup")
	}
	p, err := f.Own.Profile(v.Context(), v.Tenant, owner(v))
	if err != nil {
		return err
	}
	if done, err := f.factorSetup(v, p); done {
		return err
	}
	page := themes.SetupPage{Parts: themes.Parts{Help: v.Help()}, Able: able(p.Ability), Skip: v.Session.Duty != dutyRegister}
	page.Asked = v.Session.Duty == dutyRegister && p.Owes()
	if !p.Ability.Enough() || page.Asked {
		for _, kind := range p.Ability.Add {
			if e := entry(v.Tenant, p, kind); e.Action != "" {
				page.Add = append(page.Add, e)
			}
		}
		page.Skip = page.Skip || len(page.Add) == 0 // a duty that nobody could do closes nothing
		return answer(v, fiber.StatusOK, page)
	}
	for _, r := range p.Held {
		if stale(v.Tenant, p, r) {
			page.Confirm = append(page.Confirm, entry(v.Tenant, p, r.Kind))
		}
	}
	if len(page.Confirm) > 0 {
		return answer(v, fiber.StatusOK, page)
	}
	return f.setUp(v)
}

// Setup answers "Not now", and "all of it is right".
func (f *Flow) Setup(v *visit.Visit) error {
	form, err := v.Form("do")
	if err != nil {
		return err
	}
	if form["do"] == "confirm" {
		if done, err := f.anew(v, setupPath); done {
			return err
		}
		if err := f.Own.Confirm(v.Context(), v.Tenant, owner(v)); err != nil {
			return err
		}
		v.Say(visit.SayProofConfirmed)
	}
	if v.Session.Duty != dutyRegister {
		return f.leaveSetup(v)
	}
	p, err := f.Own.Profile(v.Context(), v.Tenant, owner(v))
	if err != nil {
		return err
	}
	if form["do"] == "confirm" && p.Ability.Enough() || !slices.ContainsFunc(p.Ability.Add, func(kind string) bool { return entry(v.Tenant, p, kind).Action != "" }) {
		return f.setUp(v)
	}
	return v.Redirect("/account/security/setup")
}

// setUp ends the duty of a session that registered enough, and goes on.
func (f *Flow) setUp(v *visit.Visit) error {
	if v.Session.Duty == dutyRegister {
		if _, err := f.Accounts.EndDuty(v.Context(), v.Tenant, *v.Session); err != nil {
			return err
		}
	}
	return f.leaveSetup(v)
}

// leaveSetup goes where the person was going before they were led here.
func (f *Flow) leaveSetup(v *visit.Visit) error {
	target, ok := v.Opened(forSetup)
	if !ok && v.Session.Duty == "" {
		return v.Redirect("/account/security")
	}
	v.ClearCookie(visit.CookieFlow)
	return v.Leave(cmp.Or(v.ReturnTarget(target), v.ReturnTarget(v.Tenant.Policy.Finish.AfterLogin), "/"))
}

// stale tells whether the policy wants to know by now whether a contact is still the person's own.
func stale(t *tenants.Tenant, p proofs.Profile, r proofs.Registered) bool {
	days := t.Policy.Registration.ReconfirmDays
	return days > 0 && slices.Contains(proofs.Contacts(), r.Kind) && t.Policy.Gates.Registers(r.Kind) &&
		p.Now.Sub(r.SureAt()) >= time.Duration(days)*24*time.Hour
}
