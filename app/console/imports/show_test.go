package imports

import (
	"strings"
	"testing"

	"portico/app/imports"
)

func TestSamplesShowNothingOfHashes(t *testing.T) {
	t.Parallel()
	const hash = "$2a$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy"
	for cell, f := range map[string]imports.Field{hash: imports.Skip, "5f4dcc3b5aa765d61d8327deb882cf99": imports.Hash} {
		if got := sample(f, cell); got != "•••" {
			t.Errorf("%s is shown as %s", cell, got)
		}
	}
	if got := sample(imports.Name, strings.Repeat("é", 50)); got != strings.Repeat("é", 40)+"…" {
		t.Errorf("%q", got)
	}
}
