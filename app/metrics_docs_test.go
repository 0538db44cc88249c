package app_test

import (
	"encoding/json"
	"os"
	"regexp"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"portico/app/apptest"
)

// TestWatchersNameWhatIsMeasured: every metric in the rules and the dashboard of docs/ is one that an instance has.
func TestWatchersNameWhatIsMeasured(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t, apptest.Options{})
	p.Browser().Get(p.Origin("first") + "/login").Sees(200)
	families, err := p.Server.Metrics().Registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	measured := map[string]bool{"up": true}
	for _, f := range families {
		measured[f.GetName()] = true
	}
	named := regexp.MustCompile(`(?:portico|process|go)_[a-z_]+`)
	used := map[string]bool{}
	for file, parse := range map[string]func([]byte, any) error{"../docs/alerts.yaml": yaml.Unmarshal, "../docs/grafana.json": json.Unmarshal} {
		body, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var whole map[string]any
		if err := parse(body, &whole); err != nil || len(whole) == 0 {
			t.Errorf("%s: %v", file, err)
		}
		for _, expr := range regexp.MustCompile(`"?expr"?: .*`).FindAllString(string(body), -1) {
			for _, name := range named.FindAllString(expr, -1) {
				name = strings.TrimSuffix(name, "_bucket")
				used[name] = true
				if !measured[name] {
					t.Errorf("%s: nothing measures %s", file, name)
				}
			}
		}
	}
	for name := range measured {
		if strings.HasPrefix(name, "portico_") && !used[name] {
			t.Errorf("%s is measured, and nobody watches it", name)
		}
	}
}
