package imports

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/google/uuid"

	"portico/rbac"
	"portico/tenants"
)

// change is what one row would do, or does. The zero have is somebody new.
type change struct {
	want
	have     *have
	id       uuid.UUID
	status   string // as it will be
	setHash  bool
	addIDs   map[string]identifier
	dropIDs  []string // kinds
	addTo    []uuid.UUID
	takeFrom []uuid.UUID
	grant    []rbac.Holding
	revoke   []rbac.Holding
	contacts map[string]string // kinds that are set
	before   map[string]any    // for the audit; contacts and hashes are named, not told
	after    map[string]any
	invite   bool
}

func (c *change) isNew() bool { return c.have == nil }

// differs notes one field that will change.
func (c *change) differs(field Field, before, after any) {
	c.before[string(field)], c.after[string(field)] = before, after
}

// seen is what earlier rows of the same file said: two rows are never one person, or two people one address.
type seen struct{ lines map[string]int }

// claim takes a key for a line, or answers the line that has it.
func (s seen) claim(key string, line int) int {
	if first, there := s.lines[key]; there {
		return first
	}
	s.lines[key] = line
	return 0
}

// twice answers the line that said the same before, and the column in which. It takes the row's keys.
func (g *ground) twice(w want, before seen) *refusal {
	if w.external == "" {
		return nil
	}
	if line := before.claim("external_id "+w.external, w.line); line > 0 {
		return &refusal{why: "twice", column: g.column(ExternalID), detail: fmt.Sprint(line)}
	}
	for _, kind := range slices.Sorted(maps.Keys(w.ids)) {
		if line := before.claim(kind+" "+w.ids[kind].norm, w.line); line > 0 {
			return &refusal{why: "twice", column: g.column(Field(kind)), detail: fmt.Sprint(line)}
		}
	}
	return nil
}

func (g *ground) column(f Field) int { return slices.Index(g.fields, f) + 1 }

// judged is a chunk after every row was compared with what is there.
type judged struct {
	verdicts []Verdict
	changes  []*change // of the rows that change something
	counts   Counts
}

// judge compares the rows of one chunk with the database. With earlier verdicts (the dry run's) rows that
// were refused then stay refused; without, rows that repeat earlier ones are found by before.
func (g *ground) judge(ctx context.Context, s *tenants.Scope, rows []Row, earlier []Verdict, before seen, hold bool) (judged, error) {
	var out judged
	wants := make([]want, len(rows))
	refused := make([]*refusal, len(rows))
	for i, row := range rows {
		wants[i], refused[i] = g.read(row)
		switch {
		case refused[i] == nil && earlier == nil:
			refused[i] = g.twice(wants[i], before)
		case i < len(earlier) && earlier[i].Result == Refused:
			refused[i] = &refusal{why: earlier[i].Why, column: earlier[i].Column, detail: earlier[i].Detail}
		}
	}
	k, err := g.readKnown(ctx, s, wants, hold)
	if err != nil {
		return out, err
	}
	for i, w := range wants {
		v := Verdict{Line: w.line, ExternalID: w.external, Result: Same}
		var c *change
		if refused[i] == nil {
			c, refused[i] = g.compare(w, k)
		}
		if no := refused[i]; no != nil {
			v.Result, v.Why, v.Column, v.Detail = Refused, no.why, no.column, no.detail
		} else if c.isNew() {
			v.Result = New
		} else if len(c.after) > 0 {
			v.Result = Changed
		}
		out.counts.add(v)
		if w.unsure && (v.Result != Refused || v.ExternalID != "") {
			out.counts.Unread++
		}
		if v.Result != Refused && (v.Result != Same || c.invite) {
			out.changes = append(out.changes, c)
			if c.invite {
				out.counts.Invites++
			}
		}
		out.verdicts = append(out.verdicts, v)
	}
	return out, nil
}

func (c *Counts) add(v Verdict) {
	switch v.Result {
	case New:
		c.New++
	case Changed:
		c.Changed++
	case Same:
		c.Same++
	default:
		c.Refused++
		if v.ExternalID == "" {
			c.Unread++
		}
	}
}

func (c *Counts) plus(d Counts) {
	c.New, c.Changed, c.Same, c.Refused = c.New+d.New, c.Changed+d.Changed, c.Same+d.Same, c.Refused+d.Refused
	c.Unread, c.Invites = c.Unread+d.Unread, c.Invites+d.Invites
}

// compare says what a row changes, or why it must not.
func (g *ground) compare(w want, k *known) (*change, *refusal) {
	h := k.people[w.external]
	c := &change{want: w, have: h, addIDs: map[string]identifier{}, contacts: map[string]string{}, before: map[string]any{}, after: map[string]any{}}
	if h == nil {
		c.have, c.id, h = nil, tenants.NewID(), &have{active: true, local: true}
	} else {
		c.id = h.id
	}
	for kind, id := range w.ids {
		if owner, taken := k.taken[kind][id.norm]; taken && owner != h.id {
			return nil, &refusal{why: "taken", column: g.column(Field(kind))}
		}
	}
	g.compareText(c, h)
	g.compareContacts(c, h)
	g.compareGroups(c, h)
	if no := g.compareRoles(c, h); no != nil {
		return nil, no
	}
	if no := g.compareStatus(c, h); no != nil {
		return nil, no
	}
	if no := g.allowed(c, h); no != nil {
		return nil, no
	}
	g.countOwners(c, h)
	password := h.hasPassword || c.setHash
	_, mails := w.ids[string(Email)]
	c.invite = g.invite && !password && h.local && c.status == "active" && (mails || len(h.ids[string(Email)]) > 0)
	return c, nil
}

func (g *ground) compareText(c *change, h *have) {
	if c.name != "" && c.name != h.name {
		c.differs(Name, h.name, c.name)
	}
	if c.locale != "" && c.locale != h.locale {
		c.differs(Locale, h.locale, c.locale)
	}
	for kind, id := range c.ids {
		is := h.ids[kind]
		if len(is) == 1 && is[0] == id {
			continue
		}
		var were []string
		for _, one := range is {
			were = append(were, one.value)
		}
		c.differs(Field(kind), were, id.value)
		c.addIDs[kind] = id
		c.dropIDs = append(c.dropIDs, kind)
	}
	if c.hash != "" && !h.hasPassword && h.local {
		c.setHash = true
		c.differs(Hash, nil, "set")
	}
}

// compareContacts never replaces what somebody registered themselves, or an administrator set.
func (g *ground) compareContacts(c *change, h *have) {
	for kind, contact := range c.want.contacts {
		is, there := h.proofs[kind]
		if there && (is.setBy != "import" || is.contact == contact) {
			continue
		}
		c.contacts[kind] = contact
		if there {
			c.differs(Field(kind), "set", "replaced")
		} else {
			c.differs(Field(kind), nil, "set")
		}
	}
}

func (g *ground) compareGroups(c *change, h *have) {
	if c.groups == nil {
		return
	}
	c.addTo, c.takeFrom = without(c.groups, h.groups), without(h.groups, c.groups)
	if len(c.addTo)+len(c.takeFrom) > 0 {
		c.differs(Groups, g.groupNames(h.groups), g.groupNames(c.groups))
	}
}

func (g *ground) compareRoles(c *change, h *have) *refusal {
	if c.roles == nil {
		return nil
	}
	// A role in a group that no file can name is none that the file speaks of.
	is := slices.DeleteFunc(slices.Clone(h.roles), func(r rbac.Holding) bool { return !r.Everywhere() && g.named[r.Group] == "" })
	c.grant, c.revoke = without(c.roles, h.roles), without(is, c.roles)
	if len(c.grant)+len(c.revoke) == 0 {
		return nil
	}
	if !g.all && c.id == g.who.ID {
		return &refusal{why: "self", column: g.column(Roles)}
	}
	for _, r := range slices.Concat(c.grant, c.revoke) {
		if !g.mayGrant(r) {
			return &refusal{why: "grant", column: g.column(Roles), detail: g.holdingText(r)}
		}
	}
	for _, r := range c.grant {
		if !slices.ContainsFunc(rbac.Roles(g.t), func(o rbac.Role) bool { return o.Name == r.Role }) { // as access.Give
			return &refusal{why: "role", column: g.column(Roles), detail: r.Role}
		}
		if !g.mayKeep(r) {
			return &refusal{why: "lasting", column: g.column(Roles), detail: g.holdingText(r)}
		}
	}
	c.differs(Roles, g.holdingTexts(is), g.holdingTexts(c.roles))
	return nil
}

func (g *ground) compareStatus(c *change, h *have) *refusal {
	c.status = map[bool]string{true: "active", false: "disabled"}[h.active]
	if c.disabled == nil || *c.disabled != h.active {
		return nil
	}
	if !g.all && c.id == g.who.ID {
		return &refusal{why: "self", column: g.column(Disabled)}
	}
	if !g.may(rbac.PeopleDisable) {
		return &refusal{why: "disable", column: g.column(Disabled)}
	}
	was := c.status
	c.status = map[bool]string{true: "disabled", false: "active"}[*c.disabled]
	c.differs(Disabled, was == "disabled", *c.disabled)
	return nil
}

// allowed holds a change to what somebody new needs, to ranks, and to the last owner.
func (g *ground) allowed(c *change, h *have) *refusal {
	if c.isNew() {
		if c.name == "" {
			return &refusal{why: "no_name", column: g.column(Name)}
		}
		if _, ok := c.ids[g.t.Policy.SignIn.Identifier]; !ok {
			return &refusal{why: "no_" + g.t.Policy.SignIn.Identifier, column: g.column(Field(g.t.Policy.SignIn.Identifier))}
		}
		return nil
	}
	if len(c.after) == 0 {
		return nil
	}
	if !g.may(rbac.PeopleEdit) {
		return &refusal{why: "edit"}
	}
	if !g.above(h.roles) && c.id != g.who.ID {
		return &refusal{why: "higher"}
	}
	if g.owners[c.id] && !g.staysOwner(c, h) && len(g.owners) == 1 {
		return &refusal{why: "last_owner"}
	}
	return nil
}

func (g *ground) staysOwner(c *change, h *have) bool {
	if c.status != "active" || h.local && !h.hasPassword && !c.setHash { // an invitation is no owner yet
		return false
	}
	left := append(without(without(h.roles, h.timed), c.revoke), c.grant...)
	return slices.ContainsFunc(left, owner)
}

// countOwners keeps the owners as they will be after this row.
func (g *ground) countOwners(c *change, h *have) {
	if g.staysOwner(c, h) {
		g.owners[c.id] = true
	} else {
		delete(g.owners, c.id)
	}
}

func without[T comparable](all, some []T) []T {
	var left []T
	for _, one := range all {
		if !slices.Contains(some, one) {
			left = append(left, one)
		}
	}
	return left
}

func (g *ground) groupNames(groups []uuid.UUID) []string {
	names := []string{}
	for _, id := range groups {
		names = append(names, g.named[id])
	}
	return names
}

func (g *ground) holdingTexts(held []rbac.Holding) []string {
	texts := []string{}
	for _, h := range held {
		texts = append(texts, g.holdingText(h))
	}
	return texts
}
