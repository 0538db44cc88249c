package profile

import (
	"errors"
	"strconv"

	"github.com/gofiber/fiber/v2"

	"portico/app/proofs"
	"portico/app/visit"
	"portico/themes"
)

// QuestionsPage asks for questions and answers, all anew.
func (f *Flow) QuestionsPage(v *visit.Visit) error {
	if !v.Tenant.Policy.Gates.Registers(proofs.Questions) {
		return visit.ErrNotFound
	}
	if done, err := f.anew(v, paths[proofs.Questions]); done {
		return err
	}
	return f.askQuestions(v, fiber.StatusOK, nil, nil)
}

// Questions registers the answers. They are never shown again, not even when something is wrong.
func (f *Flow) Questions(v *visit.Visit) error {
	n := v.Tenant.Policy.Questions.Register
	var names []string
	for i := range n {
		names = append(names, "question"+strconv.Itoa(i+1), "answer"+strconv.Itoa(i+1))
	}
	form, err := v.Form(names...)
	if err != nil {
		return err
	}
	if !v.Tenant.Policy.Gates.Registers(proofs.Questions) {
		return visit.ErrNotFound
	}
	if done, err := f.anew(v, paths[proofs.Questions]); done {
		return err
	}
	var given []proofs.Answered
	var chosen []string
	for i := range n {
		no := strconv.Itoa(i + 1)
		given = append(given, proofs.Answered{Question: form["question"+no], Answer: form["answer"+no]})
		chosen = append(chosen, form["question"+no])
	}
	err = f.Own.AnswerQuestions(v.Context(), v.Tenant, owner(v), given, func(q proofs.Question) string { return questionText(v, q) })
	var wrong *proofs.AnswersError
	if errors.As(err, &wrong) {
		return f.askQuestions(v, fiber.StatusUnprocessableEntity, chosen, faults(v, wrong))
	}
	if err != nil {
		return refuse(err)
	}
	return f.changed(v, visit.SayProofAdded)
}

// questionText is a question as the person read it.
func questionText(v *visit.Visit, q proofs.Question) string {
	if q.Key == "" {
		return q.Text
	}
	return v.Renderer.Text(v.Brand, v.Locale, q.Key, nil)
}

func faults(v *visit.Visit, wrong *proofs.AnswersError) themes.FieldErrors {
	bounds := map[string]int{"short": v.Tenant.Policy.Questions.AnswerMin, "long": v.Tenant.Policy.Questions.AnswerMax}
	errs := themes.FieldErrors{}
	for _, fault := range wrong.Faults {
		errs[fault.Field+strconv.Itoa(fault.At+1)] = themes.Message{Key: "error." + fault.Field + "_" + fault.Why,
			Args: map[string]any{"count": bounds[fault.Why]}}
	}
	return errs
}

func (f *Flow) askQuestions(v *visit.Visit, status int, chosen []string, wrong themes.FieldErrors) error {
	p, err := f.Own.Profile(v.Context(), v.Tenant, owner(v))
	if err != nil {
		return err
	}
	policy := v.Tenant.Policy
	page := themes.AddQuestionsPage{Parts: themes.Parts{Errors: wrong, Help: v.Help()}, Chosen: chosen, Min: policy.Questions.AnswerMin,
		Max: policy.Questions.AnswerMax, Delay: policy.Gates.NewProofDelay.Std()}
	_, page.Replace = p.Held.Of(proofs.Questions)
	if chosen == nil {
		page.Chosen = make([]string, policy.Questions.Register)
	}
	for _, q := range proofs.QuestionsOf(v.Tenant) {
		page.Questions = append(page.Questions, themes.AskedQuestion{ID: q.ID, Key: q.Key, Text: q.Text})
	}
	return answer(v, status, page)
}
