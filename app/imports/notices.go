package imports

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"portico/app/accounts"
	"portico/app/letters"
	"portico/app/phones"
	"portico/app/proofs"
	"portico/tenants"
	"portico/themes"
)

// Whoever was here before hears of contacts that a file registered as ways into their account, and of names
// and addresses that it changed (decisions.md 18). These letters leave at the pace of the waves, and before
// them; nobody can stop them, since whoever could would be who registered the contacts.
const (
	noticePause  = waveEvery / waveOf
	latestNotice = 20 * time.Hour // behind the import: a letter lives for a day
)

// sendTelling adds the notices about some changes to their batch, and sends it.
func (g *ground) sendTelling(ctx context.Context, b *tenants.Batch, s *tenants.Scope, i Import, all []*change) error {
	now := time.Now() // the letters' queue keeps real time
	slot := now
	if i.Told.After(now) {
		slot = i.Told
	}
	for _, c := range all {
		drafts := c.notices(s, i)
		for _, to := range c.known() {
			for _, d := range drafts {
				d.To, d.Delay = to, min(slot.Sub(now), latestNotice)
				if _, err := g.m.Accounts.Outbox.Add(b, s, d); err != nil {
					return err
				}
				slot = slot.Add(noticePause)
			}
		}
	}
	if slot.After(now) {
		b.Exec("UPDATE imports SET told_until = $3 WHERE tenant_id = $1 AND id = $2", s.Tenant(), i.ID, slot)
	}
	return s.Send(ctx, b)
}

// notices are the letters about one change, without their addresses.
func (c *change) notices(s *tenants.Scope, i Import) []letters.Draft {
	if c.isNew() {
		return nil
	}
	name, locale := c.have.name, c.have.locale
	if c.name != "" {
		name = c.name
	}
	if c.locale != "" {
		locale = c.locale
	}
	var all []letters.Draft
	add := func(kind string, l themes.Letter) {
		all = append(all, letters.Draft{Letter: l, Locale: locale, AccountID: &c.id, Lane: letters.Notice,
			Event: fmt.Sprintf("%s:%s:%s", i.ID, c.id, kind)})
	}
	for _, kind := range slices.Sorted(maps.Keys(c.contacts)) {
		n := themes.ProofsNotice{Name: name, Change: "added", Kind: kind, Contact: masked(kind, c.contacts[kind]), At: s.Now()}
		if _, had := c.have.proofs[kind]; had {
			n.Change = "replaced"
		}
		add(kind, n)
	}
	for _, kind := range slices.Sorted(maps.Keys(c.addIDs)) {
		if kind == accounts.Email {
			add(kind, themes.AddressNotice{Name: name, Address: proofs.MaskAddress(c.addIDs[kind].value), At: s.Now(), Done: true})
		} else {
			add(kind, themes.IdentifierNotice{Name: name, Kind: kind, Value: c.addIDs[kind].value, At: s.Now()})
		}
	}
	return all
}

// known are the addresses at which somebody was known before the change: their own, and one that an earlier
// file registered.
func (c *change) known() []string {
	if c.isNew() {
		return nil
	}
	var to []string
	for _, id := range c.have.ids[accounts.Email] {
		to = append(to, id.value)
	}
	before := c.have.proofs[proofs.AuthEmail].contact
	if before != "" && !slices.ContainsFunc(to, func(one string) bool { return accounts.SameEmail(one, before) }) {
		to = append(to, before)
	}
	return to
}

func masked(kind, contact string) string {
	if kind == proofs.AuthEmail {
		return proofs.MaskAddress(contact)
	}
	return phones.Mask(contact)
}
