package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"runtime"
	"syscall"

	"github.com/alecthomas/kong"
)

// version is set by the linker for released images.
var version = "unreleased"

// verbs is the command line: one field, one file a verb.
type verbs struct {
	Dev         devVerb         `cmd:"" help:"Run everything on this machine: demo tenants, inbox, private PostgreSQL."`
	Serve       serveVerb       `cmd:"" help:"Serve in production."`
	Migrate     migrateVerb     `cmd:"" help:"Bring the database's schema up to date."`
	Sender      senderVerb      `cmd:"" help:"See how tenants' senders stand."`
	Tenant      tenantVerb      `cmd:"" help:"Look after tenants: apply, export, list, suspend, resume, try a password."`
	User        userVerb        `cmd:"" help:"Look after one person: invite, unlock, disable, enable."`
	Domain      domainVerb      `cmd:"" help:"Look after custom hosts: status, claim, check, release."`
	Key         keyVerb         `cmd:"" help:"Look after keys of the platform's API: add, list, revoke."`
	OpenAPI     openapiVerb     `cmd:"" name:"openapi" help:"Print the description of the HTTP API."`
	Staff       staffVerb       `cmd:"" help:"Look after the platform's staff: add, new link, list, disable."`
	Doctor      doctorVerb      `cmd:"" help:"Check settings, database roles, schema and secrets."`
	Version     versionVerb     `cmd:"" help:"Print the version."`
	Healthcheck healthcheckVerb `cmd:"" help:"Ask a running portal whether it is ready; for container health checks."`

	Keys laterVerb `cmd:"" help:"Not in this version: key rotation as a command."`
}

// hashes run long: without threads beyond the cores, pages would wait for the scheduler's turns of ten
// milliseconds behind them (performance.md: page p99 while people sign in).
func makeRoomForPages() {
	if os.Getenv("GOMAXPROCS") == "" {
		runtime.GOMAXPROCS(runtime.GOMAXPROCS(0) + 2*runtime.NumCPU())
	}
}

func main() {
	makeRoomForPages()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:])
	stop()
	os.Exit(code)
}

// run is main without the process: it returns the exit code, 0 only on success.
func run(ctx context.Context, args []string) int {
	if err := readSecretFiles(); err != nil {
		fmt.Fprintln(os.Stderr, "portico:", err)
		return 1
	}
	var v verbs
	code := -1
	parser, err := kong.New(&v, kong.Name("portico"), kong.UsageOnError(), kong.BindTo(ctx, (*context.Context)(nil)),
		kong.Description("The front door of a multi-tenant SaaS."),
		kong.Exit(func(c int) { code = c }))
	if err != nil {
		fmt.Fprintln(os.Stderr, "portico:", err)
		return 1
	}
	parsed, err := parser.Parse(args)
	if code >= 0 { // --help
		return code
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "portico:", err)
		return 2
	}
	if err := parsed.Run(); err != nil && !errors.Is(err, context.Canceled) {
		fmt.Fprintln(os.Stderr, "portico:", err)
		return 1
	}
	return 0
}

// laterVerb refuses what a later version brings.
type laterVerb struct {
	Args []string `arg:"" optional:"" hidden:""`
}

// Run says so.
func (laterVerb) Run() error { return errors.New("this command is not in this version yet") }
