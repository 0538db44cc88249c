package themes

// Captcha is the page's CAPTCHA; nil where it has none.
func (v *view) Captcha() *CaptchaField {
	switch p := v.P.(type) {
	case SignInPage:
		return p.Captcha
	case RecoverPage:
		return p.Captcha
	case ContactPage:
		return p.Captcha
	}
	return nil
}

// CaptchaInput is the field into which the characters are typed.
func (v *view) CaptchaInput() field {
	var errs FieldErrors
	switch p := v.P.(type) {
	case SignInPage:
		errs = p.Errors
	case RecoverPage:
		errs = p.Errors
	}
	return field{
		Name: "captcha_answer", Type: "text", Label: v.r.Text(v.B, v.Locale, "captcha.label", nil), Value: v.Captcha().Typed,
		Autocomplete: "off", InputMode: "numeric", Hint: v.Msg(Message{Key: "captcha.hint"}),
		Error: v.fault(errs, "captcha_answer"), Star: v.Star(), Required: true, View: v,
	}
}
