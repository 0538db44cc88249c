package accounts

import (
	"cmp"
	"context"
	"time"

	"github.com/google/uuid"

	"portico/app/audit"
	"portico/app/letters"
	"portico/tenants"
	"portico/themes"
)

// Asked is the answer to a request for a link, the same for everybody.
type Asked struct {
	ResendAt time.Time // when asking again makes sense
}

// resendAfter is how long the page counts before "send again".
const resendAfter = time.Minute

// RequestLink asks for a mailed link by the identifier that the policy names. Known, unknown,
// disabled, locked and SSO-only accounts get the same answer after the same round trips and rows; the
// letter differs (a link, a word on how they sign in, or none). *LimitError when the client's address
// asked too often. returnTo, a checked target, waits in the flow until the password is set.
func (a *Accounts) RequestLink(ctx context.Context, t *tenants.Tenant, typed, returnTo string, client Client) (Asked, error) {
	return a.requestLink(ctx, t, client, returnTo, byIdentifier(t.Policy.Reset.Identifier, typed), func(b *tenants.Batch, s *tenants.Scope, into *found) {
		find(b, s, t.Policy.Reset.Identifier, typed, client.Device, into)
	})
}

// RequestLinkAgain asks for a fresh link for whom an earlier token was made, without saying who that
// is; a token that never was asks for nobody.
func (a *Accounts) RequestLinkAgain(ctx context.Context, t *tenants.Tenant, token string, client Client) (Asked, error) {
	return a.requestLink(ctx, t, client, "", byLink(token), func(b *tenants.Batch, s *tenants.Scope, into *found) {
		findByLink(b, s, token, client.Device, into)
	})
}

func (a *Accounts) requestLink(ctx context.Context, t *tenants.Tenant, client Client, returnTo string, whom target,
	look func(*tenants.Batch, *tenants.Scope, *found)) (Asked, error) {
	defer evenOut(ctx, time.Now())
	asked := Asked{}
	var limit addressAnswer
	address := askLimit(t.Policy, client)
	err := a.DB.In(ctx, t.ID, func(s *tenants.Scope) error {
		asked.ResendAt = s.Now().Add(resendAfter)
		var who found
		var sent sentLetters
		b := &tenants.Batch{}
		a.takeAddress(b, s, address, &limit)
		hold(b, s, whom)
		look(b, s, &who)
		readSent(b, s, whom, client, &sent)
		if err := s.Send(ctx, b); err != nil {
			return err
		}
		if !limit.allowed {
			return limit.blocked(ctx, s, audit.ResetBlocked) // nil commits: a refusal may have begun a block
		}
		return a.sendLink(ctx, s, t, who, ask{limited: !sent.mayGo(t.Policy.Throttle, s.Now()), locale: client.Locale,
			returnTo: cmp.Or(returnTo, who.ReturnTo)})
	})
	if err == nil {
		err = limit.err()
	}
	return asked, err
}

// evenStep is the grid on which answers to strangers are given: what an account's rows cost more than
// nobody's (a lock, foreign keys) is well below it.
const evenStep = 10 * time.Millisecond

// evenOut waits until the work since began has taken a whole number of steps, so that its length tells
// nobody whether there is an account.
func evenOut(ctx context.Context, began time.Time) {
	select {
	case <-time.After(evenStep - time.Since(began)%evenStep):
	case <-ctx.Done():
	}
}

// askLimit bounds recovery requests per client address (security.md 4.2: 10 in 10 minutes, 30 an hour).
// Where the policy asks for a CAPTCHA after so many, those without one stop there.
func askLimit(p tenants.Policy, client Client) addressLimit {
	hour := askHour()
	if p.Reset.Captcha == "after_n" && client.Captcha == CaptchaNone {
		hour.limit.Limit = min(hour.limit.Limit, p.Reset.CaptchaAfter)
	}
	return client.addressLimit(p.Throttle, counter{name: "ask address", limit: window(10, 10*time.Minute)}, hour)
}

func askHour() counter { return counter{name: "ask address hour", limit: window(30, time.Hour)} }

// CaptchaDue tells whether the next request for recovery from this client needs a CAPTCHA by the policy:
// always, or after as many requests within the hour from its address. It counts nothing.
func (a *Accounts) CaptchaDue(ctx context.Context, t *tenants.Tenant, client Client) (bool, error) {
	switch t.Policy.Reset.Captcha {
	case "always":
		return true, nil
	case "after_n":
	default:
		return false, nil
	}
	hour := askHour()
	hour.limit.Limit = min(hour.limit.Limit, t.Policy.Reset.CaptchaAfter)
	keys, limits, windows, blocks := a.limitArgs(t.ID, client.addressLimit(t.Policy.Throttle, hour).ordinary)
	var free bool
	err := a.DB.One(ctx, t.ID, "SELECT allowed FROM take_limits($1, $2, $3, $4, $5, 0)",
		[]any{a.DB.Clock().Now(), keys, limits, windows, blocks}, &free)
	return !free, err
}

// sentLetters is how many letters an account was sent lately for requests from devices of this class.
type sentLetters struct {
	tenMinutes, hour, day int
	last                  *time.Time
}

// hold keeps the account as it is until the transaction ends, so that two requests at once cannot both
// be the newest.
func hold(b *tenants.Batch, s *tenants.Scope, whom target) {
	b.Exec("SELECT FROM accounts WHERE tenant_id = $1 AND id = "+whom.account+" FOR NO KEY UPDATE",
		append([]any{s.Tenant()}, whom.args...)...)
}

// readSent counts the letters of the last day that were asked for from devices of the same class.
func readSent(b *tenants.Batch, s *tenants.Scope, whom target, client Client, n *sentLetters) {
	args := append([]any{s.Tenant()}, whom.args...)
	args = append(args, s.Now().Add(-24*time.Hour), s.Now().Add(-10*time.Minute), s.Now().Add(-time.Hour),
		secretHash(client.Device), s.Now())
	b.Row(nil, `SELECT count(*) FILTER (WHERE f.started_at > $5), count(*) FILTER (WHERE f.started_at > $6), count(*), max(f.started_at)
		FROM recovery_flows f WHERE f.tenant_id = $1 AND f.account_id = `+whom.account+` AND f.started_at > $4
			AND f.known = EXISTS (SELECT 1 FROM known_devices d WHERE d.tenant_id = $1 AND d.id_hash = $7
				AND d.account_id = f.account_id AND d.ends_at > $8)`,
		args, &n.tenMinutes, &n.hour, &n.day, &n.last)
}

// mayGo tells whether one more letter with a recovery link may: mayWrite, and the tenant's own bound of
// recoveries. Strangers and the owner's devices are counted apart by readSent.
func (n sentLetters) mayGo(p tenants.ThrottlePolicy, now time.Time) bool {
	if p.SameAccount.Limit > 0 && n.within(p.SameAccount.Window.Std()) >= p.SameAccount.Limit {
		return false
	}
	return n.mayWrite(p, now)
}

// mayWrite is decisions.md 20: three in ten minutes at once, then one a minute, 5 an hour, 10 a day; the
// tenant's own bound of letters on top.
func (n sentLetters) mayWrite(p tenants.ThrottlePolicy, now time.Time) bool {
	if n.hour >= 5 || n.day >= 10 {
		return false
	}
	if p.MailSend.Limit > 0 && n.within(p.MailSend.Window.Std()) >= p.MailSend.Limit {
		return false
	}
	return n.tenMinutes < 3 || n.last == nil || now.Sub(*n.last) >= time.Minute
}

// ask is how a request came: over a limit, in which language, on the way to where.
type ask struct {
	limited          bool
	locale, returnTo string
}

// within counts the letters of the narrowest span known that covers a window: never fewer than were sent.
func (n sentLetters) within(window time.Duration) int {
	switch {
	case window <= 10*time.Minute:
		return n.tenMinutes
	case window <= time.Hour:
		return n.hour
	}
	return n.day
}

// sendLink writes the flow, the link, the letter and the audit row, or their look-alikes. A silently
// limited request leaves the standing link alone and sends nothing.
func (a *Accounts) sendLink(ctx context.Context, s *tenants.Scope, t *tenants.Tenant, who found, how ask) error {
	flow, link, token := tenants.NewID(), tenants.NewID(), newSecret()
	eligible := !how.limited && who.ok && who.Status == "active" && who.Email != "" &&
		takesRecovery(t.Policy.Reset, who.Checked, who.Claimed)
	linked := eligible && who.SignIn == "local"
	expires := s.Now().Add(t.Policy.Link.TTL.Std())
	var mailed, owner *uuid.UUID // of the flow, of the link: nobody's when no letter, no link goes out
	if eligible {
		mailed = who.ref()
	}
	if linked {
		owner = mailed
	}
	b := &tenants.Batch{}
	b.Exec(`UPDATE links SET replaced_at = $3 WHERE tenant_id = $1 AND account_id = $2 AND purpose = 'recovery'
		AND used_at IS NULL AND replaced_at IS NULL AND revoked_at IS NULL`, s.Tenant(), owner, s.Now())
	b.Exec(`UPDATE recovery_flows SET ended_at = $3, outcome = 'replaced'
		WHERE tenant_id = $1 AND account_id = $2 AND ended_at IS NULL`, s.Tenant(), mailed, s.Now())
	b.Exec(`INSERT INTO recovery_flows (tenant_id, id, account_id, known, started_at, expires_at, return_to)
		VALUES ($1, $2, $3, $4, $5, $6, $7)`, s.Tenant(), flow, mailed, who.Known, s.Now(), expires, how.returnTo)
	b.Exec(`INSERT INTO links (tenant_id, id, hash, purpose, account_id, flow_id, stamp, known, issued_at, expires_at)
		VALUES ($1, $2, $3, 'recovery', $4, $5, $6, $7, $8, $9)`,
		s.Tenant(), link, secretHash(token), owner, flow, who.Stamp, who.Known, s.Now(), expires)
	draft := letters.Draft{Lane: letters.Urgent, AccountID: who.ref(), Locale: cmp.Or(who.Locale, how.locale), Event: link.String(),
		Letter: themes.RecoveryLetter{Name: who.Name, Link: "/recover/" + token, ExpiresAt: expires,
			TTL: t.Policy.Link.TTL.Std(), NewTab: t.Policy.Link.OpensNewTab}}
	switch {
	case linked:
		draft.To, draft.LinkID = who.Email, &link
	case eligible:
		draft.To, draft.Letter = who.Email, themes.SSOLetter{Name: who.Name, Mode: t.Policy.Reset.ExternallyManaged}
	}
	if _, err := a.Outbox.Add(b, s, draft); err != nil {
		return err
	}
	err := audit.Add(ctx, b, s, audit.Event{Kind: audit.ResetRequested, Outcome: audit.Success, AccountID: who.ref(),
		Reason: askReason(who, how.limited, linked)})
	if err != nil {
		return err
	}
	return s.SendAndCommit(ctx, b)
}

// askReason says for the audit what a request came to.
func askReason(who found, limited, linked bool) string {
	switch {
	case linked:
		return "link sent"
	case !who.ok:
		return "unknown"
	case limited:
		return "limited"
	case who.Status != "active":
		return "disabled"
	case who.SignIn != "local":
		return "signs in elsewhere"
	case who.Email == "":
		return "no address"
	}
	return "address not confirmed"
}
