package tenants

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write generated files anew")

const schemaFile = "../docs/tenant.schema.json"

func TestSchemaIsTrue(t *testing.T) {
	t.Parallel()
	doc, err := FileSchema()
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile(schemaFile, doc, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	kept, err := os.ReadFile(schemaFile)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(doc, kept) {
		t.Errorf("%s is not what the types say; run go test ./tenants -run TestSchemaIsTrue -update", schemaFile)
	}
}

// Every description belongs to a key, so that a renamed knob takes its own along.
func TestSchemaDescribesKnownKeys(t *testing.T) {
	t.Parallel()
	s := schemaWriter{notes: map[string]fileNote{}}
	s.of(fileShape, "")
	for field := range fileNotes {
		if !slices.Contains(s.missing, field) {
			t.Errorf("%s is described and does not exist", field)
		}
	}
}

// The values that the schema offers are those that Validate takes.
func TestSchemaValuesAreAllowed(t *testing.T) {
	t.Parallel()
	for field, note := range fileNotes {
		knob, ok := strings.CutPrefix(field, "policy.")
		if !ok {
			continue
		}
		for _, v := range note.values {
			p := preset(t, "two-gate")
			setKnob(t, &p, knob, v)
			for _, f := range p.Validate() {
				if f.Field == knob && strings.Contains(f.Problem, "is none of") {
					t.Errorf("the schema offers %s for %s, which is refused: %s", v, field, f.Problem)
				}
			}
		}
	}
}

// setKnob sets one knob, or a list of one, by its dotted name.
func setKnob(t *testing.T, p *Policy, knob, value string) {
	t.Helper()
	for _, v := range []any{value, []string{value}} {
		doc, _ := json.Marshal(v)
		parts := strings.Split(knob, ".")
		for i := len(parts) - 1; i >= 0; i-- {
			doc, _ = json.Marshal(map[string]json.RawMessage{parts[i]: doc})
		}
		if json.Unmarshal(doc, p) == nil {
			return
		}
	}
	t.Fatalf("no knob %s", knob)
}
