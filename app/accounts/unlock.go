package accounts

import (
	"cmp"
	"context"
	"time"

	"portico/app/audit"
	"portico/app/letters"
	"portico/tenants"
	"portico/themes"
)

// unlockLife is how long a mailed unlock link holds (security.md 4.3).
const unlockLife = 30 * time.Minute

// writeUnlockLetter tells the owner of the first lock of a day and offers to open it.
func (a *Accounts) writeUnlockLetter(ctx context.Context, b *tenants.Batch, s *tenants.Scope, who found, st lockState, locale string) error {
	link, token := tenants.NewID(), newSecret()
	expires := s.Now().Add(unlockLife)
	b.Exec(`UPDATE links SET replaced_at = $3 WHERE tenant_id = $1 AND account_id = $2 AND purpose = 'unlock'
		AND used_at IS NULL AND replaced_at IS NULL AND revoked_at IS NULL`, s.Tenant(), who.ID, s.Now())
	b.Exec(`INSERT INTO links (tenant_id, id, hash, purpose, account_id, stamp, known, issued_at, expires_at)
		VALUES ($1, $2, $3, 'unlock', $4, $5, $6, $7, $8)`,
		s.Tenant(), link, secretHash(token), who.ID, who.Stamp, who.Known, s.Now(), expires)
	_, err := a.Outbox.Add(b, s, letters.Draft{Lane: letters.Urgent, To: who.Email, AccountID: who.ref(), LinkID: &link,
		Locale: cmp.Or(who.Locale, locale), Event: link.String(),
		Letter: themes.UnlockLetter{Name: who.Name, Link: "/unlock/" + token, ExpiresAt: expires,
			LockedUntil: finite(st.LockedUntil), FailedFrom: audit.From(ctx).ClientAddress}})
	return err
}

// Unlock spends an unlock link: every lock of the account is lifted, the password stays. The owner gets
// a notice. *LinkError when the link does not work.
func (a *Accounts) Unlock(ctx context.Context, t *tenants.Tenant, token string) error {
	if !WellFormedSecret(token) {
		return &LinkError{Reason: "unknown"}
	}
	return a.DB.In(ctx, t.ID, func(s *tenants.Scope) error {
		l, err := linkOf(ctx, s, t, ForUnlock, token)
		if err != nil {
			return err
		}
		var spent int64
		b := &tenants.Batch{}
		spend(b, s, ForUnlock, token, &spent)
		if err := s.Send(ctx, b); err != nil {
			return err
		}
		if spent != 1 {
			return whyNotSpent(ctx, s, t, ForUnlock, token)
		}
		b = &tenants.Batch{}
		if err := a.openLock(ctx, b, s, l.who, l.ID.String(), l.proofs(), audit.AccountActor(l.who.ID)); err != nil {
			return err
		}
		return s.SendAndCommit(ctx, b)
	})
}

// openLock lifts all locks, writes the notices and the audit row.
func (a *Accounts) openLock(ctx context.Context, b *tenants.Batch, s *tenants.Scope, who found, event string, methods []string, actor string) error {
	return a.unlocked(ctx, b, s, who, event, map[string]any{"method": methods}, actor)
}

func (a *Accounts) unlocked(ctx context.Context, b *tenants.Batch, s *tenants.Scope, who found, event string, details map[string]any, actor string) error {
	clearLocks(b, s, who.ID, "")
	_, err := a.tell(ctx, b, s, Person{ID: who.ID, Name: who.Name, Locale: who.Locale, Email: who.Email}, event,
		themes.UnlockNotice{Name: who.Name, At: s.Now(), From: audit.From(ctx).ClientAddress})
	if err != nil {
		return err
	}
	return audit.Add(ctx, b, s, audit.Event{Kind: audit.AccountUnlocked, Outcome: audit.Success, AccountID: who.ref(), Actor: actor, Details: details})
}
