package recovery

import (
	"github.com/gofiber/fiber/v2"

	"portico/app/accounts"
	"portico/app/gates"
	"portico/app/proofs"
	"portico/app/visit"
	"portico/themes"
)

// OpenGate answers the mailed link of a gate: it stores and spends nothing. Opened in another browser than
// the one that asked, it proves nothing and says so.
func (f *Flow) OpenGate(v *visit.Visit) error {
	token := v.C.Params("token")
	st, done, err := f.state(v)
	if done {
		return err
	}
	flow, _ := secret(v)
	if !accounts.WellFormedSecret(token) || st.Step != gates.Answer {
		return f.gateError(v, gates.ErrEnded)
	}
	v.KeepUntil(throughGates, flow+"."+token, st.ExpiresAt)
	return v.Redirect("/recover/gate")
}

// GatePage asks to confirm.
func (f *Flow) GatePage(v *visit.Visit) error {
	st, done, err := f.state(v)
	if done {
		return err
	}
	if _, link := secret(v); link == "" || st.Step != gates.Answer || st.Challenge.Method != "email_link" {
		return onward(v, st)
	}
	return v.Page(fiber.StatusOK, themes.GateLinkPage{Parts: gateParts(v, st, st.Gate()+1)})
}

// Gate passes the gate by the opened link.
func (f *Flow) Gate(v *visit.Visit) error {
	if _, err := v.Form(); err != nil {
		return err
	}
	st, done, err := f.state(v)
	if done {
		return err
	}
	_, link := secret(v)
	if link == "" || st.Step != gates.Answer || st.Challenge.Method != "email_link" {
		return onward(v, st)
	}
	return f.try(v, proofs.Given{Code: link})
}

// UnlockedPage says that the account is open. It holds no secret and knows nobody.
func (f *Flow) UnlockedPage(v *visit.Visit) error {
	if !enabled(v) || !v.Tenant.Policy.Reset.UnlockWithoutReset {
		return visit.ErrNotFound
	}
	return v.Page(fiber.StatusOK, themes.UnlockedPage{Parts: themes.Parts{Help: v.Help()}, Next: "/login"})
}
