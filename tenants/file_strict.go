package tenants

import (
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

var (
	fileShape     = reflect.TypeFor[fileDoc]()
	nodeShape     = reflect.TypeFor[yaml.Node]()
	durationShape = reflect.TypeFor[Duration]()
	wholeNumber   = regexp.MustCompile(`^-?(0|[1-9][0-9]{0,8})$`)
)

// strictReader walks a tree beside the Go type that will take it. It notes the line of every field and
// takes out what does not fit, so that one reading tells all faults.
type strictReader struct {
	lines  map[string]int
	faults []Fault
}

func (r *strictReader) fault(n *yaml.Node, field, format string, args ...any) bool {
	r.faults = append(r.faults, Fault{Line: n.Line, Field: field, Problem: fmt.Sprintf(format, args...)})
	return false
}

// read checks one node; false when it does not fit and must be taken out.
func (r *strictReader) read(n *yaml.Node, shape reflect.Type, field string) bool {
	if field != "" {
		r.lines[field] = n.Line
	}
	switch {
	case n.Kind == yaml.AliasNode || n.Anchor != "":
		return r.fault(n, field, "anchors and aliases (& and *) are not part of the tenant file")
	case n.Kind == yaml.MappingNode && n.Tag != "!!map", n.Kind == yaml.SequenceNode && n.Tag != "!!seq":
		return r.fault(n, field, "the tag %s is not part of the tenant file", cut(n.Tag))
	case n.Kind == yaml.ScalarNode && n.Tag == "!!null":
		return r.fault(n, field, "has no value; leave the key out, or write \"\", [] or {}")
	case shape == nodeShape:
		return r.free(n, field)
	case shape.Kind() == reflect.Pointer:
		return r.read(n, shape.Elem(), field)
	case shape == durationShape:
		return r.duration(n, field)
	}
	switch shape.Kind() {
	case reflect.Struct:
		return r.mapping(n, field, func(key string) (reflect.Type, bool) { return keyShape(shape, key) }, keysOf(shape))
	case reflect.Map:
		return r.mapping(n, field, func(string) (reflect.Type, bool) { return shape.Elem(), true }, nil)
	case reflect.Slice:
		return r.sequence(n, shape.Elem(), field)
	}
	return r.scalar(n, shape.Kind(), field)
}

// mapping checks keys and values and keeps the pairs that fit.
func (r *strictReader) mapping(n *yaml.Node, field string, shapeOf func(string) (reflect.Type, bool), known []string) bool {
	if n.Kind != yaml.MappingNode {
		return r.fault(n, field, "must be keys with values, not %s", kindOf(n))
	}
	var kept []*yaml.Node
	seen := map[string]int{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		inner := join(field, key.Value)
		shape, ok := shapeOf(key.Value)
		switch {
		case key.Kind != yaml.ScalarNode || key.Anchor != "" || key.Tag == "!!merge":
			r.fault(key, field, "every key is plain text")
		case seen[key.Value] > 0:
			r.fault(key, inner, "stands twice; the first is in line %d", seen[key.Value])
		case !ok:
			r.fault(key, inner, "there is no such key%s", nearest(key.Value, known))
		case r.read(value, shape, inner):
			r.lines[inner] = key.Line
			kept = append(kept, key, value)
		}
		seen[key.Value] = key.Line
	}
	n.Content = kept
	return true
}

func (r *strictReader) sequence(n *yaml.Node, shape reflect.Type, field string) bool {
	if n.Kind != yaml.SequenceNode {
		return r.fault(n, field, "must be a list, not %s", kindOf(n))
	}
	var kept []*yaml.Node
	for i, item := range n.Content {
		if r.read(item, shape, fmt.Sprintf("%s[%d]", field, i)) {
			kept = append(kept, item)
		}
	}
	n.Content = kept
	return true
}

// free is a part whose owner is another package: only its tree is checked.
func (r *strictReader) free(n *yaml.Node, field string) bool {
	switch n.Kind {
	case yaml.MappingNode:
		return r.mapping(n, field, func(string) (reflect.Type, bool) { return nodeShape, true }, nil)
	case yaml.SequenceNode:
		return r.sequence(n, nodeShape, field)
	}
	if !slices.Contains([]string{"!!str", "!!int", "!!float", "!!bool"}, n.Tag) || strings.HasPrefix(strings.TrimLeft(n.Value, "+-"), ".") && n.Tag == "!!float" {
		return r.fault(n, field, "%s has no place here; write it in quotes", n.Tag)
	}
	return true
}

func (r *strictReader) duration(n *yaml.Node, field string) bool {
	var d Duration
	if n.Kind != yaml.ScalarNode {
		return r.fault(n, field, "must be a length of time such as 15m or 24h, not %s", kindOf(n))
	}
	if err := d.UnmarshalText([]byte(n.Value)); err != nil {
		return r.fault(n, field, "%v", err)
	}
	return true
}

func (r *strictReader) scalar(n *yaml.Node, kind reflect.Kind, field string) bool {
	if n.Kind != yaml.ScalarNode {
		return r.fault(n, field, "must be a single value, not %s", kindOf(n))
	}
	switch kind {
	case reflect.Bool:
		if n.Tag != "!!bool" || n.Value != "true" && n.Value != "false" {
			return r.fault(n, field, "must be true or false, not %q", cut(n.Value))
		}
	case reflect.Int:
		if n.Tag != "!!int" || !wholeNumber.MatchString(n.Value) {
			return r.fault(n, field, "must be a whole number, not %q", cut(n.Value))
		}
	case reflect.String:
		if n.Tag != "!!str" && n.Tag != "!!int" && n.Tag != "!!float" && n.Tag != "!!timestamp" {
			return r.fault(n, field, "must be text; write %q in quotes", cut(n.Value))
		}
		n.Tag = "!!str" // digits are text here, leading zeros and all
	default:
		return r.fault(n, field, "cannot be written in a file")
	}
	return true
}

func keyShape(shape reflect.Type, key string) (reflect.Type, bool) {
	for i := range shape.NumField() {
		if yamlName(shape.Field(i)) == key && key != "" {
			return shape.Field(i).Type, true
		}
	}
	return nil, false
}

func keysOf(shape reflect.Type) []string {
	var keys []string
	for i := range shape.NumField() {
		if name := yamlName(shape.Field(i)); name != "" {
			keys = append(keys, name)
		}
	}
	return keys
}

// yamlName is the key of a struct's field; "" when files never hold it.
func yamlName(f reflect.StructField) string {
	name, _, _ := strings.Cut(f.Tag.Get("yaml"), ",")
	if name == "-" || !f.IsExported() {
		return ""
	}
	return name
}

func join(field, key string) string {
	if field == "" {
		return key
	}
	return field + "." + key
}

func kindOf(n *yaml.Node) string {
	switch n.Kind {
	case yaml.MappingNode:
		return "keys with values"
	case yaml.SequenceNode:
		return "a list"
	}
	return fmt.Sprintf("%q", cut(n.Value))
}

// nearest suggests the key that was meant: one that begins alike, or the list when it is short.
func nearest(key string, known []string) string {
	for _, k := range known {
		if len(key) >= 3 && len(k) >= 3 && strings.EqualFold(k[:3], key[:3]) {
			return fmt.Sprintf("; did you mean %s?", k)
		}
	}
	if len(known) == 0 {
		return ""
	}
	return "; there are " + strings.Join(known, ", ")
}
