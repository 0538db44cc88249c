package senders

import (
	"context"
	"time"

	"portico/app/audit"
	"portico/app/letters"
	"portico/tenants"
)

// The words of SES.
const (
	sesSuccess    = "Success"
	sesFailed     = "Failed"
	sesNotStarted = "NotStarted"
)

const (
	pollMost  = 100       // domains that SES answers about at once
	proofGone = 7 * day   // how long a domain goes on serving without its owner's proof
	checked   = day       // between two looks at what is well
	watched   = time.Hour // and at what is not
	askAgain  = 1 * day   // between two requests for a domain that was lost
	pendMost  = time.Hour // at most between two looks while SES looks for records
	pendLeast = time.Minute
)

// poll asks SES how up to a hundred domains stand, in three calls, and brings their rows up to date.
func (x *Senders) poll(ctx context.Context, l lease, rows []dueDomain) error {
	v := view{refusals: mostRefusals}
	return x.pollSome(ctx, l, &v, rows)
}

// mostRefusals bounds the halving of a batch that SES refuses: one culprit among a hundred is found by eight
// refusals, two by fifteen.
const mostRefusals = 24

// view is what one round of polls has left to spend.
type view struct {
	refusals int
	silences int // of DNS, in a row
}

// pollSome asks in halves where SES refuses a batch, so that only the culprit is troubled.
func (x *Senders) pollSome(ctx context.Context, l lease, v *view, rows []dueDomain) error {
	found, trouble, err := x.lookUpAll(ctx, l, rows)
	switch {
	case err != nil:
		return err
	case trouble == "refused" && len(rows) > 1 && v.refusals > 0:
		v.refusals--
		half := len(rows) / 2
		if err := x.pollSome(ctx, l, v, rows[:half]); err != nil {
			return err
		}
		return x.pollSome(ctx, l, v, rows[half:])
	}
	for _, d := range rows {
		if err := l.hold(ctx); err != nil {
			return err
		}
		var err error
		if trouble != "" {
			err = x.troubled(ctx, d, trouble)
		} else {
			err = x.bring(ctx, l, v, d, found[d.Name])
		}
		if err != nil {
			if stops(ctx, err) {
				return err
			}
			x.skip(ctx, d, err)
		}
	}
	return nil
}

// bring brings one row up to date with what SES says of it.
func (x *Senders) bring(ctx context.Context, l lease, v *view, d dueDomain, a answer) error {
	a.byHand = d.OwnedBy == "operator"
	if err := x.mend(ctx, l, &d, a); err != nil {
		return err
	}
	return x.judge(ctx, v, d, a)
}

// lookUpAll asks SES about the domains of some rows.
func (x *Senders) lookUpAll(ctx context.Context, l lease, rows []dueDomain) (found map[string]answer, trouble string, err error) {
	names, seen := []string{}, map[string]bool{}
	for _, d := range rows {
		if !seen[d.Name] {
			names, seen[d.Name] = append(names, d.Name), true
		}
	}
	var identity, dkim, mailFrom map[string]letters.Attributes
	for _, look := range []struct {
		into *map[string]letters.Attributes
		ask  func(context.Context, []string) (map[string]letters.Attributes, error)
	}{{&dkim, x.SES.LookDKIM}, {&identity, x.SES.LookIdentities}, {&mailFrom, x.SES.LookMailFrom}} {
		trouble, err := l.call(ctx, func(ctx context.Context) (err error) {
			*look.into, err = look.ask(ctx, names)
			return err
		})
		if err != nil || trouble != "" {
			return nil, trouble, err
		}
	}
	found = map[string]answer{}
	for _, name := range names {
		found[name] = answer{identity: identity[name].Status, dkim: dkim[name].Status, mailFrom: mailFrom[name].Status, tokens: dkim[name].Tokens}
	}
	return found, "", nil
}

// mend does again what an earlier step could not, or what was undone at SES since: MAIL FROM, the
// configuration set, and the request for a domain that was lost. What does not work waits for the next look.
func (x *Senders) mend(ctx context.Context, l lease, d *dueDomain, a answer) error {
	if d.State == Lost && a.gone() && (d.AskedAt == nil || x.DB.Clock().Now().Sub(*d.AskedAt) > askAgain) {
		var tokens []string
		trouble, err := l.call(ctx, func(ctx context.Context) (err error) {
			tokens, err = x.SES.AskDomain(ctx, d.Name)
			return err
		})
		if err != nil || trouble != "" {
			return err
		}
		d.Tokens = tokens
		_, err = x.save(ctx, *d, nil, "dkim_tokens = $4, asked_at = $5", tokens, x.DB.Clock().Now())
		return err
	}
	if !a.good() {
		return nil
	}
	if d.MailFromAt == nil && d.OwnedBy != "operator" { // what an operator set up by hand stays as it is
		if _, err := x.mailFrom(ctx, l, *d); err != nil {
			return err
		}
	}
	_, err := x.makeSet(ctx, l, d.tenant)
	return err
}

// answer is what SES says of one domain; "" is nothing.
type answer struct {
	identity, dkim, mailFrom string
	tokens                   []string
	byHand                   bool // an operator had it verified before Portico asked for domains itself
}

// good tells whether SES lets letters leave from the domain, and signs them so that DMARC agrees.
func (a answer) good() bool { return a.dkim == sesSuccess || a.byHand && a.identity == sesSuccess }

// gone tells whether SES has given the domain up, or knows nothing of it. What was set up by hand may be the
// identity of a parent or of one address, of which this answer says nothing: only a plain no counts.
func (a answer) gone() bool {
	if a.byHand {
		return a.identity == sesFailed
	}
	return a.dkim == sesFailed || a.dkim == sesNotStarted || a.dkim == "" || a.identity == sesFailed
}

// judge brings one row in line with what SES answered, and looks for the owner's proof again.
func (x *Senders) judge(ctx context.Context, seen *view, d dueDomain, a answer) error {
	proof, failed := "", error(nil)
	switch {
	case d.State != Verified && d.State != Lost:
	case seen.silences >= mostSilences:
		failed = errNobodyLooks
	default:
		proof, failed = x.owns(ctx, d.tenant, d.Domain)
		if seen.silences++; failed == nil || proof != "" {
			seen.silences = 0
		}
	}
	now := x.DB.Clock().Now()
	unowned := d.Unowned
	switch {
	case d.State != Verified && d.State != Lost, failed != nil: // nothing new is known
	case proof != "", d.OwnedBy == "operator":
		unowned = nil
	case unowned == nil:
		unowned = &now
	}
	expired := unowned != nil && now.Sub(*unowned) > proofGone
	v := verdict{Domain: d.Domain, a: a, now: now, unowned: unowned, proof: proof}
	switch {
	case d.State == Pending && a.good():
		v.to, v.what = Verified, "verified"
	case d.State == Pending && (a.dkim == "" || a.dkim == sesNotStarted) && a.identity == "":
		v.to = Asking // somebody deleted it there
	case d.State == Pending && a.gone() && a.dkim != sesNotStarted:
		v.to, v.what = Failed, "failed"
	case d.State == Verified && (expired || a.gone()):
		v.to, v.what = Lost, "lost"
	case d.State == Verified && d.Unowned == nil && unowned != nil:
		v.to, v.what = Verified, "unproven"
	case d.State == Lost && a.good() && !expired:
		v.to, v.what = Verified, "verified"
	default:
		v.to = d.State
	}
	return x.settle(ctx, d, v)
}

// verdict is what a look at SES came to.
type verdict struct {
	Domain

	a       answer
	now     time.Time
	to      State
	what    string // to be told: verified, failed, lost, unproven; "" for nothing
	unowned *time.Time
	proof   string
}

// next is when the row is looked at again; nil for not before somebody asks.
func (v verdict) next() *time.Time {
	at := v.now
	switch v.to {
	case Asking:
	case Pending:
		at = at.Add(min(pendLeast<<min(v.tries, 10), pendMost))
	case Verified:
		at = at.Add(checked)
		if v.a.dkim != sesSuccess || v.a.mailFrom == "Pending" || v.unowned != nil {
			at = v.now.Add(watched)
		}
	case Lost:
		at = at.Add(watched)
	default:
		return nil
	}
	return &at
}

func (x *Senders) settle(ctx context.Context, d dueDomain, v verdict) error {
	since, tries, trouble := d.Since, d.tries+1, ""
	if v.to != d.State {
		since, tries = v.now, 0
	}
	if v.to == Verified && !v.a.good() {
		trouble = "dkim" // SES looks for the records once more; it gives up after three days
	}
	var verifiedAt, seen *time.Time
	if v.to == Verified && d.State != Verified {
		verifiedAt = &v.now
	}
	if v.proof != "" {
		seen = &v.now
	}
	tokens := v.a.tokens
	if len(tokens) == 0 {
		tokens = d.Tokens
	}
	_, err := x.save(ctx, d, func(s *tenants.Scope) error {
		if v.to == Verified && d.State != Verified && d.Wanted {
			if err := retireOthers(ctx, s, d.Name); err != nil {
				return err
			}
		}
		return x.tellOf(ctx, s, d, v)
	}, `state = $4, state_since = $5, ses_identity = $6, ses_dkim = $7, ses_mail_from = $8, checked_at = $9, verified_at = coalesce($10, verified_at),
		owned_seen_at = coalesce($11, owned_seen_at), owned_by = CASE WHEN $12 = '' OR owned_by = 'operator' THEN owned_by ELSE $12 END, unowned_since = $13, dkim_tokens = $14,
		trouble = $15, trouble_at = $16, tries = $17, due_at = $18`,
		string(v.to), since, v.a.identity, v.a.dkim, v.a.mailFrom, v.now, verifiedAt, seen, v.proof, v.unowned, tokens,
		trouble, when(trouble, v.now), tries, v.next())
	return err
}

// tellOf writes into the audit what changed, and to the administrators.
func (x *Senders) tellOf(ctx context.Context, s *tenants.Scope, d dueDomain, v verdict) error {
	event := audit.Event{Outcome: audit.Failure, Reason: v.what, Details: map[string]any{"domain": d.Name, "identity": v.a.identity, "dkim": v.a.dkim}}
	switch v.what {
	case "":
		return nil
	case "verified":
		event.Kind, event.Outcome, event.Reason = audit.SenderVerified, audit.Success, ""
	case "failed":
		event.Kind = audit.SenderFailed
	case "lost", "unproven":
		event.Kind = audit.SenderLost
		if !v.a.gone() {
			event.Reason = "unproven"
		}
	}
	if err := audit.Write(ctx, s, event); err != nil {
		return err
	}
	return x.tell(ctx, s, notice{what: v.what, domain: d.Name, from: d.From, at: v.now})
}
