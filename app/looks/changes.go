package looks

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// Change is one value that differs between two documents.
type Change struct {
	Field  string `json:"field"` // the way to it: "colors.accent", "en.signin.title"
	Before string `json:"before"`
	After  string `json:"after"`
}

// Changes lists the values that differ, by field. A document that is nil has none.
func Changes(before, after json.RawMessage) []Change {
	a, b := flat(before), flat(after)
	var all []Change
	for field, v := range b {
		if a[field] != v {
			all = append(all, Change{field, a[field], v})
		}
	}
	for field, v := range a {
		if _, still := b[field]; !still && v != "" {
			all = append(all, Change{field, v, ""})
		}
	}
	slices.SortFunc(all, func(x, y Change) int { return strings.Compare(x.Field, y.Field) })
	return all
}

// flat is a document as one list of values.
func flat(doc json.RawMessage) map[string]string {
	values := map[string]string{}
	var root any
	if len(doc) == 0 || json.Unmarshal(doc, &root) != nil {
		return values
	}
	var walk func(at string, v any)
	walk = func(at string, v any) {
		switch v := v.(type) {
		case map[string]any:
			for key, inner := range v {
				walk(strings.TrimPrefix(at+"."+key, "."), inner)
			}
		case nil:
		default:
			if s := fmt.Sprint(v); s != "" {
				values[at] = s
			}
		}
	}
	walk("", root)
	return values
}
