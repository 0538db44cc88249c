package rules

import (
	"slices"
	"strconv"

	"portico/tenants"
)

// Change is one knob with two values, as Print writes them.
type Change struct {
	Knob   Knob
	Before string
	After  string
}

// Diff lists the knobs in which two policies differ.
func Diff(before, after tenants.Policy) []Change {
	var all []Change
	for _, k := range Knobs() {
		if a, b := k.Print(before), k.Print(after); a != b {
			all = append(all, Change{Knob: k, Before: a, After: b})
		}
	}
	return all
}

// Weaker tells whether a change makes it easier for somebody who should not get in.
func (c Change) Weaker() bool {
	k := c.Knob
	if k.safer == 0 {
		return false
	}
	before, after := k.rank(c.Before), k.rank(c.After)
	if k.Kind == Several || k.Kind == Lines {
		from, to := Items(c.Before), Items(c.After)
		if k.safer > 0 {
			from, to = to, from
		}
		return slices.ContainsFunc(to, func(item string) bool { return !slices.Contains(from, item) })
	}
	return k.safer > 0 && after < before || k.safer < 0 && after > before
}

// rank puts the values of a knob in an order.
func (k Knob) rank(printed string) int64 {
	switch k.Kind {
	case Flag:
		if printed == "true" {
			return 1
		}
	case Number:
		n, _ := strconv.ParseInt(printed, 10, 64)
		if n == 0 && k.off {
			return 1 << 62
		}
		return n
	case Length:
		d, _ := ParseLength(printed)
		return int64(d)
	case Choice:
		return int64(slices.Index(k.Choices, printed))
	}
	return 0
}
