package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"portico/app/audit"
	"portico/tenants"
	"portico/tenants/domains"
)

type domainVerb struct {
	Status  domainStatus  `cmd:"" help:"Show custom hosts and what their DNS lacks; fails unless everything stands."`
	Claim   domainClaim   `cmd:"" help:"Claim a custom host for a tenant and show what its zone needs."`
	Check   domainCheck   `cmd:"" help:"Ask DNS about a host now."`
	Release domainRelease `cmd:"" help:"Give a host up: it stops serving at once."`
}

type domainStatus struct {
	config
	Slug string `arg:"" optional:"" help:"Which tenant; all of them without."`
	JSON bool   `help:"As JSON."`
}

// listedHost is a host as --json prints it.
type listedHost struct {
	Tenant    string       `json:"tenant"`
	Host      string       `json:"host"` // "" is what the tenant's mail needs
	Shown     string       `json:"shown,omitempty"`
	State     string       `json:"state,omitempty"`
	Canonical bool         `json:"canonical"`
	CheckedAt string       `json:"checked_at,omitempty"`
	EndsAt    string       `json:"stops_serving_at,omitempty"`
	Records   []listedLine `json:"records"`
}

// listedLine is one record that a zone needs.
type listedLine struct {
	Item      string `json:"item"`
	Kind      string `json:"kind"`
	Name      string `json:"name"`
	Expected  string `json:"expected"`
	Found     string `json:"found"`
	State     string `json:"state"`
	Code      string `json:"code"`
	CheckedAt string `json:"checked_at,omitempty"`
}

func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

func listHost(slug string, h domains.Host, records []domains.Record) listedHost {
	l := listedHost{Tenant: slug, Host: h.Name, State: string(h.Standing), Canonical: h.Canonical, CheckedAt: stamp(h.CheckedAt),
		EndsAt: stamp(h.EndsAt()), Records: []listedLine{}}
	if h.Shown != h.Name {
		l.Shown = h.Shown
	}
	for _, r := range records {
		l.Records = append(l.Records, listedLine{Item: r.Item, Kind: r.Kind, Name: r.Name, Expected: r.Expected, Found: r.Found,
			State: string(r.State), Code: r.Code, CheckedAt: stamp(r.CheckedAt)})
	}
	return l
}

// stands tells whether nothing is left to do. A host that the operator vouches for needs no proof.
func (l listedHost) stands() bool {
	trusted := l.State == string(domains.Trusted)
	if l.Host != "" && l.State != string(domains.Verified) && !trusted {
		return false
	}
	for _, r := range l.Records {
		if r.State != string(domains.OK) && (r.Item != domains.ItemProof || !trusted) {
			return false
		}
	}
	return true
}

// String is the host with a line for each record.
func (l listedHost) String() string {
	var out strings.Builder
	if l.Host != "" {
		fmt.Fprintf(&out, "%s  %s  %s", l.Tenant, l.Host, l.State)
	} else {
		fmt.Fprintf(&out, "%s  (mail)", l.Tenant)
	}
	if l.Shown != "" {
		fmt.Fprintf(&out, "  (%s)", l.Shown)
	}
	if l.Canonical {
		out.WriteString("  canonical")
	}
	if l.EndsAt != "" {
		fmt.Fprintf(&out, "  stops serving %s", l.EndsAt)
	}
	out.WriteByte('\n')
	for _, r := range l.Records {
		fmt.Fprintf(&out, "  %-8s %-13s %-6s %s\n", r.State, r.Item, r.Kind, r.Name)
		if r.State != string(domains.OK) {
			fmt.Fprintf(&out, "           expected: %s\n", oneLine(r.Expected))
			fmt.Fprintf(&out, "           found:    %s\n", oneLine(r.Found))
		}
	}
	return out.String()
}

func oneLine(s string) string { return strings.ReplaceAll(s, "\n", ", ") }

// Run prints from rows: it asks no DNS. The exit code is 0 only when every host serves and every record is right.
func (d *domainStatus) Run(ctx context.Context) error {
	p, err := d.operate()
	if err != nil {
		return err
	}
	defer p.close()
	slugs := []string{d.Slug}
	if d.Slug == "" {
		if slugs, err = p.slugsWithHosts(ctx); err != nil {
			return err
		}
	}
	all, stands := []listedHost{}, true
	for _, slug := range slugs {
		list, err := p.listHosts(ctx, slug)
		if err != nil {
			return err
		}
		for _, l := range list {
			stands = stands && l.stands()
		}
		all = append(all, list...)
	}
	if d.JSON {
		err = printJSON(all)
	} else {
		for _, l := range all {
			fmt.Print(l)
		}
	}
	if err == nil && !stands {
		err = errAmiss
	}
	return err
}

func (p *portal) slugsWithHosts(ctx context.Context) (slugs []string, err error) {
	err = p.db.AcrossAll(ctx, tenants.ForOperator, func(a *tenants.Across) error {
		return a.Each(ctx, "SELECT slug FROM tenants t WHERE EXISTS (SELECT FROM hosts h WHERE h.tenant_id = t.id) ORDER BY slug", nil,
			func(scan func(...any) error) error {
				var slug string
				err := scan(&slug)
				slugs = append(slugs, slug)
				return err
			})
	})
	return slugs, err
}

func (p *portal) listHosts(ctx context.Context, slug string) (all []listedHost, err error) {
	id, err := p.tenantID(ctx, slug)
	if err != nil {
		return nil, err
	}
	hosts, lists, err := p.domains.Everything(ctx, id)
	for _, h := range hosts {
		all = append(all, listHost(slug, h, lists[h.Name]))
	}
	if mail := lists[""]; len(mail) > 0 {
		all = append(all, listHost(slug, domains.Host{}, mail))
	}
	return all, err
}

func (p *portal) tenantID(ctx context.Context, slug string) (tenants.ID, error) {
	id, err := p.domains.Tenant(ctx, slug)
	if errors.Is(err, tenants.ErrNotFound) {
		return id, fmt.Errorf("there is no tenant %q", slug)
	}
	return id, err
}

// oneHost names a tenant and a host.
type oneHost struct {
	config
	Slug string `arg:"" help:"The tenant's slug."`
	Host string `arg:"" help:"The host, such as login.example.com."`
	JSON bool   `help:"As JSON."`
}

// with runs work as the operator.
func (o *oneHost) with(ctx context.Context, work func(context.Context, *portal, tenants.ID) error) error {
	p, err := o.operate()
	if err != nil {
		return err
	}
	defer p.close()
	ctx = audit.With(ctx, audit.Origin{Actor: audit.Operator})
	id, err := p.tenantID(ctx, o.Slug)
	if err != nil {
		return err
	}
	if err := work(ctx, p, id); err != nil {
		return fmt.Errorf("%s: %w", o.Host, err)
	}
	return nil
}

// show prints the host with its checklist.
func (o *oneHost) show(ctx context.Context, p *portal, id tenants.ID, h domains.Host) error {
	records, err := p.domains.Checklist(ctx, id, h.Name)
	if err != nil {
		return err
	}
	if o.JSON {
		return printJSON(listHost(o.Slug, h, records))
	}
	fmt.Print(listHost(o.Slug, h, records))
	return nil
}

type domainClaim struct{ oneHost }

// Run claims; the challenge stays the same while the claim stands.
func (d *domainClaim) Run(ctx context.Context) error {
	return d.with(ctx, func(ctx context.Context, p *portal, id tenants.ID) error {
		h, err := p.domains.Claim(ctx, id, d.Host)
		if err != nil {
			return err
		}
		return d.show(ctx, p, id, h)
	})
}

type domainCheck struct{ oneHost }

// Run asks DNS; it fails unless the host serves and every record is right.
func (d *domainCheck) Run(ctx context.Context) error {
	return d.with(ctx, func(ctx context.Context, p *portal, id tenants.ID) error {
		name, err := p.domains.Zones.ParseName(d.Host)
		if err != nil {
			return err
		}
		h, err := p.domains.Check(ctx, id, name)
		if err != nil {
			return err
		}
		if err := d.show(ctx, p, id, h); err != nil {
			return err
		}
		records, err := p.domains.Checklist(ctx, id, h.Name)
		if err == nil && !listHost(d.Slug, h, records).stands() {
			err = errAmiss
		}
		return err
	})
}

type domainRelease struct{ oneHost }

// Run gives the host up.
func (d *domainRelease) Run(ctx context.Context) error {
	return d.with(ctx, func(ctx context.Context, p *portal, id tenants.ID) error {
		name, err := p.domains.Zones.ParseName(d.Host)
		if err != nil {
			return err
		}
		if err := p.domains.Release(ctx, id, name); err != nil || d.JSON {
			return err
		}
		fmt.Printf("%s no longer answers for %s\n", name, d.Slug)
		return nil
	})
}
