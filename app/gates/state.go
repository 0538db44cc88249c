package gates

import (
	"context"
	"time"

	"portico/app/accounts"
	"portico/app/proofs"
	"portico/tenants"
)

// Step is where a flow stands.
type Step string

// The steps of a flow, in their order.
const (
	Choose  Step = "choose"  // forgot, or know but locked
	Prove   Step = "prove"   // choose a way to prove
	Answer  Step = "answer"  // type the code or the answers
	Unable  Step = "unable"  // proved what there is, and it is not enough
	SetNew  Step = "set"     // a new password
	Blocked Step = "blocked" // nothing counts from here until later
)

// State is what the next page needs.
type State struct {
	Flow
	Step         Step
	Required     int
	Offers       []Offer
	Challenge    proofs.Challenge
	Offer        Offer // of the challenge
	BlockedUntil time.Time
}

// Gate is the number of the gate at hand, from 1.
func (st State) Gate() int { return len(st.Passed) + 1 }

// State reads where a flow stands; it changes nothing. ErrEnded when there is none.
func (g *Gates) State(ctx context.Context, t *tenants.Tenant, secret string, client accounts.Client) (State, error) {
	var st State
	err := g.DB.In(ctx, t.ID, func(s *tenants.Scope) (err error) {
		st, err = g.state(ctx, s, t, secret, client, false)
		return err
	})
	return st, err
}

func (g *Gates) state(ctx context.Context, s *tenants.Scope, t *tenants.Tenant, secret string, client accounts.Client, hold bool) (State, error) {
	f, err := read(ctx, s, t, secret, client, hold)
	if err != nil {
		return State{}, err
	}
	st := State{Flow: f, Required: f.required(t)}
	var held proofs.Held
	var asked bool
	b := &tenants.Batch{}
	g.Proofs.Read(b, s, f.Person.Ref(), &held)
	proofs.Standing(b, s, f.subject(), &asked, &st.Challenge)
	until := g.blockedUntil(b, s, f, client)
	if err := s.Send(ctx, b); err != nil {
		return st, err
	}
	st.Offers = g.offers(t, f, held, s.Now())
	st.BlockedUntil = *until
	switch {
	case f.Goal == "":
		st.Step = Choose
	case f.through(t):
		st.Step = SetNew
	case s.Now().Before(st.BlockedUntil):
		st.Step = Blocked
	case asked && s.Now().Before(st.Challenge.ExpiresAt) && st.Challenge.Left() > 0 && st.offered(st.Challenge.Method):
		st.Step = Answer
	case len(st.Offers) == 0:
		st.Step = Unable
	default:
		st.Step = Prove
	}
	return st, nil
}

// offered finds the offer of a way.
func (st *State) offered(method string) bool {
	for _, o := range st.Offers {
		if o.Kind.Name == method {
			st.Offer = o
			return true
		}
	}
	return false
}

// Decide records what the person wants: Reset or Unlock. It may be changed until a gate is passed.
func (g *Gates) Decide(ctx context.Context, t *tenants.Tenant, secret, goal string, client accounts.Client) error {
	if goal != Reset && (goal != Unlock || !t.Policy.Reset.UnlockWithoutReset) {
		return ErrEnded
	}
	return g.DB.In(ctx, t.ID, func(s *tenants.Scope) error {
		f, err := read(ctx, s, t, secret, client, true)
		if err != nil {
			return err
		}
		if len(f.Passed) > 0 && f.Goal != goal {
			return ErrEnded
		}
		b := &tenants.Batch{}
		b.Exec("UPDATE recovery_flows SET goal = $3 WHERE tenant_id = $1 AND id = $2", s.Tenant(), f.ID, goal)
		if f.Goal != goal { // a code that was asked for to unlock sets no password (ASVS 6.6.2)
			proofs.End(b, s, f.subject())
		}
		return s.Send(ctx, b)
	})
}
