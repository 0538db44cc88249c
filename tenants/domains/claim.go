package domains

import (
	"context"
	"errors"

	"golang.org/x/net/idna"

	"portico/tenants"
)

// Claim makes a tenant's claim of a custom host, or answers the one that stands: its challenge stays the same
// for as long. A claim reserves nothing: others may claim the host, too, and whoever shows the proof in DNS
// holds it. Refused are names that nobody can claim (Zones.ParseName) and international ones that look like a
// host that another tenant holds verified (ErrLookAlike).
func (d *Domains) Claim(ctx context.Context, tenant tenants.ID, typed string) (h Host, err error) {
	name, err := d.Zones.ParseName(typed)
	if err != nil {
		return Host{}, err
	}
	err = d.DB.AcrossAll(ctx, tenants.ForAddresses, func(a *tenants.Across) error {
		if err := hold(ctx, a, tenant); err != nil {
			return err
		}
		if h, err = readHost(ctx, a, tenant, name); err == nil || !errors.Is(err, ErrNoClaim) {
			return err
		}
		var claimed int
		if err := a.Row(ctx, "SELECT count(*) FROM hosts WHERE tenant_id = $1", []any{tenant}, &claimed); err != nil {
			return err
		}
		if err := judgeClaim(ctx, a, tenant, name, claimed); err != nil {
			return err
		}
		if _, err := a.Exec(ctx, "INSERT INTO hosts (tenant_id, host, created_at, due_at) VALUES ($1, $2, $3, $3)", tenant, name, a.Now()); err != nil {
			return err
		}
		if err := d.note(ctx, a, tenant, Event{Kind: EventClaimed, Host: name}); err != nil {
			return err
		}
		h, err = readHost(ctx, a, tenant, name)
		return err
	})
	return h, err
}

// hold keeps others from changing the tenant's addresses until the transaction ends.
func hold(ctx context.Context, a *tenants.Across, tenant tenants.ID) error {
	var slug string
	return a.Row(ctx, "SELECT slug FROM tenants WHERE id = $1 FOR NO KEY UPDATE", []any{tenant}, &slug)
}

// Claimable tells whether a tenant may have a claim of a host as hosts keep it, beside so many others: the rules
// of Claim for what claims in another way, as tenant files do. It changes nothing.
func (z Zones) Claimable(ctx context.Context, a *tenants.Across, tenant tenants.ID, host string, beside int) error {
	name, err := z.ParseName(host)
	if err != nil {
		return err
	}
	if name != host {
		return ErrBadName
	}
	return judgeClaim(ctx, a, tenant, name, beside)
}

func judgeClaim(ctx context.Context, a *tenants.Across, tenant tenants.ID, name string, claimed int) error {
	if claimed >= mostHosts {
		return ErrTooMany
	}
	looks, plain := likeness(name)
	if plain {
		return nil
	}
	var alike int
	if err := a.Row(ctx, "SELECT count(*) FROM hosts WHERE host = $1 AND verified_at IS NOT NULL AND tenant_id <> $2", []any{looks, tenant}, &alike); err != nil {
		return err
	}
	if alike > 0 {
		return ErrLookAlike
	}
	return nil
}

// likeness is the host that an international name looks like. Plain names look like themselves: they are what
// others imitate, and the rightful owner's may come last.
func likeness(name string) (looks string, plain bool) {
	shown := Shown(name)
	looks, err := idna.Lookup.ToASCII(skeleton(shown))
	return looks, shown == name || err != nil || looks == name
}

// Release ends a claim with all that is known of it. The host stops serving at once; where it was canonical,
// the slug's own address is again.
func (d *Domains) Release(ctx context.Context, tenant tenants.ID, name string) error {
	err := d.DB.AcrossAll(ctx, tenants.ForAddresses, func(a *tenants.Across) error {
		if err := hold(ctx, a, tenant); err != nil {
			return err
		}
		n, err := a.Exec(ctx, "DELETE FROM hosts WHERE tenant_id = $1 AND host = $2", tenant, name)
		if err == nil && n == 0 {
			err = ErrNoClaim
		}
		if err != nil {
			return err
		}
		if _, err := a.Exec(ctx, "UPDATE tenants SET canonical_host = '', moved_at = NULL WHERE id = $1 AND canonical_host = $2", tenant, name); err != nil {
			return err
		}
		if err := d.note(ctx, a, tenant, Event{Kind: EventReleased, Host: name}); err != nil {
			return err
		}
		return tenants.Touch(ctx, a, tenant)
	})
	if err == nil {
		d.forget(tenant)
	}
	return err
}

// SetCanonical makes a verified host of the tenant the one that its links name; "" is the slug's own address.
// The address that was canonical sends people on from then; what becomes canonical stops doing so.
func (d *Domains) SetCanonical(ctx context.Context, tenant tenants.ID, name string) error {
	err := d.DB.AcrossAll(ctx, tenants.ForAddresses, func(a *tenants.Across) error {
		if err := hold(ctx, a, tenant); err != nil {
			return err
		}
		if name != "" {
			h, err := readHost(ctx, a, tenant, name)
			if err == nil && !h.Serves() {
				err = ErrNotVerified
			}
			if err != nil {
				return err
			}
		}
		var was string
		if err := a.Row(ctx, "SELECT canonical_host FROM tenants WHERE id = $1", []any{tenant}, &was); err != nil || was == name {
			return err
		}
		b := &tenants.Batch{}
		b.Exec("UPDATE tenants SET canonical_host = $2, moved_at = CASE WHEN $2 = '' THEN NULL WHEN canonical_host = '' THEN $3 ELSE moved_at END WHERE id = $1",
			tenant, name, a.Now())
		b.Exec("UPDATE hosts SET moved_at = CASE WHEN host = $2 THEN NULL ELSE $4::timestamptz END WHERE tenant_id = $1 AND host IN ($2, $3)",
			tenant, name, was, a.Now())
		if err := a.Send(ctx, b); err != nil {
			return err
		}
		if err := d.note(ctx, a, tenant, Event{Kind: EventCanonical, Host: name, Details: map[string]any{"before": was, "after": name}}); err != nil {
			return err
		}
		return tenants.Touch(ctx, a, tenant)
	})
	if err == nil {
		d.forget(tenant)
	}
	return err
}
