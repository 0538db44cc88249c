package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// The example manifests name settings that exist, and are YAML: a program that refuses unknown settings would not
// start from them otherwise.
func TestManifestsNameSettingsThatExist(t *testing.T) {
	t.Parallel()
	known := map[string]bool{}
	sources, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range sources {
		text, err := os.ReadFile(path) //nolint:gosec // of this package
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile(`env:"([A-Z_]+)"`).FindAllStringSubmatch(string(text), -1) {
			known[m[1]] = true
		}
	}
	for _, path := range []string{"../../docs/kubernetes/portico.yaml", "../../compose.yaml"} {
		file, err := os.Open(path) //nolint:gosec // of this repository
		if err != nil {
			t.Fatal(err)
		}
		parts := yaml.NewDecoder(file)
		for n := 0; ; n++ {
			var part map[string]any
			if err := parts.Decode(&part); err != nil {
				if n == 0 || err.Error() != "EOF" {
					t.Errorf("%s: part %d: %v", path, n, err)
				}
				break
			}
		}
		_ = file.Close()
		text, err := os.ReadFile(path) //nolint:gosec // of this repository
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range regexp.MustCompile(`\bPORTICO_[A-Z_]+`).FindAllString(string(text), -1) {
			if !known[name] && name != "PORTICO_OWNER_DATABASE_URL" && !strings.HasPrefix(name, "PORTICO_DEMO_") { // the demo's passwords are its tenant files' own
				t.Errorf("%s: there is no setting %s", path, name)
			}
		}
	}
}
