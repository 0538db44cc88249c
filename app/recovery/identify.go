package recovery

import (
	"encoding/base64"
	"encoding/json"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"portico/app/accounts"
	"portico/app/gates"
	"portico/app/visit"
	"portico/themes"
)

// Flow is the recovery of one portal.
type Flow struct {
	Accounts *accounts.Accounts
	Gates    *gates.Gates
}

const maxIdentifier = 320

// Page asks who they are.
func (f *Flow) Page(v *visit.Visit) error {
	if !enabled(v) {
		return visit.ErrNotFound
	}
	target := v.ReturnTarget(v.C.Query("return_to"))
	if target == "" {
		target = v.OpenReturn(v.C.Query("return_to")) // from the sign-in page, sealed
	}
	captcha := f.showsCaptcha(v)
	if target == "" && !captcha {
		return v.Cached("recover", func() themes.Page { return identifyPage(v) })
	}
	p := identifyPage(v)
	p.ReturnTo = v.SealReturn(target)
	if captcha {
		p.Captcha = v.AskCaptcha("/recover")
	}
	return v.Page(fiber.StatusOK, p)
}

// Request asks for a mail; the answer is the same for everybody.
func (f *Flow) Request(v *visit.Visit) error {
	if !enabled(v) {
		return visit.ErrNotFound
	}
	form, err := v.Form("identifier", "return_to", visit.CaptchaID, visit.CaptchaAnswer, visit.CaptchaWork)
	if err != nil {
		return err
	}
	p := identifyPage(v)
	p.Typed, p.ReturnTo = strings.TrimSpace(form["identifier"]), v.SealReturn(v.OpenReturn(form["return_to"]))
	typed := p.Typed
	if key := wrongIdentifier(p.Identifier, typed); key != "" {
		p.Errors = themes.FieldErrors{"identifier": {Key: key}}
		if form[visit.CaptchaID] != "" {
			p.Captcha = v.SameCaptcha(form, "/recover")
		}
		return v.Page(fiber.StatusUnprocessableEntity, p)
	}
	if err := f.passCaptcha(v, form); err != nil {
		return orCaptcha(v, p, err)
	}
	if v.Tenant.Policy.ThroughGates() {
		return f.begin(v, p, v.OpenReturn(form["return_to"]))
	}
	asked, err := f.Accounts.RequestLink(v.Context(), v.Tenant, typed, v.OpenReturn(form["return_to"]), v.Client)
	if err != nil {
		return orCaptcha(v, p, err)
	}
	return v.Page(fiber.StatusOK, sentPage(v, request{Typed: typed, ReturnTo: v.OpenReturn(form["return_to"])}, asked.ResendAt))
}

// Resend asks again for what the sent page was about: an address as typed, or the owner of a token.
func (f *Flow) Resend(v *visit.Visit) error {
	form, err := v.Form("resend")
	if err != nil {
		return err
	}
	r, ok := openRequest(v, form["resend"])
	if !ok {
		return visit.ErrStaleForm
	}
	return f.resend(v, r)
}

func (f *Flow) resend(v *visit.Visit, r request) error {
	if !enabled(v) {
		return visit.ErrNotFound
	}
	if v.Tenant.Policy.ThroughGates() { // since the mail was sent the tenant asks for more
		return v.Redirect("/recover")
	}
	var asked accounts.Asked
	var err error
	if r.Token != "" {
		asked, err = f.Accounts.RequestLinkAgain(v.Context(), v.Tenant, r.Token, v.Client)
	} else {
		asked, err = f.Accounts.RequestLink(v.Context(), v.Tenant, r.Typed, v.ReturnTarget(r.ReturnTo), v.Client)
	}
	if err != nil && r.Token == "" {
		p := identifyPage(v)
		p.Typed, p.ReturnTo = r.Typed, v.SealReturn(v.ReturnTarget(r.ReturnTo))
		return orCaptcha(v, p, err)
	}
	if err != nil {
		return err
	}
	return v.Page(fiber.StatusOK, sentPage(v, r, asked.ResendAt))
}

// request is what "send again" repeats.
type request struct {
	Typed    string    `json:"i,omitempty"`
	Token    string    `json:"t,omitempty"` // of the link that ended
	ReturnTo string    `json:"r,omitempty"`
	Until    time.Time `json:"u"`
}

func sealRequest(v *visit.Visit, r request) string {
	r.Until = v.Clock.Now().Add(time.Hour)
	plain, err := json.Marshal(r)
	if err != nil {
		return "" // strings and a time always marshal
	}
	return base64.RawURLEncoding.EncodeToString(v.Seals.Seal("resend", v.TenantID(), "", plain))
}

func openRequest(v *visit.Visit, sealed string) (request, bool) {
	var r request
	raw, err := base64.RawURLEncoding.DecodeString(sealed)
	if err != nil {
		return r, false
	}
	plain, err := v.Seals.Open("resend", v.TenantID(), "", raw)
	if err != nil || json.Unmarshal(plain, &r) != nil {
		return r, false
	}
	return r, v.Clock.Now().Before(r.Until)
}

func sentPage(v *visit.Visit, r request, resendAt time.Time) themes.RecoverSentPage {
	p := v.Tenant.Policy
	page := themes.RecoverSentPage{
		Renewed:     r.Token != "",
		ReenterLink: p.Reset.ReenterLink, DeliveryHint: p.Reset.DeliveryHint,
		Resend: sealRequest(v, r), ResendAt: resendAt, LinkTTL: p.Link.TTL.Std(),
		Steps: steps(2), Help: v.Help(),
	}
	if p.Reset.ConfirmEchoAddress {
		page.Echo = r.Typed
	}
	return page
}

func identifyPage(v *visit.Visit) themes.RecoverPage {
	p := themes.RecoverPage{Identifier: v.Tenant.Policy.Reset.Identifier, Pass: v.Tenant.Policy.Passes.Enabled,
		Contact: v.Tenant.Policy.Help.ContactAdmin, Steps: steps(1), Help: v.Help()}
	if v.Tenant.Policy.ThroughGates() {
		p.Steps, p.Gates = gateSteps("", v.Tenant.Policy.Gates.Required, 1), true
	}
	return p
}

func wrongIdentifier(kind, typed string) string {
	switch {
	case typed == "":
		return "error.required_" + kind
	case len(typed) > maxIdentifier:
		return "error.identifier_long"
	case kind == accounts.Email:
		if _, err := accounts.NormalizeEmail(typed); err != nil {
			return "error.email_form"
		}
	}
	return ""
}

func enabled(v *visit.Visit) bool {
	return v.Tenant.Policy.Reset.Enabled && v.Tenant.Policy.Reset.Scope != "none"
}

// steps is the progress of a recovery by one mailed link.
func steps(current int) themes.Steps {
	return themes.Steps{Current: current, Keys: []string{"step.identify", "step.link", "step.password"}}
}
