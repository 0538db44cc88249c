package people

import (
	"context"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"portico/app/people"
	"portico/app/visit"
	"portico/rbac"
	"portico/themes"
)

// act does one thing to the page's person and goes back to them; what is refused is said there.
func (f *Flow) act(v *visit.Visit, need rbac.Permission, flash string, do func(context.Context, people.By, uuid.UUID) error) error {
	if _, err := v.Form(); err != nil {
		return err
	}
	return f.acted(v, need, flash, do)
}

func (f *Flow) acted(v *visit.Visit, need rbac.Permission, flash string, do func(context.Context, people.By, uuid.UUID) error) error {
	id, err := whom(v)
	if err != nil {
		return err
	}
	err = do(v.Context(), by(v), id)
	if err == nil {
		return done(v, id, flash)
	}
	if m, ok := said(err); ok {
		return f.person(v, fiber.StatusConflict, &m)
	}
	return answered(err, need)
}

// ask is the page that asks once more, and names the person.
func (f *Flow) ask(v *visit.Visit, need rbac.Permission, act string, name bool) error {
	p, err := f.may(v, need)
	if err != nil {
		return err
	}
	return v.Page(fiber.StatusOK, themes.PersonAskPage{Parts: themes.Parts{Help: v.Help()}, Person: head(p), Act: act, Name: name})
}

// AskDisable asks before an account is closed.
func (f *Flow) AskDisable(v *visit.Visit) error {
	return f.ask(v, rbac.PeopleDisable, "disable", false)
}

// Disable closes it.
func (f *Flow) Disable(v *visit.Visit) error {
	return f.act(v, rbac.PeopleDisable, visit.SayPersonDisabled, f.People.Disable)
}

// Enable opens it again.
func (f *Flow) Enable(v *visit.Visit) error {
	return f.act(v, rbac.PeopleDisable, visit.SayPersonEnabled, f.People.Enable)
}

// Unlock lifts locks and blocks.
func (f *Flow) Unlock(v *visit.Visit) error {
	return f.act(v, rbac.PeopleUnlock, visit.SayPersonUnlocked, f.People.Unlock)
}

// AskSessions asks before somebody is signed out everywhere.
func (f *Flow) AskSessions(v *visit.Visit) error {
	return f.ask(v, rbac.PeopleSessions, "sessions", false)
}

// Sessions signs them out.
func (f *Flow) Sessions(v *visit.Visit) error {
	return f.act(v, rbac.PeopleSessions, visit.SayPersonSignedOut, f.People.EndSessions)
}

// Letter sends a recovery letter.
func (f *Flow) Letter(v *visit.Visit) error {
	return f.act(v, rbac.PeopleRecover, visit.SayPersonMailed, func(ctx context.Context, b people.By, id uuid.UUID) error {
		return f.People.SendRecovery(ctx, b, id, v.Locale)
	})
}

// Invite sends an invitation anew.
func (f *Flow) Invite(v *visit.Visit) error {
	return f.act(v, rbac.PeopleInvite, visit.SayPersonMailed, f.People.SendInvitation)
}

// AskRegister asks before somebody has to register anew.
func (f *Flow) AskRegister(v *visit.Visit) error {
	return f.ask(v, rbac.PeopleRecover, "register", false)
}

// Register removes what they registered, and lets the next sign-in ask for it.
func (f *Flow) Register(v *visit.Visit) error {
	return f.act(v, rbac.PeopleRecover, visit.SayPersonRegisters, f.People.RegisterAnew)
}

// AskErase asks for the name before somebody is erased.
func (f *Flow) AskErase(v *visit.Visit) error { return f.ask(v, rbac.PeopleErase, "erase", true) }

// Erase erases them.
func (f *Flow) Erase(v *visit.Visit) error {
	form, err := v.Form("name")
	if err != nil {
		return err
	}
	id, err := whom(v)
	if err != nil {
		return err
	}
	err = f.People.Erase(v.Context(), by(v), id, form["name"])
	if err == nil {
		v.Say(visit.SayPersonErased)
		return v.Redirect("/console/people")
	}
	errs := atField(err)
	if m, ok := said(err); ok {
		errs = themes.FieldErrors{"form": m}
	}
	if errs == nil {
		return answered(err, rbac.PeopleErase)
	}
	p, err := f.may(v, rbac.PeopleErase)
	if err != nil {
		return err
	}
	return v.Page(fiber.StatusUnprocessableEntity, themes.PersonAskPage{Parts: themes.Parts{Help: v.Help(), Errors: errs}, Person: head(p),
		Act: "erase", Name: true, Typed: form["name"]})
}

// Data hands over what is kept about somebody, as a file.
func (f *Flow) Data(v *visit.Visit) error {
	if _, err := v.Form(); err != nil {
		return err
	}
	id, err := whom(v)
	if err != nil {
		return err
	}
	body, err := f.People.HandOver(v.Context(), by(v), id)
	if err != nil {
		return answered(err, rbac.PeopleErase)
	}
	return v.Bytes(fiber.MIMEApplicationJSONCharsetUTF8, "person-"+id.String()+".json", body)
}
