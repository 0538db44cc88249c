package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"portico/app/tenantfile"
	"portico/tenants"
)

type tenantVerb struct {
	Apply    tenantApply    `cmd:"" help:"Make a tenant what its file says; shows the plan first."`
	Export   tenantExport   `cmd:"" help:"Print a tenant as its file."`
	List     tenantList     `cmd:"" help:"List the tenants."`
	Suspend  tenantSuspend  `cmd:"" help:"Close a tenant: a neutral page answers, its sessions stop at once."`
	Resume   tenantResume   `cmd:"" help:"Open a suspended tenant again."`
	Password tenantPassword `cmd:"" help:"Try a password from the standard input against a tenant's rules; shows its score."`
	Leave    tenantLeave    `cmd:"" help:"Close a tenant for good: thirty days to take its data out or to change one's mind, then all of it goes."`
	Delete   tenantDelete   `cmd:"" help:"Remove everything of a tenant that has left and whose notice has passed."`
}

// operate builds what an operator's command needs; it sends nothing by itself.
func (c config) operate() (*portal, error) {
	if c.SMTPURL == "" && c.SES == "" {
		c.SMTPURL = "smtp://127.0.0.1?tls=none" // never used: this process sends no letter
	}
	ok, err := c.check()
	if err != nil {
		return nil, fmt.Errorf("these settings must be mended first:\n%w", err)
	}
	return build(ok, &tenants.Clock{}, newLog("warn"), extras{})
}

type tenantApply struct {
	config
	File       string `short:"f" required:"" help:"The tenant file, or a folder with tenant.yaml in it." type:"path"`
	DryRun     bool   `help:"Show the plan and change nothing."`
	TrustHosts bool   `help:"State that the tenant owns its custom hosts; without it they serve once DNS has shown it."`
	JSON       bool   `help:"The plan as JSON."`
}

// Run applies the file in one transaction, or refuses all of it with every fault by line.
func (t *tenantApply) Run(ctx context.Context) error {
	file, dir, faults, err := tenants.ReadFile(t.File)
	if err != nil {
		return err
	}
	if len(faults) > 0 {
		return &tenantfile.Refused{Faults: faults}
	}
	p, err := t.operate()
	if err != nil {
		return err
	}
	defer p.close()
	o := tenantfile.Options{TrustHosts: t.TrustHosts, By: "operator", Secrets: tenants.Secrets{Env: os.LookupEnv, Dir: dir}}
	plan, err := p.files.Plan(ctx, file, o)
	if err != nil {
		return err
	}
	if !t.JSON {
		fmt.Println(plan)
	}
	if !t.DryRun && !plan.Empty() {
		o.Shown = &plan // under the tenant's lock; what somebody else did meanwhile is not overrun
		if plan, err = p.files.Apply(ctx, file, o); err != nil {
			return err
		}
		if !t.JSON {
			fmt.Printf("applied to %s: %s\n", plan.Slug, plan.Counts())
		}
	}
	if t.JSON { // one document: what was applied, or would be
		return printJSON(plan)
	}
	return nil
}

type tenantExport struct {
	config
	Slug string `arg:"" help:"Which tenant."`
	Dir  string `help:"Write a folder instead: tenant.yaml and the theme's pictures, as apply -f takes it." type:"path" placeholder:"DIR"`

	Everything bool `help:"With --dir: its people and its audit, too, as JSON lines."`
}

// Run prints the file that would change nothing, or writes it with its pictures.
func (t *tenantExport) Run(ctx context.Context) error {
	p, err := t.operate()
	if err != nil {
		return err
	}
	defer p.close()
	if t.Dir != "" {
		if err := p.files.ExportFolder(ctx, t.Slug, t.Dir); err != nil || !t.Everything {
			return err
		}
		return exportPeople(ctx, p, t.Slug, t.Dir)
	}
	out, err := p.files.Export(ctx, t.Slug)
	if err != nil {
		return err
	}
	_, err = os.Stdout.Write(out)
	return err
}

type tenantList struct {
	config
	JSON bool `help:"As JSON."`
}

// listed is one row of `tenant list`.
type listed struct {
	Slug  string `json:"slug"`
	Name  string `json:"name"`
	State string `json:"state"`
}

// Run lists the directory.
func (t *tenantList) Run(ctx context.Context) error {
	p, err := t.operate()
	if err != nil {
		return err
	}
	defer p.close()
	rows := []listed{}
	err = p.db.AcrossAll(ctx, tenants.ForOperator, func(a *tenants.Across) error {
		return a.Each(ctx, "SELECT slug, name, state FROM tenants ORDER BY slug", nil, func(scan func(...any) error) error {
			var r listed
			err := scan(&r.Slug, &r.Name, &r.State)
			rows = append(rows, r)
			return err
		})
	})
	if err != nil {
		return err
	}
	if t.JSON {
		return printJSON(rows)
	}
	for _, r := range rows {
		fmt.Printf("%-24s %-10s %s\n", r.Slug, r.State, r.Name)
	}
	return nil
}

type tenantSuspend struct {
	config
	Slug string `arg:"" help:"Which tenant."`
}

// Run suspends.
func (t *tenantSuspend) Run(ctx context.Context) error {
	return setState(ctx, t.config, t.Slug, tenants.Suspended)
}

type tenantResume struct {
	config
	Slug string `arg:"" help:"Which tenant."`
}

// Run resumes.
func (t *tenantResume) Run(ctx context.Context) error {
	return setState(ctx, t.config, t.Slug, tenants.Live)
}

func setState(ctx context.Context, c config, slug string, to tenants.State) error {
	p, err := c.operate()
	if err != nil {
		return err
	}
	defer p.close()
	err = p.db.AcrossAll(ctx, tenants.ForOperator, func(a *tenants.Across) error {
		return tenants.SetState(ctx, a, slug, to)
	})
	if errors.Is(err, tenants.ErrNotFound) {
		return fmt.Errorf("there is no tenant %q", slug)
	}
	return err
}
