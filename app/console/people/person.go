package people

import (
	"errors"
	"strings"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"portico/app/access"
	"portico/app/people"
	"portico/app/visit"
	"portico/rbac"
	"portico/tenants"
	"portico/themes"
)

// by is who is signed in.
func by(v *visit.Visit) people.By {
	return people.By{Tenant: v.Tenant, Who: v.Session.Subject()}
}

// whom reads the id of a page's person; what is no id names nobody.
func whom(v *visit.Visit) (uuid.UUID, error) {
	raw := v.C.Params("id")
	id, err := uuid.Parse(raw)
	if err != nil || id.String() != raw {
		return id, visit.ErrNotFound
	}
	return id, nil
}

// answered turns what the domain says into what package app shows; the permission is the route's.
func answered(err error, p rbac.Permission) error {
	switch {
	case errors.Is(err, people.ErrHigher):
		return &visit.HigherError{Permission: p}
	case errors.Is(err, tenants.ErrNotFound):
		return visit.ErrNotFound
	}
	return err
}

// Person is /console/people/:id: why somebody cannot sign in, what can be done, what is known of them.
func (f *Flow) Person(v *visit.Visit) error { return f.person(v, fiber.StatusOK, nil) }

func (f *Flow) person(v *visit.Visit, status int, problem *themes.Message) error {
	p, err := f.read(v)
	if err != nil {
		return err
	}
	page := themes.PersonPage{Parts: themes.Parts{Help: v.Help()}, Person: head(p), Higher: p.Higher, Self: p.Self, Problem: problem,
		CanRoles: v.Can(rbac.RolesRead).Allowed, Actions: actions(v.Tenant, p), Facts: facts(v, p)}
	for _, r := range p.Why {
		page.Why = append(page.Why, whyLine(v, p, r))
	}
	for _, e := range p.Events {
		page.Events = append(page.Events, eventLine(p, e))
	}
	return v.Page(status, page)
}

// read reads the page's person for who may see them.
func (f *Flow) read(v *visit.Visit) (people.Person, error) {
	id, err := whom(v)
	if err != nil {
		return people.Person{}, err
	}
	p, err := f.People.Read(v.Context(), by(v), id)
	return p, answered(err, rbac.PeopleRead)
}

// may is read for a page that changes something: the person within reach of the permission, and not above.
func (f *Flow) may(v *visit.Visit, need rbac.Permission) (people.Person, error) {
	p, err := f.read(v)
	switch {
	case err != nil:
		return p, err
	case p.Higher:
		return p, &visit.HigherError{Permission: need}
	case !p.May[need]:
		return p, visit.ErrNotFound
	}
	return p, nil
}

func head(p people.Person) themes.PersonHead {
	return themes.PersonHead{ID: p.ID.String(), Name: people.CalledBy(p.Person)}
}

// pathOf is a page below a person's own; "" is their own.
func pathOf(p people.Person, below string) string {
	return strings.TrimSuffix("/console/people/"+p.ID.String()+"/"+below, "/")
}

// done ends something that was done: back to the person, with a word.
func done(v *visit.Visit, id uuid.UUID, flash string) error {
	v.Say(flash)
	return v.Redirect("/console/people/" + id.String())
}

// said is a refusal as a sentence; false for an error that is none.
func said(err error) (themes.Message, bool) {
	var no *people.RefusedError
	if errors.As(err, &no) {
		key, ok := refusals[no.Code]
		return themes.Message{Key: key}, ok
	}
	if errors.Is(err, access.ErrLastOwner) {
		return themes.Message{Key: "person.no_last_owner"}, true
	}
	return themes.Message{}, false
}

// refusals are the sentences of people.RefusedError.
var refusals = map[string]string{
	"self": "person.no_self", "disabled": "person.no_disabled", "elsewhere": "person.no_elsewhere", "no_identifier": "person.no_identifier",
	"unlock_off": "person.no_unlock", "invite": "person.no_invite", "invite_limited": "person.no_invite_limited", "proofing": "person.no_proofing",
	"pass": "person.no_pass", "pass_off": "person.no_pass_off", "pass_same": "person.no_pass_same", "pass_meanwhile": "person.no_pass_meanwhile",
	"letter_gates": "person.no_letter_gates", "letter_off": "person.no_letter_off", "letter_disabled": "person.no_disabled",
	"letter_elsewhere": "person.no_elsewhere", "letter_no_address": "person.no_letter_address", "letter_unconfirmed": "person.no_letter_unconfirmed",
	"letter_limited": "person.no_letter_limited", "often": "person.no_often", "peer": "person.no_peer", "phone_off": "person.no_phone_off",
	"register_off": "person.no_register_off", "group_below": "groups.no_below", "group_recovery": "groups.no_recovery",
}

// faults are the sentences of people.FieldError.
var faults = map[string]string{
	"name": "person.bad_name", "needed": "person.bad_needed", "identifier": "person.bad_identifier", "taken": "person.bad_taken",
	"address": "person.bad_address", "same": "person.bad_same", "again": "person.bad_again", "confirm": "person.bad_confirm",
	"group_name": "groups.bad_name", "group_kind": "groups.bad_kind", "group_above": "groups.bad_above", "group_circle": "groups.bad_circle",
	"group_deep": "groups.bad_deep", "group_twice": "groups.bad_twice", "group_many": "groups.bad_many",
}

// atField is a fault of a form at its field; nil for an error that is none.
func atField(err error) themes.FieldErrors {
	var bad *people.FieldError
	if !errors.As(err, &bad) {
		return nil
	}
	return themes.FieldErrors{bad.Field: {Key: faults[bad.Code]}}
}
