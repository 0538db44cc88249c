package rules

import (
	"context"
	"slices"

	"github.com/google/uuid"

	"portico/rbac"
	"portico/tenants"
)

// How far an impact looks: people in all, people of whom it must be known where their proofs lead, and
// people who are named.
const (
	mostPeople = 250_000
	mostOpened = 2_000
	mostNamed  = 50
)

// Impact is what a change of the policy would do to the people who are there today.
type Impact struct {
	Looked  int  // people
	AtLeast bool // there are more people than were looked at
	Effects []Effect
}

// Effect is one of EffectNames with those whom it concerns; People are the first of them within the reach
// of who asked.
type Effect struct {
	Name   string
	Count  int
	People []Someone
}

// Someone is a person by name and what they sign in with.
type Someone struct {
	ID         uuid.UUID
	Name       string
	Identifier string
}

// assessment is one impact in the making.
type assessment struct {
	r             *Rules
	s             *tenants.Scope
	before, after side
	args          []any
	counts        map[change]int
	changes       map[facts]change     // of those who fare alike
	single        map[uuid.UUID]change // of those who were looked at one by one
	open          []facts              // cases in which it matters where proofs lead
}

// Impact compares two policies over everybody who can sign in. It counts cases in the database, and decides
// each of them by the code that sign-in and recovery obey. names is the reach within which people may be
// named; nil names nobody. Where a tenant has more people than it looks at, the counts are least ones.
func (r *Rules) Impact(ctx context.Context, t *tenants.Tenant, before, after tenants.Policy, names *rbac.Reach) (Impact, error) {
	var result Impact
	err := r.DB.In(ctx, t.ID, func(s *tenants.Scope) error {
		a := &assessment{r: r, s: s, before: sideOf(t, before, false), after: sideOf(t, after, true),
			counts: map[change]int{}, changes: map[facts]change{}, single: map[uuid.UUID]change{}}
		var err error
		if a.args, err = r.question(ctx, s, a.before.tenant, a.after.tenant, mostPeople); err != nil {
			return err
		}
		if err := a.count(ctx, &result); err != nil {
			return err
		}
		if err := a.openCases(ctx, &result); err != nil {
			return err
		}
		for i, e := range effects {
			effect := Effect{Name: e.name}
			for c, n := range a.counts {
				if c&(1<<i) != 0 {
					effect.Count += n
				}
			}
			if effect.Count > 0 {
				result.Effects = append(result.Effects, effect)
			}
		}
		if names == nil || len(result.Effects) == 0 {
			return nil
		}
		return a.name(ctx, *names, &result)
	})
	return result, err
}

func sideOf(t *tenants.Tenant, p tenants.Policy, after bool) side {
	as := *t
	as.Policy = p
	if after {
		return side{&as, adminAfter, withinAfter, dueAfter, staleAfter, answersAfter}
	}
	return side{&as, adminBefore, withinBefore, dueBefore, staleBefore, answersBefore}
}

// count counts the cases and decides those that the facts alone decide.
func (a *assessment) count(ctx context.Context, into *Impact) error {
	now := a.s.Now()
	err := a.s.Each(ctx, factsSQL+"SELECT facts, count(*) FROM each_one GROUP BY facts", a.args, func(scan func(...any) error) error {
		var f facts
		var n int
		if err := scan(&f, &n); err != nil {
			return err
		}
		into.Looked += n
		c := changeOf(a.before, a.after, f, apart(), now)
		if c != changeOf(a.before, a.after, f, together(), now) {
			a.open = append(a.open, f)
			return nil
		}
		a.changes[f] = c
		if c != 0 {
			a.counts[c] += n
		}
		return nil
	})
	into.AtLeast = into.Looked >= mostPeople
	return err
}

// openCases looks at those one by one whose phones or addresses may be the same: their contacts are sealed.
func (a *assessment) openCases(ctx context.Context, into *Impact) error {
	if len(a.open) == 0 {
		return nil
	}
	var ids []uuid.UUID
	of := map[uuid.UUID]facts{}
	mail := map[uuid.UUID]string{}
	args := append(slices.Clone(a.args), a.open, mostOpened+1)
	err := a.s.Each(ctx, factsSQL+`SELECT id, facts, coalesce((SELECT m.value FROM account_identifiers m WHERE m.tenant_id = $1 AND m.account_id = each_one.id
			AND m.kind = 'email' ORDER BY m.created_at, m.norm LIMIT 1), '')
		FROM each_one WHERE facts = ANY ($18::bigint[]) ORDER BY id LIMIT $19`, args, func(scan func(...any) error) error {
		var id uuid.UUID
		var f facts
		var address string
		err := scan(&id, &f, &address)
		ids, of[id], mail[id] = append(ids, id), f, address
		return err
	})
	if err != nil {
		return err
	}
	if len(ids) > mostOpened {
		ids, into.AtLeast = ids[:mostOpened], true
	}
	contacts, err := a.r.Proofs.Reaches(ctx, a.s, ids)
	if err != nil {
		return err
	}
	for _, id := range ids {
		c := changeOf(a.before, a.after, of[id], reaching{email: mail[id], kinds: contacts[id]}, a.s.Now())
		a.single[id] = c
		if c != 0 {
			a.counts[c]++
		}
	}
	return nil
}

// name finds the first people of each effect within a reach.
func (a *assessment) name(ctx context.Context, within rbac.Reach, into *Impact) error {
	var touched []facts
	for f, c := range a.changes {
		if c != 0 {
			touched = append(touched, f)
		}
	}
	var ones []uuid.UUID
	for id, c := range a.single {
		if c != 0 {
			ones = append(ones, id)
		}
	}
	args := append(slices.Clone(a.args), within.Everywhere, idList(within.Groups), touched, idList(ones), a.before.tenant.Policy.SignIn.Identifier, mostNamed)
	return a.s.Each(ctx, factsSQL+`, ranked AS (
			SELECT id, facts, row_number() OVER (PARTITION BY facts, id = ANY ($21::uuid[]) ORDER BY id) AS place FROM each_one
			WHERE (facts = ANY ($20::bigint[]) OR id = ANY ($21::uuid[])) AND `+rbac.PeopleSQL("each_one.id", 18, 19)+`
		) SELECT a.id, ranked.facts, a.display_name, coalesce((SELECT i.value FROM account_identifiers i WHERE i.tenant_id = $1 AND i.account_id = a.id
				ORDER BY i.kind = $22 DESC, i.created_at, i.norm LIMIT 1), '')
		FROM ranked JOIN accounts a ON a.tenant_id = $1 AND a.id = ranked.id
		WHERE ranked.place <= $23 OR a.id = ANY ($21::uuid[]) ORDER BY a.display_name, a.id`, args, func(scan func(...any) error) error {
		var who Someone
		var f facts
		if err := scan(&who.ID, &f, &who.Name, &who.Identifier); err != nil {
			return err
		}
		c, alone := a.single[who.ID]
		if !alone {
			c = a.changes[f]
		}
		for i := range into.Effects {
			e := &into.Effects[i]
			if c.has(e.Name) && len(e.People) < mostNamed {
				e.People = append(e.People, who)
			}
		}
		return nil
	})
}

func idList(ids []uuid.UUID) []uuid.UUID { return append([]uuid.UUID{}, ids...) }
