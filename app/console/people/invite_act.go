package people

import (
	"context"
	"errors"
	"slices"

	"github.com/google/uuid"

	"portico/app/people"
	"portico/app/visit"
	"portico/rbac"
	"portico/tenants"
)

// stateOf is a state of invitations as it stands in an address.
func stateOf(state string) string {
	if slices.Contains(people.InvitationStates(), state) {
		return state
	}
	return ""
}

// InvitationAgain replaces the link of an invitation and mails the new one.
func (f *Flow) InvitationAgain(v *visit.Visit) error {
	return f.invitation(v, visit.SayInvitedAgain, f.People.ResendInvitation)
}

// InvitationRevoke ends a pending invitation.
func (f *Flow) InvitationRevoke(v *visit.Visit) error {
	return f.invitation(v, visit.SayInviteRevoked, f.People.RevokeInvitation)
}

func (f *Flow) invitation(v *visit.Visit, flash string, do func(context.Context, people.By, uuid.UUID) error) error {
	form, err := v.Form("link")
	if err != nil {
		return err
	}
	id, err := uuid.Parse(form["link"])
	if err != nil {
		return visit.ErrNotFound
	}
	err = do(v.Context(), by(v), id)
	var refused *people.RefusedError
	switch {
	case errors.As(err, &refused) && refused.Code == "invite_limited":
		v.Say(visit.SayInviteLimited)
	case refused != nil, errors.Is(err, tenants.ErrNotFound):
		v.Say(visit.SayInviteEnded) // out of reach looks the same as over
	case err != nil:
		return answered(err, rbac.PeopleInvite)
	default:
		v.Say(flash)
	}
	return v.Redirect("/console/people/invitations")
}
