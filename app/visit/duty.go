package visit

import (
	"net/url"

	"portico/app/accounts"
)

// dutyPages are where the duties of sessions are done.
var dutyPages = map[string]string{accounts.DutyRegister: "/account/security/setup", accounts.DutyPassword: "/account/password",
	accounts.DutyFactor: "/account/security/setup"}

// DutyPage is where a duty is done, below the base; "" for none.
func DutyPage(duty string) string { return dutyPages[duty] }

// ToDuty sends somebody to what their session must do first, and on to a checked target of ReturnTarget
// afterwards; "" is none.
func (v *Visit) ToDuty(duty, target string) error { return v.Redirect(v.DutyTarget(duty, target)) }

// DutyTarget is where ToDuty leads, as a target of its own.
func (v *Visit) DutyTarget(duty, target string) string {
	page := DutyPage(duty)
	if target != "" {
		page += "?return_to=" + url.QueryEscape(target)
	}
	return page
}
