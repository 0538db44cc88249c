package themes

// FactorField is the code; phones offer the one of an app that fills in.
func (v *view) FactorField() field {
	p := v.P.(FactorPage)
	f := field{Name: "code", Type: "text", Autocomplete: "one-time-code", InputMode: "numeric", Code: true,
		Label: v.r.Text(v.B, v.Locale, "answer.code", map[string]any{"count": 6}), Error: v.fault(p.Errors, "code"), Required: true, Star: v.Star(), View: v}
	if p.Saved {
		f.Autocomplete, f.InputMode = "off", ""
		f.Label = v.r.Text(v.B, v.Locale, "answer.recovery_code", nil)
	}
	return f
}
