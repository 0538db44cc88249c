package main

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/jackc/pgx/v5"

	"portico/migrations"
	"portico/migrations/localpg"
	"portico/tenants"
)

// pace is how long and how often something is measured.
type pace struct {
	warm, slice time.Duration
	rounds      int
}

// bench is everything that a measurement needs; close ends all of it.
type bench struct {
	options
	said   io.Writer
	dir    string
	binary string // of portico
	seals  string
	pepper string
	sink   *sink
	pg     *localpg.Server
	limits *limitServer
	world  *world // ten tenants and one with many people
	many   *world // a thousand tenants on a database of their own; nil when nobody asks for them

	quickly pace // for work of microseconds
	slowly  pace // for work of hashes
}

func (b *bench) say(format string, args ...any) { fmt.Fprintf(b.said, "bench: "+format+"\n", args...) }

// prepare lays the ground: the program, PostgreSQL, the sink, the worlds.
func prepare(ctx context.Context, o options, said io.Writer) (b *bench, err error) {
	b = &bench{options: o, said: said,
		quickly: pace{warm: 500 * time.Millisecond, slice: 2 * time.Second, rounds: 3},
		slowly:  pace{warm: time.Second, slice: 5 * time.Second, rounds: 3},
	}
	if o.quick {
		b.quickly = pace{warm: 200 * time.Millisecond, slice: 700 * time.Millisecond, rounds: 1}
		b.slowly = pace{warm: 500 * time.Millisecond, slice: 1500 * time.Millisecond, rounds: 1}
	}
	defer func() {
		if err != nil {
			b.close()
		}
	}()
	if b.dir, err = os.MkdirTemp("", "portico-bench-"); err != nil {
		return b, err
	}
	if err = os.Chmod(b.dir, 0o711); err != nil { // PostgreSQL runs as another user when we are root
		return b, err
	}
	b.seals, b.pepper = newKey("s1"), newKey("p1")
	if err = b.build(ctx); err != nil {
		return b, err
	}
	if b.sink, err = newSink(); err != nil {
		return b, err
	}
	if b.pg, err = localpg.Start(ctx, localpg.Options{Dir: filepath.Join(b.dir, "postgres"), Durable: true}); err != nil {
		return b, err
	}
	return b, b.populate(ctx)
}

// populate makes the schema, the worlds and the server that stands for the limits.
func (b *bench) populate(ctx context.Context) (err error) {
	if err := migrations.Up(ctx, b.pg.URL("portico_owner", "portico"), nil); err != nil {
		return err
	}
	if b.wants("tenants") {
		if err := b.copyDatabase(ctx, "portico_many"); err != nil {
			return err
		}
	}
	if b.wants("people") {
		if err := b.copyDatabase(ctx, crowdDatabase); err != nil {
			return err
		}
	}
	people := 40_000
	if b.quick {
		people = 12_000
	}
	if b.world, err = b.newWorld(ctx, "portico", people, 10, 1000); err != nil {
		return err
	}
	if b.wants("tenants") {
		if b.many, err = b.newWorld(ctx, "portico_many", 100, 1000, 10); err != nil {
			return err
		}
	}
	for _, w := range []*world{b.world, b.many} {
		if w == nil {
			continue
		}
		if err := b.live(ctx, w); err != nil {
			return err
		}
	}
	b.limits, err = b.startLimits(ctx)
	return err
}

// live gives a world some history and PostgreSQL its statistics about it, as autovacuum would within a
// minute or two: a database in use is not planned as an empty one.
func (b *bench) live(ctx context.Context, w *world) error {
	p := pace{warm: time.Second, slice: time.Second}
	if b.quick {
		p = pace{warm: 500 * time.Millisecond, slice: 500 * time.Millisecond}
	}
	if _, err := w.asks(16, w.all()...)(ctx, p.warm, p.slice); err != nil {
		return err
	}
	if _, err := w.signsIn(4, w.all()...)(ctx, p.warm, p.slice); err != nil {
		return err
	}
	err := b.asSuperuser(ctx, w.database, func(c *pgx.Conn) error {
		_, err := c.Exec(ctx, "VACUUM ANALYZE")
		return err
	})
	if err != nil {
		return err
	}
	return b.quiet(ctx)
}

func newKey(id string) string {
	key := make([]byte, 32)
	_, _ = rand.Read(key) // never fails (crypto/rand since Go 1.24)
	return id + ":" + base64.StdEncoding.EncodeToString(key)
}

// build compiles the portal, unless somebody brought one.
func (b *bench) build(ctx context.Context) error {
	if b.built != "" {
		b.binary = b.built
		return nil
	}
	b.binary = filepath.Join(b.dir, "portico")
	cmd := exec.CommandContext(ctx, "go", "build", "-o", b.binary, "portico/cmd/portico")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("build portico: %w\n%s", err, out)
	}
	return nil
}

func (b *bench) copyDatabase(ctx context.Context, name string) error {
	return b.asSuperuser(ctx, "postgres", func(c *pgx.Conn) error {
		_, err := c.Exec(ctx, fmt.Sprintf("CREATE DATABASE %s OWNER portico_owner TEMPLATE portico", pgx.Identifier{name}.Sanitize()))
		return err
	})
}

// asSuperuser runs work on a connection that no row security holds back: for seeding and tidying.
func (b *bench) asSuperuser(ctx context.Context, database string, work func(*pgx.Conn) error) error {
	c, err := pgx.Connect(ctx, b.pg.URL("postgres", database))
	if err != nil {
		return err
	}
	defer c.Close(context.WithoutCancel(ctx))
	return work(c)
}

// quiet takes waiting letters out of the queue, lets those in the air land and writes dirty pages down,
// so that one story's rest is not the next one's load.
func (b *bench) quiet(ctx context.Context) error {
	for _, w := range []*world{b.world, b.many} {
		if w == nil {
			continue
		}
		err := b.asSuperuser(ctx, w.database, func(c *pgx.Conn) error {
			_, err := c.Exec(ctx, "DELETE FROM river.river_job WHERE queue <> 'upkeep' AND state <> 'running'")
			if err != nil {
				return err
			}
			err = until(ctx, 10*time.Second, 20*time.Millisecond, func() (bool, error) {
				var busy bool
				err := c.QueryRow(ctx, "SELECT EXISTS (SELECT FROM river.river_job WHERE state = 'running')").Scan(&busy)
				return !busy, err
			})
			if err != nil {
				return err
			}
			_, err = c.Exec(ctx, "CHECKPOINT")
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

var errTooLate = errors.New("it did not happen in time")

// until asks again and again whether something has happened.
func until(ctx context.Context, longest, every time.Duration, happened func() (bool, error)) error {
	ctx, cancel := context.WithTimeout(ctx, longest)
	defer cancel()
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		if yes, err := happened(); err != nil || yes {
			return err
		}
		select {
		case <-ctx.Done():
			return errTooLate
		case <-tick.C:
		}
	}
}

// close ends every child by its process id and removes the folder.
func (b *bench) close() {
	for _, w := range []*world{b.world, b.many} {
		if w != nil {
			w.server.stop()
		}
	}
	if b.limits != nil {
		b.limits.stop()
	}
	if b.sink != nil {
		b.sink.close()
	}
	if b.pg != nil {
		ending, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		if err := b.pg.Discard(ending); err != nil {
			b.say("PostgreSQL: %v", err)
		}
		cancel()
	}
	switch {
	case b.dir == "":
	case b.keep:
		b.say("logs are in %s", b.dir)
	default:
		_ = os.RemoveAll(b.dir)
	}
}

// world is one database with the portal that serves it.
type world struct {
	database string
	server   *child
	addr     string // host:port on loopback
	port     string
	main     *tenant // with the many people
	tenants  []*tenant
	gated    *tenant // recovers through two gates; made by the stories that need it
	from     addresses
	peppers  tenants.Keyring
}

// all is every tenant of the world.
func (w *world) all() []*tenant { return append([]*tenant{w.main}, w.tenants...) }

// newWorld seeds a migrated database, serves it and opens a form at every tenant.
func (b *bench) newWorld(ctx context.Context, database string, mainPeople, n, people int) (*world, error) {
	w := &world{database: database}
	var err error
	if w.peppers, err = tenants.ParseKeyring(b.pepper); err != nil {
		return nil, err
	}
	if w.addr, w.port, err = freePort(); err != nil {
		return nil, err
	}
	w.main = &tenant{slug: "bench", people: mainPeople}
	for i := range n {
		w.tenants = append(w.tenants, &tenant{slug: fmt.Sprintf("t%04d", i), people: people})
	}
	for _, t := range w.all() {
		t.host = t.slug + ".localhost:" + w.port
	}
	if err := b.seed(ctx, w); err != nil {
		return nil, err
	}
	if w.server, err = b.serve(ctx, w); err != nil {
		return nil, err
	}
	c := &conn{addr: w.addr}
	defer c.close()
	for _, t := range w.all() {
		if err := t.open(c); err != nil {
			w.server.stop()
			return nil, err
		}
	}
	return w, nil
}
