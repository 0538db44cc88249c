package tenants

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
)

// FileSchema is the JSON Schema (draft 2020-12) of tenant files, for editors: made from the same types
// that ParseFile fills. ParseFile judges more than a schema can say.
func FileSchema() ([]byte, error) {
	s := schemaWriter{notes: fileNotes}
	root := s.of(fileShape, "")
	root["$schema"] = "https://json-schema.org/draft/2020-12/schema"
	root["title"] = "Portico tenant file"
	root["description"] = "One customer of Portico: addresses, policy, look, words, sender, portal, groups and first people."
	root["required"] = []string{"portico", "slug", "name"}
	if len(s.missing) > 0 {
		return nil, fmt.Errorf("no description for %s", strings.Join(s.missing, ", "))
	}
	doc, err := json.MarshalIndent(root, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("tenant file schema: %w", err)
	}
	return append(doc, '\n'), nil
}

// schemaWriter walks the types; notes gives every key its description and, where there are any, its
// allowed values.
type schemaWriter struct {
	notes   map[string]fileNote
	missing []string
}

type fileNote struct {
	text   string
	values []string
}

func (s *schemaWriter) of(shape reflect.Type, field string) map[string]any {
	switch shape {
	case nodeShape:
		return map[string]any{"type": "object"}
	case durationShape:
		return map[string]any{"type": "string", "pattern": `^([0-9]+(\.[0-9]+)?(ns|us|µs|ms|s|m|h))+$`, "examples": []string{"15m", "24h"}}
	}
	switch shape.Kind() {
	case reflect.Pointer:
		return s.of(shape.Elem(), field)
	case reflect.Struct:
		return s.object(shape, field)
	case reflect.Map:
		return map[string]any{"type": "object", "additionalProperties": s.of(shape.Elem(), field)}
	case reflect.Slice:
		items := s.of(shape.Elem(), field)
		if values := s.notes[field].values; len(values) > 0 {
			items["enum"] = values
		}
		return map[string]any{"type": "array", "items": items}
	case reflect.Bool:
		return map[string]any{"type": "boolean"}
	case reflect.Int:
		return map[string]any{"type": "integer"}
	}
	return map[string]any{"type": "string"}
}

func (s *schemaWriter) object(shape reflect.Type, field string) map[string]any {
	properties := map[string]any{}
	for i := range shape.NumField() {
		f := shape.Field(i)
		name := yamlName(f)
		if name == "" {
			continue
		}
		inner := join(field, name)
		p := s.of(f.Type, inner)
		note, ok := s.notes[inner]
		if !ok && shape != reflect.TypeFor[Throttle]() {
			s.missing = append(s.missing, inner)
		}
		if note.text != "" {
			p["description"] = note.text
		}
		if len(note.values) > 0 && p["type"] == "string" {
			p["enum"] = note.values
		}
		properties[name] = p
	}
	return map[string]any{"type": "object", "additionalProperties": false, "properties": properties}
}
