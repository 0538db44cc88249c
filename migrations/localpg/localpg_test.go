package localpg_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"portico/migrations/localpg"
)

// folder makes a data folder that PostgreSQL's user may enter: t.TempDir is closed to others.
func folder(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "portico-localpg-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o711); err != nil {
		t.Fatal(err)
	}
	return dir
}

func start(t *testing.T, dir string) *localpg.Server {
	t.Helper()
	s, err := localpg.Start(t.Context(), localpg.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Stop(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return s
}

func query(t *testing.T, url, sql string) (answer string) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	if err := conn.QueryRow(t.Context(), sql).Scan(&answer); err != nil {
		t.Fatal(err)
	}
	return answer
}

func TestServerServesItsRolesAndRestartsOnItsPort(t *testing.T) {
	t.Parallel()
	s := start(t, folder(t))
	for _, role := range []string{"portico_app", "portico_owner", "postgres"} {
		if got := query(t, s.URL(role, "portico"), "SELECT current_user"); got != role {
			t.Errorf("signed in as %s, want %s", got, role)
		}
	}
	if got := query(t, s.URL("postgres", "portico"), "SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = 'portico'"); got != "portico_owner" {
		t.Errorf("the database belongs to %s", got)
	}
	url, pid := s.SuperURL(), s.Pid()
	if err := s.Restart(t.Context()); err != nil {
		t.Fatal(err)
	}
	if s.SuperURL() != url || s.Pid() == pid {
		t.Errorf("after a restart: %s (process %d), before %s (process %d)", s.SuperURL(), s.Pid(), url, pid)
	}
	query(t, url, "SELECT version()")
}

func TestStoppedServerStartsAgainWithItsData(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	first := start(t, dir)
	query(t, first.URL("portico_owner", "portico"), "WITH t AS (SELECT set_config('a.b', 'x', false)) SELECT 'ok' FROM t")
	conn, err := pgx.Connect(t.Context(), first.URL("portico_owner", "portico"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := conn.Exec(t.Context(), "CREATE TABLE kept AS SELECT 'here' AS word"); err != nil {
		t.Fatal(err)
	}
	if err := first.Stop(t.Context()); err != nil { // with a client connected
		t.Fatal(err)
	}
	if first.Pid() != 0 {
		t.Error("a stopped server has a process")
	}
	second := start(t, dir)
	if second.SuperURL() != first.SuperURL() {
		t.Errorf("address %s, want %s", second.SuperURL(), first.SuperURL())
	}
	if got := query(t, second.URL("portico_owner", "portico"), "SELECT word FROM kept"); got != "here" {
		t.Errorf("read %q", got)
	}
}

func TestSecondStartOnTheSameFolderSaysSo(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	start(t, dir)
	_, err := localpg.Start(t.Context(), localpg.Options{Dir: dir})
	if !errors.Is(err, localpg.ErrRunning) {
		t.Errorf("second start: %v, want ErrRunning", err)
	}
}

func TestKilledServerStartsAgain(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	first := start(t, dir)
	if err := syscall.Kill(first.Pid(), syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	if err := first.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(dir, "cluster", "postmaster.pid")); err != nil {
		t.Fatalf("a killed server leaves its pid file: %v", err)
	}
	second := start(t, dir)
	query(t, second.SuperURL(), "SELECT 'up'")
}

func TestPasswordsAreReadableByTheOwnerAlone(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	start(t, dir)
	for _, name := range []string{"state.json", "lock", "postgres.log"} {
		info, err := os.Stat(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %v, want 0600", name, info.Mode().Perm())
		}
	}
}

func TestDataOfAnotherMajorVersionIsRefusedInASentence(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	s := start(t, dir)
	if err := s.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "cluster", "PG_VERSION"), []byte("9\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := localpg.Start(t.Context(), localpg.Options{Dir: dir})
	if !errors.Is(err, localpg.ErrVersion) {
		t.Errorf("start: %v, want ErrVersion", err)
	}
}

func TestNoBinariesIsSaidInASentence(t *testing.T) {
	t.Parallel()
	_, err := localpg.Start(t.Context(), localpg.Options{Dir: folder(t), Binaries: t.TempDir()})
	if !errors.Is(err, localpg.ErrNoPostgres) {
		t.Errorf("start without binaries: %v, want ErrNoPostgres", err)
	}
}

// A folder below a private one, as a root's home is: the files go where PostgreSQL's user can enter.
func TestFolderThatTheServersUserCannotEnter(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		t.Log("as an ordinary user PostgreSQL runs as us and enters what we enter")
	}
	closed := folder(t)
	if err := os.Chmod(closed, 0o700); err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(closed, "data")
	s := start(t, dir)
	elsewhere := query(t, s.SuperURL(), "SHOW data_directory")
	if inside := filepath.Dir(elsewhere) == dir; inside != (os.Geteuid() != 0) {
		t.Errorf("the cluster lies in %s", elsewhere)
	}
	if err := s.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	again := start(t, dir)
	if got := query(t, again.SuperURL(), "SHOW data_directory"); got != elsewhere {
		t.Errorf("the second start used %s, the first %s", got, elsewhere)
	}
	if err := again.Discard(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{elsewhere, filepath.Dir(elsewhere), dir} {
		if _, err := os.Stat(path); !os.IsNotExist(err) {
			t.Errorf("discarded, and %s is there: %v", path, err)
		}
	}
}

func TestStopEndsAtOnceWhenItsContextEnds(t *testing.T) {
	t.Parallel()
	s := start(t, folder(t))
	ctx, cancel := context.WithTimeout(t.Context(), time.Nanosecond)
	defer cancel()
	if err := s.Stop(ctx); err != nil {
		t.Fatal(err)
	}
	if s.Pid() != 0 {
		t.Error("still running")
	}
}
