package api

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/google/uuid"

	"portico/app/accounts"
	"portico/app/people"
)

// Person is one person as they are.
type Person struct {
	ID            string       `json:"id" format:"uuid"`
	Name          string       `json:"name" example:"Nora Berg"`
	Status        string       `json:"status" enum:"active,disabled"`
	SignIn        string       `json:"sign_in" enum:"local,sso" doc:"sso: at an identity provider."`
	Locale        string       `json:"locale,omitempty"`
	ExternalID    string       `json:"external_id,omitempty" doc:"Of files of people."`
	Identifiers   []Identifier `json:"identifiers" nullable:"false"`
	NewAddress    string       `json:"new_address,omitempty" doc:"Waits for its confirmation."`
	Groups        []GroupRef   `json:"groups" nullable:"false"`
	Roles         []RoleHeld   `json:"roles" nullable:"false"`
	Sessions      int          `json:"sessions" doc:"Sessions that hold."`
	PasswordSetAt time.Time    `json:"password_set_at,omitzero" doc:"Missing: none yet."`
	Locked        bool         `json:"locked"`
	LockedUntil   time.Time    `json:"locked_until,omitzero" doc:"Missing of somebody who is locked: until somebody unlocks them."`
	InvitedAt     time.Time    `json:"invited_at,omitzero"`
	CanRecover    bool         `json:"can_recover" doc:"They could get back in by themselves."`
	Why           []Reason     `json:"why" nullable:"false" doc:"What keeps them out, or would keep them from getting back in, the gravest first."`
	Outranks      bool         `json:"outranks" doc:"They hold more than the key may use: it changes nothing about them."`
	CreatedAt     time.Time    `json:"created_at"`
}

// Identifier is what somebody is known by.
type Identifier struct {
	Kind       string    `json:"kind" enum:"email,username,user_id"`
	Value      string    `json:"value"`
	VerifiedAt time.Time `json:"verified_at,omitzero" doc:"Missing: not confirmed."`
}

// GroupRef names a group.
type GroupRef struct {
	ID   string `json:"id" format:"uuid"`
	Name string `json:"name"`
	Kind string `json:"kind" enum:"location,department,group"`
}

// Reason is one thing that keeps somebody out.
type Reason struct {
	Code string    `json:"code" example:"locked"`
	At   time.Time `json:"at,omitzero" doc:"Until when, or since when."`
	Text string    `json:"text,omitempty" doc:"What the code names."`
	Stop bool      `json:"stop" doc:"It keeps them from signing in now."`
	Mend string    `json:"mend,omitempty" doc:"What mends it." example:"unlock"`
}

type personOut struct {
	ETag string `header:"ETag"`
	Body Person
}

type invitedOut struct {
	ETag     string `header:"ETag"`
	Location string `header:"Location"`
	Body     Person
}

type invitePersonIn struct {
	Body struct {
		Name     string `json:"name" minLength:"1" maxLength:"120" example:"Nora Berg"`
		Address  string `json:"address" minLength:"3" maxLength:"254" doc:"Where the invitation goes." example:"nora@house.example"`
		Username string `json:"username,omitempty" maxLength:"254" doc:"Needed where the policy signs in with it."`
		UserID   string `json:"user_id,omitempty" maxLength:"254" doc:"Needed where the policy signs in with it."`
		Role     string `json:"role,omitempty" maxLength:"60" doc:"A role that they hold from the first moment on."`
		Scope    string `json:"scope,omitempty" format:"uuid" doc:"The group in which the role holds; missing: the whole tenant."`
		Group    string `json:"group,omitempty" format:"uuid" doc:"A group that they are put into."`
		Locale   string `json:"locale,omitempty" maxLength:"35" example:"en"`
	}
}

type changePersonIn struct {
	ByID

	IfMatch string `header:"If-Match" doc:"The ETag that you read."`
	Body    struct {
		Name     *string   `json:"name,omitempty" maxLength:"120"`
		Username *string   `json:"username,omitempty" maxLength:"254" doc:"Empty: none."`
		UserID   *string   `json:"user_id,omitempty" maxLength:"254" doc:"Empty: none."`
		Groups   *[]string `json:"groups,omitempty" nullable:"false" maxItems:"200" format:"uuid"`
	}
}

type erasePersonIn struct {
	ByID

	Body struct {
		Name string `json:"name" maxLength:"120" doc:"Their name as it stands."`
	}
}

func (a *API) getPerson(ctx context.Context, c *call, in *ByID) (*personOut, error) {
	p, err := a.People.Read(ctx, c.by(), in.id())
	if err != nil {
		return nil, err
	}
	return &personOut{ETag: etag(numbered(p.Version)), Body: personOf(p)}, nil
}

func personOf(p people.Person) Person {
	out := Person{ID: p.ID.String(), Name: p.Name, Status: p.Status, SignIn: p.SignIn, Locale: p.Locale, ExternalID: p.ExternalID, Identifiers: []Identifier{},
		NewAddress: p.NewAddress, Groups: []GroupRef{}, Roles: heldBy(p.Roles), Sessions: p.Sessions, PasswordSetAt: utc(p.PasswordSetAt), Locked: p.Locked,
		LockedUntil: utc(p.LockedUntil), InvitedAt: utc(p.Invitation.SentAt), CanRecover: p.Ability.Can(), Why: []Reason{}, Outranks: p.Higher, CreatedAt: utc(p.CreatedAt)}
	for _, i := range p.Identifiers {
		out.Identifiers = append(out.Identifiers, Identifier{Kind: i.Kind, Value: i.Value, VerifiedAt: utc(i.VerifiedAt)})
	}
	for _, g := range p.Groups {
		out.Groups = append(out.Groups, GroupRef{ID: g.ID.String(), Name: g.Name, Kind: g.Kind})
	}
	for _, r := range p.Why {
		out.Why = append(out.Why, Reason{Code: r.Code, At: utc(r.At), Text: r.Text, Stop: r.Stop, Mend: r.Mend})
	}
	return out
}

func (a *API) invitePerson(ctx context.Context, c *call, in *invitePersonIn) (*invitedOut, error) {
	if !people.TakesInvitations(c.tenant()) {
		return nil, problem(http.StatusConflict, "not_here").because("The policy takes nobody by invitation.")
	}
	b := in.Body
	id, err := a.People.Invite(ctx, c.by(), people.NewPerson{Name: b.Name, Address: b.Address, Role: b.Role, Scope: optional(b.Scope), Group: optional(b.Group),
		Locale: b.Locale, Identifiers: map[string]string{accounts.Username: b.Username, accounts.UserID: b.UserID}})
	if err != nil {
		return nil, err
	}
	at := c.v.Base + base + "/people/" + id.String()
	p, err := a.People.Read(ctx, c.by(), id)
	if err != nil { // the key may invite and not read: it is told the id alone
		return &invitedOut{Location: at, Body: Person{ID: id.String(), Name: strings.TrimSpace(b.Name), Status: "active", SignIn: "local", Identifiers: []Identifier{},
			Groups: []GroupRef{}, Roles: []RoleHeld{}, Why: []Reason{}, InvitedAt: c.v.Clock.Now().UTC(), CreatedAt: c.v.Clock.Now().UTC()}}, nil
	}
	return &invitedOut{Location: at, ETag: etag(numbered(p.Version)), Body: personOf(p)}, nil
}

// optional is an id that may be missing.
func optional(text string) uuid.UUID {
	if text == "" {
		return uuid.UUID{}
	}
	return parsed(text)
}

func (a *API) changePerson(ctx context.Context, c *call, in *changePersonIn) (*personOut, error) {
	tag, anyOne, err := matched(in.IfMatch)
	if err != nil {
		return nil, err
	}
	p, err := a.People.Read(ctx, c.by(), in.id())
	if err != nil {
		return nil, err
	}
	if !anyOne && tag != numbered(p.Version) {
		return nil, people.ErrStale
	}
	e := people.Edit{Version: p.Version, Name: p.Name}
	for _, i := range p.Identifiers {
		switch i.Kind {
		case accounts.Username:
			e.Username = i.Value
		case accounts.UserID:
			e.UserID = i.Value
		}
	}
	for into, from := range map[*string]*string{&e.Name: in.Body.Name, &e.Username: in.Body.Username, &e.UserID: in.Body.UserID} {
		if from != nil {
			*into = *from
		}
	}
	if in.Body.Groups != nil {
		if err := a.groupsOf(ctx, c, *in.Body.Groups, &e); err != nil {
			return nil, err
		}
	}
	if err := a.People.Save(ctx, c.by(), in.id(), e); err != nil {
		return nil, err
	}
	return a.getPerson(ctx, c, &in.ByID)
}

// groupsOf says which groups somebody is to be in, of those that the key may put people into.
func (a *API) groupsOf(ctx context.Context, c *call, ids []string, e *people.Edit) error {
	within, err := a.People.GroupsToEdit(ctx, c.by())
	if err != nil {
		return err
	}
	known := map[uuid.UUID]bool{}
	for _, g := range within {
		known[g.ID] = true
		e.Shown = append(e.Shown, g.ID)
	}
	for _, text := range ids {
		id := parsed(text)
		if !known[id] {
			return at("/groups", "unknown", "There is no group "+id.String()+" within the key's reach.")
		}
		e.Groups = append(e.Groups, id)
	}
	return nil
}

func (a *API) erasePerson(ctx context.Context, c *call, in *erasePersonIn) (*struct{}, error) {
	err := a.People.Erase(ctx, c.by(), in.id(), in.Body.Name)
	var field *people.FieldError
	if errors.As(err, &field) {
		return nil, at("/name", field.Code, "This is not their name.")
	}
	return nil, err
}
