package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"text/tabwriter"
	"time"

	"portico/app/senders"
	"portico/tenants"
)

type senderVerb struct {
	Status senderStatus `cmd:"" help:"Show from whom tenants' letters are, and how their domains stand."`
}

type senderStatus struct {
	config
	Slug string `arg:"" optional:"" help:"One tenant; without it all that have a domain."`
	JSON bool   `help:"As JSON."`
}

// senderLine is one tenant's sender as a script reads it.
type senderLine struct {
	Tenant  string     `json:"tenant"`
	Sender  string     `json:"sender"`
	As      string     `json:"as"`
	Domain  string     `json:"domain,omitempty"`
	State   string     `json:"state,omitempty"`
	Since   *time.Time `json:"since,omitempty"`
	Checked *time.Time `json:"checked_at,omitempty"`
	Trouble string     `json:"trouble,omitempty"`
	Level   string     `json:"level"`
}

// Run prints a line a tenant.
func (v *senderStatus) Run(ctx context.Context) error {
	p, err := v.operate()
	if err != nil {
		return err
	}
	defer p.close()
	var all []*tenants.Tenant
	if v.Slug != "" {
		t, err := p.resolver.BySlug(ctx, v.Slug)
		if err != nil {
			return err
		}
		all = append(all, t)
	} else if all, err = p.withDomains(ctx); err != nil {
		return err
	}
	lines := []senderLine{}
	for _, t := range all {
		st, err := p.senders.Of(ctx, t)
		if err != nil {
			return err
		}
		lines = append(lines, lineOf(t.Slug, st))
	}
	if v.JSON {
		return json.NewEncoder(os.Stdout).Encode(lines)
	}
	w := tabwriter.NewWriter(os.Stdout, 0, 4, 2, ' ', 0)
	_, _ = fmt.Fprintln(w, "tenant\tsender\tas\tdomain\tstate\tsince\tlooked at\ttrouble\tletters")
	for _, l := range lines {
		_, _ = fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", l.Tenant, l.Sender, l.As, l.Domain, l.State, short(l.Since), short(l.Checked), l.Trouble, l.Level)
	}
	return w.Flush()
}

func lineOf(slug string, st senders.Status) senderLine {
	l := senderLine{Tenant: slug, Sender: st.Sender, As: string(st.Uses), Level: string(st.Health.Level)}
	if d := st.Domain; d != nil {
		l.Domain, l.State, l.Since, l.Checked, l.Trouble = d.Name, string(d.State), &d.Since, d.CheckedAt, d.Trouble
	}
	return l
}

func short(t *time.Time) string {
	if t == nil {
		return "-"
	}
	return t.UTC().Format("2006-01-02 15:04")
}

// withDomains are the tenants that have a domain of their own, by its name.
func (p *portal) withDomains(ctx context.Context) (all []*tenants.Tenant, err error) {
	var ids []tenants.ID
	err = p.db.AcrossAll(ctx, tenants.ForOperator, func(a *tenants.Across) error {
		return a.Each(ctx, "SELECT tenant_id FROM sender_domains WHERE wanted ORDER BY domain, tenant_id", nil, func(scan func(...any) error) error {
			var id tenants.ID
			err := scan(&id)
			ids = append(ids, id)
			return err
		})
	})
	for _, id := range ids {
		if err != nil {
			return nil, err
		}
		var t *tenants.Tenant
		if t, err = p.resolver.ByID(ctx, id); errors.Is(err, tenants.ErrNoTenant) {
			err = nil
			continue
		}
		all = append(all, t)
	}
	return all, err
}
