package keys

import (
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"portico/app/apikeys"
	"portico/app/visit"
	"portico/rbac"
	"portico/tenants"
	"portico/themes"
)

// Flow is the pages about keys.
type Flow struct{ Keys *apikeys.Keys }

const path = "/console/keys"

// Page lists the keys, with the form of a new one for whom may make it.
func (f *Flow) Page(v *visit.Visit) error {
	return f.page(v, fiber.StatusOK, themes.KeysPage{Days: "90"}, nil)
}

func (f *Flow) page(v *visit.Visit, status int, page themes.KeysPage, held map[rbac.Permission]bool) error {
	all, err := f.Keys.List(v.Context(), v.Tenant)
	if err != nil {
		return err
	}
	now := v.Clock.Now()
	for _, k := range all {
		page.Keys = append(page.Keys, themes.KeyRow{ID: k.ID.String(), Name: k.Name, For: k.Maker, Permissions: k.Permissions, Ends: k.EndsAt, Used: k.UsedAt, State: state(k, now)})
	}
	page.Help, page.Edit = v.Help(), v.Can(rbac.KeysEdit).Allowed
	for _, p := range apikeys.Permissions() {
		if n := len(page.Resources); n == 0 || page.Resources[n-1].Resource != p.Resource() {
			page.Resources = append(page.Resources, themes.ResourceChoice{Resource: p.Resource()})
		}
		last := &page.Resources[len(page.Resources)-1]
		last.Permissions = append(last.Permissions, themes.PermissionChoice{Permission: string(p), Held: held[p], Beyond: !v.Can(p).Allowed})
	}
	return v.Page(status, page)
}

func state(k apikeys.Key, now time.Time) string {
	switch {
	case !k.RevokedAt.IsZero():
		return "revoked"
	case !k.Stands(now):
		return "ended"
	case k.Asleep:
		return "asleep"
	}
	return "stands"
}

// Make makes a key, and shows it once.
func (f *Flow) Make(v *visit.Visit) error {
	form, err := v.WideForm(func(field string) bool {
		p, isPermission := strings.CutPrefix(field, "perm.")
		return field == "name" || field == "days" || isPermission && rbac.Permission(p).Known()
	})
	if err != nil {
		return err
	}
	n := apikeys.New{Name: form["name"]}
	held := map[rbac.Permission]bool{}
	for _, p := range apikeys.Permissions() {
		if form["perm."+string(p)] == "on" {
			n.Permissions, held[p] = append(n.Permissions, string(p)), true
		}
	}
	days, err := strconv.Atoi(form["days"])
	if err != nil || days < 1 || days > 365 {
		days = 0
	}
	n.EndsAt = v.Clock.Now().Add(time.Duration(days) * 24 * time.Hour)
	text, _, err := f.Keys.Make(v.Context(), v.Tenant, v.Session.Subject(), n)
	if wrong := fault(err); wrong != nil {
		return f.page(v, fiber.StatusUnprocessableEntity, themes.KeysPage{Parts: themes.Parts{Errors: wrong}, KeyName: form["name"], Days: form["days"]}, held)
	}
	if err != nil {
		return err
	}
	return v.Page(fiber.StatusOK, themes.KeyMadePage{Parts: themes.Parts{Help: v.Help()}, KeyName: n.Name, Text: text})
}

func fault(err error) themes.FieldErrors {
	for _, f := range []struct {
		is         error
		field, key string
	}{
		{apikeys.ErrName, "name", "keys.bad_name"}, {apikeys.ErrEnd, "days", "keys.bad_days"}, {apikeys.ErrNothing, "form", "keys.bad_nothing"},
		{apikeys.ErrBeyond, "form", "keys.bad_beyond"}, {apikeys.ErrTooMany, "form", "keys.bad_many"},
	} {
		if errors.Is(err, f.is) {
			return themes.FieldErrors{f.field: {Key: f.key}}
		}
	}
	return nil
}

// Revoke ends a key at once.
func (f *Flow) Revoke(v *visit.Visit) error {
	form, err := v.Form("id")
	if err != nil {
		return err
	}
	id, err := uuid.Parse(form["id"])
	if err != nil {
		return visit.ErrNotFound
	}
	err = f.Keys.Revoke(v.Context(), v.Tenant, id)
	if errors.Is(err, tenants.ErrNotFound) {
		return visit.ErrNotFound
	}
	if err != nil {
		return err
	}
	v.Say(visit.SayKeyRevoked)
	return v.Redirect(path)
}
