package main

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// child is a process of ours. stop ends it by its id.
type child struct {
	cmd    *exec.Cmd
	exited chan struct{}
}

// start runs cmd with its output in a file of the bench's folder.
func (b *bench) start(cmd *exec.Cmd, name string) (*child, error) {
	out, err := os.Create(filepath.Join(b.dir, name+".log"))
	if err != nil {
		return nil, err
	}
	defer out.Close()
	if cmd.Stdout == nil {
		cmd.Stdout = out
	}
	cmd.Stderr = out
	cmd.SysProcAttr = endsWithUs()
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	c := &child{cmd: cmd, exited: make(chan struct{})}
	go func() { _ = cmd.Wait(); close(c.exited) }()
	return c, nil
}

func (c *child) pid() int { return c.cmd.Process.Pid }

func (c *child) stop() {
	_ = c.cmd.Process.Signal(syscall.SIGTERM)
	patience := time.NewTimer(10 * time.Second)
	defer patience.Stop()
	select {
	case <-c.exited:
	case <-patience.C:
		_ = c.cmd.Process.Kill()
		<-c.exited
	}
}

// resetPeak makes the kernel count the highest resident memory anew (proc(5), clear_refs).
func (c *child) resetPeak() {
	_ = os.WriteFile(fmt.Sprintf("/proc/%d/clear_refs", c.pid()), []byte("5"), 0o200)
}

// peak is the highest resident memory in MiB, 0 where the kernel does not say.
func (c *child) peak() float64 {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", c.pid()))
	if err != nil {
		return 0
	}
	_, after, _ := bytes.Cut(status, []byte("VmHWM:"))
	line, _, _ := bytes.Cut(after, []byte("kB"))
	kib, err := strconv.Atoi(string(bytes.TrimSpace(line)))
	if err != nil {
		return 0
	}
	return float64(kib) / 1024
}

// freePort finds a port that nobody listens on.
func freePort() (addr, port string, err error) {
	ln, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // returns at once
	if err != nil {
		return "", "", err
	}
	defer func() { _ = ln.Close() }()
	addr = ln.Addr().String()
	_, port, err = net.SplitHostPort(addr)
	return addr, port, err
}

// settings are the environment of `portico serve` and of the operator's commands on a world.
func (b *bench) settings(w *world) []string {
	env := []string{
		"DATABASE_URL=" + b.pg.URL("portico_app", w.database),
		"PORTICO_BASE_URL=http://localhost:" + w.port,
		"PORTICO_BASE_DOMAIN=localhost",
		"PORTICO_SEAL_KEYS=" + b.seals,
		"PORTICO_PEPPERS=" + b.pepper,
		"PORTICO_TRUSTED_PROXIES=127.0.0.0/8",
		"PORTICO_SMTP_URL=smtp://" + b.sink.addr + "?tls=none",
		"PORTICO_MAIL_FROM=noreply@portico.example",
		"PORTICO_ADDR=" + w.addr,
		"PORTICO_METRICS_ADDR=off",
	}
	for _, pair := range os.Environ() { // the machine's, without what would change the portal
		if !strings.HasPrefix(pair, "PORTICO_") && !strings.HasPrefix(pair, "DATABASE_URL") {
			env = append(env, pair)
		}
	}
	return env
}

// serve starts `portico serve` on a world and waits until it is ready.
func (b *bench) serve(ctx context.Context, w *world) (*child, error) {
	cmd := exec.Command(b.binary, "serve") //nolint:gosec,noctx // our own build; stop ends it
	cmd.Env = b.settings(w)
	c, err := b.start(cmd, "serve-"+w.database)
	if err != nil {
		return nil, err
	}
	ready := []byte("GET /readyz HTTP/1.1\r\nHost: localhost\r\n\r\n")
	asking := &conn{addr: w.addr}
	defer asking.close()
	err = until(ctx, 20*time.Second, 5*time.Millisecond, func() (bool, error) {
		select {
		case <-c.exited:
			return false, fmt.Errorf("portico serve ended at once: %s", b.lastWords("serve-"+w.database))
		default:
		}
		a, err := asking.do(ready)
		return err == nil && a.status == 200, nil
	})
	if err != nil {
		c.stop()
		return nil, fmt.Errorf("portico serve: %w", err)
	}
	return c, nil
}

// operate runs an operator's command on a world.
func (b *bench) operate(ctx context.Context, w *world, args ...string) error {
	cmd := exec.CommandContext(ctx, b.binary, args...) //nolint:gosec // our own build
	cmd.Env = b.settings(w)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("portico %s: %w\n%s", strings.Join(args, " "), err, out)
	}
	return nil
}

func (b *bench) lastWords(name string) string {
	said, err := os.ReadFile(filepath.Join(b.dir, name+".log"))
	if err != nil {
		return err.Error()
	}
	return string(said[max(0, len(said)-2000):])
}
