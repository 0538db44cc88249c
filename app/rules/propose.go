package rules

import (
	"fmt"
	"slices"
	"strings"

	"portico/tenants"
)

// FaultsError means that a policy cannot stand as proposed.
type FaultsError struct{ Faults []Fault }

// Error counts the faults.
func (e *FaultsError) Error() string { return fmt.Sprintf("the policy has %d faults", len(e.Faults)) }

// Set is proposed values by the paths of knobs, as Print writes them or a person typed them.
type Set map[string]string

// SetOf is the values that lead from one policy to another.
func SetOf(before, after tenants.Policy) Set {
	set := Set{}
	for _, c := range Diff(before, after) {
		set[c.Knob.Path] = c.After
	}
	return set
}

// Propose puts values into a policy. A *FaultsError tells all that cannot stand: values that are not
// understood, bounds, combinations that contradict each other, and what this version does not act on yet.
func Propose(before tenants.Policy, set Set) (tenants.Policy, error) {
	after := copyOf(before)
	var faults []Fault
	for path := range set {
		if _, ok := Named(path); !ok {
			faults = append(faults, Fault{Path: path, Code: "unknown"})
		}
	}
	for _, k := range Knobs() {
		text, given := set[k.Path]
		text = strings.ReplaceAll(text, "\r\n", "\n") // as browsers send lines
		if !given || text == k.Print(before) {
			continue
		}
		if k.Fixed {
			faults = append(faults, Fault{Path: k.Path, Code: "fixed"})
		} else if f := k.Read(&after, text); f != nil {
			faults = append(faults, *f)
		}
	}
	if len(faults) == 0 {
		faults = check(before, after)
	}
	if len(faults) > 0 {
		return after, &FaultsError{Faults: faults}
	}
	return after, nil
}

// check tells what contradicts itself, and what the change asks for that is still to come.
func check(before, after tenants.Policy) []Fault {
	var all []Fault
	add := func(code string, args map[string]any, f tenants.Fault) {
		path := ""
		if k, ok := nearest(f.Field); ok {
			path = k.Path
		}
		all = append(all, Fault{Path: path, Code: code, Args: args})
	}
	for _, f := range after.Validate() {
		code, args := told(f)
		add(code, args, f)
	}
	asked := before.NotYet()
	for _, f := range after.NotYet() {
		if !slices.Contains(asked, f) {
			add("later", nil, f)
		}
	}
	return all
}

// FromPreset is a preset as far as it can stand here: knobs that this version does not act on yet, and
// whatever rests on them, keep the value that they have.
func FromPreset(now tenants.Policy, name string) (after tenants.Policy, kept []Knob, ok bool) {
	after, ok = tenants.Preset(name)
	if !ok {
		return now, nil, false
	}
	after, kept = settle(now, after)
	return after, kept, true
}

// Settled is an earlier policy as far as it can still stand, with the knobs that keep today's value.
func Settled(now, earlier tenants.Policy) (tenants.Policy, []Knob) {
	return settle(now, copyOf(earlier))
}

func settle(now, after tenants.Policy) (tenants.Policy, []Knob) {
	var kept []Knob
	for range 4 { // what rests on what: a panel on its module, nothing deeper
		faults := check(now, after)
		if len(faults) == 0 {
			break
		}
		for _, f := range faults {
			k, ok := Named(f.Path)
			if !ok || k.Print(now) == k.Print(after) {
				continue
			}
			kept = append(kept, k)
			_ = k.read(&after, k.Print(now))
		}
	}
	return after, kept
}

// copyOf is a policy whose lists are its own.
func copyOf(p tenants.Policy) tenants.Policy {
	for _, k := range Knobs() {
		if k.Kind == Several || k.Kind == Lines || k.Kind == Networks {
			_ = k.read(&p, k.shown(&p))
		}
	}
	return p
}
