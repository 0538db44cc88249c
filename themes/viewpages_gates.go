package themes

import (
	"html/template"
	"strconv"
	"strings"
)

// WayLabel names a way to prove who one is.
func (v *view) WayLabel(w Way) string { return v.r.Text(v.B, v.Locale, "gate."+w.Name, nil) }

// GateTitle is the title of a gate's pages.
func (v *view) GateTitle(gate int) string {
	if gate > 1 {
		return v.r.Text(v.B, v.Locale, "gate.title_second", nil)
	}
	return v.r.Text(v.B, v.Locale, "gate.title_first", nil)
}

// AnswerTitle says what to do with what was sent or asked.
func (v *view) AnswerTitle() string {
	p := v.P.(AnswerPage)
	key := "answer.title_code"
	switch {
	case p.Way.Name == "email_link":
		key = "answer.title_link"
	case len(p.Questions) > 0:
		key = "answer.title_questions"
	}
	return v.r.Text(v.B, v.Locale, key, nil)
}

// SentIcon stands beside what is on its way: a mail, or something that a telephone gets.
func (v *view) SentIcon() string {
	if strings.HasPrefix(v.P.(AnswerPage).Way.Name, "email_") {
		return "mail"
	}
	return "phone"
}

// Fault is the sentence beside a group of choices.
func (v *view) Fault(errs FieldErrors, name string) template.HTML { return v.fault(errs, name) }

// RetypeField is the number or address in full.
func (v *view) RetypeField() field {
	p := v.P.(RetypePage)
	f := field{Name: "contact", Type: "tel", Autocomplete: "tel", InputMode: "tel", Value: p.Typed, Label: v.r.Text(v.B, v.Locale, "gate.retype_phone", nil),
		Error: v.fault(p.Errors, "contact"), Required: true, Star: v.Star(), View: v}
	if p.Email {
		f.Type, f.Autocomplete, f.InputMode = "email", "email", "email"
		f.Label = v.r.Text(v.B, v.Locale, "gate.retype_email", nil)
	}
	return f
}

// CodeField is where a code is typed or pasted as a whole; phones offer the one that came as a text.
func (v *view) CodeField() field {
	p := v.P.(AnswerPage)
	f := field{Name: "code", Type: "text", Autocomplete: "one-time-code", InputMode: "numeric", Code: true,
		Label: v.r.Text(v.B, v.Locale, "answer.code", map[string]any{"count": p.Digits}), Error: v.fault(p.Errors, "code"), Required: true, Star: v.Star(), View: v}
	if p.Way.Name == "recovery_code" {
		f.Autocomplete, f.InputMode = "off", ""
		f.Label = v.r.Text(v.B, v.Locale, "answer.recovery_code", nil)
	}
	return f
}

// AnswerFields are the questions, each with its field.
func (v *view) AnswerFields() []field {
	p := v.P.(AnswerPage)
	var out []field
	for i, q := range p.Questions {
		name := "answer" + strconv.Itoa(i+1)
		out = append(out, field{Name: name, Type: "text", Autocomplete: "off", Label: v.QuestionText(q), Error: v.fault(p.Errors, name),
			Required: true, Star: v.Star(), View: v})
	}
	return out
}

// QuestionText is a question in the words of the page.
func (v *view) QuestionText(q AskedQuestion) string {
	if q.Text != "" {
		return q.Text
	}
	return v.r.Text(v.B, v.Locale, q.Key, nil)
}

// SentText says what was sent where.
func (v *view) SentText() template.HTML {
	p := v.P.(AnswerPage)
	key := "answer.sent_" + p.Way.Name
	return v.Msg(Message{Key: key, Args: map[string]any{"contact": whole(p.Way.Contact)}})
}

// RetypeLead says which number or address is meant.
func (v *view) RetypeLead() template.HTML {
	p := v.P.(RetypePage)
	key := "gate.retype_phone_lead"
	if p.Email {
		key = "gate.retype_email_lead"
	}
	return v.Msg(Message{Key: key, Args: map[string]any{"contact": whole(p.Way.Contact)}})
}

// whole keeps a masked contact on one line: a number that parts after its country code reads as two.
func whole(contact string) string { return strings.ReplaceAll(contact, " ", "\u00a0") }

// ForgotPath is where "forgot your password?" leads: to the kinds of account first, where there are some.
func (v *view) ForgotPath() string {
	if v.P.(SignInPage).AccountTypes {
		return "/recover/account-type"
	}
	return "/recover"
}
