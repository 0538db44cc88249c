package localpg

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
)

// process is one run of the server.
type process struct {
	pid    int
	exited chan struct{} // closed when it ended
	err    error         // how; read after exited
}

// command builds a command that runs as the server's user with nothing of our environment.
func command(ctx context.Context, as *identity, path string, arguments ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, path, arguments...)
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "LANG=C", "LC_ALL=C", "TZ=UTC"}
	cmd.Dir = "/" // ours may be closed to that user
	cmd.SysProcAttr = processAttributes(as)
	return cmd
}

// launch starts the server and returns once the process exists. Linux sends the death signal when
// the starting *thread* ends, hence one goroutine that keeps its thread until the server is gone.
func launch(cmd *exec.Cmd) (*process, error) {
	p := &process{exited: make(chan struct{})}
	started := make(chan error)
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		if err := cmd.Start(); err != nil {
			started <- err
			return
		}
		p.pid = cmd.Process.Pid
		started <- nil
		p.err = cmd.Wait()
		close(p.exited)
	}()
	return p, <-started
}

// errExited says that the server ended before it answered.
var errExited = errors.New("PostgreSQL ended before it answered")

// ready waits until the server answers as its superuser.
func (p *process) ready(ctx context.Context, url string) error {
	ctx, cancel := context.WithTimeout(ctx, 90*time.Second)
	defer cancel()
	tick := time.NewTicker(25 * time.Millisecond)
	defer tick.Stop()
	for {
		conn, err := pgx.Connect(ctx, url)
		if err == nil {
			return conn.Close(ctx)
		}
		select {
		case <-p.exited:
			return errExited
		case <-ctx.Done():
			return fmt.Errorf("PostgreSQL does not answer: %w", err)
		case <-tick.C:
		}
	}
}

// stop asks for a fast shutdown (clients are disconnected, data is flushed) and, when ctx ends
// first, for an immediate one, from which the next start recovers.
func (p *process) stop(ctx context.Context) error {
	return stopPID(ctx, p.pid, func() bool {
		select {
		case <-p.exited:
			return true
		default:
			return false
		}
	})
}

func stopPID(ctx context.Context, pid int, gone func() bool) error {
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	_ = syscall.Kill(pid, syscall.SIGINT) // gone already is as good
	for !gone() {
		select {
		case <-tick.C:
		case <-ctx.Done():
			_ = syscall.Kill(pid, syscall.SIGQUIT)
			return waitGone(gone, 5*time.Second, pid)
		}
	}
	return nil
}

func waitGone(gone func() bool, patience time.Duration, pid int) error {
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(patience); !gone(); <-tick.C {
		if time.Now().After(deadline) {
			return fmt.Errorf("PostgreSQL (process %d) does not stop", pid)
		}
	}
	return nil
}

// lastWords is the end of the server's log, for error messages.
func lastWords(base string) string {
	text, err := os.ReadFile(filepath.Join(base, "postgres.log"))
	if err != nil {
		return "no log"
	}
	lines := bytes.Split(bytes.TrimSpace(text), []byte("\n"))
	return strings.TrimSpace(string(bytes.Join(lines[max(0, len(lines)-3):], []byte(" / "))))
}
