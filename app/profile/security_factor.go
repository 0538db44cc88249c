package profile

import (
	"github.com/gofiber/fiber/v2"

	"portico/app/accounts"
	"portico/app/proofs"
	"portico/app/visit"
	"portico/themes"
)

// factorSetup keeps a session that must have a second factor at setting one up. Once it is there the duty
// ends, recovery codes are offered, and what else is to be done follows; done tells that it answered.
func (f *Flow) factorSetup(v *visit.Visit, p proofs.Profile) (done bool, err error) {
	if v.Session.Duty != accounts.DutyFactor {
		return false, nil
	}
	app, has := p.Held.Of(proofs.Authenticator)
	if !has || !app.Shown() {
		page := themes.FactorSetupPage{Parts: themes.Parts{Help: v.Help()}}
		if v.Tenant.Policy.Gates.Registers(proofs.Authenticator) {
			page.Action = paths[proofs.Authenticator]
		}
		return true, answer(v, fiber.StatusOK, page)
	}
	next, err := f.Accounts.EndDuty(v.Context(), v.Tenant, *v.Session)
	if err != nil {
		return true, err
	}
	v.Session.Duty = next
	_, saved := p.Held.Of(proofs.RecoveryCodes)
	switch {
	case next == accounts.DutyPassword:
		return true, v.ToDuty(next, "/account/security/setup")
	case !saved && v.Tenant.Policy.Gates.Registers(proofs.RecoveryCodes):
		v.Say(visit.SayProofAdded)
		return true, v.Redirect(paths[proofs.RecoveryCodes])
	case next == "" && v.Tenant.Policy.Registration.AtSignIn == "off":
		return true, f.leaveSetup(v)
	}
	return false, nil
}
