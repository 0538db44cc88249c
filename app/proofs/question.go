package proofs

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"slices"
	"strings"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"

	"portico/app/accounts"
	"portico/tenants"
)

// CatalogueSize is how many questions we bring along (behaviour.md 2A: 35), q01 to q35 of the words.
const CatalogueSize = 35

// ownPrefix marks a question of the tenant's own.
const ownPrefix = "own:"

// Question is one that can be answered: Key is a key of the words, or Text the tenant's own text.
type Question struct{ ID, Key, Text string }

// QuestionsOf lists the catalogue and the tenant's own questions, in their order.
func QuestionsOf(t *tenants.Tenant) []Question {
	all := make([]Question, 0, CatalogueSize+len(t.Policy.Questions.Custom))
	for i := 1; i <= CatalogueSize; i++ {
		id := fmt.Sprintf("q%02d", i)
		all = append(all, Question{ID: id, Key: "question." + id})
	}
	for _, text := range t.Policy.Questions.Custom {
		all = append(all, Question{ID: ownID(text), Text: text})
	}
	return all
}

// QuestionByID finds a question that can still be asked.
func QuestionByID(t *tenants.Tenant, id string) (Question, bool) {
	all := QuestionsOf(t)
	i := slices.IndexFunc(all, func(q Question) bool { return q.ID == id })
	if i < 0 {
		return Question{}, false
	}
	return all[i], true
}

// ownID names a tenant's question by its text: one that is reworded is another question.
func ownID(text string) string {
	sum := sha256.Sum256([]byte(norm.NFC.String(strings.TrimSpace(text))))
	return ownPrefix + hex.EncodeToString(sum[:8])
}

// answerable are the questions of a person that the tenant still asks.
func (r Registered) answerable(t *tenants.Tenant) []string {
	var ids []string
	for _, id := range r.Asked {
		if _, ok := QuestionByID(t, id); ok {
			ids = append(ids, id)
		}
	}
	return ids
}

// plainAnswer is how answers are compared: trimmed, NFKC, case folded, runs of spaces as one (behaviour.md
// knob 37). "  Émile ZOLA" is "émile zola".
func plainAnswer(typed string) string {
	return strings.Join(strings.Fields(cases.Fold().String(norm.NFKC.String(typed))), " ")
}

// questions are the security questions that a person answered before. They never stand alone
// (ASVS 6.4.2; held by the policy's validation).
type questions struct{ kind tenants.ProofKind }

func (q questions) Kind() tenants.ProofKind    { return q.kind }
func (q questions) Describe(Registered) string { return "" }

// Start draws some of the answered questions; a wrong answer leads to a new draw. Nobody is asked from a
// set that is always the same for what was typed.
func (q questions) Start(w *Work) error {
	pool := w.Held.answerable(w.Tenant)
	if w.Person.Ref() == nil {
		pool = decoyQuestions(w.Tenant, w.Decoy)
	}
	rand.Shuffle(len(pool), func(i, j int) { pool[i], pool[j] = pool[j], pool[i] }) //nolint:gosec // spreads what is asked; each answer is the secret
	w.challenge.Asked = pool[:min(len(pool), w.Tenant.Policy.Questions.Ask)]
	w.challenge.ExpiresAt = w.s.Now().Add(w.Tenant.Policy.Gates.SessionTTL.Std())
	return nil
}

func decoyQuestions(t *tenants.Tenant, seed []byte) []string {
	h := fnv.New64a()
	_, _ = h.Write(seed)
	draw := rand.New(rand.NewPCG(h.Sum64(), 1)) //nolint:gosec // shapes a page, protects nothing: the seed is a keyed hash
	all := QuestionsOf(t)
	draw.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	var ids []string
	for _, question := range all[:min(len(all), t.Policy.Questions.Register)] {
		ids = append(ids, question.ID)
	}
	return ids
}

// Check hashes every answer, right or wrong, as slowly as a password: whoever gets the table learns no
// answers from it, and the time tells nobody which one was wrong.
func (q questions) Check(ctx context.Context, w *Work, g Given) (Verdict, error) {
	stored, err := w.p.answers(ctx, w)
	if err != nil {
		return Verdict{}, err
	}
	right := w.challenge.Account != nil && len(g.Answers) == len(w.challenge.Asked) && len(g.Answers) > 0
	for i, id := range w.challenge.Asked {
		given := ""
		if i < len(g.Answers) {
			given = plainAnswer(g.Answers[i])
		}
		same := false
		err := w.p.Hasher.Do(ctx, w.Tenant.ID, func() { same = accounts.VerifySecret(stored[id], given) })
		if err != nil {
			return Verdict{}, err
		}
		right = right && same && stored[id] != ""
	}
	return Verdict{Right: right}, nil
}

// answersPurpose names the key that hashed answers are sealed with.
const answersPurpose = "answer"

// answers opens the hashes of the asked questions; what is missing stays "".
func (p *Proofs) answers(ctx context.Context, w *Work) (map[string]string, error) {
	stored := map[string]string{}
	err := p.DB.In(ctx, w.Tenant.ID, func(s *tenants.Scope) error {
		return s.Each(ctx, "SELECT question, answer FROM proof_answers WHERE tenant_id = $1 AND proof_id = $2 AND question = ANY ($3)",
			[]any{s.Tenant(), w.Held.ID, w.challenge.Asked}, func(scan func(...any) error) error {
				var id string
				var sealed []byte
				if err := scan(&id, &sealed); err != nil {
					return err
				}
				plain, err := p.Peppers.Open(answersPurpose, s.Tenant(), w.Held.ID.String(), sealed)
				stored[id] = string(plain)
				return err
			})
	})
	return stored, err
}

// SealAnswer hashes and seals one answer for a proof's row.
func (p *Proofs) sealAnswer(ctx context.Context, tenant tenants.ID, proof, answer string) ([]byte, error) {
	var sealed []byte
	err := p.Hasher.Do(ctx, tenant, func() {
		sealed = p.Peppers.Seal(answersPurpose, tenant, proof, []byte(accounts.HashSecret(plainAnswer(answer))))
	})
	return sealed, err
}
