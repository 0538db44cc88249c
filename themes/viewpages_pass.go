package themes

import "html/template"

// PassIdentifier is who somebody with a one-time pass is.
func (v *view) PassIdentifier() field {
	p := v.P.(PassPage)
	return v.identify("identifier", p.Identifier, v.IdentifierLabel(p.Identifier), p.Typed, p.Errors)
}

// PassField is the pass itself; it is never echoed.
func (v *view) PassField() field {
	p := v.P.(PassPage)
	return field{Name: "pass", Type: "text", Autocomplete: "off", Code: true, Label: v.r.Text(v.B, v.Locale, "pass.label", nil),
		Hint: v.Msg(Message{Key: "pass.hint"}), Error: v.fault(p.Errors, "pass"), Required: true, Star: v.Star(), View: v}
}

// ContactIdentifier is who asks the administrators for help.
func (v *view) ContactIdentifier() field {
	p := v.P.(ContactPage)
	return v.identify("identifier", p.Identifier, v.IdentifierLabel(p.Identifier), p.Typed, p.Errors)
}

// NoteFault is what is wrong with the note.
func (v *view) NoteFault() template.HTML { return v.fault(v.P.(ContactPage).Errors, "note") }
