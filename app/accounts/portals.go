package accounts

import (
	"context"
	"time"

	"portico/app/audit"
	"portico/app/letters"
	"portico/tenants"
	"portico/themes"
)

// FindPortals mails somebody the sign-in pages of the portals that know their address. The answer is
// the same whoever asks: unknown addresses write a decoy letter. *LimitError when the client's address
// asked too often.
func (a *Accounts) FindPortals(ctx context.Context, r *tenants.Resolver, typed string, client Client) error {
	defer evenOut(ctx, time.Now())
	norm := lookUpKey(Email, typed)
	var links []themes.Link
	var to string // as stored at the last of them
	err := a.DB.AcrossAll(ctx, tenants.ForFindPortal, func(x *tenants.Across) error {
		var limit limitAnswer
		b := &tenants.Batch{}
		keys, limits, windows, blocks := a.limitArgs(tenants.ID{}, []counter{
			{"find address", client.AddressKey(), window(10, 10*time.Minute)},
			{"find address hour", client.AddressKey(), window(30, time.Hour)},
		})
		b.Row(nil, "SELECT allowed, retry_at FROM platform.take_limits($1, $2, $3, $4, $5, $6)",
			[]any{x.Now(), keys, limits, windows, blocks, 1}, &limit.allowed, &limit.retryAt)
		b.Rows(`SELECT i.value, t.name, t.slug, coalesce(h.host, '') FROM account_identifiers i
			JOIN accounts a ON a.tenant_id = i.tenant_id AND a.id = i.account_id
			JOIN tenants t ON t.id = i.tenant_id
			LEFT JOIN hosts h ON h.tenant_id = t.id AND h.host = t.canonical_host AND h.verified_at IS NOT NULL
			WHERE i.kind = 'email' AND i.norm = $1 AND a.status = 'active' AND t.state = 'live'
			ORDER BY t.name, t.slug LIMIT 20`, []any{norm},
			func(scan func(...any) error) error {
				var label, slug, host string
				err := scan(&to, &label, &slug, &host)
				origin, base := r.Address(slug, host)
				links = append(links, themes.Link{Label: label, URL: origin + base + "/login"})
				return err
			})
		if err := x.Send(ctx, b); err != nil {
			return err
		}
		return limit.err()
	})
	if err != nil {
		return err
	}
	return a.DB.AcrossAll(ctx, tenants.ForFindPortal, func(x *tenants.Across) error {
		to, err := a.sparePlatform(ctx, x, to)
		if err != nil {
			return err
		}
		b := &tenants.Batch{}
		_, err = a.Outbox.AddPlatform(b, x, letters.Draft{Lane: letters.Urgent, To: to, Locale: client.Locale,
			Event: tenants.NewID().String(), Letter: themes.PortalsLetter{Portals: links}})
		if err != nil {
			return err
		}
		err = audit.AddPlatform(ctx, b, x, nil, audit.Event{Kind: audit.PortalSought, Outcome: audit.Success,
			Details: map[string]any{"portals": len(links)}})
		if err != nil {
			return err
		}
		return x.Send(ctx, b)
	})
}

// sparePlatform silently drops a letter to somebody who was sent five within the hour: strangers could
// fill their mailbox otherwise.
func (a *Accounts) sparePlatform(ctx context.Context, x *tenants.Across, to string) (string, error) {
	var limit limitAnswer
	keys, limits, windows, blocks := a.limitArgs(tenants.ID{}, []counter{{"find mail", to, window(5, time.Hour)}})
	err := x.Row(ctx, "SELECT allowed, retry_at FROM platform.take_limits($1, $2, $3, $4, $5, $6)",
		[]any{x.Now(), keys, limits, windows, blocks, 1}, &limit.allowed, &limit.retryAt)
	if err != nil || (to != "" && !limit.allowed) {
		return "", err
	}
	return to, nil
}
