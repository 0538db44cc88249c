package themes

import (
	"cmp"
	"html/template"
)

// Flashed is the text of the message at the top.
func (v *view) Flashed() template.HTML {
	return v.Msg(Message{Key: v.C.Flash.Key, Args: v.C.Flash.Args})
}

// Lead is a sentence below the title that a tenant may leave out by writing it empty.
func (v *view) Lead(key string) template.HTML { return v.optional(key) }

// Or is the first text that is not empty.
func (v *view) Or(a, b string) string { return cmp.Or(a, b) }

// EndedReason says what happened to a link.
func (v *view) EndedReason() template.HTML {
	p := v.P.(LinkEndedPage)
	key := map[string]string{
		"replaced": "ended.replaced", "used": "ended.used", "expired": "ended.expired",
		"revoked": "ended.revoked", "cookies": "ended.cookies",
	}[p.Reason]
	if key == "" {
		key = "ended.unknown"
	}
	if p.At.IsZero() && (key == "ended.replaced" || key == "ended.used") {
		key += "_plain"
	}
	return v.Msg(Message{Key: key, Args: map[string]any{"time": p.At}})
}

// EndedNext says what to do about it.
func (v *view) EndedNext() template.HTML {
	p := v.P.(LinkEndedPage)
	switch {
	case p.Purpose == "staff":
		return v.Msg(Message{Key: "platform.lost"})
	case p.Purpose == "unlock":
		return v.Msg(Message{Key: "ended.next_unlock"})
	case p.Purpose == "pass":
		return v.Msg(Message{Key: "pass.next"})
	case p.Purpose == "pass_stop":
		return v.Msg(Message{Key: "pass.stop_next"})
	case p.Purpose == "invite" && p.Reason == "replaced":
		return v.Msg(Message{Key: "invite.next_newest"})
	case p.Purpose == "invite" && p.Reason != "cookies":
		return v.Msg(Message{Key: "invite.next"})
	case p.Reason == "replaced":
		return v.Msg(Message{Key: "ended.next_newest"})
	case p.Reason == "cookies":
		return v.Msg(Message{Key: "ended.next_cookies"})
	}
	return v.Msg(Message{Key: "ended.next"})
}

// IdentifierLabel names a kind of identifier.
func (v *view) IdentifierLabel(kind string) string {
	return v.r.Text(v.B, v.Locale, cmp.Or(identifierKeys()[kind], "signin.username"), nil)
}

func identifierKeys() map[string]string {
	return map[string]string{"email": "signin.email", "username": "signin.username", "user_id": "signin.user_id"}
}

// BrowserName is a session's browser, or the words for an unknown one.
func (v *view) BrowserName(browser string) string {
	return cmp.Or(browser, v.r.Text(v.B, v.Locale, "account.browser_unknown", nil))
}

// HelpLabel is how the recovery page calls its field.
func (v *view) HelpLabel() string { return v.recoverLabel(v.P.(HelpPage).ResetIdentifier) }

// SecurityNote says what nobody will ever ask, and what to do about a mail that nobody asked for.
func (v *view) SecurityNote() template.HTML {
	h := v.Help()
	if h.Escalation == "" {
		return v.Msg(Message{Key: "security.note_plain"})
	}
	return v.Msg(Message{Key: "security.note", Args: map[string]any{"escalation": h.Escalation}})
}

// FailureText is the title, the text or the way on of a failure, by its kind.
func (v *view) FailureText(part string) string {
	kind := v.P.(FailurePage).Kind
	key := "failure." + kind + "." + part
	if _, ok := v.r.words.placeholders[key]; !ok {
		key = "failure.internal." + part
	}
	return v.r.Text(v.B, v.Locale, key, nil)
}
