package people

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"portico/rbac"
	"portico/tenants"
)

// Row is one person of a list.
type Row struct {
	ID          uuid.UUID
	Name        string
	SignsInWith string // their identifier of the kind that the policy names; "" is none
	Address     string
	State       string    // Active, Disabled, Locked or Invited: what matters most of it
	LockedUntil time.Time // of State Locked
	NoPassword  bool      // none was chosen yet
	Elsewhere   bool      // signs in at an identity provider
	Roles       []Role    // held now
	Groups      []string  // names
	SignedInAt  time.Time // zero: never
	Bounced     string    // of an address at which nothing arrives: bounced, complained
	CreatedAt   time.Time
	key         string // by which names are ordered
}

// Listed is one page of a list.
type Listed struct {
	Rows          []Row
	Before, After string // cursors of the neighbouring pages; "" is none
	Count         int    // of all pages together; with More there are more than these
	More          bool
	Anybody       bool // there is somebody within reach, whatever the filters say
}

// Bounds of a list: its page, how far it is counted, and the most that a search answers with.
const (
	pageSize   = 50
	countedTo  = 1000
	mostFound  = 200
	mostSought = 2000 // of whom a search keeps those of a state that it does not know
)

// List reads one page of the people within reach of people.read. ErrBadCursor for a place that is none.
func (p *People) List(ctx context.Context, by By, q Query) (Listed, error) {
	q = q.Clean()
	list := "people " + q.Order
	if q.Typed != "" {
		list = "people found"
	}
	at, err := p.open(by.Tenant.ID, list, q.Cursor)
	if err != nil {
		return Listed{}, err
	}
	var out Listed
	err = p.DB.In(ctx, by.Tenant.ID, func(s *tenants.Scope) error {
		reach, err := rbac.ReachOf(ctx, s, p.Guard.Decide(by.Tenant, by.Who, rbac.PeopleRead))
		if err != nil {
			return err
		}
		group, err := below(ctx, s, q.Group)
		if err != nil {
			return err
		}
		c := q.narrow(s, by.Tenant, reach, group)
		if q.Typed != "" {
			out, err = p.search(ctx, s, by, q, c, reach, group, at)
		} else {
			out, err = p.page(ctx, s, by, q, c, at)
		}
		return err
	})
	return out, err
}

// planned makes PostgreSQL plan with the values of this request (a role that everybody has is read in
// another way than one that three have), and without compiling what takes a millisecond.
func planned(b *tenants.Batch) {
	b.Exec("SELECT set_config('plan_cache_mode', 'force_custom_plan', true), set_config('jit', 'off', true)")
}

// page reads a page of an order, and counts what all pages hold. Few people who meet all conditions are
// sorted; of many the order's index is walked until a page is full. PostgreSQL takes the wrong one of the two
// often enough, since it knows nothing of who is in a group and holds a role at once.
func (p *People) page(ctx context.Context, s *tenants.Scope, by By, q Query, c *conditions, at cursor) (Listed, error) {
	var out Listed
	few, met, err := c.meet(ctx, s)
	if err != nil {
		return out, err
	}
	asked, many := c, len(c.sets) > 0 && !few
	if len(c.sets) > 0 {
		asked = newConditions(s)
		asked.state(by.Tenant, q.State)
		asked.among(met)
	}
	b := &tenants.Batch{}
	planned(b)
	if len(c.sets) > 0 && len(asked.where) == 1 { // nothing is asked about their accounts
		out.Count = len(met)
	} else {
		b.Row(nil, fmt.Sprintf("SELECT count(*) FROM (SELECT FROM %s WHERE %s AND $2::timestamptz IS NOT NULL LIMIT %d) n",
			asked.table(), asked.all(), countedTo+1), asked.args, &out.Count)
	}
	if few {
		c = asked
	}
	where, order := c.from(q, at)
	rows(b, s, by, fmt.Sprintf("SELECT a.id, row_number() OVER (ORDER BY %s) AS place FROM %s WHERE %s AND $2::timestamptz IS NOT NULL ORDER BY %s LIMIT %d",
		order, c.table(), where, order, pageSize+1), c.args, &out.Rows)
	if err := s.Send(ctx, b); err != nil {
		return out, err
	}
	more := len(out.Rows) > pageSize
	if more {
		out.Rows = out.Rows[:pageSize]
	}
	if at.Back {
		slices.Reverse(out.Rows)
	}
	switch first := at.ID == (uuid.UUID{}); {
	case many && first && !more:
		out.Count = len(out.Rows)
	case many: // counted among some of them, who stand there twice if they are in two groups: it is at least so many
		out.Count, out.More = min(countedTo, max(out.Count-1, pageSize)), true
	case out.Count > countedTo:
		out.Count, out.More = countedTo, true
	}
	out.Anybody = out.Count > 0 || q.State != "" || q.Role != "" || q.Group != (uuid.UUID{})
	if n := len(out.Rows); n > 0 {
		if at.Back || more {
			out.After = p.seal(by.Tenant.ID, place(q, out.Rows[n-1], false))
		}
		if at.Back && more || !at.Back && at.ID != (uuid.UUID{}) {
			out.Before = p.seal(by.Tenant.ID, place(q, out.Rows[0], true))
		}
	}
	return out, nil
}

// mostMet bounds the people who are sorted for a page: finding a page's worth among a million by walking
// takes as long when one in two hundred and fifty is of them.
const mostMet = 4_000

// meet reads who is in all the sets; few tells that these are all of them.
func (c *conditions) meet(ctx context.Context, s *tenants.Scope) (few bool, all []uuid.UUID, err error) {
	if len(c.sets) == 0 {
		return false, nil, nil
	}
	others := ""
	for _, set := range c.sets[1:] {
		others += " AND x.account_id IN (" + set + ")"
	}
	n, met := 0, []uuid.UUID{}
	seen := map[uuid.UUID]bool{}
	b := &tenants.Batch{}
	planned(b)
	b.Rows(fmt.Sprintf("SELECT x.account_id FROM (%s) x WHERE $2::timestamptz IS NOT NULL%s LIMIT %d", c.sets[0], others, mostMet+1), c.args[:c.upTo],
		func(scan func(...any) error) error {
			var id uuid.UUID
			err := scan(&id)
			n++
			if !seen[id] { // who is in two groups comes twice
				seen[id] = true
				met = append(met, id)
			}
			return err
		})
	err = s.Send(ctx, b)
	return n <= mostMet, met, err
}

// from adds where the page begins to the conditions, and answers them with the order. Keys are compared
// as rows, which row security lets use the index.
func (c *conditions) from(q Query, at cursor) (where, order string) {
	column, key := "a.name_key", any(at.Key)
	down := q.Order != ByName
	switch q.Order {
	case BySignedIn:
		column = "a.signed_in_at"
	case ByAdded:
		column = "a.created_at"
	}
	if down {
		key = at.At
		if at.At.IsZero() {
			key = "-infinity"
		}
	}
	sign, way := ">", ""
	if down != at.Back {
		sign, way = "<", " DESC"
	}
	if at.ID != (uuid.UUID{}) {
		kind := "timestamptz"
		if !down {
			kind = `text COLLATE "C"`
		}
		c.args = append(c.args, key, at.ID)
		c.where = append(c.where, fmt.Sprintf("(%s, a.id) %s ($%d::%s, $%d)", column, sign, len(c.args)-1, kind, len(c.args)))
	}
	return c.all(), column + way + ", a.id" + way
}

// place is where a row stands in its list.
func place(q Query, r Row, back bool) cursor {
	c := cursor{List: "people " + q.Order, Back: back, ID: r.ID}
	switch q.Order {
	case BySignedIn:
		c.At = r.SignedInAt
	case ByAdded:
		c.At = r.CreatedAt
	default:
		c.Key = r.key
	}
	return c
}
