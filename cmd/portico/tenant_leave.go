package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"portico/app/audit"
	"portico/app/directory"
	"portico/rbac"
	"portico/tenants"
	"portico/tenants/certs"
)

type tenantLeave struct {
	config
	Slug   string `arg:"" help:"Which tenant."`
	Reason string `required:"" help:"Why, for the audit on both sides."`
}

// Run closes the tenant and begins its notice of thirty days.
func (t *tenantLeave) Run(ctx context.Context) error {
	return operateDirectory(t.config, func(_ *portal, d *directory.Directory) error {
		err := d.SetState(ctx, operator, t.Slug, tenants.Leaving, t.Reason)
		if err != nil {
			return unknownTenant(t.Slug, err)
		}
		c, err := d.Get(ctx, t.Slug)
		if err != nil {
			return err
		}
		fmt.Printf("%s is leaving: its addresses are closed, everybody is signed out, and all of it goes from %s on.\nTake it out before: portico tenant export %s --dir DIR --everything\n",
			c.Slug, c.LeavesAt.UTC().Format("2006-01-02 15:04 UTC"), c.Slug)
		return nil
	})
}

type tenantDelete struct {
	config
	Slug string `arg:"" help:"Which tenant; it has left and its notice has passed."`
	JSON bool   `help:"What was removed, as JSON."`
}

// Run removes every row of the tenant, and says how many of each table there were.
func (t *tenantDelete) Run(ctx context.Context) error {
	return operateDirectory(t.config, func(_ *portal, d *directory.Directory) error {
		gone, err := d.Depart(ctx, operator, t.Slug)
		if errors.Is(err, directory.ErrNotYet) {
			return fmt.Errorf("%s is not leaving, or its notice of thirty days has not passed; begin with: portico tenant leave %s --reason …", t.Slug, t.Slug)
		}
		if err != nil {
			return unknownTenant(t.Slug, err)
		}
		if t.JSON {
			return printJSON(gone)
		}
		fmt.Printf("%s is gone; a look at every table found nothing of it any more\n", gone.Slug)
		for table, n := range gone.Removed {
			fmt.Printf("  %-32s %d\n", table, n)
		}
		return nil
	})
}

// operator is who acts at a command.
var operator = directory.By{Actor: audit.Operator, Name: "operator"}

func unknownTenant(slug string, err error) error {
	if errors.Is(err, tenants.ErrNotFound) {
		return fmt.Errorf("there is no tenant %q", slug)
	}
	return err
}

func operateDirectory(c config, work func(*portal, *directory.Directory) error) error {
	p, err := c.operate()
	if err != nil {
		return err
	}
	defer p.close()
	return work(p, p.directory())
}

// directory is the work of package directory on this portal's parts.
func (p *portal) directory() *directory.Directory {
	return &directory.Directory{DB: p.db, Resolver: p.resolver, Files: p.files, Accounts: p.accounts, Seals: p.accounts.Seals, Forget: certs.Forget}
}

// exportPeople writes people.jsonl and audit.jsonl beside a tenant's file: what a tenant who leaves takes along.
func exportPeople(ctx context.Context, p *portal, slug, dir string) error {
	t, err := p.resolver.BySlug(ctx, slug)
	if err != nil {
		return fmt.Errorf("there is no tenant %q: %w", slug, err)
	}
	err = writeFile(filepath.Join(dir, "people.jsonl"), func(out io.Writer) error {
		return p.imports.Imports.Export(ctx, t.ID, rbac.Reach{Everywhere: true}, "jsonl", out, func() error { return nil })
	})
	if err != nil {
		return err
	}
	return writeFile(filepath.Join(dir, "audit.jsonl"), func(out io.Writer) error {
		encoder := json.NewEncoder(out)
		return audit.Walk(ctx, p.db, t.ID, audit.Filter{}, nil, func(r audit.Row) error { return encoder.Encode(r) })
	})
}

// writeFile writes a new file that this user alone may read.
func writeFile(path string, write func(io.Writer) error) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600) //nolint:gosec // in the folder that the operator named
	if err != nil {
		return err
	}
	out := bufio.NewWriter(f)
	return errors.Join(write(out), out.Flush(), f.Close())
}
