package certs

import (
	"context"

	"github.com/caddyserver/certmagic"

	"portico/tenants"
)

// Forget removes what is kept for hosts of a tenant that leaves: certificates with their keys, open challenges and
// counted failures; certificates of a platform before us are given up. Hosts are as hosts keep them, the slug's own
// below the base domain included. What another tenant holds verified stays. Call it when nothing is ordered for the
// tenant any more: in the transaction that removes its hosts, or once its state is leaving.
func Forget(ctx context.Context, a *tenants.Across, leaving tenants.ID, hosts []string) error {
	var gone, folders, open []string
	err := a.Each(ctx, `SELECT g FROM unnest($1::text[]) g WHERE NOT EXISTS
		(SELECT FROM hosts h WHERE h.host = g AND h.tenant_id <> $2 AND h.verified_at IS NOT NULL)`, []any{hosts, leaving}, func(scan func(...any) error) error {
		var host string
		err := scan(&host)
		safe := certmagic.StorageKeys.Safe(host)
		gone, folders, open = append(gone, host), append(folders, safe), append(open, safe+".json")
		return err
	})
	if err != nil || len(gone) == 0 {
		return err
	}
	b := &tenants.Batch{}
	b.Exec(`DELETE FROM platform.certificate_files WHERE split_part(name, '/', 1) = 'certificates' AND split_part(name, '/', 3) = ANY($1)
		OR split_part(name, '/', 1) = 'acme' AND split_part(name, '/', 3) = 'challenge_tokens' AND split_part(name, '/', 4) = ANY($2)`, folders, open)
	b.Exec("DELETE FROM platform.certificate_failures WHERE name = ANY($1)", gone)
	b.Exec("UPDATE platform.edge_certificates SET state = 'leaving', tries = 0, due_at = $2, changed_at = $2 WHERE host = ANY($1) AND state <> 'leaving'", gone, a.Now())
	return a.Send(ctx, b)
}
