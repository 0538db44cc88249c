package profile

import (
	"encoding/base64"
	"encoding/json"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"portico/app/proofs"
	"portico/app/visit"
	"portico/themes"
)

// CodesPage explains recovery codes and offers to make them.
func (f *Flow) CodesPage(v *visit.Visit) error {
	if !v.Tenant.Policy.Gates.Registers(proofs.RecoveryCodes) {
		return visit.ErrNotFound
	}
	if done, err := f.anew(v, paths[proofs.RecoveryCodes]); done {
		return err
	}
	p, err := f.Own.Profile(v.Context(), v.Tenant, owner(v))
	if err != nil {
		return err
	}
	page := themes.SavedCodesPage{Parts: themes.Parts{Help: v.Help()}, Left: -1, Delay: v.Tenant.Policy.Gates.NewProofDelay.Std()}
	if r, ok := p.Held.Of(proofs.RecoveryCodes); ok {
		page.Left = r.CodesLeft
	}
	return answer(v, fiber.StatusOK, page)
}

// Codes makes ten codes and shows them, this once: the answer to the form is the page, and only its own
// sealed copy can be turned into a file for a while.
func (f *Flow) Codes(v *visit.Visit) error {
	if _, err := v.Form(); err != nil {
		return err
	}
	if !v.Tenant.Policy.Gates.Registers(proofs.RecoveryCodes) {
		return visit.ErrNotFound
	}
	if done, err := f.anew(v, paths[proofs.RecoveryCodes]); done {
		return err
	}
	codes, err := f.Own.MakeCodes(v.Context(), v.Tenant, owner(v))
	if err != nil {
		return refuse(err)
	}
	sealed, err := sealCodes(v, codes)
	if err != nil {
		return err
	}
	return answer(v, fiber.StatusOK, themes.SavedCodesPage{Parts: themes.Parts{Help: v.Help()}, Codes: codes, Sealed: sealed,
		Delay: v.Tenant.Policy.Gates.NewProofDelay.Std()})
}

// CodesFile answers the page's own codes as a file; nothing is stored for it.
func (f *Flow) CodesFile(v *visit.Visit) error {
	form, err := v.Form("codes")
	if err != nil {
		return err
	}
	codes, ok := openCodes(v, form["codes"])
	if !ok {
		return visit.ErrNotFound
	}
	text := v.Tenant.Name + "\r\n" + v.Tenant.Origin + v.Tenant.BasePath + "\r\n\r\n" + strings.Join(codes, "\r\n") + "\r\n"
	return v.Bytes("text/plain; charset=utf-8", "recovery-codes.txt", []byte(text))
}

// fileFor is how long the page's copy can be turned into a file.
const fileFor = 15 * time.Minute

type shown struct {
	Codes []string  `json:"c"`
	Until time.Time `json:"u"`
}

// sealCodes binds the codes to this session and to a quarter of an hour.
func sealCodes(v *visit.Visit, codes []string) (string, error) {
	plain, err := json.Marshal(shown{codes, v.Clock.Now().Add(fileFor)})
	if err != nil {
		return "", err
	}
	return base64.RawURLEncoding.EncodeToString(v.Seals.Seal("shown codes", v.TenantID(), v.Session.PublicID.String(), plain)), nil
}

func openCodes(v *visit.Visit, sealed string) ([]string, bool) {
	raw, err := base64.RawURLEncoding.DecodeString(sealed)
	if err != nil {
		return nil, false
	}
	plain, err := v.Seals.Open("shown codes", v.TenantID(), v.Session.PublicID.String(), raw)
	var s shown
	if err != nil || json.Unmarshal(plain, &s) != nil || !v.Clock.Now().Before(s.Until) {
		return nil, false
	}
	return s.Codes, true
}
