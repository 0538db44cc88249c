package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"time"
)

// options are the command line.
type options struct {
	json  bool
	quick bool
	list  bool
	keep  bool
	only  []string
	built string // a portico to measure; "" builds one
}

// story is one piece of work with its rows.
type story struct {
	name string
	run  func(context.Context, *bench) ([]row, error)
}

func stories() []story {
	return []story{
		{"logins", logins},
		{"overload", overload},
		{"page", pages},
		{"signed-in", signedIn},
		{"recovery", recovery},
		{"gates", throughGates},
		{"wrong-code", wrongCodes},
		{"storm", storm},
		{"equal", equalTime},
		{"letters", letterDelay},
		{"flood", flood},
		{"tenants", manyTenants},
		{"change", changeSeen},
		{"import", importing},
		{"people", people},
		{"decisions", decisions},
	}
}

func main() {
	if len(os.Args) > 1 && os.Args[1] == limitVerb {
		os.Exit(serveLimits(os.Args[2:], os.Stdin, os.Stdout, os.Stderr))
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// run is main without the process: 0 when every bar was reached, 1 when one was missed or the bench
// itself failed, 2 for a command line that makes no sense.
func run(ctx context.Context, args []string, out, said io.Writer) int {
	o, err := readOptions(args, said)
	if err != nil {
		return 2
	}
	if o.list {
		for _, s := range stories() {
			fmt.Fprintln(out, s.name)
		}
		return 0
	}
	longest := 30 * time.Minute
	if o.quick {
		longest = 3 * time.Minute
	}
	ctx, cancel := context.WithTimeout(ctx, longest)
	defer cancel()
	rows, err := measure(ctx, o, said)
	if e := show(out, rows, o.json); e != nil {
		err = errors.Join(err, e)
	}
	if err != nil {
		fmt.Fprintln(said, "bench:", err)
		return 1
	}
	if slices.ContainsFunc(rows, func(r row) bool { return !r.OK }) {
		return 1
	}
	return 0
}

func readOptions(args []string, said io.Writer) (options, error) {
	var o options
	only := ""
	f := flag.NewFlagSet("bench", flag.ContinueOnError)
	f.SetOutput(said)
	f.BoolVar(&o.json, "json", false, "print the rows as JSON")
	f.BoolVar(&o.quick, "quick", false, "one short round of everything, under a minute; noisy")
	f.BoolVar(&o.list, "list", false, "print the names that --only takes")
	f.BoolVar(&o.keep, "keep", false, "leave the folder with the servers' logs behind and say where it is")
	f.StringVar(&o.built, "portico", "", "measure this program instead of building cmd/portico")
	f.StringVar(&only, "only", "", "measure these stories alone: logins,page,…")
	if err := f.Parse(args); err != nil {
		return o, err
	}
	for _, name := range strings.FieldsFunc(only, func(r rune) bool { return r == ',' || r == ' ' }) {
		if !slices.ContainsFunc(stories(), func(s story) bool { return s.name == name }) {
			fmt.Fprintf(said, "bench: there is no story %q; --list names them\n", name)
			return o, errors.New("no such story")
		}
		o.only = append(o.only, name)
	}
	return o, nil
}

// wants tells whether a story is to be measured.
func (o options) wants(name string) bool { return len(o.only) == 0 || slices.Contains(o.only, name) }

// measure runs the stories one after the other; what was measured before a failure is kept.
func measure(ctx context.Context, o options, said io.Writer) ([]row, error) {
	began := time.Now()
	b, err := prepare(ctx, o, said)
	if err != nil {
		return nil, err
	}
	defer b.close()
	b.say("the ground is laid after %.1f s", time.Since(began).Seconds())
	var rows []row
	for _, s := range stories() {
		if !o.wants(s.name) {
			continue
		}
		began = time.Now()
		got, err := s.run(ctx, b)
		rows = append(rows, got...)
		if err != nil && ctx.Err() != nil {
			return rows, fmt.Errorf("%s: %w", s.name, err)
		}
		if err != nil { // the others can still be measured
			rows = append(rows, row{Work: s.name, Bar: "can be measured", Note: err.Error()})
		}
		if err := b.quiet(ctx); err != nil {
			return rows, fmt.Errorf("after %s: %w", s.name, err)
		}
		b.say("%s took %.1f s", s.name, time.Since(began).Seconds())
	}
	return rows, nil
}
