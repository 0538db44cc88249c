package people

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"

	"portico/app/accounts"
	"portico/app/audit"
	"portico/app/letters"
	"portico/app/proofs"
	"portico/rbac"
	"portico/tenants"
)

// Person is what the console shows of one person.
type Person struct {
	accounts.Person
	Version       int64 // of what can be edited: a form that saw another one is stale
	ExternalID    string
	CreatedAt     time.Time
	PasswordSetAt time.Time // zero: none yet
	RegisterAsked bool      // the next sign-in begins with registering proofs
	Identifiers   []Identifier
	NewAddress    string // waits for its confirmation; "" is none
	NewUntil      time.Time
	Groups        []Group
	Roles         []Role
	Held          proofs.Held
	Ability       proofs.Ability
	Sessions      int
	Pass          accounts.Pass // the newest; the zero Pass is none
	PassState     string        // unapproved, waiting, ready, expired, used, revoked; "" is none
	Blocks        []accounts.Block
	LockedUntil   time.Time // zero: not locked
	Locked        bool
	Invitation    Invitation
	Letter        *letters.Row      // the last mail to them
	Events        []audit.Row       // the last twenty
	Names         map[string]string // of the actors of events and passes: "account:<id>" → name; those who are gone are missing
	May           map[rbac.Permission]bool
	Higher        bool // holds more than who looks: nothing can be done
	Self          bool
	Why           []Reason
}

// Identifier is what somebody is known by.
type Identifier struct {
	Kind, Value string
	VerifiedAt  time.Time // zero: not confirmed
}

// Role is a role that somebody holds or held.
type Role struct {
	rbac.Holding
	GroupName string // "" is the whole tenant
	EndsAt    time.Time
	Ended     bool
}

// Invitation is the last one to somebody.
type Invitation struct {
	SentAt    time.Time // zero: none
	ExpiresAt time.Time
	Stands    bool
}

// lastEvents is how many events a person's page shows.
const lastEvents = 20

// Read reads one person for who may see them; tenants.ErrNotFound out of reach.
func (p *People) Read(ctx context.Context, by By, account uuid.UUID) (Person, error) {
	var out Person
	err := p.DB.In(ctx, by.Tenant.ID, func(s *tenants.Scope) error {
		t, err := p.find(ctx, s, &tenants.Batch{}, by, rbac.PeopleRead, account)
		if err != nil {
			return err
		}
		out = Person{Person: t.Person, Version: t.version, Self: account == by.Who.ID, May: map[rbac.Permission]bool{}}
		out.Higher = !p.Guard.Covers(by.Tenant, t.tree, by.Who, t.holdings)
		for _, perm := range rbac.Permissions() {
			out.May[perm] = !out.Higher && reaches(p.Guard.Decide(by.Tenant, by.Who, perm), t.tree, t.groups)
		}
		var inScope bool
		if err := p.readRest(ctx, s, by.Tenant, account, &out, &inScope); err != nil {
			return err
		}
		out.Ability = proofs.AbilityOf(by.Tenant, out.Person, out.Held, s.Now())
		out.Ability.Off = out.Ability.Off || !inScope
		out.Why = why(by.Tenant, out, s.Now())
		return nil
	})
	return out, err
}

func (p *People) readRest(ctx context.Context, s *tenants.Scope, t *tenants.Tenant, account uuid.UUID, out *Person, inScope *bool) error {
	b := &tenants.Batch{}
	proofs.InScope(b, s, t, account, inScope)
	readAccount(b, s, account, out)
	readIdentifiers(b, s, account, out)
	readHeld(b, s, account, out)
	readInvitation(b, s, account, out)
	p.proofs().Read(b, s, &account, &out.Held)
	if err := s.Send(ctx, b); err != nil {
		return err
	}
	passes, err := p.Accounts.Passes(ctx, s, &account)
	if err != nil {
		return err
	}
	if len(passes) > 0 {
		out.Pass, out.PassState = passes[0], passes[0].State(s.Now())
	}
	if out.NewAddress, out.NewUntil, err = accounts.PendingAddress(ctx, s, account); err != nil {
		return err
	}
	if out.Blocks, err = accounts.Blocks(ctx, s, account); err != nil {
		return err
	}
	if out.Letter, err = lastLetter(ctx, s, account, out.Email); err != nil {
		return err
	}
	if out.Events, err = audit.List(ctx, s, audit.Filter{Account: &account, Limit: lastEvents}); err != nil {
		return err
	}
	actors := []string{out.Pass.IssuedBy, out.Pass.ApprovedBy}
	for _, e := range out.Events {
		actors = append(actors, e.Actor)
	}
	out.Names, err = NamesOf(ctx, s, actors)
	return err
}

func readAccount(b *tenants.Batch, s *tenants.Scope, account uuid.UUID, out *Person) {
	b.Rows(`SELECT coalesce(a.external_id, ''), a.created_at, a.password IS NOT NULL, a.password_set_at, a.register_asked_at IS NOT NULL,
			(SELECT count(*) FROM sessions e WHERE e.tenant_id = a.tenant_id AND e.account_id = a.id AND e.ended_at IS NULL
				AND e.idle_ends_at > $3 AND e.ends_at > $3 AND e.stamp = a.stamp),
			(SELECT max(l.locked_until) FROM account_locks l WHERE l.tenant_id = a.tenant_id AND l.account_id = a.id AND l.locked_until > $3)
		FROM accounts a WHERE a.tenant_id = $1 AND a.id = $2`, []any{s.Tenant(), account, s.Now()}, func(scan func(...any) error) error {
		var has bool
		var set, locked *time.Time
		err := scan(&out.ExternalID, &out.CreatedAt, &has, &set, &out.RegisterAsked, &out.Sessions, &locked)
		if has {
			out.PasswordSetAt = out.CreatedAt
			if set != nil {
				out.PasswordSetAt = *set
			}
		}
		if locked != nil {
			out.Locked, out.LockedUntil = true, *locked
		}
		return err
	})
}

func readIdentifiers(b *tenants.Batch, s *tenants.Scope, account uuid.UUID, out *Person) {
	b.Rows(`SELECT kind, value, verified_at FROM account_identifiers WHERE tenant_id = $1 AND account_id = $2
		ORDER BY kind, created_at, norm`, []any{s.Tenant(), account}, func(scan func(...any) error) error {
		var i Identifier
		var at *time.Time
		err := scan(&i.Kind, &i.Value, &at)
		if at != nil {
			i.VerifiedAt = *at
		}
		out.Identifiers = append(out.Identifiers, i)
		return err
	})
}

func readHeld(b *tenants.Batch, s *tenants.Scope, account uuid.UUID, out *Person) {
	b.Rows(`SELECT g.id, g.name, g.kind FROM account_groups m JOIN groups g ON g.tenant_id = m.tenant_id AND g.id = m.group_id
		WHERE m.tenant_id = $1 AND m.account_id = $2 ORDER BY g.name, g.id`, []any{s.Tenant(), account}, func(scan func(...any) error) error {
		var g Group
		err := scan(&g.ID, &g.Name, &g.Kind)
		out.Groups = append(out.Groups, g)
		return err
	})
	b.Rows(`SELECT r.role, r.scope_id, coalesce(g.name, ''), r.ends_at, coalesce(r.ends_at <= $3, false) FROM role_assignments r
		LEFT JOIN groups g ON g.tenant_id = r.tenant_id AND g.id = r.scope_id
		WHERE r.tenant_id = $1 AND r.account_id = $2 ORDER BY r.role, g.name, r.id`, []any{s.Tenant(), account, s.Now()}, func(scan func(...any) error) error {
		var r Role
		var group *uuid.UUID
		var ends *time.Time
		err := scan(&r.Role, &group, &r.GroupName, &ends, &r.Ended)
		if group != nil {
			r.Group = *group
		}
		if ends != nil {
			r.EndsAt = *ends
		}
		out.Roles = append(out.Roles, r)
		return err
	})
}

func readInvitation(b *tenants.Batch, s *tenants.Scope, account uuid.UUID, out *Person) {
	b.Rows(`SELECT issued_at, expires_at, used_at IS NULL AND replaced_at IS NULL AND revoked_at IS NULL AND expires_at > $3
		FROM links WHERE tenant_id = $1 AND account_id = $2 AND purpose = 'invite' ORDER BY issued_at DESC LIMIT 1`,
		[]any{s.Tenant(), account, s.Now()}, func(scan func(...any) error) error {
			return scan(&out.Invitation.SentAt, &out.Invitation.ExpiresAt, &out.Invitation.Stands)
		})
}

// lastLetter is the newest mail to somebody's own address; letters about them to others are not theirs.
func lastLetter(ctx context.Context, s *tenants.Scope, account uuid.UUID, address string) (*letters.Row, error) {
	if address == "" {
		return nil, nil //nolint:nilnil // nobody writes to them
	}
	rows, err := letters.List(ctx, s, letters.Filter{Account: &account, To: address, Limit: 1})
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	return &rows[0], nil
}

// NamesOf are the names behind actors of the audit that are accounts ("account:<id>"); whoever was erased
// since is missing.
func NamesOf(ctx context.Context, s *tenants.Scope, actors []string) (map[string]string, error) {
	var ids []uuid.UUID
	for _, actor := range actors {
		if id, ok := AccountOf(actor); ok {
			ids = append(ids, id)
		}
	}
	names := map[string]string{}
	if len(ids) == 0 {
		return names, nil
	}
	err := s.Each(ctx, "SELECT id, display_name FROM accounts WHERE tenant_id = $1 AND id = ANY ($2)", []any{s.Tenant(), ids},
		func(scan func(...any) error) error {
			var id uuid.UUID
			var name string
			err := scan(&id, &name)
			names[audit.AccountActor(id)] = name
			return err
		})
	return names, err
}

var errNoAccount = errors.New("no account")

// AccountOf reads the account out of an actor of the audit; false for an actor that is none.
func AccountOf(actor string) (uuid.UUID, bool) {
	id, err := parseActor(actor)
	return id, err == nil
}

func parseActor(actor string) (uuid.UUID, error) {
	const prefix = "account:"
	if len(actor) != len(prefix)+36 || actor[:len(prefix)] != prefix {
		return uuid.UUID{}, errNoAccount
	}
	return uuid.Parse(actor[len(prefix):])
}
