package api

import (
	"context"
	"net/http"
	"time"

	"github.com/google/uuid"

	"portico/app/people"
	"portico/rbac"
)

// PersonRow is one person of a list.
type PersonRow struct {
	ID          string     `json:"id" format:"uuid"`
	Name        string     `json:"name" example:"Nora Berg"`
	SignsInWith string     `json:"signs_in_with,omitempty" doc:"What they sign in with: the kind that the policy names." example:"nora@house.example"`
	Address     string     `json:"address,omitempty" doc:"Where mail goes."`
	State       string     `json:"state" enum:"active,disabled,locked,invited" doc:"What matters most of it."`
	LockedUntil time.Time  `json:"locked_until,omitzero" doc:"Of somebody who is locked."`
	NoPassword  bool       `json:"no_password" doc:"They have not chosen a password yet."`
	Elsewhere   bool       `json:"elsewhere" doc:"They sign in at an identity provider."`
	Roles       []RoleHeld `json:"roles" nullable:"false" doc:"What they hold now."`
	Groups      []string   `json:"groups" nullable:"false" doc:"The names of their groups."`
	SignedInAt  time.Time  `json:"signed_in_at,omitzero" doc:"To the hour; missing: never."`
	Bounced     string     `json:"bounced,omitempty" doc:"What came of the last letter, when their address takes none."`
	CreatedAt   time.Time  `json:"created_at"`
}

// RoleHeld is a role that somebody holds somewhere.
type RoleHeld struct {
	Role      string    `json:"role" example:"support_agent"`
	Group     string    `json:"group,omitempty" format:"uuid" doc:"Where it holds; missing: in the whole tenant."`
	GroupName string    `json:"group_name,omitempty"`
	EndsAt    time.Time `json:"ends_at,omitzero" doc:"Missing: it has no end."`
}

// PeoplePage is one page of people.
type PeoplePage struct {
	Items []PersonRow `json:"items" nullable:"false"`
	Next  string      `json:"next,omitempty" doc:"The cursor of the next page; missing on the last."`
	Count int         `json:"count" doc:"How many there are on all pages, as far as they are counted."`
	More  bool        `json:"more" doc:"There are more than count."`
}

type listPeopleIn struct {
	Search string `query:"search" maxLength:"100" doc:"Sought in names, addresses and ids; the best come first, and order does not count." example:"berg"`
	State  string `query:"state" enum:"active,disabled,locked,invited,bounced,stuck" doc:"stuck: they have a password, and could not get back in without it."`
	Role   string `query:"role" maxLength:"60" doc:"Those who hold this role somewhere."`
	Group  string `query:"group" format:"uuid" doc:"Those in this group and below it."`
	Order  string `query:"order" enum:"name,signed_in,added" default:"name" doc:"signed_in and added: the latest come first."`
	Cursor string `query:"cursor" maxLength:"600" doc:"Of next, from the page before."`
}

type listPeopleOut struct {
	Link string `header:"Link"`
	Body PeoplePage
}

// ByID is the id in a path.
type ByID struct {
	ID string `path:"id" format:"uuid"`
}

func (b ByID) id() uuid.UUID { return parsed(b.ID) }

// parsed reads an id that the schema has looked at; what is none is nobody's.
func parsed(text string) uuid.UUID {
	id, err := uuid.Parse(text)
	if err != nil {
		return uuid.UUID{}
	}
	return id
}

func (a *API) peopleOperations() {
	handle(a, operation{id: "list-people", method: http.MethodGet, path: "/people", tag: tagPeople, summary: "List people", permission: rbac.PeopleRead,
		doc: "The people within the key's reach, with the console's filters and search."}, a.listPeople)
	handle(a, operation{id: "invite-person", method: http.MethodPost, path: "/people", tag: tagPeople, summary: "Invite somebody", permission: rbac.PeopleInvite,
		status: http.StatusCreated, doc: "Makes an account without a password and mails its link. A key gives no role that it may not use itself, and one that reaches some groups alone puts people into one of them."}, a.invitePerson)
	handle(a, operation{id: "get-person", method: http.MethodGet, path: "/people/{id}", tag: tagPeople, summary: "Read somebody", permission: rbac.PeopleRead,
		doc: "One person, with why they cannot sign in or get back in, if so."}, a.getPerson)
	handle(a, operation{id: "change-person", method: http.MethodPatch, path: "/people/{id}", tag: tagPeople, summary: "Change somebody", permission: rbac.PeopleEdit, match: true,
		doc: "Fields that are missing stay as they are. `groups` replaces their groups, of those within the key's reach. They hear by letter of a name that they sign in with."}, a.changePerson)
	a.act("disable-person", "/people/{id}/disable", "Close an account", "Closes it at once, everywhere. Done already is done.", rbac.PeopleDisable, false, a.People.Disable)
	a.act("enable-person", "/people/{id}/enable", "Open an account again", "Done already is done.", rbac.PeopleDisable, false, a.People.Enable)
	a.act("unlock-person", "/people/{id}/unlock", "Unlock somebody", "Lifts locks and the blocks of recoveries; the person hears of it. Where nothing is locked, nothing is done.", rbac.PeopleUnlock, false, a.People.Unlock)
	a.act("sign-person-out", "/people/{id}/sessions/end", "Sign somebody out", "Ends all of their sessions at once.", rbac.PeopleSessions, false, a.People.EndSessions)
	a.act("send-recovery", "/people/{id}/recovery", "Send a recovery letter", "Mails them a link, under the limits that they have themselves.", rbac.PeopleRecover, true,
		func(ctx context.Context, by people.By, id uuid.UUID) error {
			return a.People.SendRecovery(ctx, by, id, callOf(ctx).v.Locale)
		})
	a.act("send-invitation", "/people/{id}/invitation", "Invite somebody anew", "Mails somebody who has no password yet a new link; the one before ends.", rbac.PeopleInvite, true, a.People.SendInvitation)
	handle(a, operation{id: "erase-person", method: http.MethodPost, path: "/people/{id}/erase", tag: tagPeople, summary: "Erase somebody", permission: rbac.PeopleErase, conflict: true,
		status: http.StatusNoContent, doc: "Deletes them with everything that is theirs. What stays is the audit, without what names them. Say their name, to be sure that it is them."}, a.erasePerson)
}

// act registers something that is done to one person and answers nothing.
func (a *API) act(id, path, summary, doc string, p rbac.Permission, sends bool, do func(context.Context, people.By, uuid.UUID) error) {
	handle(a, operation{id: id, method: http.MethodPost, path: path, tag: tagPeople, summary: summary, doc: doc, permission: p, conflict: true, sends: sends, status: http.StatusNoContent},
		func(ctx context.Context, c *call, in *ByID) (*struct{}, error) {
			return nil, do(ctx, c.by(), in.id())
		})
}

func (a *API) listPeople(ctx context.Context, c *call, in *listPeopleIn) (*listPeopleOut, error) {
	q := people.Query{Typed: in.Search, State: in.State, Role: in.Role, Order: in.Order, Cursor: in.Cursor}
	if in.Group != "" {
		q.Group = parsed(in.Group)
	}
	found, err := a.People.List(ctx, c.by(), q)
	if err != nil {
		return nil, err
	}
	out := &listPeopleOut{Link: c.next(found.After), Body: PeoplePage{Items: []PersonRow{}, Next: found.After, Count: found.Count, More: found.More}}
	for _, r := range found.Rows {
		out.Body.Items = append(out.Body.Items, PersonRow{ID: r.ID.String(), Name: r.Name, SignsInWith: r.SignsInWith, Address: r.Address, State: r.State,
			LockedUntil: utc(r.LockedUntil), NoPassword: r.NoPassword, Elsewhere: r.Elsewhere, Roles: heldBy(r.Roles), Groups: orNone(r.Groups), SignedInAt: utc(r.SignedInAt),
			Bounced: r.Bounced, CreatedAt: utc(r.CreatedAt)})
	}
	return out, nil
}

// heldBy are roles that have not ended.
func heldBy(roles []people.Role) []RoleHeld {
	all := []RoleHeld{}
	for _, r := range roles {
		if r.Ended {
			continue
		}
		held := RoleHeld{Role: r.Role, GroupName: r.GroupName, EndsAt: utc(r.EndsAt)}
		if !r.Everywhere() {
			held.Group = r.Group.String()
		}
		all = append(all, held)
	}
	return all
}

// orNone is a list that is never null.
func orNone[T any](all []T) []T {
	if all == nil {
		return []T{}
	}
	return all
}

// utc is a moment as documents write it; the zero one stays, to be left out, and so does what no document can write.
func utc(t time.Time) time.Time {
	if t.IsZero() || t.Year() >= 9999 {
		return time.Time{}
	}
	return t.UTC()
}
