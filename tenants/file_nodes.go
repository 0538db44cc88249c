package tenants

import (
	"encoding/json"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"go.yaml.in/yaml/v3"
)

// nodeOf turns a value into a YAML tree in one form only: keys of structs in their order, keys of maps
// sorted, texts quoted where a reader could take them for something else. The library's own way goes
// through text, which it cannot read back for some texts with line breaks.
func nodeOf(v reflect.Value) *yaml.Node {
	if v.IsValid() && v.Type() == durationShape {
		return text(v.Interface().(Duration).String())
	}
	if n, ok := numberOf(v); ok {
		return n
	}
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		return nodeOf(v.Elem())
	case reflect.Struct:
		return structNode(v)
	case reflect.Map:
		n := &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map"}
		keys := v.MapKeys()
		slices.SortFunc(keys, func(a, b reflect.Value) int { return strings.Compare(a.String(), b.String()) })
		for _, key := range keys {
			if inner := v.MapIndex(key); !isNull(inner) {
				n.Content = append(n.Content, text(key.String()), nodeOf(inner))
			}
		}
		return n
	case reflect.Slice:
		n := &yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq"}
		for i := range v.Len() {
			if !isNull(v.Index(i)) {
				n.Content = append(n.Content, nodeOf(v.Index(i)))
			}
		}
		return n
	case reflect.Bool:
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!bool", Value: strconv.FormatBool(v.Bool())}
	case reflect.Int:
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!int", Value: strconv.FormatInt(v.Int(), 10)}
	}
	return text(v.String())
}

func structNode(v reflect.Value) *yaml.Node {
	n := &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map"}
	for i := range v.NumField() {
		f := v.Type().Field(i)
		name := yamlName(f)
		optional := strings.HasSuffix(f.Tag.Get("yaml"), ",omitempty")
		empty := v.Field(i).IsZero() || v.Field(i).Kind() == reflect.Slice && v.Field(i).Len() == 0
		if name == "" || optional && empty {
			continue
		}
		n.Content = append(n.Content, text(name), nodeOf(v.Field(i)))
	}
	return n
}

// numberOf writes a number of a JSON document.
func numberOf(v reflect.Value) (*yaml.Node, bool) {
	if !v.IsValid() || v.Type() != reflect.TypeFor[json.Number]() {
		return nil, false
	}
	tag := "!!int"
	if strings.ContainsAny(v.String(), ".eE") {
		tag = "!!float"
	}
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: tag, Value: v.String()}, true
}

func isNull(v reflect.Value) bool {
	return !v.IsValid() || (v.Kind() == reflect.Interface || v.Kind() == reflect.Pointer) && v.IsNil()
}

// switches are words that older YAML reads as true or false.
var switches = []string{"y", "n", "yes", "no", "on", "off"}

// text is a string; one with line breaks, control characters or spaces at its ends is quoted, which
// every reader takes back as it was, and so is a word that some take for a truth value.
func text(s string) *yaml.Node {
	n := &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: s}
	odd := strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsPrint(r) })
	if s == "" || odd || slices.Contains(switches, strings.ToLower(s)) || strings.TrimSpace(s) != s {
		n.Style = yaml.DoubleQuotedStyle
	}
	return n
}
