package api

import (
	"context"
	"net/http"
	"time"

	"portico/rbac"
)

// Invitation is the newest invitation to somebody.
type Invitation struct {
	ID      string     `json:"id" format:"uuid"`
	Person  string     `json:"person" format:"uuid"`
	Name    string     `json:"name"`
	Address string     `json:"address,omitempty"`
	State   string     `json:"state" enum:"pending,accepted,expired,revoked"`
	SentAt  time.Time  `json:"sent_at"`
	EndedAt time.Time  `json:"ends_at,omitzero" doc:"When it was accepted, expired or revoked; of a pending one, when it will expire."`
	Roles   []RoleHeld `json:"roles" nullable:"false"`
	Open    bool       `json:"open" doc:"The account still waits for a first password: the invitation can be sent anew."`
}

// InvitationPage is one page of invitations.
type InvitationPage struct {
	Items []Invitation `json:"items" nullable:"false"`
	Next  string       `json:"next,omitempty"`
}

type listInvitationsIn struct {
	State  string `query:"state" enum:"pending,accepted,expired,revoked"`
	Cursor string `query:"cursor" maxLength:"600"`
}

type listInvitationsOut struct {
	Link string `header:"Link"`
	Body InvitationPage
}

func (a *API) invitationOperations() {
	handle(a, operation{id: "list-invitations", method: http.MethodGet, path: "/invitations", tag: tagInvitations, summary: "List invitations", permission: rbac.PeopleInvite,
		doc: "The newest to each person, the latest first. People are invited by POST /api/v1/people."},
		func(ctx context.Context, c *call, in *listInvitationsIn) (*listInvitationsOut, error) {
			all, err := a.People.Invitations(ctx, c.by(), in.State, in.Cursor)
			if err != nil {
				return nil, err
			}
			out := &listInvitationsOut{Link: c.next(all.After), Body: InvitationPage{Items: []Invitation{}, Next: all.After}}
			for _, r := range all.Rows {
				out.Body.Items = append(out.Body.Items, Invitation{ID: r.Link.String(), Person: r.Account.String(), Name: r.Name, Address: r.Address, State: r.State,
					SentAt: utc(r.SentAt), EndedAt: utc(r.EndedAt), Roles: heldBy(r.Roles), Open: r.Open})
			}
			return out, nil
		})
	a.act("resend-invitation", "/invitations/{id}/resend", "Send an invitation anew", "Mails a new link; the one before ends. Of an invitation that is the newest of an account that waits.", rbac.PeopleInvite, true, a.People.ResendInvitation)
	a.act("revoke-invitation", "/invitations/{id}/revoke", "Revoke an invitation", "Ends a pending one.", rbac.PeopleInvite, false, a.People.RevokeInvitation)
}
