package proofs

import (
	"context"
	"strings"
	"unicode/utf8"

	"portico/app/accounts"
	"portico/tenants"
)

// Answered is a question chosen and the answer typed.
type Answered struct{ Question, Answer string }

// AnswerFault says what is wrong with one of the questions or answers.
type AnswerFault struct {
	At    int    // which, from 0
	Field string // question, answer
	Why   string // missing, unknown, twice, short, long, yourself, question, simple, password
}

// AnswersError lists what is wrong with the answers to security questions.
type AnswersError struct{ Faults []AnswerFault }

func (e *AnswersError) Error() string { return "answers: " + e.Faults[0].Field + " " + e.Faults[0].Why }

// AnswerQuestions registers the answers in place of all earlier ones. *AnswersError tells what is wrong,
// *accounts.LimitError that there were ten changes in an hour, accounts.ErrBusy says "later". What waits for
// slots of the Hasher does so between transactions.
func (e *Enrolment) AnswerQuestions(ctx context.Context, t *tenants.Tenant, o Owner, given []Answered, textOf func(Question) string) error {
	if !t.Policy.Gates.Registers(Questions) {
		return ErrNotOffered
	}
	ids, err := e.Accounts.IdentifiersOf(ctx, t, o.Session.AccountID)
	if err != nil {
		return err
	}
	about := []string{o.Session.Name}
	for _, id := range ids {
		about = append(about, id.Value)
	}
	if faults := judgeAnswers(t, given, about, textOf); len(faults) > 0 {
		return &AnswersError{Faults: faults}
	}
	if e.Proofs.Hasher.Full(t.ID) {
		return accounts.ErrBusy
	}
	err = e.Proofs.DB.In(ctx, t.ID, func(s *tenants.Scope) error { return e.count(ctx, s, o) })
	if err != nil {
		return err
	}
	answers, typed := map[string]string{}, []string{}
	for _, a := range given {
		answers[a.Question] = a.Answer
		typed = append(typed, a.Answer)
	}
	at, err := e.Accounts.WhichIsPassword(ctx, t, o.Session.AccountID, typed)
	if err != nil {
		return err
	}
	if at >= 0 {
		return &AnswersError{Faults: []AnswerFault{{at, "answer", "password"}}}
	}
	ready, err := e.Proofs.Prepare(ctx, t.ID, New{Kind: Questions, Answers: answers})
	if err != nil {
		return err
	}
	return e.Proofs.DB.In(ctx, t.ID, func(s *tenants.Scope) error {
		p, err := e.profile(ctx, s, t, o, true)
		if err != nil {
			return err
		}
		return e.stored(ctx, s, t, o, p, ready)
	})
}

// judgeAnswers holds the rules of behaviour.md 2A: no question twice, no answer twice, answers of the
// policy's length that are neither the person nor the question nor one letter again and again.
func judgeAnswers(t *tenants.Tenant, given []Answered, about []string, textOf func(Question) string) []AnswerFault {
	var faults []AnswerFault
	questions, answers := map[string]bool{}, map[string]bool{}
	for i := range t.Policy.Questions.Register {
		var a Answered
		if i < len(given) {
			a = given[i]
		}
		q, known := QuestionByID(t, a.Question)
		why := ""
		switch {
		case a.Question == "":
			why = "missing"
		case !known:
			why = "unknown"
		case questions[a.Question]:
			why = "twice"
		}
		if why != "" {
			faults = append(faults, AnswerFault{i, "question", why})
		}
		questions[a.Question] = true
		plain, asked := plainAnswer(a.Answer), ""
		if known {
			asked = plainAnswer(textOf(q))
		}
		if why := weakAnswer(t.Policy.Questions, plain, asked, about); why != "" {
			faults = append(faults, AnswerFault{i, "answer", why})
		} else if answers[plain] {
			faults = append(faults, AnswerFault{i, "answer", "twice"})
		}
		answers[plain] = true
	}
	return faults
}

// weakAnswer says why an answer does not do; "" is that it does.
func weakAnswer(p tenants.QuestionsPolicy, plain, asked string, about []string) string {
	n := utf8.RuneCountInString(plain)
	switch {
	case n == 0:
		return "missing"
	case n < p.AnswerMin:
		return "short"
	case n > p.AnswerMax:
		return "long"
	case strings.Contains(asked, plain):
		return "question"
	case simple(plain):
		return "simple"
	}
	for _, own := range about {
		own = plainAnswer(own)
		name, _, _ := strings.Cut(own, "@")
		if own != "" && (plain == own || plain == name) {
			return "yourself"
		}
	}
	return ""
}

// simple tells whether a text is one letter again and again, or a run such as 1234 or cba.
func simple(s string) bool {
	letters := []rune(s)
	if len(letters) < 2 {
		return true
	}
	step := letters[1] - letters[0]
	for i := 1; i < len(letters); i++ {
		if letters[i]-letters[i-1] != step {
			return false
		}
	}
	return step >= -1 && step <= 1
}
