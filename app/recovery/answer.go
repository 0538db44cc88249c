package recovery

import (
	"cmp"
	"errors"
	"fmt"
	"strings"

	"github.com/gofiber/fiber/v2"

	"portico/app/gates"
	"portico/app/proofs"
	"portico/app/visit"
	"portico/themes"
)

// AnswerPage asks for the code or the answers at hand.
func (f *Flow) AnswerPage(v *visit.Visit) error {
	st, done, err := f.state(v)
	if done {
		return err
	}
	if st.Step != gates.Answer {
		return onward(v, st)
	}
	return v.Page(fiber.StatusOK, answerPage(v, st))
}

// maxAnswers is the most that a policy asks (questions.ask).
const maxAnswers = 5

// Answer tries what was typed.
func (f *Flow) Answer(v *visit.Visit) error {
	form, err := v.Form("code", "answer1", "answer2", "answer3", "answer4", "answer5")
	if err != nil {
		return err
	}
	st, done, err := f.state(v)
	if done {
		return err
	}
	if st.Step != gates.Answer {
		return f.outOfTime(v, st)
	}
	p := answerPage(v, st)
	given, missing := given(p, form)
	if missing != nil {
		p.Errors = missing
		return v.Page(fiber.StatusUnprocessableEntity, p)
	}
	return f.try(v, given)
}

// try gives an answer and goes where it leads.
func (f *Flow) try(v *visit.Visit, given proofs.Given) error {
	flow, _ := secret(v)
	unlocked, err := f.Gates.Answer(v.Context(), v.Tenant, flow, given, v.Client)
	var wrong *gates.WrongError
	switch {
	case errors.As(err, &wrong):
		return f.wrong(v, wrong)
	case errors.Is(err, gates.ErrCodeEnded):
		st, done, err := f.state(v)
		if done {
			return err
		}
		return f.outOfTime(v, st)
	case errors.Is(err, gates.ErrEnded): // or another tab, or a second click, was quicker: the flow's own page knows
		st, done, err := f.state(v)
		if done {
			return err
		}
		return onward(v, st)
	case err != nil:
		return f.gateError(v, err)
	case unlocked:
		v.ClearCookie(visit.CookieFlow)
		return v.Redirect("/recover/unlocked")
	}
	st, done, err := f.state(v)
	if done {
		return err
	}
	return onward(v, st)
}

// wrong says that it did not fit and how many tries are left; questions were drawn anew.
func (f *Flow) wrong(v *visit.Visit, wrong *gates.WrongError) error {
	st, done, err := f.state(v)
	if done {
		return err
	}
	if st.Step != gates.Answer {
		return f.outOfTime(v, st)
	}
	p := answerPage(v, st)
	args := map[string]any{"count": wrong.Left}
	if p.Questions != nil {
		p.Errors = themes.FieldErrors{"answer1": {Key: "error.answers_wrong", Args: args}}
	} else {
		p.Errors = themes.FieldErrors{"code": {Key: "error.code_wrong", Args: args}}
	}
	return v.Page(fiber.StatusUnprocessableEntity, p)
}

// outOfTime offers the ways again after a code has ended.
func (f *Flow) outOfTime(v *visit.Visit, st gates.State) error {
	if st.Step != gates.Prove {
		return onward(v, st)
	}
	p := provePage(v, st)
	p.Notice = &themes.Message{Key: "error.code_ended"}
	return v.Page(fiber.StatusUnprocessableEntity, p)
}

// ResendCode asks for another code by the way at hand.
func (f *Flow) ResendCode(v *visit.Visit) error {
	if _, err := v.Form(); err != nil {
		return err
	}
	st, done, err := f.state(v)
	if done {
		return err
	}
	if st.Step != gates.Answer {
		return f.outOfTime(v, st)
	}
	flow, _ := secret(v)
	err = f.Gates.Ask(v.Context(), v.Tenant, flow, st.Challenge.Method, "", v.Client)
	var soon *proofs.TooSoonError
	if err == nil || errors.As(err, &soon) {
		return v.Redirect("/recover/answer") // the page counts down
	}
	return f.notAsked(v, st, st.Offer, "", err)
}

// given reads the fields of the page; missing names those left empty.
func given(p themes.AnswerPage, form visit.Form) (g proofs.Given, missing themes.FieldErrors) {
	if p.Questions == nil {
		if g.Code = strings.TrimSpace(form["code"]); g.Code == "" {
			missing = themes.FieldErrors{"code": {Key: "error.code_empty"}}
		}
		return g, missing
	}
	for i := range min(len(p.Questions), maxAnswers) {
		name := fmt.Sprintf("answer%d", i+1)
		if strings.TrimSpace(form[name]) == "" {
			if missing == nil {
				missing = themes.FieldErrors{}
			}
			missing[name] = themes.Message{Key: "error.answer_empty"}
		}
		g.Answers = append(g.Answers, form[name])
	}
	return g, missing
}

func answerPage(v *visit.Visit, st gates.State) themes.AnswerPage {
	p := themes.AnswerPage{Parts: gateParts(v, st, st.Gate()+1), Gate: st.Gate(), Action: "/recover/answer",
		Way:  themes.Way{Name: st.Challenge.Method, Contact: st.Offer.Contact},
		Sent: st.Offer.Kind.SendCode || st.Challenge.Method == "email_link", TTL: st.Challenge.ExpiresAt.Sub(st.Challenge.SentAt),
		ResendAt: st.Challenge.NextAt(), Digits: cmp.Or(v.Tenant.Policy.Gates.OTPDigits, 6), Contact: v.Tenant.Policy.Help.ContactAdmin}
	if st.Challenge.Method == "totp" {
		p.Digits = 6
	}
	for _, id := range st.Challenge.Asked {
		if q, ok := proofs.QuestionByID(v.Tenant, id); ok {
			p.Questions = append(p.Questions, themes.AskedQuestion{ID: q.ID, Key: q.Key, Text: q.Text})
		}
	}
	return p
}
