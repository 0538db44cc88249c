package tenants

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// fileDoc is the document as YAML has it: the theme stays a node, the rest is typed.
type fileDoc struct {
	Portico  int           `yaml:"portico"`
	Slug     string        `yaml:"slug"`
	Name     string        `yaml:"name"`
	State    State         `yaml:"state"`
	Hosts    []FileHost    `yaml:"hosts"`
	Policy   *Policy       `yaml:"policy"`
	Theme    yaml.Node     `yaml:"theme"`
	Images   []FileImage   `yaml:"images"`
	Words    Words         `yaml:"words"`
	Sender   *Sender       `yaml:"sender"`
	Portal   *Portal       `yaml:"portal"`
	Groups   []FileGroup   `yaml:"groups"`
	Accounts []FileAccount `yaml:"accounts"`
}

// ParseFile reads a tenant file strictly and judges it: unknown and doubled keys, values of the wrong
// kind, everything that Validate refuses, and what is not built yet, all at once and by line. The File
// may be used only when no fault is told.
func ParseFile(data []byte) (File, []Fault) {
	root, fault := parseYAML(data)
	if fault != nil {
		return File{}, []Fault{*fault}
	}
	r := &strictReader{lines: map[string]int{}}
	r.read(root, fileShape, "")
	file, err := fileOf(root)
	if err != nil {
		return File{}, append(r.faults, Fault{Problem: err.Error()})
	}
	file.lines = r.lines
	told := map[string]bool{}
	for _, f := range r.faults {
		told[f.Field] = true
	}
	all := r.faults
	for _, f := range file.Validate() {
		if !told[f.Field] { // what could not be read has been told
			all = append(all, f)
		}
	}
	return file, all
}

var yamlLine = regexp.MustCompile(`^yaml: (?:line (\d+): )?`)

// parseYAML reads the one document of a file as a tree. Whole-file limits come first: size, text, depth,
// and no anchors or aliases, which could make a small file large.
func parseYAML(data []byte) (*yaml.Node, *Fault) {
	if len(data) > FileMost {
		return nil, &Fault{Problem: fmt.Sprintf("the file has %d bytes; a tenant file has at most %d", len(data), FileMost)}
	}
	if depth := deepest(data); depth > 200 {
		return nil, &Fault{Problem: "the file is nested too deeply"}
	}
	d := yaml.NewDecoder(bytes.NewReader(data))
	var doc yaml.Node
	if err := d.Decode(&doc); err != nil {
		if errors.Is(err, io.EOF) {
			return nil, &Fault{Problem: "the file is empty"}
		}
		return nil, yamlFault(err)
	}
	var more yaml.Node
	if err := d.Decode(&more); !errors.Is(err, io.EOF) {
		return nil, &Fault{Line: more.Line, Problem: "a tenant file is one YAML document; there is a second one"}
	}
	if len(doc.Content) != 1 || doc.Content[0].Kind != yaml.MappingNode {
		return nil, &Fault{Line: 1, Problem: "a tenant file is a list of keys and values that begins with portico: 1"}
	}
	return doc.Content[0], nil
}

func yamlFault(err error) *Fault {
	f := &Fault{Problem: "is not YAML: " + yamlLine.ReplaceAllString(err.Error(), "")}
	if m := yamlLine.FindStringSubmatch(err.Error()); m != nil && m[1] != "" {
		f.Line, _ = strconv.Atoi(m[1])
	}
	return f
}

// deepest bounds nesting before the parser, which recurses, sees the text: brackets in flow style and
// indentation in block style. It may overcount, never undercount by more than a line's own dashes.
func deepest(data []byte) int {
	deep, flow := 0, 0
	for line := range bytes.Lines(data) {
		indent := len(line) - len(bytes.TrimLeft(line, " -?"))
		for _, c := range line {
			switch c {
			case '[', '{':
				flow++
			case ']', '}':
				flow = max(0, flow-1)
			}
			deep = max(deep, flow+indent/2)
		}
	}
	return deep
}

// fileOf fills a File from a tree that the strict reader has gone over.
func fileOf(root *yaml.Node) (File, error) {
	doc := fileDoc{}
	if preset := child(child(root, "policy"), "preset"); child(root, "policy") != nil {
		name := DefaultPreset
		if preset != nil {
			name = preset.Value
		}
		p, ok := Preset(name)
		if !ok {
			p, _ = Preset(DefaultPreset) // the unknown name is told by Validate
		}
		doc.Policy = &p
	}
	if err := root.Decode(&doc); err != nil {
		return File{}, errors.New(strings.TrimPrefix(err.Error(), "yaml: "))
	}
	if doc.Sender != nil && doc.Sender.Phone != nil && child(child(child(root, "sender"), "phone"), "daily_budget") == nil {
		doc.Sender.Phone.DailyBudget = DefaultDailyBudget
	}
	theme, err := asJSON(&doc.Theme)
	return File{
		Portico: doc.Portico, Slug: doc.Slug, Name: doc.Name, State: doc.State, Hosts: doc.Hosts, Policy: doc.Policy,
		Theme: theme, Images: doc.Images, Words: doc.Words, Sender: doc.Sender, Portal: doc.Portal, Groups: doc.Groups, Accounts: doc.Accounts,
	}, err
}

// asJSON turns a tree into a JSON document with sorted keys; no tree is nil.
func asJSON(n *yaml.Node) (json.RawMessage, error) {
	if n.IsZero() {
		return nil, nil
	}
	var v any
	if err := n.Decode(&v); err != nil {
		return nil, err
	}
	doc, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("theme: %w", err)
	}
	return doc, nil
}

// child is the value under a key of a mapping; nil when there is none.
func child(n *yaml.Node, key string) *yaml.Node {
	if n == nil || n.Kind != yaml.MappingNode {
		return nil
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			return n.Content[i+1]
		}
	}
	return nil
}

// lineOf finds a field's line, or that of the nearest part around it.
func lineOf(lines map[string]int, field string) int {
	for field != "" {
		if n, ok := lines[field]; ok {
			return n
		}
		field = field[:max(0, strings.LastIndexAny(field, ".["))]
	}
	return 0
}
