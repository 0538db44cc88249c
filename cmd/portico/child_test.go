package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"portico/app/letters/letterstest"
	"portico/tenants/tenantstest"
)

// childVariable turns this test binary into portico itself: the tests here meet the real program.
const childVariable = "PORTICO_TEST_CHILD"

func TestMain(m *testing.M) {
	if os.Getenv(childVariable) != "" {
		main() // exits
	}
	os.Exit(m.Run())
}

// program is a portico with an environment of its own.
func program(ctx context.Context, env []string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, os.Args[0], args...) //nolint:gosec // this very binary
	cmd.Env = append([]string{childVariable + "=1", "PATH=" + os.Getenv("PATH"), "HOME=" + os.TempDir()}, env...)
	return cmd
}

// said is what a finished command printed and how it ended.
type said struct {
	code     int
	out, err string
}

func runs(t *testing.T, env []string, args ...string) said {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	cmd := program(ctx, env, args...)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return said{cmd.ProcessState.ExitCode(), out.String(), errs.String()}
}

// running is a portico that serves until it is ended.
type running struct {
	t    *testing.T
	cmd  *exec.Cmd
	done chan struct{}

	mu  sync.Mutex
	out strings.Builder
}

func begin(t *testing.T, env []string, args ...string) *running {
	t.Helper()
	r := &running{t: t, cmd: program(context.Background(), env, args...), done: make(chan struct{})}
	reader, writer, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	r.cmd.Stdout, r.cmd.Stderr = writer, writer
	if err := r.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	_ = writer.Close()
	go func() {
		for lines := bufio.NewScanner(reader); lines.Scan(); {
			r.mu.Lock()
			r.out.WriteString(lines.Text() + "\n")
			r.mu.Unlock()
		}
		_ = r.cmd.Wait()
		close(r.done)
	}()
	t.Cleanup(func() {
		_ = r.cmd.Process.Signal(syscall.SIGTERM)
		select {
		case <-r.done:
		case <-time.After(20 * time.Second):
			_ = r.cmd.Process.Kill()
			<-r.done
		}
	})
	return r
}

func (r *running) said() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.out.String()
}

// ended waits for the end and gives the exit code.
func (r *running) ended(within time.Duration) int {
	r.t.Helper()
	select {
	case <-r.done:
	case <-time.After(within):
		r.t.Fatalf("still running after %s:\n%s", within, r.said())
	}
	return r.cmd.ProcessState.ExitCode()
}

func until(t *testing.T, within time.Duration, what string, done func() bool) {
	t.Helper()
	for deadline := time.Now().Add(within); time.Now().Before(deadline); <-time.After(10 * time.Millisecond) {
		if done() {
			return
		}
	}
	t.Fatalf("after %s still not: %s", within, what)
}

func freeAddr(t *testing.T) string {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = ln.Close() }()
	return ln.Addr().String()
}

func key() string {
	b := make([]byte, 32)
	_, _ = rand.Read(b)
	return base64.StdEncoding.EncodeToString(b)
}

// production is the environment of `portico serve` on a database and a relay of the test's.
type production struct {
	env   []string
	addr  string
	relay *letterstest.Relay
}

func newProduction(t *testing.T) production {
	t.Helper()
	db, relay, addr := tenantstest.Database(t), letterstest.NewRelay(t, letterstest.RelaySettings{}), freeAddr(t)
	return production{addr: addr, relay: relay, env: []string{
		"DATABASE_URL=" + db.AppURL, "PORTICO_OWNER_DATABASE_URL=" + db.OwnerURL, "PORTICO_SEAL_KEYS=s1:" + key(), "PORTICO_PEPPERS=p1:" + key(),
		"PORTICO_BASE_URL=http://" + addr, "PORTICO_BASE_DOMAIN=portico.test", "PORTICO_ADDR=" + addr, "PORTICO_METRICS_ADDR=off", "PORTICO_DRAIN_WAIT=0s",
		"PORTICO_TRUSTED_PROXIES=127.0.0.0/8", fmt.Sprintf("PORTICO_SMTP_URL=smtp://127.0.0.1:%d?tls=none", relay.Port), "PORTICO_TENANT_P=Copper-Kettle-harbour7"}}
}

// serve starts an instance and waits until it is ready.
func (p production) serve(t *testing.T) *running {
	t.Helper()
	r := begin(t, p.env, "serve")
	until(t, 40*time.Second, "serve is ready:\n"+r.said(), func() bool { return status(t, "http://"+p.addr+"/readyz") == 200 })
	return r
}

// status is 0 when nobody answers.
func status(t *testing.T, address string) int {
	res, err := http.Get(address) //nolint:gosec,noctx // a server of this test
	if err != nil {
		return 0
	}
	_, _ = io.Copy(io.Discard, res.Body)
	_ = res.Body.Close()
	return res.StatusCode
}

// tenantOf writes a tenant file with n people, p0 to p(n-1).
func tenantOf(t *testing.T, n int) string {
	t.Helper()
	var file strings.Builder
	file.WriteString("portico: 1\nslug: harbour\nname: Harbour\npolicy:\n  preset: email-link\n  signin: {external: \"off\"}\n  users: {registration_mode: [invite]}\n  throttle: {ceiling: 5000, networks: [{cidr: 127.0.0.0/8, factor: 1000}]}\n" +
		"  help: {escalation: the desk, email: help@harbour.example}\nsender: {transport: platform, from: noreply@harbour.example, from_name: Harbour}\naccounts:\n")
	for i := range n {
		secret := ""
		if i == 0 {
			secret = `, password: "env:PORTICO_TENANT_P"`
		}
		fmt.Fprintf(&file, "  - {external_id: h-%d, name: Person %d, email: p%d@harbour.example%s}\n", i, i, i, secret)
	}
	path := filepath.Join(t.TempDir(), "harbour.yaml")
	if err := os.WriteFile(path, []byte(file.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
