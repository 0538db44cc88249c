package gates

import (
	"context"
	"errors"
	"time"

	"portico/app/accounts"
	"portico/app/audit"
	"portico/app/phones"
	"portico/app/proofs"
	"portico/tenants"
)

// Ask begins one way to prove: the code leaves, or the questions are drawn. contact is the number or address
// as typed, where the policy wants it in full. *phones.NumberError for what is no number, ErrMismatch,
// *WrongError, *BlockedError, *UnavailableError, *proofs.TooSoonError, ErrEnded for a step out of order.
func (g *Gates) Ask(ctx context.Context, t *tenants.Tenant, secret, way, contact string, client accounts.Client) error {
	defer accounts.EvenOut(ctx, time.Now())
	var refused error // what the person is told once the counting is committed
	err := g.DB.In(ctx, t.ID, func(s *tenants.Scope) error {
		st, err := g.state(ctx, s, t, secret, client, true)
		if err != nil {
			return err
		}
		switch {
		case st.Step == Blocked:
			return &BlockedError{Until: st.BlockedUntil}
		case st.Step != Prove && st.Step != Answer, !st.offered(way):
			return ErrEnded
		}
		if !g.leaves(t, way) {
			refused = &UnavailableError{Why: "down"}
			return nil
		}
		// Whoever asks for another code by the same way has typed the contact already.
		if st.Offer.Retype && (st.Step != Answer || st.Challenge.Method != way) {
			if err := g.retyped(ctx, s, t, st, contact, client, &refused); err != nil || refused != nil {
				return err
			}
		}
		refused, err = g.send(ctx, s, t, st, client)
		return err
	})
	if err == nil {
		err = refused
	}
	return err
}

// leaves tells whether texts and calls leave at the moment, as far as this instance saw.
func (g *Gates) leaves(t *tenants.Tenant, way string) bool {
	sms, voice := g.Accounts.Outbox.Health(t)
	switch way {
	case "sms_mobile":
		return sms
	case "voice_mobile", "voice_office":
		return voice
	}
	return true
}

// retyped compares the contact that was typed with the one on record. A wrong one counts like a wrong code.
func (g *Gates) retyped(ctx context.Context, s *tenants.Scope, t *tenants.Tenant, st State, contact string, client accounts.Client, refused *error) error {
	var same bool
	if st.Offer.Kind.Family == "email" {
		same = st.Offer.held.Contact != "" && accounts.SameEmail(contact, st.Offer.held.Contact)
	} else {
		country := defaultCountry(t)
		if _, err := phones.Parse(contact, country); err != nil {
			*refused = err
			return nil //nolint:nilerr // a slip of the pen: told, and nothing counts
		}
		same = phones.Same(contact, st.Offer.held.Contact, country)
	}
	if same && st.Offer.person(st.Flow).Ref() != nil {
		return nil
	}
	*refused = ErrMismatch
	blocks, err := g.charge(ctx, s, t, st.Flow, proofBlocks(t, st.Flow, client)...)
	if e, ok := asBlocked(err); ok {
		*refused = e
		return nil
	}
	if err != nil {
		return err
	}
	return g.wrong(ctx, s, st, blocks, "contact", refused)
}

func defaultCountry(t *tenants.Tenant) string {
	if p := t.Sender.Phone; p != nil && len(p.Countries) > 0 {
		return p.Countries[0]
	}
	return ""
}

// send counts and pays for the way, and writes its challenge.
func (g *Gates) send(ctx context.Context, s *tenants.Scope, t *tenants.Tenant, st State, client accounts.Client) (refused, err error) {
	person := st.Offer.person(st.Flow)
	if st.Offer.Kind.SendCode || st.Offer.Kind.Name == "email_link" {
		bl := sendBlock(t, st.Flow, client, st.Offer.Kind.Name)
		charged, err := g.charge(ctx, s, t, st.Flow, bl)
		if e, ok := asBlocked(err); ok {
			return &UnavailableError{Why: "too_often", RetryAt: e.Until}, nil
		}
		if err != nil {
			return nil, err
		}
		if refused, err := g.pay(ctx, s, t, st, client, charged); err != nil || refused != nil {
			return refused, err
		}
	}
	work := g.work(t, st, client)
	if st.Offer.Kind.Family == "email" {
		_, err := g.charge(ctx, s, t, st.Flow, mailBlocks(st.Flow, client)...)
		if _, over := asBlocked(err); over {
			work.Held.Contact = "" // silently: the page is the same, and nothing leaves
		} else if err != nil {
			return nil, err
		}
	}
	c, err := g.Proofs.Ask(ctx, s, st.Offer.Kind.Name, work, nil)
	var soon *proofs.TooSoonError
	if errors.As(err, &soon) {
		return soon, err // nothing was sent: nothing counts
	}
	if err != nil {
		return nil, err
	}
	return nil, audit.Write(ctx, s, audit.Event{Kind: audit.ResetStep, Outcome: audit.Success, Reason: "asked", AccountID: person.Ref(),
		Details: map[string]any{"flow": st.ID, "gate": st.Gate(), "method": c.Method}})
}

// pay asks the budgets of texts and calls.
func (g *Gates) pay(ctx context.Context, s *tenants.Scope, t *tenants.Tenant, st State, client accounts.Client, charged []block) (refused, err error) {
	if st.Offer.Kind.Family != "mobile" && st.Offer.Kind.Family != "office" {
		return nil, nil
	}
	person := st.Offer.person(st.Flow)
	if _, err := phones.ParseFor(st.Offer.held.Contact, t.Sender.Phone.Countries); err != nil && person.Ref() != nil {
		// Registered or imported before the list of countries was what it is.
		b := &tenants.Batch{}
		g.refund(b, s, t, st.Flow, charged)
		return &UnavailableError{Why: "country"}, s.Send(ctx, b)
	}
	use := phones.Use{Number: st.Offer.held.Contact, Account: person.Ref(), Person: person.ID.String(), AddressKey: client.AddressKey(),
		Factor: accounts.NetworkFactor(t.Policy.Throttle, client.Address), Budget: t.Sender.Phone.DailyBudget, RequestID: audit.From(ctx).RequestID}
	if person.Ref() == nil {
		use.Number, use.Person = string(st.whom)+st.Offer.Kind.Needs, string(st.whom)
	}
	b := &tenants.Batch{}
	answer := g.Phones.Take(b, s, use)
	if err := s.Send(ctx, b); err != nil {
		return nil, err
	}
	if answer.Verdict == phones.Allowed {
		return nil, nil
	}
	b = &tenants.Batch{}
	g.refund(b, s, t, st.Flow, charged)
	return &UnavailableError{Why: string(answer.Verdict), RetryAt: answer.RetryAt}, s.Send(ctx, b)
}

func (g *Gates) work(t *tenants.Tenant, st State, client accounts.Client) proofs.Work {
	words := "recovery"
	if st.Goal == Unlock {
		words = "unlock"
	}
	return proofs.Work{Tenant: t, Person: st.Offer.person(st.Flow), Held: st.Offer.held, Subject: st.subject(), For: words,
		Locale: client.Locale, Decoy: st.whom}
}

// Back ends the challenge at hand, so that another way can be chosen.
func (g *Gates) Back(ctx context.Context, t *tenants.Tenant, secret string, client accounts.Client) error {
	return g.DB.In(ctx, t.ID, func(s *tenants.Scope) error {
		f, err := read(ctx, s, t, secret, client, true)
		if err != nil {
			return err
		}
		b := &tenants.Batch{}
		proofs.End(b, s, f.subject())
		return s.Send(ctx, b)
	})
}
