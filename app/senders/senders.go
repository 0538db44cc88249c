package senders

import (
	"context"
	"log/slog"
	"time"

	"portico/app/letters"
	"portico/tenants"
)

// Identities is what Amazon SES is asked about domains (letters.SES). Look… take a hundred domains at most and
// say nothing of those that SES does not know. Trouble sorts their errors: throttled, denied, limit, topic,
// refused, away.
type Identities interface {
	AskDomain(ctx context.Context, domain string) (tokens []string, err error)
	SetMailFrom(ctx context.Context, domain, mailFrom string) error
	MakeSet(ctx context.Context, name string) error
	Publish(ctx context.Context, set, topic string) error
	LookIdentities(ctx context.Context, domains []string) (map[string]letters.Attributes, error)
	LookDKIM(ctx context.Context, domains []string) (map[string]letters.Attributes, error)
	LookMailFrom(ctx context.Context, domains []string) (map[string]letters.Attributes, error)
	Trouble(err error) string
}

// Senders looks after the senders of all tenants. DB, Resolver, Outbox and Log must be set.
type Senders struct {
	DB       *tenants.DB
	Resolver *tenants.Resolver
	Outbox   *letters.Outbox
	Log      *slog.Logger

	SES    Identities // nil: mail leaves another way, and no domain is asked for
	Region string     // of SES, for the MX record of MAIL FROM
	Topic  string     // ARN of the SNS topic that configuration sets publish to; "" makes no sets

	// Owns tells whether a tenant has proven a domain to be its own in another way than the TXT record; nil asks
	// its verified hosts. TXT looks records up and says nothing of what stands behind an alias: whoever owns a
	// wildcard's target would own every name below it. Its error is "not known"; nil knows nothing.
	Owns func(ctx context.Context, tenant tenants.ID, domain string) (bool, error)
	TXT  func(ctx context.Context, name string) ([]string, error)

	Pace  time.Duration // least time between two calls of SES; 0 is 1.1 s: SES allows one a second
	Lease time.Duration // after which another instance goes on in place of one that is silent; 0 is 45 s
	Call  time.Duration // for one call of SES; 0 is 10 s

	counts counts
}

// State is where a domain stands.
type State string

// The states of a domain.
const (
	Claimed  State = "claimed"  // the tenant has not proven that it is its own
	Asking   State = "asking"   // SES is to be asked
	Pending  State = "pending"  // SES looks for its records
	Verified State = "verified" // letters leave from it
	Failed   State = "failed"   // SES looked for three days in vain
	Lost     State = "lost"     // it was verified, and its records or the proof are gone
	Retired  State = "retired"  // the tenant sends from another one
)

// States are all of them.
func States() []State {
	return []State{Claimed, Asking, Pending, Verified, Failed, Lost, Retired}
}

// Domain is one domain of a tenant's mail, with how it stands.
type Domain struct {
	Name   string
	From   string // the last sender that the tenant's file named there
	Wanted bool   // the file names it now
	State  State
	Since  time.Time // of the state

	Challenge string     // what the TXT record says
	OwnedBy   string     // host, txt, operator; "" before it is proven
	OwnedSeen *time.Time // the proof was last found
	Unowned   *time.Time // since when the proof is gone

	Tokens     []string // of DKIM
	AskedAt    *time.Time
	MailFrom   string
	MailFromAt *time.Time
	// In the words of SES, "" before it said any.
	Identity, DKIM, MailFromState string

	CheckedAt  *time.Time // SES answered last
	VerifiedAt *time.Time
	Trouble    string // why the last step was not taken: what Identities.Trouble says, dns, or mail_from; "" for none
	TroubleAt  *time.Time
	DueAt      *time.Time // when it is looked at next

	tries int
}

const selectDomain = `SELECT domain, from_address, wanted, state, state_since, challenge, owned_by, owned_seen_at, unowned_since, dkim_tokens,
	asked_at, mail_from, mail_from_at, ses_identity, ses_dkim, ses_mail_from, checked_at, verified_at, trouble, trouble_at, due_at, tries
	FROM sender_domains WHERE tenant_id = $1`

func (d *Domain) read(scan func(...any) error) error {
	return scan(&d.Name, &d.From, &d.Wanted, &d.State, &d.Since, &d.Challenge, &d.OwnedBy, &d.OwnedSeen, &d.Unowned, &d.Tokens,
		&d.AskedAt, &d.MailFrom, &d.MailFromAt, &d.Identity, &d.DKIM, &d.MailFromState, &d.CheckedAt, &d.VerifiedAt, &d.Trouble, &d.TroubleAt, &d.DueAt, &d.tries)
}

// domains reads the tenant's domains, the wanted one first.
func domains(ctx context.Context, s *tenants.Scope) (all []Domain, err error) {
	err = s.Each(ctx, selectDomain+" ORDER BY wanted DESC, state_since DESC, domain", []any{s.Tenant()}, func(scan func(...any) error) error {
		var d Domain
		err := d.read(scan)
		all = append(all, d)
		return err
	})
	return all, err
}
