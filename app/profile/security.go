package profile

import (
	"errors"
	"net/url"
	"slices"
	"time"

	"github.com/gofiber/fiber/v2"

	"portico/app/proofs"
	"portico/app/visit"
	"portico/tenants"
	"portico/themes"
)

// Security is /account/security: what the person has registered, whether it would get them back in today,
// and the ways to change it.
func (f *Flow) Security(v *visit.Visit) error {
	p, err := f.Own.Profile(v.Context(), v.Tenant, owner(v))
	if err != nil {
		return err
	}
	policy := v.Tenant.Policy
	page := themes.SecurityPage{Parts: themes.Parts{Help: v.Help()}, Able: able(p.Ability), Change: policy.Password.ChangeInside,
		Gates: p.Ability.Required, Delay: policy.Gates.NewProofDelay.Std()}
	for _, kind := range policy.Gates.MethodsRegister {
		if kind != "passkey" {
			page.Entries = append(page.Entries, entry(v.Tenant, p, kind))
		}
	}
	return answer(v, fiber.StatusOK, page)
}

func owner(v *visit.Visit) proofs.Owner {
	return proofs.Owner{Session: *v.Session, Client: v.Client}
}

// paths are the pages that register a kind of proof.
var paths = map[string]string{
	proofs.AuthPhone: "/account/security/phone", proofs.AuthEmail: "/account/security/email", proofs.Questions: "/account/security/questions",
	proofs.Authenticator: "/account/security/app", proofs.RecoveryCodes: "/account/security/codes",
}

// entry is what the page says of one kind of proof.
func entry(t *tenants.Tenant, p proofs.Profile, kind string) themes.ProofEntry {
	e := themes.ProofEntry{Kind: kind, Fixed: slices.Contains(t.Policy.Gates.AdminOnly, kind)}
	if t.Policy.Gates.Registers(kind) && (kind != proofs.AuthPhone || len(proofs.PhoneWays(t)) > 0) {
		e.Action = paths[kind]
	}
	r, has := p.Held.Of(kind)
	if !has {
		return e
	}
	e.Has, e.Contact, e.By, e.Since, e.Used, e.Left, e.Asked = true, r.Masked(), r.SetBy, r.UpdatedAt, r.UsedAt, r.CodesLeft, len(r.Asked)
	if p.Now.Before(r.CountsFrom) {
		e.CountsFrom = r.CountsFrom
	}
	e.Idle = !slices.ContainsFunc(t.RecoveryWays(p.Person.Admin), func(w tenants.ProofKind) bool {
		_, counts := proofs.Has(t, p.Person, p.Held, w, later(p.Now, r.CountsFrom))
		return w.Needs == kind && counts
	})
	e.Reconfirm = stale(t, p, r)
	e.Needed = proofs.Needed(t, p, kind)
	return e
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// able is a proofs.Ability as pages show it.
func able(a proofs.Ability) themes.Able {
	out := themes.Able{Can: a.Can(), Off: a.Off, Required: a.Required, From: a.From, Add: a.Add, Admin: a.Admin}
	for _, kind := range a.Ways {
		if !slices.Contains(out.Ways, kind.Family) {
			out.Ways = append(out.Ways, kind.Family)
		}
	}
	return out
}

// anew leads somebody who has not shown lately who they are to where they do, and says so by done. What
// comes afterwards is to: a path below /account/security.
func (f *Flow) anew(v *visit.Visit, to string) (done bool, err error) {
	proved, err := f.Accounts.ProvedAnew(v.Context(), v.Tenant, *v.Session)
	if err != nil || proved {
		return err != nil, err
	}
	return true, v.Redirect("/account/security/prove?to=" + url.QueryEscape(to))
}

// changed ends a change: back to the page, or to the set-up that led here.
func (f *Flow) changed(v *visit.Visit, say string) error {
	v.Say(say)
	if _, ok := v.Opened(forSetup); ok || v.Session.Duty != "" {
		return v.Redirect("/account/security/setup")
	}
	return v.Redirect("/account/security")
}

// answer answers with a page whose forms may end up where the person was going when they were led here.
func answer(v *visit.Visit, status int, p themes.Page) error {
	if target, ok := v.Opened(forSetup); ok {
		v.AllowForm(v.ReturnTarget(target))
	}
	return v.Page(status, p)
}

// refuse answers what cannot be registered here as if there were no such page.
func refuse(err error) error {
	if errors.Is(err, proofs.ErrNotOffered) {
		return visit.ErrNotFound
	}
	return err
}
