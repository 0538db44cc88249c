package themes

import (
	"html/template"
	"strconv"
	"strings"
)

// kindText names a kind of proof.
func (v *view) kindText(kind string) string {
	key := map[string]string{
		"auth_phone": "proof.kind_auth_phone", "office_phone": "proof.kind_office_phone", "auth_email": "proof.kind_auth_email",
		"security_questions": "proof.kind_security_questions", "totp": "proof.kind_totp", "recovery_code": "proof.kind_recovery_code",
	}[kind]
	return v.r.Text(v.B, v.Locale, key, nil)
}

// wayText names what a family of proofs rests on, within a sentence.
func (v *view) wayText(family string) string {
	key := map[string]string{
		"email": "proof.way_email", "mobile": "proof.way_mobile", "office": "proof.way_office", "questions": "proof.way_questions",
		"authenticator": "proof.way_authenticator", "recovery_code": "proof.way_recovery_code",
	}[family]
	return v.r.Text(v.B, v.Locale, key, nil)
}

// KindName names a kind of proof.
func (v *view) KindName(kind string) string { return v.kindText(kind) }

// KindHint says in a sentence what a kind is good for.
func (v *view) KindHint(kind string) string {
	key := map[string]string{
		"auth_phone": "proof.hint_auth_phone", "office_phone": "proof.hint_office_phone", "auth_email": "proof.hint_auth_email",
		"security_questions": "proof.hint_security_questions", "totp": "proof.hint_totp", "recovery_code": "proof.hint_recovery_code",
	}[kind]
	return v.r.Text(v.B, v.Locale, key, nil)
}

// SetBy says who set a proof.
func (v *view) SetBy(by string) string {
	key := map[string]string{"owner": "proof.by_owner", "administrator": "proof.by_administrator", "import": "proof.by_import"}[by]
	return v.r.Text(v.B, v.Locale, key, nil)
}

// listed joins names to a list as a sentence has it.
func (v *view) listed(names []string) string {
	if len(names) == 0 {
		return ""
	}
	list := names[0]
	for i, name := range names[1:] {
		key := "proof.list_more"
		if i == len(names)-2 {
			key = "proof.list_last"
		}
		list = v.r.Text(v.B, v.Locale, key, map[string]any{"list": list, "item": name})
	}
	return list
}

// AbleText is the sentence that says whether they could get back in today, and why.
func (v *view) AbleText(a Able) template.HTML {
	var ways []string
	for _, family := range a.Ways {
		ways = append(ways, v.wayText(family))
	}
	args := map[string]any{"ways": v.listed(ways)}
	switch {
	case a.Off:
		return v.Msg(Message{Key: "proof.cannot_off"})
	case a.Can:
		return v.Msg(Message{Key: "proof.can", Args: args})
	case len(a.Ways) == 0 && a.Required == 1:
		return v.Msg(Message{Key: "proof.cannot_none_one"})
	case len(a.Ways) == 0:
		return v.Msg(Message{Key: "proof.cannot_none"})
	}
	return v.Msg(Message{Key: "proof.cannot_few", Args: args})
}

// AddText says what to add, or nothing.
func (v *view) AddText(a Able) template.HTML {
	names := func(kinds []string) string {
		var all []string
		for _, kind := range kinds {
			all = append(all, v.kindText(kind))
		}
		return v.listed(all)
	}
	switch {
	case a.Can || a.Off:
		return ""
	case !a.From.IsZero():
		return v.Msg(Message{Key: "proof.enough_from", Args: map[string]any{"when": a.From}})
	case len(a.Add) > 0:
		return v.Msg(Message{Key: "proof.add_one", Args: map[string]any{"ways": names(a.Add)}})
	case len(a.Admin) > 0:
		return v.Msg(Message{Key: "proof.ask_for", Args: map[string]any{"ways": names(a.Admin)}})
	}
	return ""
}

// ProofPassword is the current password of somebody who shows anew who they are.
func (v *view) ProofPassword() field {
	p := v.P.(ProveAnewPage)
	return field{Name: "password", Type: "password", Autocomplete: "current-password", Label: v.r.Text(v.B, v.Locale, "proof.password", nil),
		Error: v.fault(p.Errors, "password"), Required: true, ShowPassword: true, Star: v.Star(), View: v}
}

// ContactField is the number or the address to register.
func (v *view) ContactField() field {
	p := v.P.(AddContactPage)
	f := field{Name: "contact", Type: "tel", Autocomplete: "tel", InputMode: "tel", Value: p.Typed, Error: v.fault(p.Errors, "contact"),
		Required: true, Star: v.Star(), View: v}
	if p.Kind == "auth_email" {
		f.Type, f.Autocomplete, f.InputMode = "email", "email", "email"
		f.Label = v.r.Text(v.B, v.Locale, "proof.email_label", nil)
		return f
	}
	f.Label = v.r.Text(v.B, v.Locale, "proof.phone_label", nil)
	f.Hint = v.Msg(Message{Key: "proof.phone_hint", Args: map[string]any{"example": p.Example}})
	return f
}

// EnrolWay names how a code goes to a phone.
func (v *view) EnrolWay(method string) string {
	if method == "voice_mobile" {
		return v.r.Text(v.B, v.Locale, "proof.by_call", nil)
	}
	return v.r.Text(v.B, v.Locale, "proof.by_text", nil)
}

// EnrolSent says where the code went.
func (v *view) EnrolSent() template.HTML {
	p := v.P.(EnrolCodePage)
	key := map[string]string{"sms_mobile": "answer.sent_sms_mobile", "voice_mobile": "answer.sent_voice_mobile", "email_code": "answer.sent_email_code"}[p.Method]
	return v.Msg(Message{Key: key, Args: map[string]any{"contact": p.Contact}})
}

// EnrolCode is the field for a code: of a message, or of the app.
func (v *view) EnrolCode() field {
	digits := 6
	f := field{Name: "code", Type: "text", Autocomplete: "one-time-code", InputMode: "numeric", Code: true, Required: true, Star: v.Star(), View: v}
	switch p := v.P.(type) {
	case EnrolCodePage:
		digits, f.Error = p.Digits, v.fault(p.Errors, "code")
	case AddAppPage:
		f.Error = v.fault(p.Errors, "code")
	case ProveAnewPage:
		f.Error = v.fault(p.Errors, "code")
		f.Label = v.r.Text(v.B, v.Locale, "proof.app_code", nil)
		return f
	}
	f.Label = v.r.Text(v.B, v.Locale, "answer.code", map[string]any{"count": digits})
	return f
}

// Grouped is a secret in groups of four, as people copy it by hand.
func (v *view) Grouped(secret string) string {
	var out strings.Builder
	for i, r := range secret {
		if i > 0 && i%4 == 0 {
			out.WriteByte(' ')
		}
		out.WriteRune(r)
	}
	return out.String()
}

// AppLink is the otpauth address as a link: it opens the app on the same device.
func (v *view) AppLink() template.URL {
	if v.Framed() {
		return nowhere
	}
	return template.URL(v.P.(AddAppPage).Link) //nolint:gosec // made of our own key
}

// choice is one question of the form and the field for its answer.
type choice struct {
	Name   string // of the select
	Label  string
	Chosen string
	Error  template.HTML
	Answer field
}

// Choices are the questions and answers to fill in. Answers are never shown again.
func (v *view) Choices() []choice {
	p := v.P.(AddQuestionsPage)
	var all []choice
	for i, chosen := range p.Chosen {
		n := strconv.Itoa(i + 1)
		c := choice{Name: "question" + n, Chosen: chosen, Error: v.fault(p.Errors, "question"+n),
			Label: v.r.Text(v.B, v.Locale, "proof.question", map[string]any{"number": i + 1})}
		c.Answer = field{Name: "answer" + n, Type: "text", Autocomplete: "off", Label: v.r.Text(v.B, v.Locale, "proof.answer", map[string]any{"number": i + 1}),
			Error: v.fault(p.Errors, "answer"+n), Required: true, Star: v.Star(), View: v}
		all = append(all, c)
	}
	return all
}

// ableView is what the sentence on getting back in is drawn from.
type ableView struct {
	V    *view
	Able Able
}

// WithAble hands an Able to the part that draws it.
func (v *view) WithAble(a Able) ableView { return ableView{v, a} }
