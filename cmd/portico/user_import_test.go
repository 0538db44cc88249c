package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestImportsStoppedByTheCeilingLeaveNothing: as often as somebody tries, the file that would disable too
// many is refused for that, and the one that may go in goes in.
func TestImportsStoppedByTheCeilingLeaveNothing(t *testing.T) {
	t.Parallel()
	p := newProduction(t)
	file := filepath.Join(t.TempDir(), "people.csv")
	if err := os.WriteFile(file, []byte("external_id,name,email\nh-0,Person Zero,p0@harbour.example\nh-9,Person Nine,p9@harbour.example\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := runs(t, p.env, "tenant", "apply", "-f", tenantOf(t, 6)); got.code != 0 {
		t.Fatal(got.err)
	}
	load := []string{"user", "import", "harbour", "-f", file, "--disable-missing"}
	for range 6 {
		if got := runs(t, p.env, load...); got.code != 1 || !strings.Contains(got.err, "5 of 6 people would be disabled, more than 10 %") {
			t.Fatalf("exit %d: %s%s", got.code, got.out, got.err)
		}
	}
	got := runs(t, p.env, append(load, "--ceiling=100")...)
	if got.code != 0 || !strings.Contains(got.out, "done: 1 new, 1 changed, 0 as they are, 0 refused") || !strings.Contains(got.out, "disabled: 5") {
		t.Errorf("exit %d: %s%s", got.code, got.out, got.err)
	}
}
