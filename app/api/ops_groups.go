package api

import (
	"context"
	"net/http"

	"github.com/google/uuid"

	"portico/app/people"
	"portico/rbac"
)

// Group is a location, a department or another group.
type Group struct {
	ID     string `json:"id" format:"uuid"`
	Name   string `json:"name" example:"Lisbon"`
	Kind   string `json:"kind" enum:"location,department,group"`
	Above  string `json:"above,omitempty" format:"uuid" doc:"Missing: it stands topmost."`
	People int    `json:"people" doc:"In the group itself."`
}

// Groups are all of them within reach, each behind the one above.
type Groups struct {
	Items []Group `json:"items" nullable:"false"`
}

// NewGroup is what a group is to be.
type NewGroup struct {
	Name  string `json:"name" minLength:"1" maxLength:"100" example:"Lisbon"`
	Kind  string `json:"kind" enum:"location,department,group"`
	Above string `json:"above,omitempty" format:"uuid" doc:"Missing: topmost."`
}

func (n NewGroup) domain() people.NewGroup {
	return people.NewGroup{Name: n.Name, Kind: n.Kind, Above: optional(n.Above)}
}

type groupsOut struct{ Body Groups }

type groupOut struct {
	Location string `header:"Location"`
	Body     Group
}

type newGroupIn struct{ Body NewGroup }

type saveGroupIn struct {
	ByID

	Body NewGroup
}

func (a *API) groupOperations() {
	handle(a, operation{id: "list-groups", method: http.MethodGet, path: "/groups", tag: tagGroups, summary: "List groups", permission: rbac.PeopleRead,
		doc: "All within the key's reach, each behind the one above."}, func(ctx context.Context, c *call, _ *struct{}) (*groupsOut, error) {
		all, err := a.People.Groups(ctx, c.by())
		out := &groupsOut{Body: Groups{Items: []Group{}}}
		for _, g := range all {
			out.Body.Items = append(out.Body.Items, groupOf(g))
		}
		return out, err
	})
	handle(a, operation{id: "add-group", method: http.MethodPost, path: "/groups", tag: tagGroups, summary: "Add a group", permission: rbac.GroupsEdit, status: http.StatusCreated},
		func(ctx context.Context, c *call, in *newGroupIn) (*groupOut, error) {
			id, err := a.People.AddGroup(ctx, c.by(), in.Body.domain())
			if err != nil {
				return nil, err
			}
			return &groupOut{Location: c.v.Base + base + "/groups/" + id.String(), Body: groupNow(id, in.Body)}, nil
		})
	handle(a, operation{id: "get-group", method: http.MethodGet, path: "/groups/{id}", tag: tagGroups, summary: "Read a group", permission: rbac.PeopleRead},
		func(ctx context.Context, c *call, in *ByID) (*groupOut, error) {
			g, err := a.People.ReadGroup(ctx, c.by(), in.id())
			return &groupOut{Body: groupOf(g.Group)}, err
		})
	handle(a, operation{id: "save-group", method: http.MethodPut, path: "/groups/{id}", tag: tagGroups, summary: "Rename or move a group", permission: rbac.GroupsEdit,
		doc: "A group that would stand below itself is refused, and so is a move by which roles would hold that the key may not give."},
		func(ctx context.Context, c *call, in *saveGroupIn) (*groupOut, error) {
			err := a.People.SaveGroup(ctx, c.by(), in.id(), in.Body.domain())
			return &groupOut{Body: groupNow(in.id(), in.Body)}, err
		})
	handle(a, operation{id: "delete-group", method: http.MethodPost, path: "/groups/{id}/delete", tag: tagGroups, summary: "Delete a group", permission: rbac.GroupsEdit, conflict: true, status: http.StatusNoContent,
		doc: "Its people stay, roles within it end. Say its name, to be sure that it is the one."},
		func(ctx context.Context, c *call, in *erasePersonIn) (*struct{}, error) {
			return nil, a.People.DeleteGroup(ctx, c.by(), in.id(), in.Body.Name)
		})
}

func groupOf(g people.Group) Group {
	out := Group{ID: g.ID.String(), Name: g.Name, Kind: g.Kind, People: g.People}
	if g.Above != (uuid.UUID{}) {
		out.Above = g.Above.String()
	}
	return out
}

// groupNow is a group as it was just written.
func groupNow(id uuid.UUID, n NewGroup) Group {
	return Group{ID: id.String(), Name: n.Name, Kind: n.Kind, Above: n.Above}
}
