package tenants

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"

	"go.yaml.in/yaml/v3"
)

// YAML writes the file in one form only: sections in a fixed order, the policy as its preset and what
// differs from it, maps by key. ParseFile reads it back to the same File. Absent sections stay absent;
// secrets are never in a File, only where they are.
func (f File) YAML() ([]byte, error) {
	root := &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map"}
	w := fileWriter{root: root}
	w.put("portico", true, FileFormat)
	w.put("slug", true, f.Slug)
	w.put("name", true, f.Name)
	w.put("state", f.State != "", string(f.State))
	w.put("hosts", f.Hosts != nil, f.Hosts)
	if f.Policy != nil {
		w.add("policy", w.policy(*f.Policy))
	}
	if f.Theme != nil {
		theme, err := decodeTheme(f.Theme)
		if err != nil {
			return nil, fmt.Errorf("write tenant file: %w", err)
		}
		w.put("theme", true, theme)
	}
	w.put("images", f.Images != nil, f.Images)
	w.put("words", f.Words != nil, f.Words)
	w.put("sender", f.Sender != nil, f.Sender)
	w.put("portal", f.Portal != nil, f.Portal)
	w.put("groups", f.Groups != nil, f.Groups)
	w.put("accounts", f.Accounts != nil, f.Accounts)
	var out bytes.Buffer
	e := yaml.NewEncoder(&out)
	e.SetIndent(2)
	if err := e.Encode(root); err != nil {
		return nil, fmt.Errorf("write tenant file: %w", err)
	}
	return out.Bytes(), e.Close()
}

// decodeTheme keeps numbers as they are written.
func decodeTheme(doc json.RawMessage) (theme any, err error) {
	d := json.NewDecoder(bytes.NewReader(doc))
	d.UseNumber()
	return theme, d.Decode(&theme)
}

// fileWriter builds the document.
type fileWriter struct{ root *yaml.Node }

func (w *fileWriter) put(key string, present bool, v any) {
	if present {
		w.add(key, nodeOf(reflect.ValueOf(v)))
	}
}

func (w *fileWriter) add(key string, n *yaml.Node) {
	w.root.Content = append(w.root.Content, &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: key}, n)
}

// policy is the preset's name and every knob that differs from it.
func (w *fileWriter) policy(p Policy) *yaml.Node {
	whole := nodeOf(reflect.ValueOf(p))
	preset, ok := Preset(p.Preset)
	if !ok {
		return whole
	}
	differs := difference(whole, nodeOf(reflect.ValueOf(preset)))
	if differs == nil {
		differs = &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map"}
	}
	name := []*yaml.Node{{Kind: yaml.ScalarNode, Tag: "!!str", Value: "preset"}, {Kind: yaml.ScalarNode, Tag: "!!str", Value: p.Preset}}
	differs.Content = append(name, differs.Content...)
	return differs
}

// difference keeps of a what b does not have alike; nil when nothing is left. Lists count as a whole.
func difference(a, b *yaml.Node) *yaml.Node {
	if b == nil || a.Kind != b.Kind {
		return a
	}
	switch a.Kind {
	case yaml.ScalarNode:
		if a.Value == b.Value && a.Tag == b.Tag {
			return nil
		}
		return a
	case yaml.MappingNode:
		left := &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map"}
		for i := 0; i+1 < len(a.Content); i += 2 {
			if d := difference(a.Content[i+1], child(b, a.Content[i].Value)); d != nil {
				left.Content = append(left.Content, a.Content[i], d)
			}
		}
		if len(left.Content) == 0 {
			return nil
		}
		return left
	}
	if len(a.Content) != len(b.Content) {
		return a
	}
	for i := range a.Content {
		if difference(a.Content[i], b.Content[i]) != nil {
			return a
		}
	}
	return nil
}
