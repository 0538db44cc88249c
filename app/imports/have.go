package imports

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"portico/rbac"
	"portico/tenants"
)

// have is a person as they are.
type have struct {
	id          uuid.UUID
	external    string
	name        string
	locale      string
	active      bool
	local       bool
	hasPassword bool
	ids         map[string][]identifier // by kind
	groups      []uuid.UUID             // those that a file can name
	roles       []rbac.Holding          // that hold now
	timed       []rbac.Holding          // of them: with an end to come
	proofs      map[string]proof        // by kind
}

type proof struct {
	id      uuid.UUID
	contact string
	setBy   string
}

// known is what the database has on the people of one chunk.
type known struct {
	people map[string]*have                // by external_id
	taken  map[string]map[string]uuid.UUID // kind → norm → account
}

// readKnown reads everything that a chunk's rows are compared with, in one round trip and a second for what
// hangs on the accounts; hold keeps the accounts as they are until the transaction ends.
func (g *ground) readKnown(ctx context.Context, s *tenants.Scope, rows []want, hold bool) (*known, error) {
	k := &known{people: map[string]*have{}, taken: map[string]map[string]uuid.UUID{}}
	byID := map[uuid.UUID]*have{}
	b := &tenants.Batch{}
	g.askPeople(b, s, rows, hold, k, byID)
	g.askTaken(b, s, rows, k)
	if err := s.Send(ctx, b); err != nil {
		return nil, err
	}
	if len(byID) == 0 {
		return k, nil
	}
	b = &tenants.Batch{}
	g.askBelonging(b, s, byID)
	return k, s.Send(ctx, b)
}

func (g *ground) askPeople(b *tenants.Batch, s *tenants.Scope, rows []want, hold bool, k *known, byID map[uuid.UUID]*have) {
	externals := make([]string, 0, len(rows))
	for _, w := range rows {
		externals = append(externals, w.external)
	}
	lock := ""
	if hold {
		lock = " ORDER BY id FOR NO KEY UPDATE"
	}
	b.Rows(`SELECT id, external_id, display_name, locale, status = 'active', sign_in = 'local', password IS NOT NULL
		FROM accounts WHERE tenant_id = $1 AND external_id = ANY ($2)`+lock, []any{s.Tenant(), externals}, func(scan func(...any) error) error {
		h := &have{ids: map[string][]identifier{}, proofs: map[string]proof{}}
		err := scan(&h.id, &h.external, &h.name, &h.locale, &h.active, &h.local, &h.hasPassword)
		k.people[h.external], byID[h.id] = h, h
		return err
	})
}

func (g *ground) askTaken(b *tenants.Batch, s *tenants.Scope, rows []want, k *known) {
	for _, kind := range []string{string(Email), string(Username), string(UserID)} {
		k.taken[kind] = map[string]uuid.UUID{}
		var norms []string
		for _, w := range rows {
			if id, ok := w.ids[kind]; ok {
				norms = append(norms, id.norm)
			}
		}
		if len(norms) == 0 {
			continue
		}
		b.Rows("SELECT norm, account_id FROM account_identifiers WHERE tenant_id = $1 AND kind = $2 AND norm = ANY ($3)",
			[]any{s.Tenant(), kind, norms}, func(scan func(...any) error) error {
				var norm string
				var id uuid.UUID
				err := scan(&norm, &id)
				k.taken[kind][norm] = id
				return err
			})
	}
}

// askBelonging adds what hangs on accounts: identifiers, groups, roles, registered contacts.
func (g *ground) askBelonging(b *tenants.Batch, s *tenants.Scope, byID map[uuid.UUID]*have) {
	ids := make([]uuid.UUID, 0, len(byID))
	for id := range byID {
		ids = append(ids, id)
	}
	args := []any{s.Tenant(), ids}
	b.Rows("SELECT account_id, kind, norm, value FROM account_identifiers WHERE tenant_id = $1 AND account_id = ANY ($2)", args,
		func(scan func(...any) error) error {
			var id uuid.UUID
			var kind string
			var one identifier
			err := scan(&id, &kind, &one.norm, &one.value)
			byID[id].ids[kind] = append(byID[id].ids[kind], one)
			return err
		})
	b.Rows("SELECT account_id, group_id FROM account_groups WHERE tenant_id = $1 AND account_id = ANY ($2)", args,
		func(scan func(...any) error) error {
			var id, group uuid.UUID
			err := scan(&id, &group)
			if _, nameable := g.named[group]; nameable {
				byID[id].groups = append(byID[id].groups, group)
			}
			return err
		})
	now := s.Now()
	b.Rows("SELECT account_id, role, scope_id, ends_at FROM role_assignments WHERE tenant_id = $1 AND account_id = ANY ($2)", args,
		func(scan func(...any) error) error {
			var id uuid.UUID
			var h rbac.Holding
			var group *uuid.UUID
			var ends *time.Time
			err := scan(&id, &h.Role, &group, &ends)
			if group != nil {
				h.Group = *group
			}
			if ends == nil || ends.After(now) {
				byID[id].roles = append(byID[id].roles, h)
			}
			if ends != nil && ends.After(now) {
				byID[id].timed = append(byID[id].timed, h)
			}
			return err
		})
	b.Rows("SELECT account_id, id, kind, sealed, set_by FROM proofs WHERE tenant_id = $1 AND account_id = ANY ($2) AND kind = ANY ($3)",
		append(args, []string{string(Mobile), string(Office), string(Alternate)}), func(scan func(...any) error) error {
			var account uuid.UUID
			var p proof
			var kind string
			var sealed []byte
			if err := scan(&account, &p.id, &kind, &sealed, &p.setBy); err != nil {
				return err
			}
			if p.setBy == "import" { // others are never replaced, so what they are is nobody's business
				plain, err := g.m.Seals.Open("proof", s.Tenant(), p.id.String(), sealed) // as app/proofs seals it
				if err != nil {
					return fmt.Errorf("proof %s: %w", p.id, err)
				}
				p.contact = string(plain)
			}
			byID[account].proofs[kind] = p
			return nil
		})
}
