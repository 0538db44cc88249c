package localpg

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
)

// ErrNoPostgres says that no usable PostgreSQL is installed and none could be downloaded.
var ErrNoPostgres = errors.New("no PostgreSQL 15 or newer found: install it (Debian and Ubuntu: apt-get install postgresql; macOS: brew install postgresql@17) or set DATABASE_URL")

// oldest is the lowest major version that the schema runs on (UNIQUE NULLS NOT DISTINCT,
// security_invoker views).
const oldest = 15

// binaries is one installation: the folder that holds initdb and postgres.
type binaries struct {
	dir   string
	major int
}

func (b binaries) path(name string) string { return filepath.Join(b.dir, name) }

// installed lists the installations of this machine, best first: what PATH names, then the newest of
// the places where distributions, Homebrew and Postgres.app put theirs.
func installed(ctx context.Context) []binaries {
	var found []binaries
	add := func(dir string) {
		if real, err := filepath.EvalSymlinks(filepath.Join(dir, "postgres")); err == nil {
			dir = filepath.Dir(real) // initdb looks for its share folder beside the real file
		}
		if slices.ContainsFunc(found, func(b binaries) bool { return b.dir == dir }) {
			return
		}
		if b, err := inspect(ctx, dir); err == nil {
			found = append(found, b)
		}
	}
	if path, err := exec.LookPath("postgres"); err == nil {
		add(filepath.Dir(path))
	}
	inPath := len(found)
	for _, pattern := range places() {
		dirs, _ := filepath.Glob(pattern) // the only error is a bad pattern
		for _, dir := range dirs {
			add(dir)
		}
	}
	slices.SortStableFunc(found[inPath:], func(a, b binaries) int { return b.major - a.major })
	return found
}

func places() []string {
	if runtime.GOOS == "darwin" {
		return []string{
			"/opt/homebrew/opt/postgresql*/bin", "/usr/local/opt/postgresql*/bin",
			"/Applications/Postgres.app/Contents/Versions/*/bin",
		}
	}
	return []string{"/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/usr/local/pgsql/bin"}
}

var versionPattern = regexp.MustCompile(`\(PostgreSQL\) (\d+)`)

// inspect asks the binaries in dir for their version.
func inspect(ctx context.Context, dir string) (binaries, error) {
	b := binaries{dir: dir}
	if _, err := os.Stat(b.path("initdb")); err != nil {
		return b, err
	}
	out, err := exec.CommandContext(ctx, b.path("postgres"), "--version").Output()
	if err != nil {
		return b, err
	}
	match := versionPattern.FindSubmatch(out)
	if match == nil {
		return b, fmt.Errorf("%s tells no version", b.path("postgres"))
	}
	if b.major, err = strconv.Atoi(string(match[1])); err != nil {
		return b, err
	}
	if b.major < oldest {
		return b, fmt.Errorf("%s is PostgreSQL %d", dir, b.major)
	}
	return b, nil
}
