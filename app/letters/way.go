package letters

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"sync"

	"portico/tenants"
	"portico/themes"
)

// way is how a tenant's letters look and leave.
type way struct {
	slug      string
	brand     *themes.Brand
	from      Identity
	transport Transport
	tenant    *tenants.Tenant
	as        SentAs
	wanted    *string    // the domain that must be verified before the tenant's own address is used; nil: none must
	set       string     // configuration set of the tenant's own; "" for none
	closed    bool       // the tenant is not live: nothing leaves in its name
	share     int        // letters at once to that relay; 0 is relayShare
	relay     tenants.ID // set when the tenant has a relay of its own, whose troubles are its own too
}

// wayOf reads the tenant (kept by the Resolver) and picks brand, sender and transport. The zero tenant
// is the platform.
func (o *Outbox) wayOf(ctx context.Context, id tenants.ID, channel Channel) (way, error) {
	if id == (tenants.ID{}) {
		return way{brand: o.brands.platform, from: o.Platform, as: AsPlatform, transport: o.Transport}, nil
	}
	t, err := o.Resolver.ByID(ctx, id)
	switch {
	case errors.Is(err, tenants.ErrNoTenant), errors.Is(err, tenants.ErrUnavailable):
		return way{}, err
	case err != nil:
		return way{}, temporary("the tenant's settings cannot be read", err)
	}
	if t.State == tenants.Suspended || t.State == tenants.Leaving {
		return way{slug: t.Slug, closed: true}, nil
	}
	brand, err := o.brands.of(t)
	if err != nil {
		return way{}, temporary("the tenant's look does not hold", err)
	}
	w := way{slug: t.Slug, brand: brand, tenant: t, from: o.identityOf(t), as: AsOwn, transport: o.Transport}
	if channel == SMS || channel == Voice {
		return o.phoneWay(w, t, channel)
	}
	switch {
	case t.Sender.Transport == "ses" && o.SES != nil:
		w.transport = o.SES
	case t.Sender.Transport == "smtp" && o.OwnRelays && t.Sender.SMTP != nil:
		if w.transport, err = o.ownRelay(t); err != nil {
			return way{}, temporary("the relay's password cannot be opened", err)
		}
		w.relay, w.as = t.ID, AsRelay
	}
	if _, bySES := w.transport.(*SES); bySES && o.Proven {
		domain := DomainOf(t.Sender.From)
		w.wanted = &domain
	}
	return w, nil
}

// identityOf is the tenant's own sender, or the platform's address under the brand's name with answers
// going to the brand, until the brand has an address of its own.
func (o *Outbox) identityOf(t *tenants.Tenant) Identity {
	name := cmp.Or(t.Sender.FromName, t.Name)
	if t.Sender.From != "" {
		return Identity{From: t.Sender.From, Name: name, ReplyTo: t.Sender.ReplyTo}
	}
	return o.fallback(t)
}

// fallback is the platform's address under the brand's name.
func (o *Outbox) fallback(t *tenants.Tenant) Identity {
	name := cmp.Or(t.Sender.FromName, t.Name)
	return Identity{From: o.Platform.From, Name: name, ReplyTo: cmp.Or(t.Sender.ReplyTo, o.Platform.ReplyTo)}
}

// ownRelay opens the relay's password with the tenant's key; the tenant's id is the row it is bound to.
func (o *Outbox) ownRelay(t *tenants.Tenant) (Transport, error) {
	s := t.Sender.SMTP
	relay := &SMTP{Host: s.Host, Port: s.Port, TLS: s.TLS, Username: s.Username, At: o.RelaysAt}
	if len(s.SealedPassword) > 0 {
		password, err := o.Keys.Open(senderPurpose, t.ID, t.ID.String(), s.SealedPassword)
		if err != nil {
			return nil, fmt.Errorf("the relay password of %s: %w", t.Slug, err)
		}
		relay.Password = string(password)
	}
	return relay, nil
}

const senderPurpose = "sender"

// SealSenderPassword seals the password of a tenant's relay as the workers expect it in
// SMTPSender.SealedPassword: purpose "sender", bound to the tenant and its id as the row.
func SealSenderPassword(keys tenants.Keyring, tenant tenants.ID, password string) []byte {
	return keys.Seal(senderPurpose, tenant, tenant.String(), []byte(password))
}

// brands keeps each tenant's brand for its version: working one out parses a theme and a stylesheet.
type brands struct {
	platform *themes.Brand
	mu       sync.Mutex
	kept     map[tenants.ID]keptBrand
}

type keptBrand struct {
	version int64
	origin  string
	brand   *themes.Brand
}

const keptBrands = 1_000

func newBrands(platformOrigin string) *brands {
	return &brands{
		platform: themes.PlatformBrand(platformOrigin),
		kept:     map[tenants.ID]keptBrand{},
	}
}

func (b *brands) of(t *tenants.Tenant) (*themes.Brand, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if k, ok := b.kept[t.ID]; ok && k.version == t.Version && k.origin == t.Origin+t.BasePath {
		return k.brand, nil
	}
	brand, err := themes.NewBrand(t)
	if err != nil {
		return nil, fmt.Errorf("the brand of %s: %w", t.Slug, err)
	}
	if len(b.kept) >= keptBrands {
		clear(b.kept)
	}
	b.kept[t.ID] = keptBrand{version: t.Version, origin: t.Origin + t.BasePath, brand: brand}
	return brand, nil
}
