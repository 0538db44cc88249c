package tenantfile

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"portico/tenants"
)

// Plan is what an application does, or did: readable, without secrets and without anybody's hash.
type Plan struct {
	Slug    string   `json:"slug"`
	Create  bool     `json:"create"` // the tenant is new
	Changes []Change `json:"changes"`
	Notes   []string `json:"notes"` // what the operator should know beside the changes
}

// Change is one line of a plan.
type Change struct {
	Action string `json:"action"`          // create, change, remove, keep
	Field  string `json:"field"`           // as the tenant file writes it; of a kept part, the section
	Old    string `json:"old,omitempty"`   // as text
	New    string `json:"value,omitempty"` // as text
}

// Empty tells whether nothing changes.
func (p Plan) Empty() bool {
	return !slices.ContainsFunc(p.Changes, func(c Change) bool { return c.Action != "keep" })
}

// Counts is the plan in one line: "2 created, 1 changed, 0 removed".
func (p Plan) Counts() string {
	n := map[string]int{}
	for _, c := range p.Changes {
		n[c.Action]++
	}
	return fmt.Sprintf("%d created, %d changed, %d removed", n["create"], n["change"], n["remove"])
}

// String is the plan as a person reads it: + create, ~ change, - remove, = keep.
func (p Plan) String() string {
	var out strings.Builder
	switch {
	case p.Create:
		fmt.Fprintf(&out, "tenant %s: new\n", p.Slug)
	case p.Empty():
		fmt.Fprintf(&out, "tenant %s: nothing to change\n", p.Slug)
	default:
		fmt.Fprintf(&out, "tenant %s\n", p.Slug)
	}
	for _, c := range p.Changes {
		switch c.Action {
		case "create":
			fmt.Fprintf(&out, "  + %s: %s\n", c.Field, short(c.New))
		case "change":
			fmt.Fprintf(&out, "  ~ %s: %s → %s\n", c.Field, short(c.Old), short(c.New))
		case "remove":
			fmt.Fprintf(&out, "  - %s: %s\n", c.Field, short(c.Old))
		default:
			fmt.Fprintf(&out, "  = %s\n", c.Field)
		}
	}
	for _, n := range p.Notes {
		fmt.Fprintf(&out, "  note: %s\n", n)
	}
	return out.String()
}

// short is a value on one line; quotes show where it begins and ends.
func short(s string) string {
	q := fmt.Sprintf("%q", s)
	if r := []rune(q); len(r) > 80 {
		return string(r[:79]) + "…"
	}
	return q
}

// changed adds the differences of two documents and tells whether there are any.
func (p *Plan) changed(section string, old, new any) bool {
	before, after := flat(section, old), flat(section, new)
	fields := slices.Sorted(maps.Keys(before))
	for field := range after {
		if _, known := before[field]; !known {
			fields = append(fields, field)
		}
	}
	slices.Sort(fields)
	n := len(p.Changes)
	for _, field := range fields {
		o, hadOld := before[field]
		v, hasNew := after[field]
		switch {
		case !hadOld:
			p.Changes = append(p.Changes, Change{"create", field, "", v})
		case !hasNew:
			p.Changes = append(p.Changes, Change{"remove", field, o, ""})
		case o != v:
			p.Changes = append(p.Changes, Change{"change", field, o, v})
		}
	}
	return len(p.Changes) > n
}

// begins tells a new tenant's policy as its file does: the preset and what differs from it.
func (p *Plan) begins(policy tenants.Policy) {
	p.Changes = append(p.Changes, Change{"create", "policy.preset", "", policy.Preset})
	base, ok := tenants.Preset(policy.Preset)
	if !ok {
		return
	}
	n := len(p.Changes)
	p.changed("policy", base, policy)
	for i := range p.Changes[n:] {
		c := &p.Changes[n+i]
		c.Action, c.Old = "create", ""
	}
}

// flat turns a document into field → text. Lists of plain values are one text; nothing and empty lists
// are left out, so that they are the same.
func flat(section string, v any) map[string]string {
	out := map[string]string{}
	doc, err := json.Marshal(v)
	if err != nil {
		return out
	}
	var tree any
	d := json.NewDecoder(strings.NewReader(string(doc)))
	d.UseNumber()
	if d.Decode(&tree) == nil {
		flatten(out, section, tree)
	}
	return out
}

func flatten(out map[string]string, field string, v any) {
	switch v := v.(type) {
	case nil:
	case map[string]any:
		for key, inner := range v {
			flatten(out, field+"."+key, inner)
		}
	case []any:
		if len(v) == 0 {
			return
		}
		if slices.ContainsFunc(v, func(x any) bool { _, deep := x.(map[string]any); return deep }) {
			for i, inner := range v {
				flatten(out, fmt.Sprintf("%s[%d]", field, i), inner)
			}
			return
		}
		var items []string
		for _, x := range v {
			items = append(items, fmt.Sprint(x))
		}
		out[field] = "[" + strings.Join(items, ", ") + "]"
	default:
		out[field] = fmt.Sprint(v)
	}
}
