package main

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

func build(t *testing.T) (program, dir string) {
	t.Helper()
	dir, err := os.MkdirTemp("", "portico-privatepg-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o711); err != nil { // PostgreSQL's user walks through it
		t.Fatal(err)
	}
	program = filepath.Join(dir, "privatepg")
	if out, err := exec.Command("go", "build", "-o", program, ".").CombinedOutput(); err != nil {
		t.Fatalf("build: %v: %s", err, out)
	}
	return program, dir
}

// eventually polls until a thing is so, or fails.
func eventually(t *testing.T, what string, so func() bool) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); !so(); {
		if time.Now().After(deadline) {
			t.Fatalf("not within 30 seconds: %s", what)
		}
		<-time.After(20 * time.Millisecond)
	}
}

func startKeeper(t *testing.T, program, dir string) (*exec.Cmd, int) {
	t.Helper()
	keeper := exec.Command(program, "keep", dir)
	keeper.Stderr = os.Stderr
	if err := keeper.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = keeper.Process.Kill() })
	eventually(t, "the kept server answers", func() bool {
		address, err := os.ReadFile(filepath.Join(dir, "url"))
		if err != nil {
			return false
		}
		conn, err := pgx.Connect(t.Context(), string(address))
		return err == nil && conn.Close(context.Background()) == nil
	})
	text, err := os.ReadFile(filepath.Join(dir, "server", "cluster", "postmaster.pid"))
	if err != nil {
		t.Fatal(err)
	}
	line, _, _ := strings.Cut(string(text), "\n")
	pid, err := strconv.Atoi(line)
	if err != nil {
		t.Fatal(err)
	}
	return keeper, pid
}

func gone(pid int) bool { return syscall.Kill(pid, 0) == syscall.ESRCH }

// Whoever runs a private server may be killed: the next start must find its way, and on Linux the
// server must not be left behind.
func TestKilledKeeperLeavesNothingInTheWay(t *testing.T) {
	t.Parallel()
	program, dir := build(t)
	keeper, server := startKeeper(t, program, dir)
	if err := keeper.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = keeper.Wait() // "signal: killed", as wanted
	if err := os.Remove(filepath.Join(dir, "url")); err != nil {
		t.Fatal(err)
	}
	again, second := startKeeper(t, program, dir) // at once, while the first may still be stopping
	eventually(t, "the first server is gone", func() bool { return gone(server) })
	if gone(second) {
		t.Error("the second server is gone too")
	}
	if err := again.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := again.Wait(); err != nil {
		t.Errorf("asked to end, the keeper says %v", err)
	}
	if !gone(second) {
		t.Error("the keeper ended without its server")
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "server", "*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestRunGivesTheCommandAServerAndItsExitCode(t *testing.T) {
	t.Parallel()
	program, _ := build(t)
	out, err := exec.Command(program, "run", "--", "sh", "-c", `echo "$PORTICO_TEST_DATABASE_URL"; exit 3`).Output()
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.ExitCode() != 3 {
		t.Errorf("the command's exit code 3 became %v", err)
	}
	if !strings.HasPrefix(string(out), "postgres://postgres:") {
		t.Errorf("the command was given %q", out)
	}
}
