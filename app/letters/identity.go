package letters

import (
	"context"
	"errors"
	"strings"

	"github.com/google/uuid"

	"portico/tenants"
)

// SentAs says which of a tenant's possible senders a letter left with, and so why.
type SentAs string

// The senders. What leaves by SES needs a verified domain; until there is one, the platform's own address
// stands in, under the brand's name.
const (
	AsOwn        SentAs = "own"        // the address that the tenant's file names
	AsEarlier    SentAs = "earlier"    // the one before: the new one's domain is not verified yet
	AsPlatform   SentAs = "platform"   // the platform's: the file names none
	AsUnverified SentAs = "unverified" // the platform's: no domain of the tenant's is verified yet
	AsLost       SentAs = "lost"       // the platform's: the domain was verified and is no longer
	AsRelay      SentAs = "relay"      // the tenant's own relay
)

// stand is how a tenant's senders stand when a letter is claimed.
type stand struct {
	own     string // state of the wanted domain; "" when nothing is known of it
	earlier string // sender at a domain that was wanted before and is still verified; "" for none
	set     string // configuration set
}

// standOfSender reads a stand: $1 tenant, $2 the wanted domain. It answers one row always.
const standOfSender = `SELECT coalesce(max(state) FILTER (WHERE domain = $2), ''),
	coalesce((array_agg(from_address ORDER BY verified_at DESC) FILTER (WHERE domain <> $2 AND state = 'verified'))[1], ''),
	coalesce((SELECT configuration_set FROM senders WHERE tenant_id = $1), '')
	FROM sender_domains WHERE tenant_id = $1`

// choose settles with which sender a claimed letter leaves. A tenant's own address is used once its own
// claim on the domain is proven and SES verified it; a change keeps the earlier one until then; what was
// lost falls back, and package senders has told of it.
func (o *Outbox) choose(w way, c *claimed) way {
	if w.tenant != nil && w.wanted != nil {
		w.set = c.stand.set
		switch {
		case w.tenant.Sender.From == "":
			w.as = AsPlatform
		case c.stand.own == "verified":
		case c.stand.own == "lost":
			w.from, w.as = o.fallback(w.tenant), AsLost
		case c.stand.earlier != "":
			w.from.From, w.as = c.stand.earlier, AsEarlier
		default:
			w.from, w.as = o.fallback(w.tenant), AsUnverified
		}
	} else if w.tenant != nil && w.tenant.Sender.From == "" {
		w.as = AsPlatform
	}
	if c.Channel == Email {
		c.from, c.as = w.from.From, w.as
	}
	return w
}

// DomainOf is the domain of a mail address in ASCII and small letters; "" when it is not one plain address.
func DomainOf(address string) string {
	clean, ok := CleanAddress(address)
	if !ok {
		return ""
	}
	_, domain, _ := strings.Cut(clean, "@")
	return strings.ToLower(domain)
}

const setPrefix = "portico-"

// SetName is the name of a tenant's configuration set at SES: letters, digits and dashes, 44 of the 64 that
// it takes.
func SetName(tenant tenants.ID) string { return setPrefix + tenant.String() }

// TenantOfSet is the inverse of SetName; false for the name of another set.
func TenantOfSet(name string) (tenants.ID, bool) {
	text, ours := strings.CutPrefix(name, setPrefix)
	id, err := uuid.Parse(text)
	return id, ours && err == nil && id.String() == text
}

// Sentinels within failures of SES: what Portico believed of a sender is no longer so there.
var (
	errNoSet       = errors.New("letters: SES does not know the configuration set")
	errNotVerified = errors.New("letters: SES has the sender not verified")
)

// doubt makes the workers of package senders look at SES again; the letter waits for its next try. A
// configuration set that is gone is left out at once, or no letter would leave until it is made anew.
func (o *Outbox) doubt(ctx context.Context, tenant tenants.ID, w way, why error) {
	if w.wanted == nil {
		return
	}
	err := o.DB.In(ctx, tenant, func(s *tenants.Scope) error {
		b := &tenants.Batch{}
		if errors.Is(why, errNoSet) {
			b.Exec("UPDATE senders SET configuration_set = '' WHERE tenant_id = $1 AND configuration_set = $2", s.Tenant(), w.set)
		}
		b.Exec(`UPDATE sender_domains SET due_at = $3, tries = 0 WHERE tenant_id = $1 AND domain = $2 AND (due_at IS NULL OR due_at > $3)
			AND (checked_at IS NULL OR checked_at < $4)`, s.Tenant(), DomainOf(w.from.From), s.Now(), s.Now().Add(-doubtEvery))
		return s.SendAndCommit(ctx, b)
	})
	if err != nil {
		o.Log.WarnContext(ctx, "a sender in doubt could not be noted", "tenant", tenant, "error", err)
	}
}
