package accounts

import (
	"context"

	"portico/app/audit"
	"portico/tenants"
)

// beyondFactor is how much the second bound of an address has: five times the ordinary limit together
// with it. Beyond that a CAPTCHA helps nobody.
const beyondFactor = 4

// addressLimit bounds what one client address may do: ordinary counters, and a second set for those who
// solved a CAPTCHA when the ordinary one is full (decisions.md 21: a CAPTCHA comes before 429).
type addressLimit struct {
	client           Client
	ordinary, beyond []counter
}

// addressLimit multiplies the counters for a network that the tenant listed, and halves them while the
// provider of the CAPTCHA is away.
func (c Client) addressLimit(p tenants.ThrottlePolicy, counters ...counter) addressLimit {
	l := addressLimit{client: c}
	factor := NetworkFactor(p, c.Address)
	for _, n := range counters {
		n.subject, n.limit = c.AddressKey(), times(n.limit, factor)
		second := counter{n.name + " beyond", n.subject, times(n.limit, beyondFactor)}
		if c.Captcha == CaptchaDown {
			n.limit.Limit, second.limit.Limit = max(1, n.limit.Limit/2), max(1, second.limit.Limit/2)
		}
		l.ordinary, l.beyond = append(l.ordinary, n), append(l.beyond, second)
	}
	return l
}

// addressAnswer is what became of a try.
type addressAnswer struct {
	limitAnswer
	beyond, solvable, begins bool
}

// takeAddress adds the counting of one try to a batch.
func (a *Accounts) takeAddress(b *tenants.Batch, s *tenants.Scope, l addressLimit, into *addressAnswer) {
	keys, limits, windows, blocks := a.limitArgs(s.Tenant(), l.ordinary)
	more, higher, _, _ := a.limitArgs(s.Tenant(), l.beyond)
	solved := l.client.Captcha != CaptchaNone
	told := "told"
	if solved {
		told = "told beyond"
	}
	b.Row(nil, `SELECT allowed, beyond, solvable, retry_at, begins
		FROM take_address_limits($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
		[]any{s.Now(), keys, limits, windows, blocks, more, higher,
			a.Seals.MAC("limit", s.Tenant(), l.ordinary[0].name+" "+told, l.ordinary[0].subject), solved},
		&into.allowed, &into.beyond, &into.solvable, &into.retryAt, &into.begins)
}

// taken are the counters in which a try was counted.
func (l addressLimit) taken(answer addressAnswer) []counter {
	if answer.beyond {
		return l.beyond
	}
	return l.ordinary
}

// err is nil or *LimitError.
func (l addressAnswer) err() error {
	err := l.limitAnswer.err()
	if limit, ok := err.(*LimitError); ok { //nolint:errorlint // made in the line above
		limit.Solvable = l.solvable
	}
	return err
}

// blocked writes, when a refusal is the first since the address was last free, the audit's one row of it:
// a flood of refused tries leaves one trace and no flood of rows.
func (l addressAnswer) blocked(ctx context.Context, s *tenants.Scope, kind audit.Kind) error {
	if l.allowed || !l.begins {
		return nil
	}
	details := map[string]any{"captcha": l.solvable}
	if l.retryAt != nil {
		details["until"] = *l.retryAt
	}
	b := &tenants.Batch{}
	b.Exec("SET LOCAL synchronous_commit = on") // charges do without, a row of the audit does not
	if err := audit.Add(ctx, b, s, audit.Event{Kind: kind, Outcome: audit.Denied, Reason: "address limit", Details: details}); err != nil {
		return err
	}
	return s.Send(ctx, b)
}
