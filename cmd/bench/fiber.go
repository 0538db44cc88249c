package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/jackc/pgx/v5/pgxpool"
)

// limitVerb makes this program the server that stands for the limits: a process of its own, like ours.
const limitVerb = "serve-limits"

// limitServer serves /page, 6 KB from memory, and /row, one SELECT by primary key through pgx.
type limitServer struct {
	*child
	addr string
}

// pageSize is that of the published limit: a 6 KB page.
const pageSize = 6 << 10

// limitRow is the primary key that /row reads.
const limitRow = 7

// serveLimits is the child's main: args are the address and the database's URL. It ends with SIGTERM
// or when its standard input ends, that is with its parent.
func serveLimits(args []string, in io.Reader, out, said io.Writer) int {
	if len(args) != 2 {
		fmt.Fprintln(said, "bench: this verb is the bench's own")
		return 2
	}
	cfg, err := pgxpool.ParseConfig(args[1])
	if err != nil {
		fmt.Fprintln(said, "bench:", err)
		return 1
	}
	cfg.MaxConns = int32(max(8, 4*runtime.NumCPU())) //nolint:gosec // as many as ours; cores fit
	pool, err := pgxpool.NewWithConfig(context.Background(), cfg)
	if err != nil {
		fmt.Fprintln(said, "bench:", err)
		return 1
	}
	defer pool.Close()
	page := bytes.Repeat([]byte("<p>portico</p>\n"), pageSize/15+1)[:pageSize]
	f := fiber.New(fiber.Config{DisableStartupMessage: true})
	f.Get("/page", func(c *fiber.Ctx) error {
		c.Set(fiber.HeaderContentType, "text/html; charset=utf-8")
		return c.Send(page)
	})
	f.Get("/row", func(c *fiber.Ctx) error {
		var name string
		err := pool.QueryRow(context.Background(), "SELECT user_agent FROM bench.sessions WHERE id = $1", limitRow).Scan(&name)
		if err != nil {
			return err
		}
		return c.SendString(name)
	})
	go func() {
		_, _ = io.Copy(io.Discard, in)
		_ = f.Shutdown()
	}()
	if err := f.Listen(args[0]); err != nil {
		fmt.Fprintln(said, "bench:", err)
		return 1
	}
	return 0
}

// startLimits makes the limits' table and starts their server.
func (b *bench) startLimits(ctx context.Context) (*limitServer, error) {
	if err := b.limitTable(ctx); err != nil {
		return nil, err
	}
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	addr, _, err := freePort()
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(self, limitVerb, addr, b.pg.URL("postgres", "portico")) //nolint:gosec,noctx // ourselves; stop ends it
	if _, err := cmd.StdinPipe(); err != nil {                                  // open as long as we are
		return nil, err
	}
	c, err := b.start(cmd, "limits")
	if err != nil {
		return nil, err
	}
	asking := &conn{addr: addr}
	defer asking.close()
	err = until(ctx, 10*time.Second, 5*time.Millisecond, func() (bool, error) {
		a, err := asking.do(get("localhost", "/row", ""))
		return err == nil && a.status == 200, nil
	})
	if err != nil {
		c.stop()
		return nil, fmt.Errorf("the limits' server: %w: %s", err, b.lastWords("limits"))
	}
	return &limitServer{child: c, addr: addr}, nil
}

// fetches keeps n connections of a server busy with GETs; request gives each one.
func fetches(addr string, n, status int, request func(client, i int) []byte) measurer {
	return func(ctx context.Context, warm, d time.Duration) (figure, error) {
		conns := newConns(addr, n)
		defer closeConns(conns)
		sent := make([]int, n)
		return closed(ctx, n, warm, d, func(client int) error {
			a, err := conns[client].do(request(client, sent[client]))
			sent[client]++
			if err != nil {
				return err
			}
			return a.want(status)
		})
	}
}

// same answers every call with one request.
func same(request []byte) func(int, int) []byte { return func(int, int) []byte { return request } }
