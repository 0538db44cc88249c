package directory

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"portico/app/accounts"
	"portico/app/tenantfile"
	"portico/tenants"
)

// Errors of this package.
var (
	ErrBadCursor = errors.New("directory: no place in this list")
	ErrSlug      = errors.New("directory: not a slug") // ^[a-z0-9][a-z0-9-]{1,39}$, and no word that the platform keeps
	ErrSlugTaken = errors.New("directory: the slug is another customer's")
	ErrName      = errors.New("directory: a name of 1 to 200 characters is needed")
	ErrState     = errors.New("directory: that does not follow from the state it is in")
	ErrNotReady  = errors.New("directory: steps are missing before it can go live")
	ErrReason    = errors.New("directory: a reason of 3 to 500 characters is needed")
)

// Directory does the work of this package; its fields are its needs.
type Directory struct {
	DB       *tenants.DB
	Resolver *tenants.Resolver
	Files    *tenantfile.Files
	Accounts *accounts.Accounts
	Seals    tenants.Keyring
	Forget   func(ctx context.Context, a *tenants.Across, leaving tenants.ID, hosts []string) error // certificates of hosts; nil: there are none
	Steps    []Check                                                                                // further steps that other rooms answer for, by name: "addresses", "sender"
}

// Customer is one row of the list, and the head of a customer's own page.
type Customer struct {
	ID        tenants.ID
	Slug      string
	Name      string
	State     tenants.State
	Address   string // where it is at home: origin and base path
	CreatedAt time.Time
	UpdatedAt time.Time
	LeavesAt  time.Time // zero unless it is leaving
	Waiting   int       // addresses of its own that DNS has not shown to be its own
	Lost      int       // those that were, and are no longer
	Tried     bool      // the test run was done
}

// Query narrows the list.
type Query struct {
	Typed  string // the beginning of a slug, a name or an address of its own
	State  tenants.State
	Cursor string // of a page; "" is the first
}

// Page is one page of the list, by name.
type Page struct {
	Rows          []Customer
	Before, After string // cursors of the neighbouring pages; "" is none
	Count         int    // of all pages together, counted up to a thousand
	More          bool   // there are more than Count
	Anybody       bool   // there is a customer, whatever the query says
}

// Bounds of the list.
const (
	pageSize  = 50
	countedTo = 1000
)

type cursor struct {
	Name string     `json:"n"`
	ID   tenants.ID `json:"i"`
	Back bool       `json:"b,omitempty"`
}

func (d *Directory) seal(c cursor) string {
	plain, err := json.Marshal(c)
	if err != nil {
		return "" // a text, an id and a bool: never
	}
	body := base64.RawURLEncoding.EncodeToString(plain)
	return body + "." + base64.RawURLEncoding.EncodeToString(d.Seals.MAC("directory cursor", tenants.ID{}, body))
}

func (d *Directory) open(text string) (c cursor, err error) {
	if text == "" {
		return c, nil
	}
	body, mac, _ := strings.Cut(text, ".")
	given, err := base64.RawURLEncoding.Strict().DecodeString(mac)
	if err != nil || !d.Seals.CheckMAC(given, "directory cursor", tenants.ID{}, body) {
		return c, ErrBadCursor
	}
	plain, err := base64.RawURLEncoding.Strict().DecodeString(body)
	if err != nil || json.Unmarshal(plain, &c) != nil {
		return c, ErrBadCursor
	}
	return c, nil
}

// folded is how typed text is compared: as the column sort_name folds names, ASCII alone.
func folded(s string) string {
	b := []byte(strings.TrimSpace(s))
	for i, c := range b {
		if c >= 'A' && c <= 'Z' {
			b[i] = c + 32
		}
	}
	return string(b)
}

// List reads one page of the customers by name. ErrBadCursor.
func (d *Directory) List(ctx context.Context, q Query) (out Page, err error) {
	at, err := d.open(q.Cursor)
	if err != nil {
		return out, err
	}
	where, args := []string{"true"}, []any{}
	arg := func(v any) string {
		args = append(args, v)
		return "$" + strconv.Itoa(len(args))
	}
	if q.State != "" {
		where = append(where, "t.state = "+arg(string(q.State)))
	}
	if typed := folded(q.Typed); typed != "" { // each part is a range of its own index
		p := arg(typed)
		where = append(where, `t.id IN (SELECT id FROM tenants WHERE slug ^@ `+p+` UNION SELECT id FROM tenants WHERE sort_name ^@ `+p+`
			UNION SELECT tenant_id FROM hosts WHERE host ^@ `+p+`)`)
	}
	counted := "SELECT count(*) FROM (SELECT 1 FROM tenants t WHERE " + strings.Join(where, " AND ") + " LIMIT " + strconv.Itoa(countedTo+1) + ") n"
	countArgs := slices.Clone(args)
	order := "t.sort_name, t.id"
	if at != (cursor{}) {
		compare := ">"
		if at.Back {
			compare, order = "<", "t.sort_name DESC, t.id DESC"
		}
		where = append(where, "(t.sort_name, t.id) "+compare+" ("+arg(at.Name)+", "+arg(at.ID)+")")
	}
	var names []string
	err = d.DB.AcrossAll(ctx, tenants.ForStaff, func(a *tenants.Across) error {
		b := &tenants.Batch{}
		b.Row(nil, counted, countArgs, &out.Count)
		b.Row(nil, "SELECT EXISTS (SELECT 1 FROM tenants)", nil, &out.Anybody)
		b.Rows(readCustomer+" WHERE "+strings.Join(where, " AND ")+" ORDER BY "+order+" LIMIT "+strconv.Itoa(pageSize+1), args,
			func(scan func(...any) error) error {
				c, name, err := d.scan(scan)
				out.Rows, names = append(out.Rows, c), append(names, name)
				return err
			})
		return a.Send(ctx, b)
	})
	if err != nil {
		return out, err
	}
	if out.Count > countedTo {
		out.Count, out.More = countedTo, true
	}
	more := len(out.Rows) > pageSize
	if more {
		out.Rows, names = out.Rows[:pageSize], names[:pageSize]
	}
	if at.Back {
		slices.Reverse(out.Rows)
		slices.Reverse(names)
	}
	if n := len(out.Rows); n > 0 {
		if at.Back && more || !at.Back && at != (cursor{}) {
			out.Before = d.seal(cursor{Name: names[0], ID: out.Rows[0].ID, Back: true})
		}
		if at.Back || more {
			out.After = d.seal(cursor{Name: names[n-1], ID: out.Rows[n-1].ID})
		}
	}
	return out, nil
}

const readCustomer = `SELECT t.id, t.slug, t.name, t.sort_name, t.state, t.canonical_host, t.created_at, t.updated_at, t.leaves_at,
	(SELECT count(*) FROM hosts h WHERE h.tenant_id = t.id AND h.verified_at IS NULL AND h.lost_at IS NULL),
	(SELECT count(*) FROM hosts h WHERE h.tenant_id = t.id AND (h.lost_at IS NOT NULL OR h.missing_since IS NOT NULL)),
	EXISTS (SELECT 1 FROM hosts h WHERE h.tenant_id = t.id AND h.host = t.canonical_host AND h.verified_at IS NOT NULL),
	EXISTS (SELECT 1 FROM platform.onboarding o WHERE o.tenant_id = t.id AND o.step = 'trial')
	FROM tenants t`

func (d *Directory) scan(scan func(...any) error) (c Customer, sortName string, err error) {
	var host string
	var leaves *time.Time
	var home bool
	err = scan(&c.ID, &c.Slug, &c.Name, &sortName, &c.State, &host, &c.CreatedAt, &c.UpdatedAt, &leaves, &c.Waiting, &c.Lost, &home, &c.Tried)
	if leaves != nil {
		c.LeavesAt = *leaves
	}
	if !home {
		host = ""
	}
	origin, base := d.Resolver.Address(c.Slug, host)
	c.Address = origin + base
	return c, sortName, err
}

// Get reads one customer by slug; tenants.ErrNotFound.
func (d *Directory) Get(ctx context.Context, slug string) (c Customer, err error) {
	if !tenants.ValidSlug(slug) {
		return c, tenants.ErrNotFound
	}
	err = d.DB.AcrossAll(ctx, tenants.ForStaff, func(a *tenants.Across) error {
		found := false
		err := a.Each(ctx, readCustomer+" WHERE t.slug = $1", []any{slug}, func(scan func(...any) error) (err error) {
			c, _, err = d.scan(scan)
			found = true
			return err
		})
		if err == nil && !found {
			err = tenants.ErrNotFound
		}
		return err
	})
	return c, err
}

// By is who acts, for the history and the audit: staff, or an operator's command.
type By struct {
	Actor string // staff.Actor, audit.Operator, key:<id>
	Name  string // as people read it
}

// kept are slugs that would read as the platform's own addresses, or as nobody's.
var kept = strings.Fields("www api app admin platform portico login mail smtp ftp ns ns1 ns2 mx autodiscover autoconfig static assets dev test localhost status help support")

var slugForm = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,38}[a-z0-9]$`)

// New is a customer to be begun.
type New struct {
	Slug, Name string
	Preset     string // of tenants.PresetNames; "" is the default of a new customer
}

// Create begins a customer as a draft, under the rules of a preset. ErrSlug and ErrName, both where
// both are wrong, ErrSlugTaken, *tenantfile.Refused.
func (d *Directory) Create(ctx context.Context, by By, n New) (Customer, error) {
	n.Name = strings.Join(strings.Fields(n.Name), " ")
	var wrong error
	if !slugForm.MatchString(n.Slug) || strings.Contains(n.Slug, "--") || slices.Contains(kept, n.Slug) {
		wrong = ErrSlug
	}
	if n.Name == "" || len([]rune(n.Name)) > 200 {
		wrong = errors.Join(wrong, ErrName)
	}
	if wrong != nil {
		return Customer{}, wrong
	}
	if n.Preset == "" {
		n.Preset = tenants.DefaultPreset
	}
	policy, ok := tenants.Preset(n.Preset)
	policy = policy.Available()
	if !ok {
		return Customer{}, tenants.ErrNotFound
	}
	file := tenants.File{Portico: tenants.FileFormat, Slug: n.Slug, Name: n.Name, State: tenants.Draft, Policy: &policy}
	err := d.apply(ctx, by, file, func(p tenantfile.Plan) error {
		if !p.Create {
			return ErrSlugTaken
		}
		return nil
	})
	if err != nil {
		return Customer{}, err
	}
	return d.Get(ctx, n.Slug)
}

// apply makes a file true when its plan is agreed to, and makes every instance look anew.
func (d *Directory) apply(ctx context.Context, by By, file tenants.File, agree func(tenantfile.Plan) error) error {
	o := tenantfile.Options{By: by.Name}
	plan, err := d.Files.Plan(ctx, file, o)
	if err != nil {
		return err
	}
	if err := agree(plan); err != nil {
		return err
	}
	o.Shown = &plan
	if _, err = d.Files.Apply(ctx, file, o); err != nil {
		return err
	}
	var id tenants.ID
	err = d.DB.AcrossAll(ctx, tenants.ForStaff, func(a *tenants.Across) error {
		return a.Row(ctx, "SELECT id FROM tenants WHERE slug = $1", []any{file.Slug}, &id)
	})
	d.Resolver.Forget(id) // and what was nobody's address
	return err
}

// idOf reads a tenant's id for a change and holds its row.
func idOf(ctx context.Context, a *tenants.Across, slug string) (id tenants.ID, state tenants.State, err error) {
	if !tenants.ValidSlug(slug) {
		return uuid.UUID{}, "", tenants.ErrNotFound
	}
	err = a.Row(ctx, "SELECT id, state FROM tenants WHERE slug = $1 FOR UPDATE", []any{slug}, &id, &state)
	return id, state, err
}
