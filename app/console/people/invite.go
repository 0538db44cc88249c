package people

import (
	"errors"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"portico/app/access"
	"portico/app/people"
	"portico/app/visit"
	"portico/rbac"
	"portico/themes"
)

// InviteForm is /console/people/invite: one person, or many pasted as lines.
func (f *Flow) InviteForm(v *visit.Visit) error {
	return f.inviteForm(v, fiber.StatusOK, themes.InvitePage{})
}

// inviteForm shows the forms with what was typed.
func (f *Flow) inviteForm(v *visit.Visit, status int, page themes.InvitePage) error {
	page.Help, page.Life = v.Help(), v.Tenant.Policy.Users.InviteTTL.Std()
	if page.TakesNone = !people.TakesInvitations(v.Tenant); page.TakesNone {
		return v.Page(status, page)
	}
	groups, err := f.People.GroupNames(v.Context(), by(v), rbac.PeopleInvite)
	if err != nil {
		return err
	}
	page.Groups, page.GroupNeeded = boxes(groups), !v.Can(rbac.PeopleInvite).Everywhere
	assign := v.Can(rbac.RolesAssign)
	if page.Everywhere = assign.Everywhere; assign.Allowed {
		scopes, err := f.People.GroupNames(v.Context(), by(v), rbac.RolesAssign)
		if err != nil {
			return err
		}
		page.Scopes = boxes(scopes)
		for _, r := range f.People.Grantable(by(v)) {
			page.Roles = append(page.Roles, roleName(v.Tenant, r.Name))
		}
	}
	if kind := people.NeedsIdentifier(v.Tenant); kind != "" && len(page.Identifiers) == 0 {
		page.Identifiers = []themes.InviteIdentifier{{Kind: kind}}
	}
	return v.Page(status, page)
}

// fixed reads what an invitation fixes: role, where it holds, group. What is no id of a group is refused
// as one that does not exist.
func fixed(v *visit.Visit, role, scope, group string) people.NewPerson {
	return people.NewPerson{Role: role, Scope: groupID(scope), Group: groupID(group), Locale: ""}
}

// groupID is the id in a form; a text that is none becomes one that no group has.
func groupID(text string) uuid.UUID {
	if text == "" {
		return uuid.UUID{}
	}
	id, err := uuid.Parse(text)
	if err != nil || id == (uuid.UUID{}) {
		return uuid.Max
	}
	return id
}

// InviteOne mails one invitation.
func (f *Flow) InviteOne(v *visit.Visit) error {
	kind := people.NeedsIdentifier(v.Tenant)
	fields := []string{"name", "address", "role", "scope", "group"}
	if kind != "" {
		fields = append(fields, kind)
	}
	form, err := v.Form(fields...)
	if err != nil {
		return err
	}
	if !people.TakesInvitations(v.Tenant) {
		return f.inviteForm(v, fiber.StatusUnprocessableEntity, themes.InvitePage{})
	}
	n := fixed(v, form["role"], form["scope"], form["group"])
	n.Name, n.Address, n.Identifiers = form["name"], form["address"], map[string]string{kind: form[kind]}
	_, err = f.People.Invite(v.Context(), by(v), n)
	if wrong := inviteWrong(err, ""); wrong != nil {
		page := themes.InvitePage{Parts: themes.Parts{Errors: wrong}, Name: n.Name, Address: n.Address,
			Role: form["role"], Scope: form["scope"], Group: form["group"]}
		if kind != "" {
			page.Identifiers = []themes.InviteIdentifier{{Kind: kind, Value: form[kind]}}
		}
		return f.inviteForm(v, fiber.StatusUnprocessableEntity, page)
	}
	if err != nil {
		return err
	}
	v.Say(visit.SayInvited)
	return v.Redirect("/console/people/invitations")
}

// inviteSentences are the words of what can be wrong with an invitation.
var inviteSentences = map[string]string{
	"bad_name": "people.bad_name", "bad_address": "people.bad_address", "bad_identifier": "people.bad_identifier", "taken": "people.taken",
	"known": "people.known", "twice": "people.twice", "bad_role": "people.bad_role", "bad_group": "people.bad_group", "not_tried": "people.not_tried",
}

func inviteFault(fault *people.FieldError, before string) themes.FieldErrors {
	return themes.FieldErrors{before + fault.Field: {Key: inviteSentences[fault.Code]}}
}

// inviteWrong is what a form says of a refused invitation; nil of any other error.
func inviteWrong(err error, before string) themes.FieldErrors {
	var fault *people.FieldError
	var until *access.UntilError
	switch {
	case errors.As(err, &fault):
		return inviteFault(fault, before)
	case errors.As(err, &until):
		return themes.FieldErrors{before + "role": {Key: "people.role_ends", Args: map[string]any{"when": until.Until}}}
	}
	return nil
}

// shortLine is how much of a bad line is shown.
const shortLine = 120

// InviteMany mails an invitation to each line, and says which lines it left out and why.
func (f *Flow) InviteMany(v *visit.Visit) error {
	form, err := v.LongForm("lines", "many_role", "many_scope", "many_group")
	if err != nil {
		return err
	}
	page := themes.InvitePage{Lines: form["lines"], Role: form["many_role"], Scope: form["many_scope"], Group: form["many_group"]}
	if !people.TakesInvitations(v.Tenant) {
		return f.inviteForm(v, fiber.StatusUnprocessableEntity, themes.InvitePage{})
	}
	sent, bad, err := f.People.InviteMany(v.Context(), by(v), fixed(v, page.Role, page.Scope, page.Group), page.Lines)
	switch wrong := inviteWrong(err, "many_"); {
	case errors.Is(err, people.ErrTooManyLines):
		page.Errors = themes.FieldErrors{"lines": {Key: "people.too_many"}}
	case wrong != nil:
		page.Errors = wrong
	case err != nil:
		return err
	case sent == 0 && len(bad) == 0:
		page.Errors = themes.FieldErrors{"lines": {Key: "people.no_lines"}}
	case sent == 0 && (bad[0].Code == "bad_role" || bad[0].Code == "bad_group"):
		page.Errors = inviteFault(&people.FieldError{Field: bad[0].Code[len("bad_"):], Code: bad[0].Code}, "many_")
	default:
		return v.Page(fiber.StatusOK, invited(v, sent, bad))
	}
	return f.inviteForm(v, fiber.StatusUnprocessableEntity, page)
}

func invited(v *visit.Visit, sent int, bad []people.BadLine) themes.InviteDonePage {
	done := themes.InviteDonePage{Parts: themes.Parts{Help: v.Help()}, Sent: sent}
	for _, b := range bad {
		text := []rune(b.Text)
		if len(text) > shortLine {
			text = append(text[:shortLine], '…')
		}
		done.Bad = append(done.Bad, themes.BadLine{Number: b.Number, Text: string(text), Why: themes.Message{Key: inviteSentences[b.Code]}})
	}
	return done
}

// Invitations is /console/people/invitations: what became of them.
func (f *Flow) Invitations(v *visit.Visit) error {
	state := v.C.Query("state")
	listed, err := f.People.Invitations(v.Context(), by(v), state, v.C.Query("at"))
	if errors.Is(err, people.ErrBadCursor) {
		return v.Redirect("/console/people/invitations")
	}
	if err != nil {
		return err
	}
	page := themes.InvitationsPage{Parts: themes.Parts{Help: v.Help()}, State: state, Invite: true}
	for _, r := range listed.Rows {
		row := themes.InvitationRow{Link: r.Link.String(), Account: r.Account.String(), Name: r.Name, Address: r.Address, State: r.State,
			SentAt: r.SentAt, EndedAt: r.EndedAt, Roles: heldRoles(v, r.Roles), Again: r.Open && r.Address != "", Revoke: r.State == people.Pending}
		if r.State == people.Revoked && r.EndedAt.After(v.Clock.Now()) {
			row.EndedAt = time.Time{} // ended with something else of the account: when is not kept here
		}
		page.Rows = append(page.Rows, row)
	}
	if listed.Before != "" {
		page.Before = v.Base + "/console/people/invitations?state=" + stateOf(state) + "&at=" + listed.Before
	}
	if listed.After != "" {
		page.After = v.Base + "/console/people/invitations?state=" + stateOf(state) + "&at=" + listed.After
	}
	return v.Page(fiber.StatusOK, page)
}
