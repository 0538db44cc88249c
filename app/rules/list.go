package rules

import (
	"slices"
	"strings"

	"portico/tenants"
)

// PresetPath is the policy's starting point. It is chosen with its values, never alone.
const PresetPath = "preset"

// Knobs lists every knob in the order of the tenant file, PresetPath first.
func Knobs() []Knob {
	start := choice(PresetPath, func(p *policy) *string { return &p.Preset }, tenants.PresetNames()...).words("preset")
	start.Group = ""
	return slices.Concat([]Knob{start}, signInKnobs(), recoveryKnobs(), limitKnobs(), passwordKnobs(), restKnobs())
}

// Groups lists the groups of the knobs in their order.
func Groups() []string {
	var names []string
	for _, k := range Knobs() {
		if k.Group != "" && !slices.Contains(names, k.Group) {
			names = append(names, k.Group)
		}
	}
	return names
}

// OfGroup are the knobs of a group; none of what is no group.
func OfGroup(group string) []Knob {
	return slices.DeleteFunc(Knobs(), func(k Knob) bool { return k.Group != group || group == "" })
}

// Named finds a knob by its path.
func Named(path string) (Knob, bool) {
	all := Knobs()
	i := slices.IndexFunc(all, func(k Knob) bool { return k.Path == path })
	if i < 0 {
		return Knob{}, false
	}
	return all[i], true
}

// nearest is the knob that a fault of the policy belongs to: itself, or what it is a part of.
func nearest(field string) (Knob, bool) {
	for field != "" {
		if k, ok := Named(field); ok {
			return k, true
		}
		i := strings.LastIndexByte(field, '.')
		if i < 0 {
			break
		}
		field = field[:i]
	}
	return Knob{}, false
}

// Waits tells whether this version does not yet act on a choice of a knob ("" of a knob without choices is
// any use of it).
func (k Knob) Waits(choice string) bool {
	p, _ := tenants.Preset(tenants.DefaultPreset)
	switch k.Kind {
	case Flag:
		for _, v := range []string{"true", "false"} {
			_ = k.Read(&p, v)
			if later(p, k.Path) {
				return true
			}
		}
		return false
	case Text:
		choice = "x"
	}
	_ = k.Read(&p, choice)
	return later(p, k.Path)
}

func later(p tenants.Policy, path string) bool {
	return slices.ContainsFunc(p.NotYet(), func(f tenants.Fault) bool { return f.Field == path })
}
