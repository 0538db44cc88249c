package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"portico/migrations/localpg"
)

// idle is how long a kept server outlives its last user: the packages of one `go test` follow each
// other within it.
const idle = 10 * time.Second

func main() {
	err := run(os.Args[1:])
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		os.Exit(exit.ExitCode())
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "privatepg:", err)
		os.Exit(1)
	}
}

func run(arguments []string) error {
	ctx, cancel := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer cancel()
	switch {
	case len(arguments) > 2 && arguments[0] == "run" && arguments[1] == "--":
		return with(ctx, arguments[2:])
	case len(arguments) == 2 && arguments[0] == "keep":
		return keep(ctx, arguments[1])
	}
	return errors.New("usage: privatepg run -- COMMAND… | privatepg keep DIR")
}

// options are those of a server whose data nobody misses.
func options(dir string) localpg.Options {
	return localpg.Options{Dir: dir, MaxConnections: 300, Log: slog.New(slog.NewTextHandler(os.Stderr, nil))}
}

func with(ctx context.Context, command []string) (err error) {
	dir, err := os.MkdirTemp(localpg.ScratchDir(), "portico-test-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	if err := os.Chmod(dir, 0o711); err != nil { // PostgreSQL's user walks through it
		return err
	}
	server, err := localpg.Start(ctx, options(dir))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, discard(server)) }()
	cmd := exec.CommandContext(ctx, command[0], command[1:]...) //nolint:gosec // running a given command is its purpose
	cmd.Env = append(os.Environ(), "PORTICO_TEST_DATABASE_URL="+server.SuperURL())
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	return cmd.Run()
}

// keep runs the server until nobody has held users.lock for a while. Whoever wants to use it takes
// that lock shared first and reads the file url then; the exclusive lock that is held here while
// stopping makes a latecomer wait and find no file.
func keep(ctx context.Context, dir string) (err error) {
	users, err := os.OpenFile(filepath.Join(dir, "users.lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	defer users.Close()
	server, err := localpg.Start(ctx, options(filepath.Join(dir, "server")))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, discard(server)) }()
	url := filepath.Join(dir, "url")
	defer os.Remove(url)
	if err := os.WriteFile(url+".next", []byte(server.SuperURL()), 0o600); err != nil {
		return err
	}
	if err := os.Rename(url+".next", url); err != nil {
		return err
	}
	return unused(ctx, users)
}

// unused waits until the exclusive lock could be had all through the idle time, and returns with it.
func unused(ctx context.Context, users *os.File) error {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	free := time.Time{}
	for {
		switch err := syscall.Flock(int(users.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); {
		case err != nil:
			free = time.Time{}
		case free.IsZero():
			free = time.Now()
		case time.Since(free) > idle:
			return nil
		}
		if !free.IsZero() {
			if err := syscall.Flock(int(users.Fd()), syscall.LOCK_UN); err != nil {
				return err
			}
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

func discard(server *localpg.Server) error {
	ctx, cancel := context.WithTimeout(context.Background(), 15*time.Second)
	defer cancel()
	return server.Discard(ctx)
}
