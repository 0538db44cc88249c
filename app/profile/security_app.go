package profile

import (
	"cmp"
	"errors"

	"github.com/gofiber/fiber/v2"

	"portico/app/proofs"
	"portico/app/visit"
	"portico/themes"
)

// AppPage sets up an authenticator app: first what it is, then, once begun, the key and its picture.
func (f *Flow) AppPage(v *visit.Visit) error {
	if !v.Tenant.Policy.Gates.Registers(proofs.Authenticator) {
		return visit.ErrNotFound
	}
	if done, err := f.anew(v, paths[proofs.Authenticator]); done {
		return err
	}
	return f.askApp(v, fiber.StatusOK, nil)
}

func (f *Flow) askApp(v *visit.Visit, status int, wrong themes.FieldErrors) error {
	p, err := f.Own.Profile(v.Context(), v.Tenant, owner(v))
	if err != nil {
		return err
	}
	page := themes.AddAppPage{Parts: themes.Parts{Errors: wrong, Help: v.Help()}, Delay: v.Tenant.Policy.Gates.NewProofDelay.Std()}
	_, page.Replace = p.Held.Of(proofs.Authenticator)
	key, secret, err := f.appKey(v, p)
	switch {
	case errors.Is(err, proofs.ErrEnded) && wrong != nil:
		return f.over(v)
	case errors.Is(err, proofs.ErrEnded):
	case err != nil:
		return err
	default:
		page.Secret, page.Link = secret, key.URL()
	}
	return answer(v, status, page)
}

// appKey is the key that this session is setting up. ErrEnded when there is none.
func (f *Flow) appKey(v *visit.Visit, p proofs.Profile) (key proofs.AppKey, secret string, err error) {
	pending, err := f.Own.Pending(v.Context(), v.Tenant, owner(v))
	if err != nil {
		return key, "", err
	}
	if pending.Kind != proofs.Authenticator {
		return key, "", proofs.ErrEnded
	}
	key, err = proofs.AppKeyOf(v.Tenant.Name, cmp.Or(p.Person.Username, p.Person.Email, p.Person.Name), pending.Contact)
	return key, pending.Contact, err
}

// App makes a fresh key.
func (f *Flow) App(v *visit.Visit) error {
	if _, err := v.Form(); err != nil {
		return err
	}
	if !v.Tenant.Policy.Gates.Registers(proofs.Authenticator) {
		return visit.ErrNotFound
	}
	if done, err := f.anew(v, paths[proofs.Authenticator]); done {
		return err
	}
	if err := f.Own.BeginAuthenticator(v.Context(), v.Tenant, owner(v)); err != nil {
		return refuse(err)
	}
	return v.Redirect(paths[proofs.Authenticator])
}

// AppPicture is the key as a QR code: for the session that is setting it up, and for no cache.
func (f *Flow) AppPicture(v *visit.Visit) error {
	p, err := f.Own.Profile(v.Context(), v.Tenant, owner(v))
	if err != nil {
		return err
	}
	key, _, err := f.appKey(v, p)
	if errors.Is(err, proofs.ErrEnded) {
		return visit.ErrNotFound
	}
	if err != nil {
		return err
	}
	picture, err := key.QR()
	if err != nil {
		return err
	}
	return v.Bytes("image/png", "", picture)
}

// AppConfirm stores the key once a code of the app showed it to work.
func (f *Flow) AppConfirm(v *visit.Visit) error { return f.finish(v, f.askApp) }
