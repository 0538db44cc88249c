package gates

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"github.com/google/uuid"

	"portico/app/accounts"
	"portico/tenants"
)

// Flow is a recovery on its way.
type Flow struct {
	ID        uuid.UUID
	Goal      string // "", Reset, Unlock
	Passed    []Gate
	ReturnTo  string
	ExpiresAt time.Time
	Person    accounts.Person // zero: nobody's

	tries int
	whom  []byte // keyed hash of what was typed
	stamp int64
}

// Gate is one proof that was passed.
type Gate struct {
	Kind   string    `json:"kind"`
	Family string    `json:"family"`
	Reach  []byte    `json:"reach,omitempty"` // keyed hash of the number or address: one never makes two gates
	At     time.Time `json:"at"`
}

// subject is how the flow's challenges are named.
func (f Flow) subject() string { return "flow:" + f.ID.String() }

// methods names the proofs passed, for the audit.
func (f Flow) methods() []string {
	var names []string
	for _, g := range f.Passed {
		names = append(names, g.Kind)
	}
	return names
}

// required is how many gates stand before this person's goal; nobody's count is everybody's.
func (f Flow) required(t *tenants.Tenant) int {
	return t.GatesBefore(f.Person.Admin)
}

// through tells whether all gates are passed, by the rules of now: a proof that the policy, or a role that
// the person got meanwhile, no longer allows counts no more.
func (f Flow) through(t *tenants.Tenant) bool {
	if f.Person.Ref() == nil {
		return false
	}
	distinct := map[string]bool{}
	for _, kind := range t.RecoveryWays(f.Person.Admin) {
		if slices.ContainsFunc(f.Passed, func(g Gate) bool { return g.Kind == kind.Name }) {
			distinct[t.Policy.Gates.DistinctKey(kind)] = true
		}
	}
	return len(distinct) >= f.required(t)
}

// passed tells whether a proof may not be used again: its family (or itself, by gates.distinct_by) was.
func (f Flow) passed(p tenants.Policy, kind tenants.ProofKind) bool {
	return slices.ContainsFunc(f.Passed, func(g Gate) bool {
		old, ok := tenants.ProofOf(g.Kind)
		return g.Kind == kind.Name || ok && p.Gates.DistinctKey(old) == p.Gates.DistinctKey(kind)
	})
}

// read finds a flow that is still on its way by its secret; hold keeps it as it is until the transaction
// ends. ErrEnded for all others, also when the account changed since it began: its password was set, it was
// disabled.
func read(ctx context.Context, s *tenants.Scope, t *tenants.Tenant, secret string, client accounts.Client, hold bool) (Flow, error) {
	var f Flow
	if !accounts.WellFormedSecret(secret) {
		return f, ErrEnded
	}
	query := `SELECT id, account_id, goal, gates, return_to, expires_at, tries, whom, stamp FROM recovery_flows
		WHERE tenant_id = $1 AND secret_hash = $2 AND ended_at IS NULL AND expires_at > $3`
	if hold {
		query += " FOR UPDATE"
	}
	var account *uuid.UUID
	var passed []byte
	err := s.Row(ctx, query, []any{s.Tenant(), accounts.SecretHash(secret), s.Now()},
		&f.ID, &account, &f.Goal, &passed, &f.ReturnTo, &f.ExpiresAt, &f.tries, &f.whom, &f.stamp)
	if errors.Is(err, tenants.ErrNotFound) {
		return f, ErrEnded
	}
	if err != nil {
		return f, err
	}
	if err := json.Unmarshal(passed, &f.Passed); err != nil {
		return f, err
	}
	b := &tenants.Batch{}
	accounts.PersonOf(b, s, t, account, client, &f.Person)
	if err := s.Send(ctx, b); err != nil {
		return f, err
	}
	if account != nil && (f.Person.Stamp != f.stamp || f.Person.Status != "active" || f.Person.SignIn != "local") {
		return f, ErrEnded
	}
	return f, nil
}

// finish adds the end of the flow to a batch.
func (f Flow) finish(b *tenants.Batch, s *tenants.Scope, outcome string) {
	b.Exec("UPDATE recovery_flows SET ended_at = $3, outcome = $4 WHERE tenant_id = $1 AND id = $2 AND ended_at IS NULL",
		s.Tenant(), f.ID, s.Now(), outcome)
	b.Exec("UPDATE challenges SET ended_at = $3 WHERE tenant_id = $1 AND subject = $2 AND ended_at IS NULL", s.Tenant(), f.subject(), s.Now())
}

// Leave ends a flow at its person's wish ("Start again"); one that is over already is no error.
func (g *Gates) Leave(ctx context.Context, t *tenants.Tenant, secret string, client accounts.Client) error {
	err := g.DB.In(ctx, t.ID, func(s *tenants.Scope) error {
		f, err := read(ctx, s, t, secret, client, true)
		if err != nil {
			return err
		}
		b := &tenants.Batch{}
		f.finish(b, s, "given up")
		return s.Send(ctx, b)
	})
	if errors.Is(err, ErrEnded) {
		return nil
	}
	return err
}
