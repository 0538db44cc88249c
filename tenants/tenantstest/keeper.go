package tenantstest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"

	"portico/migrations/localpg"
)

// join becomes a user of the server that test processes share, and starts it when there is none.
// The returned lock, held shared until this process ends, is what keeps the server; the kernel lets
// go of it however the process ends.
func join(ctx context.Context) (address string, users *os.File, err error) {
	dir := filepath.Join(localpg.ScratchDir(), "portico-tests-"+strconv.Itoa(os.Getuid()))
	if err := ours(dir); err != nil {
		return "", nil, err
	}
	if users, err = lock(filepath.Join(dir, "users.lock"), syscall.LOCK_SH); err != nil {
		return "", nil, err
	}
	starting, err := lock(filepath.Join(dir, "start.lock"), syscall.LOCK_EX)
	if err != nil {
		return "", nil, err
	}
	defer starting.Close()
	if address = answering(ctx, dir); address != "" {
		return address, users, nil
	}
	address, err = keep(ctx, dir)
	return address, users, err
}

// ours makes the folder, and takes no folder of that name that somebody else prepared.
func ours(dir string) error {
	if err := os.Mkdir(dir, 0o711); err != nil && !os.IsExist(err) {
		return err
	}
	info, err := os.Lstat(dir)
	if err != nil {
		return err
	}
	if stat, ok := info.Sys().(*syscall.Stat_t); !ok || !info.IsDir() || int(stat.Uid) != os.Getuid() {
		return fmt.Errorf("%s belongs to somebody else", dir)
	}
	return nil
}

func lock(path string, how int) (*os.File, error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(file.Fd()), how); err != nil {
		file.Close()
		return nil, fmt.Errorf("lock %s: %w", path, err)
	}
	return file, nil
}

// answering is the address of the kept server, "" when none answers.
func answering(ctx context.Context, dir string) string {
	address, err := os.ReadFile(filepath.Join(dir, "url"))
	if err != nil {
		return ""
	}
	conn, err := pgx.Connect(ctx, string(address))
	if err != nil {
		return ""
	}
	if err := conn.Close(ctx); err != nil {
		return ""
	}
	return string(address)
}

// keep starts the keeper as a process of its own session, so that it outlives this test binary, and
// waits for its address.
func keep(ctx context.Context, dir string) (string, error) {
	program := filepath.Join(os.TempDir(), "portico-privatepg-"+strconv.Itoa(os.Getuid()), "privatepg") // memory may be mounted noexec
	if err := ours(filepath.Dir(program)); err != nil {
		return "", err
	}
	build := exec.CommandContext(ctx, "go", "build", "-buildvcs=false", "-o", program, "portico/migrations/localpg/privatepg")
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build the keeper of the test server (or set %s): %w: %s", Variable, err, out)
	}
	if err := os.Remove(filepath.Join(dir, "url")); err != nil && !os.IsNotExist(err) {
		return "", err
	}
	output, err := os.OpenFile(filepath.Join(dir, "keeper.log"), os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return "", err
	}
	defer output.Close()
	keeper := exec.CommandContext(context.WithoutCancel(ctx), program, "keep", dir)
	keeper.Stdout, keeper.Stderr = output, output // not ours: `go test` waits for whoever holds those
	keeper.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := keeper.Start(); err != nil {
		return "", err
	}
	ended := make(chan error, 1)
	go func() { ended <- keeper.Wait() }()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		if address := answering(ctx, dir); address != "" {
			return address, nil
		}
		select {
		case <-tick.C:
		case err := <-ended:
			text, _ := os.ReadFile(output.Name()) // the error below says enough without it
			return "", errors.Join(err, errors.New(strings.TrimSpace(string(text))))
		case <-ctx.Done():
			return "", ctx.Err()
		}
	}
}
