package visit

import (
	"bytes"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"
)

// Form is the decoded body of a POST: each field once, only the fields that the handler named.
type Form map[string]string

// The most that a form may hold.
const (
	maxFields     = 32
	maxWideFields = 400
	maxFieldBytes = 8 << 10
)

// Form reads the body strictly (security.md F6): application/x-www-form-urlencoded alone, every field
// once, no field that the handler did not name, valid UTF-8 without NUL; and checks the form's token.
// ErrStaleForm and ErrBadForm otherwise. Values are copies; query parameters never count.
func (v *Visit) Form(fields ...string) (Form, error) {
	form, err := ParseForm(v.C.Context().PostBody(), string(v.C.Context().Request.Header.ContentType()))
	if err != nil {
		return nil, err
	}
	if err := v.checkToken(form["token"]); err != nil {
		return nil, err
	}
	delete(form, "token")
	for name := range form {
		if !slices.Contains(fields, name) {
			return nil, fmt.Errorf("%w: a field that does not belong there", ErrBadForm)
		}
	}
	return form, nil
}

// WideForm is Form for pages with many fields, up to 400, whose names are not a fixed list: takes tells
// which belong there.
func (v *Visit) WideForm(takes func(field string) bool) (Form, error) {
	form, err := parseForm(v.C.Context().PostBody(), string(v.C.Context().Request.Header.ContentType()), maxWideFields, "")
	if err != nil {
		return nil, err
	}
	if err := v.checkToken(form["token"]); err != nil {
		return nil, err
	}
	delete(form, "token")
	for name := range form {
		if !takes(name) {
			return nil, fmt.Errorf("%w: a field that does not belong there", ErrBadForm)
		}
	}
	return form, nil
}

// LongForm is Form for pages into whose one field many lines are pasted: it may be as long as the body.
func (v *Visit) LongForm(long string, fields ...string) (Form, error) {
	form, err := parseForm(v.C.Context().PostBody(), string(v.C.Context().Request.Header.ContentType()), maxFields, long)
	if err != nil {
		return nil, err
	}
	if err := v.checkToken(form["token"]); err != nil {
		return nil, err
	}
	delete(form, "token")
	for name := range form {
		if name != long && !slices.Contains(fields, name) {
			return nil, fmt.Errorf("%w: a field that does not belong there", ErrBadForm)
		}
	}
	return form, nil
}

// ParseForm is the decoder behind Form.
func ParseForm(body []byte, contentType string) (Form, error) {
	return parseForm(body, contentType, maxFields, "")
}

// parseForm decodes a body of at most some fields, of which one may be longer than the others ("" is none).
func parseForm(body []byte, contentType string, most int, long string) (Form, error) {
	kind, _, _ := strings.Cut(contentType, ";")
	if !strings.EqualFold(strings.TrimSpace(kind), "application/x-www-form-urlencoded") {
		return nil, fmt.Errorf("%w: content type", ErrBadForm)
	}
	form := Form{}
	for pair := range bytes.SplitSeq(body, []byte("&")) {
		if len(pair) == 0 {
			continue
		}
		name, value, _ := strings.Cut(string(pair), "=")
		name, err := url.QueryUnescape(name)
		if err != nil {
			return nil, fmt.Errorf("%w: escape", ErrBadForm)
		}
		value, err = url.QueryUnescape(value)
		if err != nil || len(value) > maxFieldBytes && (name != long || long == "") || !utf8.ValidString(value) || strings.ContainsRune(value, 0) {
			return nil, fmt.Errorf("%w: value", ErrBadForm)
		}
		if _, twice := form[name]; twice || len(form) == most {
			return nil, fmt.Errorf("%w: a field twice", ErrBadForm)
		}
		form[name] = value
	}
	return form, nil
}
