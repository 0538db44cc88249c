package gates

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"portico/app/accounts"
	"portico/app/audit"
	"portico/app/proofs"
	"portico/tenants"
)

// Answer tries a code or the answers at hand. nil means that the gate is passed: ask State what comes next,
// or Unlocked. *WrongError, *BlockedError, ErrCodeEnded, ErrEnded otherwise. Every try is charged in a
// transaction of its own before anything is compared.
func (g *Gates) Answer(ctx context.Context, t *tenants.Tenant, secret string, given proofs.Given, client accounts.Client) (unlocked bool, err error) {
	defer accounts.EvenOut(ctx, time.Now())
	var st State
	var c proofs.Challenge
	var blocks []block
	err = g.DB.In(ctx, t.ID, func(s *tenants.Scope) (err error) {
		if st, err = g.state(ctx, s, t, secret, client, true); err != nil {
			return err
		}
		switch st.Step {
		case Blocked:
			return &BlockedError{Until: st.BlockedUntil}
		case Answer:
		case Prove:
			return ErrCodeEnded
		default:
			return ErrEnded
		}
		if blocks, err = g.charge(ctx, s, t, st.Flow, proofBlocks(t, st.Flow, client)...); err != nil {
			return err
		}
		c, err = proofs.Charge(ctx, s, st.subject())
		if errors.Is(err, proofs.ErrEnded) {
			return ErrCodeEnded
		}
		return err
	})
	if err != nil {
		return false, err
	}
	verdict, err := g.Proofs.Check(ctx, c, g.work(t, st, client), given)
	if err != nil {
		return false, errors.Join(err, g.uncharge(ctx, t, st, c, blocks))
	}
	return g.settle(ctx, t, secret, st, c, verdict, blocks, client)
}

// settle writes down what a try came to.
func (g *Gates) settle(ctx context.Context, t *tenants.Tenant, secret string, st State, c proofs.Challenge, v proofs.Verdict, blocks []block,
	client accounts.Client) (unlocked bool, err error) {
	var refused error
	err = g.DB.In(ctx, t.ID, func(s *tenants.Scope) error {
		if st.Goal == Unlock { // the account first, as a reset and a request for a link hold it
			b := &tenants.Batch{}
			accounts.Hold(b, s, st.Person.Ref())
			if err := s.Send(ctx, b); err != nil {
				return err
			}
		}
		f, err := read(ctx, s, t, secret, client, true)
		if err != nil {
			return err
		}
		if len(f.Passed) != len(st.Passed) {
			return ErrEnded // somebody was quicker
		}
		st.Flow = f
		if !v.Right {
			return g.wrongAnswer(ctx, s, t, st, c, blocks, client, &refused)
		}
		if err := proofs.Settle(ctx, s, c, v); err != nil {
			switch {
			case errors.Is(err, proofs.ErrEnded) && v.Spend == nil:
				return ErrEnded // the same answer, a moment ago
			case errors.Is(err, proofs.ErrEnded):
				return ErrCodeEnded // used elsewhere meanwhile
			}
			return err
		}
		unlocked, err = g.pass(ctx, s, t, st, c, blocks)
		return err
	})
	if v.Right && (errors.Is(err, ErrEnded) || errors.Is(err, ErrCodeEnded)) {
		err = errors.Join(err, g.uncharge(ctx, t, st, c, blocks)) // a second click is no failure
	}
	if err == nil {
		err = refused
	}
	return unlocked, err
}

// pass records the gate, and unlocks at once where that was the goal and this the last.
func (g *Gates) pass(ctx context.Context, s *tenants.Scope, t *tenants.Tenant, st State, c proofs.Challenge, blocks []block) (unlocked bool, err error) {
	f := st.Flow
	f.Passed = append(f.Passed, Gate{Kind: c.Method, Family: st.Offer.Kind.Family, Reach: g.reach(t, st.Offer.held), At: s.Now()})
	passed, err := json.Marshal(f.Passed)
	if err != nil {
		return false, err
	}
	b := &tenants.Batch{}
	b.Exec("UPDATE recovery_flows SET gates = $3 WHERE tenant_id = $1 AND id = $2", s.Tenant(), f.ID, passed)
	b.Exec("UPDATE proofs SET last_used_at = $3 WHERE tenant_id = $1 AND id = $2", s.Tenant(), st.Offer.held.ID, s.Now())
	g.refund(b, s, t, f, blocks)
	if st.Offer.Kind.Family == "mobile" || st.Offer.Kind.Family == "office" {
		g.Phones.Used(b, s)
	}
	err = audit.Add(ctx, b, s, audit.Event{Kind: audit.ResetStep, Outcome: audit.Success, AccountID: f.Person.Ref(),
		Details: map[string]any{"flow": f.ID, "gate": len(f.Passed), "method": c.Method}})
	if err != nil {
		return false, err
	}
	if f.Goal == Unlock && f.through(t) && t.Policy.Reset.UnlockWithoutReset {
		forget(b, s, f)
		f.finish(b, s, "unlocked")
		err = g.Accounts.OpenLock(ctx, b, s, f.Person, f.ID.String(), f.methods())
		unlocked = true
	}
	if err != nil {
		return false, err
	}
	return unlocked, s.Send(ctx, b)
}

// wrongAnswer counts a wrong code or answer, ends what has no tries left, and draws new questions.
func (g *Gates) wrongAnswer(ctx context.Context, s *tenants.Scope, t *tenants.Tenant, st State, c proofs.Challenge, blocks []block,
	client accounts.Client, refused *error) error {
	drawn := c.Method == proofs.Questions
	*refused = &WrongError{Left: c.Left()}
	if err := g.wrong(ctx, s, st, blocks, c.Method, refused); err != nil {
		return err
	}
	if !errors.As(*refused, new(*WrongError)) || !drawn && c.Left() > 0 {
		return nil
	}
	draws := 0
	if drawn {
		err := s.Row(ctx, "SELECT count(*) FROM challenges WHERE tenant_id = $1 AND subject = $2 AND method = $3 AND tries > 0",
			[]any{s.Tenant(), st.subject(), c.Method}, &draws)
		if err != nil {
			return err
		}
	}
	if drawn && draws >= wrongDraws {
		b := &tenants.Batch{}
		st.finish(b, s, "refused")
		*refused = ErrEnded
		return s.Send(ctx, b)
	}
	if drawn { // a wrong answer starts over with other questions (behaviour.md 2A)
		*refused = &WrongError{Left: wrongDraws - draws}
		_, err := g.Proofs.Ask(ctx, s, c.Method, g.work(t, st, client), nil)
		return err
	}
	return g.endChallenge(ctx, s, st)
}

func (g *Gates) endChallenge(ctx context.Context, s *tenants.Scope, st State) error {
	b := &tenants.Batch{}
	proofs.End(b, s, st.subject())
	return s.Send(ctx, b)
}

// wrong writes down one failure of the flow: the tenth ends it, and one that filled a counter blocks.
func (g *Gates) wrong(ctx context.Context, s *tenants.Scope, st State, blocks []block, method string, refused *error) error {
	b := &tenants.Batch{}
	b.Exec("UPDATE recovery_flows SET tries = tries + 1 WHERE tenant_id = $1 AND id = $2", s.Tenant(), st.ID)
	err := audit.Add(ctx, b, s, audit.Event{Kind: audit.ResetStep, Outcome: audit.Failure, Reason: "wrong", AccountID: st.Person.Ref(),
		Details: map[string]any{"flow": st.ID, "gate": st.Gate(), "method": method}})
	if err != nil {
		return err
	}
	for _, bl := range blocks {
		if bl.justFilled {
			*refused = &BlockedError{Until: bl.until}
			proofs.End(b, s, st.subject())
			if err := g.blocked(ctx, b, s, st.Flow, bl); err != nil {
				return err
			}
		}
	}
	if st.tries+1 >= wrongPerFlow && !errors.As(*refused, new(*BlockedError)) {
		*refused = ErrEnded
		st.finish(b, s, "refused")
	}
	return s.Send(ctx, b)
}

// uncharge takes a charge back when nothing was compared: being busy is nobody's failure.
func (g *Gates) uncharge(ctx context.Context, t *tenants.Tenant, st State, c proofs.Challenge, blocks []block) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
	defer cancel()
	return g.DB.In(ctx, t.ID, func(s *tenants.Scope) error {
		b := &tenants.Batch{}
		g.refund(b, s, t, st.Flow, blocks)
		proofs.Uncharge(b, s, c)
		return s.Send(ctx, b)
	})
}
