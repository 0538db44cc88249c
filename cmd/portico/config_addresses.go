package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/netip"
	"strings"

	"portico/app/audit"
	"portico/tenants"
	"portico/tenants/certs"
	"portico/tenants/domains"
)

// addressConfig is how customers' own hosts are proved and where they lead.
type addressConfig struct {
	DNS           string `name:"dns" env:"PORTICO_DNS" help:"DNS servers that prove customers' hosts, host:port with commas; empty is the system's, off is none." placeholder:"SERVERS"`
	HostTarget    string `env:"PORTICO_HOST_TARGET" help:"What customers' hosts point to by CNAME; empty is the host of PORTICO_BASE_URL." placeholder:"HOST"`
	HostAddresses string `env:"PORTICO_HOST_ADDRESSES" help:"IP addresses for customers' hosts that can have no CNAME, with commas; empty is what the target has." placeholder:"IP,…"`
	CAA           string `name:"caa" env:"PORTICO_CAA" default:"letsencrypt.org" help:"Names of the certificate authority in CAA records, with commas; off does not look." placeholder:"NAME,…"`
	FlyToken      string `env:"PORTICO_FLY_TOKEN" help:"Have Fly's proxy make certificates for verified hosts: a deploy token of this app." placeholder:"TOKEN"`
	FlyApp        string `name:"fly-app" env:"FLY_APP_NAME" help:"The app; Fly sets it." placeholder:"NAME"`
	FlyAt         string `name:"fly-api" env:"PORTICO_FLY_API" hidden:""`
}

// check notes everything that is wrong.
func (c addressConfig) check(note func(name string, err error)) {
	_, err := domains.NewDNS(c.DNS)
	note("PORTICO_DNS", err)
	note("PORTICO_HOST_TARGET", hostName(c.HostTarget))
	_, err = ips(c.HostAddresses)
	note("PORTICO_HOST_ADDRESSES", err)
	if c.FlyToken != "" && c.FlyApp == "" {
		note("PORTICO_FLY_TOKEN", errors.New("needs FLY_APP_NAME, which Fly sets"))
	}
}

func ips(list string) (all []netip.Addr, err error) {
	for _, item := range words(list) {
		a, err := netip.ParseAddr(item)
		if err != nil || a.Zone() != "" {
			return nil, fmt.Errorf("%q is no IP address such as 192.0.2.10", item)
		}
		all = append(all, a)
	}
	return all, nil
}

func words(list string) []string {
	return strings.FieldsFunc(list, func(r rune) bool { return r == ',' || r == ' ' })
}

// buildDomains makes the room of custom hosts.
func (c checked) buildDomains(db *tenants.DB, resolver *tenants.Resolver, log *slog.Logger) (*domains.Domains, error) {
	asked, err := domains.NewDNS(c.DNS)
	if err != nil {
		return nil, err
	}
	addresses, err := ips(c.HostAddresses)
	if err != nil {
		return nil, err
	}
	var cas []string
	if c.CAA != "off" {
		cas = words(strings.ToLower(c.CAA))
	}
	platform := strings.ToLower(hostOf(c.BaseURL))
	return &domains.Domains{DB: db, Log: log, Forget: resolver.Forget, Note: noteAddress,
		Zones:  domains.Zones{Platform: platform, BaseDomain: strings.ToLower(c.BaseDomain)},
		Looker: domains.Looker{DNS: asked, Target: cmp.Or(strings.ToLower(c.HostTarget), platform), Addresses: addresses, CAs: cas}}, nil
}

// buildProxied makes the worker of certificates that Fly's proxy has; nil where no token is set.
func (c checked) buildProxied(db *tenants.DB, count func(outcome string), log *slog.Logger) *certs.Edge {
	if c.FlyToken == "" {
		return nil
	}
	return &certs.Edge{DB: db, Log: log, Count: count, Asker: &certs.Fly{App: c.FlyApp, Token: c.FlyToken, At: c.FlyAt}}
}

// noteAddress writes what happened to a tenant's addresses into its audit.
func noteAddress(ctx context.Context, s *tenants.Scope, e domains.Event) error {
	outcome := audit.Success
	if e.Kind == domains.EventMissing || e.Kind == domains.EventLost {
		outcome = audit.Failure
	}
	details := map[string]any{}
	maps.Copy(details, e.Details)
	if e.Host != "" {
		details["host"] = e.Host
	}
	return audit.Write(ctx, s, audit.Event{Kind: audit.Kind(e.Kind), Outcome: outcome, Reason: e.Reason, Details: details})
}

// errAmiss ends `domain status` where not everything stands.
var errAmiss = errors.New("not everything stands")
