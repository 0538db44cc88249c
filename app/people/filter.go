package people

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/google/uuid"

	"portico/app/proofs"
	"portico/rbac"
	"portico/tenants"
)

// Orders of the list.
const (
	ByName     = "name"
	BySignedIn = "signed_in" // who signed in last comes first
	ByAdded    = "added"     // who was added last comes first
)

// Orders are those that a list can have, the usual one first.
func Orders() []string { return []string{ByName, BySignedIn, ByAdded} }

// States of people by which a list can be narrowed.
const (
	Active   = "active"
	Disabled = "disabled"
	Locked   = "locked"
	Invited  = "invited" // an invitation stands that was not accepted yet
	Bounced  = "bounced" // nothing arrives at an address of theirs
	Stuck    = "stuck"   // they have a password, and could not get back in without it
)

// States are those by which a list can be narrowed.
func States() []string { return []string{Active, Disabled, Locked, Invited, Bounced, Stuck} }

// Query is what somebody wants to see of the list. Whatever is empty is no condition.
type Query struct {
	Typed  string // sought in names, addresses and ids; the best come first, and Order does not count
	State  string
	Role   string
	Group  uuid.UUID // and everything below it
	Order  string
	Cursor string // of Listed.Before or After
}

// mostTyped is how many runes of a search count.
const mostTyped = 100

// Clean makes a query of what a browser sent: what is not known falls away.
func (q Query) Clean() Query {
	q.Typed = strings.Join(strings.Fields(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == utf8.RuneError {
			return ' '
		}
		return unicode.ToLower(r)
	}, q.Typed)), " ")
	if utf8.RuneCountInString(q.Typed) > mostTyped {
		q.Typed = string([]rune(q.Typed)[:mostTyped])
	}
	if !slices.Contains(States(), q.State) {
		q.State = ""
	}
	if !slices.Contains(Orders(), q.Order) {
		q.Order = ByName
	}
	return q
}

// conditions are the WHERE of a list: fixed texts, and the values of their parameters from $2 on.
type conditions struct {
	where []string // about rows of accounts a
	sets  []string // statements that answer account_id: who is in all of them
	args  []any    // those of the sets come first
	upTo  int      // how many of them the sets have
	ids   int      // the parameter with the ids of the only accounts that are asked about; 0: all are
}

func newConditions(s *tenants.Scope) *conditions {
	return &conditions{where: []string{"a.tenant_id = $1"}, args: []any{s.Tenant(), s.Now()}, upTo: 2}
}

// set narrows to the accounts that a statement answers; %d in it is the number of the parameter.
func (c *conditions) set(text string, arg any) {
	c.args = append(c.args, arg)
	c.upTo = len(c.args)
	c.sets = append(c.sets, fmt.Sprintf(text, len(c.args)))
}

// among narrows to some accounts.
func (c *conditions) among(ids []uuid.UUID) {
	c.args = append(c.args, ids)
	c.ids = len(c.args)
}

// table is what stands behind FROM. A few accounts are looked up and nothing else: the limit of a page tempts
// PostgreSQL to walk through all by their order instead.
func (c *conditions) table() string {
	if c.ids == 0 {
		return "accounts a"
	}
	return fmt.Sprintf("unnest($%d::uuid[]) AS met (id) CROSS JOIN LATERAL (SELECT a.* FROM accounts a WHERE a.tenant_id = $1 AND a.id = met.id OFFSET 0) a", c.ids)
}

// all is the WHERE with the sets asked about each account.
func (c *conditions) all() string {
	all := slices.Clone(c.where)
	for _, set := range c.sets {
		all = append(all, "a.id IN ("+set+")")
	}
	return strings.Join(all, " AND ")
}

// add appends a condition; %d in it is the number of the parameter.
func (c *conditions) add(text string, arg any) {
	c.args = append(c.args, arg)
	c.where = append(c.where, fmt.Sprintf(text, len(c.args)))
}

// narrow turns reach and filters into conditions on accounts a. now is always parameter 2.
func (q Query) narrow(s *tenants.Scope, t *tenants.Tenant, reach rbac.Reach, below []uuid.UUID) *conditions {
	c := newConditions(s)
	const members = "SELECT m.account_id FROM account_groups m WHERE m.tenant_id = $1 AND m.group_id = ANY ($%d::uuid[])"
	if !reach.Everywhere {
		c.set(members, reach.Groups)
	}
	if q.Group != (uuid.UUID{}) {
		c.set(members, below)
	}
	if q.Role != "" {
		c.set(`SELECT r.account_id FROM role_assignments r WHERE r.tenant_id = $1 AND r.role = $%d
			AND (r.ends_at IS NULL OR r.ends_at > $2)`, q.Role)
	}
	if text := stateSets[q.State]; text != "" {
		c.sets = append(c.sets, text)
	}
	c.state(t, q.State)
	return c
}

// state narrows to a state by rows of their own, or, whether somebody could get back in, by the policy.
func (c *conditions) state(t *tenants.Tenant, state string) {
	if text := stateSQL[state]; text != "" {
		c.where = append(c.where, text)
	}
	if state == Stuck {
		able, args := proofs.AbleSQL(t, len(c.args)+1)
		c.args = append(c.args, args...)
		c.where = append(c.where, "a.status = 'active' AND a.sign_in = 'local' AND a.password IS NOT NULL",
			"NOT EXISTS (SELECT FROM ("+able+") able WHERE able.account_id = a.id)")
	}
}

var stateSQL = map[string]string{
	Active:   "a.status = 'active'",
	Disabled: "a.status = 'disabled'",
}

var stateSets = map[string]string{
	Locked: "SELECT l.account_id FROM account_locks l WHERE l.tenant_id = $1 AND l.locked_until > $2",
	Invited: `SELECT l.account_id FROM links l WHERE l.tenant_id = $1 AND l.purpose = 'invite' AND l.used_at IS NULL
		AND l.replaced_at IS NULL AND l.revoked_at IS NULL AND l.expires_at > $2`,
	Bounced: "SELECT i.account_id FROM account_identifiers i WHERE i.tenant_id = $1 AND i.bounced_at IS NOT NULL",
}

// below is a group with everything under it, of those within reach.
func below(ctx context.Context, s *tenants.Scope, group uuid.UUID) ([]uuid.UUID, error) {
	if group == (uuid.UUID{}) {
		return nil, nil
	}
	tree, err := rbac.ReadTree(ctx, s)
	if err != nil {
		return nil, err
	}
	all := []uuid.UUID{}
	for id := range tree {
		if tree.Within(id, group) {
			all = append(all, id)
		}
	}
	return all, nil
}
