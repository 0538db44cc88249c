package senders

import (
	"context"
	"errors"
	"net"
	"strings"

	"portico/tenants"
)

// ChallengeName is where a domain's TXT record with its challenge stands.
func ChallengeName(domain string) string { return "_portico-verify." + domain }

// owns looks for the tenant's own proof of a domain: "host", "txt", or "" for none. An error says that it
// could not be looked for, which is not the same as that it is gone.
func (x *Senders) owns(ctx context.Context, tenant tenants.ID, d Domain) (string, error) {
	ask := x.Owns
	if ask == nil {
		ask = x.OwnsByHost
	}
	is, failed := ask(ctx, tenant, d.Name)
	if failed == nil && is {
		return "host", nil
	}
	texts, err := x.lookUp(ctx, ChallengeName(d.Name))
	for _, text := range texts {
		if strings.TrimSpace(text) == d.Challenge {
			return "txt", nil
		}
	}
	return "", errors.Join(failed, err)
}

// errNobodyLooks leaves a proof unknown: the machine's own resolver follows aliases and says nothing of it.
var errNobodyLooks = errors.New("senders: nobody looks TXT records up")

func (x *Senders) lookUp(ctx context.Context, name string) ([]string, error) {
	ctx, cancel := context.WithTimeout(ctx, dnsTime)
	defer cancel()
	if x.TXT == nil {
		return nil, errNobodyLooks
	}
	texts, err := x.TXT(ctx, name+".")
	var dns *net.DNSError
	if errors.As(err, &dns) && dns.IsNotFound {
		return nil, nil
	}
	return texts, err
}

// OwnsByHost tells whether the tenant has a verified host that is the domain or stands above it. A host below
// proves nothing: who was given blog.example.com may not write as example.com.
func (x *Senders) OwnsByHost(ctx context.Context, tenant tenants.ID, domain string) (is bool, err error) {
	err = x.DB.AcrossAll(ctx, tenants.ForSenderWorker, func(a *tenants.Across) error {
		return a.Row(ctx, `SELECT EXISTS (SELECT FROM hosts WHERE tenant_id = $1 AND verified_at IS NOT NULL
			AND (host = $2 OR right($2, length(host) + 1) = '.' || host))`, []any{tenant, domain}, &is)
	})
	return is, err
}
