package rules

import (
	"slices"
	"time"

	"portico/app/accounts"
	"portico/app/proofs"
	"portico/tenants"
)

// facts is all that the effects of a change on somebody depend on, as bits: people with the same facts fare
// alike, so that a million people are a few hundred cases. factsSQL sets them.
type facts int64

const (
	hasEmail facts = 1 << iota
	hasUsername
	hasUserID
	checkedEmail // the address that mail goes to was confirmed
	external     // signs in elsewhere
	adminBefore  // holds a role that is administrative by the policy as it is
	adminAfter
	withinBefore // the group that may recover, where there is one
	withinAfter
	dueBefore // the password is older than the policy allows
	dueAfter
	staleBefore // a contact was not confirmed for so long as the policy says
	staleAfter
	answersBefore // enough questions that are still asked
	answersAfter
)

// Of each kind of proof: shown to work or vouched for, not counting yet, leading somewhere.
const (
	kindsFrom  = 15 // the first bit
	shown      = facts(1)
	waits      = facts(2)
	filled     = facts(4)
	bitsOfKind = 3
)

// kinds of proofs in the order of their bits.
func kinds() []string {
	return []string{proofs.AuthPhone, proofs.OfficePhone, proofs.AuthEmail, proofs.Questions, proofs.Authenticator, proofs.RecoveryCodes}
}

func (f facts) has(bit facts) bool { return f&bit != 0 }

func (f facts) kind(i int) facts { return f >> (kindsFrom + bitsOfKind*i) & 7 }

// side is one of the two policies with the facts that are its own.
type side struct {
	tenant                                *tenants.Tenant
	admin, within, due, stale, answerable facts
}

// reaching is where somebody's phones and addresses lead, where that is known.
type reaching struct {
	email string
	kinds map[string]string
}

// apart is somebody whose proofs all lead to places of their own; together whose phones and whose addresses
// are one.
func apart() reaching {
	return reaching{email: "own", kinds: map[string]string{proofs.AuthPhone: "1", proofs.OfficePhone: "2", proofs.AuthEmail: "other"}}
}

func together() reaching {
	return reaching{email: "own", kinds: map[string]string{proofs.AuthPhone: "1", proofs.OfficePhone: "1", proofs.AuthEmail: "own"}}
}

// fate is what a policy means for somebody.
type fate struct {
	recovers  bool // by what is registered
	found     bool // recovery knows the identifier that it asks for
	signsIn   bool // has the identifier that sign-in asks for
	asked     bool
	forced    bool
	password  bool
	code      bool
	setUp     bool
	elsewhere bool
}

// fateOf decides it by the code that recovery and sign-in themselves obey.
func (s side) fateOf(f facts, to reaching, now time.Time) fate {
	t := s.tenant
	who := accounts.Person{SignIn: "local", Admin: f.has(s.admin), Checked: f.has(checkedEmail)}
	if f.has(hasEmail) {
		who.Email = to.email
	}
	if f.has(external) {
		who.SignIn = "sso"
	}
	held := s.held(f, to, now)
	able := proofs.AbilityOf(t, who, held, now)
	able.Off = able.Off || t.Policy.Reset.Scope == "group" && !f.has(s.within)
	known := accounts.Facts{Admin: who.Admin, Email: who.Email}
	for i, kind := range kinds() {
		if f.kind(i)&shown != 0 {
			known.Kinds = append(known.Kinds, kind)
		}
	}
	long := now.Add(-20 * 365 * day)
	if f.has(s.stale) {
		known.Sure = &long
	}
	if f.has(s.due) {
		known.PasswordSetAt = &long
	}
	local := !f.has(external)
	ahead := accounts.Ahead(t, known, now)
	return fate{recovers: able.Can(), found: hasIdentifier(f, t.Policy.Reset.Identifier), signsIn: hasIdentifier(f, t.Policy.SignIn.Identifier),
		asked: local && ahead.Asked, forced: local && ahead.Register, password: local && ahead.Password, code: local && ahead.Code, setUp: local && ahead.SetUp,
		elsewhere: !local}
}

// held is somebody's proofs, as far as the facts tell.
func (s side) held(f facts, to reaching, now time.Time) proofs.Held {
	var held proofs.Held
	for i, kind := range kinds() {
		bits := f.kind(i)
		if bits&shown == 0 {
			continue
		}
		r := proofs.Registered{Kind: kind, SetBy: proofs.ByImport, CountsFrom: now}
		if bits&waits != 0 {
			r.CountsFrom = now.Add(day)
		}
		switch {
		case kind == proofs.Questions && f.has(s.answerable):
			for _, q := range proofs.QuestionsOf(s.tenant)[:s.tenant.Policy.Questions.Ask] {
				r.Asked = append(r.Asked, q.ID)
			}
		case kind == proofs.RecoveryCodes:
			r.CodesLeft = 1
		case bits&filled != 0:
			r.Contact = "secret"
			if at, ok := to.kinds[kind]; ok {
				r.Contact = at
			}
		}
		held = append(held, r)
	}
	return held
}

func hasIdentifier(f facts, kind string) bool {
	switch kind {
	case "email":
		return f.has(hasEmail)
	case "username":
		return f.has(hasUsername)
	}
	return f.has(hasUserID)
}

// effects are the names of what a change does to people, in the order of their weight, with when they hold.
var effects = []struct {
	name  string
	holds func(before, after fate) bool
}{
	{"sign_in", func(b, a fate) bool { return !a.elsewhere && b.signsIn && !a.signsIn }},
	{"recover", func(b, a fate) bool { return b.recovers && !a.recovers }},
	{"find", func(b, a fate) bool { return b.recovers && a.recovers && b.found && !a.found }},
	{"must_register", func(b, a fate) bool { return !b.forced && a.forced }},
	{"register", func(b, a fate) bool { return !b.asked && a.asked && !a.forced }},
	{"password", func(b, a fate) bool { return !b.password && a.password }},
	{"factor", func(b, a fate) bool { return !b.setUp && a.setUp }},
	{"code", func(b, a fate) bool { return !b.code && a.code }},
	{"recover_again", func(b, a fate) bool { return !b.recovers && a.recovers }},
}

// EffectNames lists the effects by name.
func EffectNames() []string {
	var names []string
	for _, e := range effects {
		names = append(names, e.name)
	}
	return names
}

// change is what happens to somebody, as a bit for each effect.
type change uint

func changeOf(before, after side, f facts, to reaching, now time.Time) change {
	b, a := before.fateOf(f, to, now), after.fateOf(f, to, now)
	var c change
	for i, e := range effects {
		if e.holds(b, a) {
			c |= 1 << i
		}
	}
	return c
}

func (c change) has(name string) bool {
	i := slices.Index(EffectNames(), name)
	return i >= 0 && c&(1<<i) != 0
}
