package gates

import (
	"cmp"
	"context"
	"time"

	"portico/app/accounts"
	"portico/app/audit"
	"portico/app/letters"
	"portico/tenants"
	"portico/themes"
)

// Begun is a new flow as its browser keeps it.
type Begun struct {
	Secret string
	Until  time.Time
}

// Begin starts a recovery for whoever has the identifier that the policy names. Everybody gets a flow, after
// the same statements: unknown, disabled, SSO-only people and those outside of reset.scope get one that
// never opens anything; SSO-only people are mailed how they sign in. pass is the client's CAPTCHA pass over
// its address limit. *accounts.LimitError when the address asked too often.
func (g *Gates) Begin(ctx context.Context, t *tenants.Tenant, typed, returnTo string, client accounts.Client) (Begun, error) {
	defer accounts.EvenOut(ctx, time.Now())
	begun := Begun{Secret: accounts.NewSecret()}
	kind := t.Policy.Reset.Identifier
	limit := &accounts.AskLimit{}
	err := g.DB.In(ctx, t.ID, func(s *tenants.Scope) error {
		begun.Until = s.Now().Add(sessionLife(t.Policy))
		var who accounts.Person
		var inScope bool
		b := &tenants.Batch{}
		g.Accounts.CountAsk(b, s, t.Policy, client, limit)
		accounts.FindPerson(b, s, t, kind, typed, client, &who)
		inGroup(b, s, t, typed, &inScope)
		if err := s.Send(ctx, b); err != nil {
			return err
		}
		if limit.Err() != nil {
			return limit.Blocked(ctx, s) // nil commits: a refusal may have begun a block
		}
		f := Flow{ID: tenants.NewID(), ExpiresAt: begun.Until, Person: who}
		if !t.Policy.Reset.ReasonPrompt {
			f.Goal = Reset
		}
		reason := refusal(who, inScope)
		if reason != "" {
			f.Person = accounts.Person{}
		}
		b = &tenants.Batch{}
		whom := g.Seals.MAC("recovery of", t.ID, kind, accounts.LookUpKey(kind, typed))
		b.Exec(`INSERT INTO recovery_flows (tenant_id, id, account_id, known, return_to, started_at, expires_at, secret_hash, whom, goal, stamp)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`, s.Tenant(), f.ID, f.Person.Ref(), f.Person.Known, returnTo, s.Now(),
			f.ExpiresAt, accounts.SecretHash(begun.Secret), whom, f.Goal, f.Person.Stamp)
		if err := g.tellElsewhere(b, s, t, who, f, client); err != nil {
			return err
		}
		err := audit.Add(ctx, b, s, audit.Event{Kind: audit.ResetRequested, Outcome: audit.Success, AccountID: who.Ref(),
			Reason: cmp.Or(reason, "gates"), Details: map[string]any{"flow": f.ID}})
		if err != nil {
			return err
		}
		return s.SendAndCommit(ctx, b)
	})
	if err == nil {
		err = limit.Err()
	}
	return begun, err
}

// refusal is why a flow is nobody's, for the audit alone.
func refusal(who accounts.Person, inScope bool) string {
	switch {
	case who.Ref() == nil:
		return "unknown"
	case who.Status != "active":
		return "disabled"
	case who.SignIn != "local":
		return "signs in elsewhere"
	case !inScope:
		return "outside of the group"
	}
	return ""
}

// inGroup asks whether the person stands in the group that reset.scope names, or below it.
func inGroup(b *tenants.Batch, s *tenants.Scope, t *tenants.Tenant, typed string, in *bool) {
	kind := t.Policy.Reset.Identifier
	b.Row(nil, `SELECT $2 <> 'group' OR EXISTS (
		WITH RECURSIVE tree AS (
			SELECT id FROM groups WHERE tenant_id = $1 AND external_id = $3
			UNION SELECT g.id FROM groups g JOIN tree ON g.parent_id = tree.id WHERE g.tenant_id = $1)
		SELECT 1 FROM account_identifiers i JOIN account_groups m ON m.tenant_id = i.tenant_id AND m.account_id = i.account_id
			JOIN tree ON tree.id = m.group_id WHERE i.tenant_id = $1 AND i.kind = $4 AND i.norm = $5)`,
		[]any{s.Tenant(), t.Policy.Reset.Scope, t.Policy.Reset.ScopeGroup, kind, accounts.LookUpKey(kind, typed)}, in)
}

// tellElsewhere mails somebody who signs in through their organisation how they do, once a day; everybody
// else's flow writes a letter to nobody.
func (g *Gates) tellElsewhere(b *tenants.Batch, s *tenants.Scope, t *tenants.Tenant, who accounts.Person, f Flow, client accounts.Client) error {
	draft := letters.Draft{Lane: letters.Urgent, AccountID: who.Ref(), Locale: cmp.Or(who.Locale, client.Locale),
		Letter: themes.SSOLetter{Name: who.Name, Mode: t.Policy.Reset.ExternallyManaged}, Event: "recovery " + f.ID.String()}
	if who.SignIn == "sso" && who.Status == "active" {
		draft.To, draft.Event = who.Email, "recovery "+who.ID.String()+" "+s.Now().Format(time.DateOnly)
	}
	_, err := g.Accounts.Outbox.Add(b, s, draft)
	return err
}
