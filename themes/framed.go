package themes

import (
	"bytes"
	"fmt"
	"html/template"
	"strings"
)

// FramedPage draws a sample as a picture of itself.
func (r *Renderer) FramedPage(b *Brand, locale, base string, f Frame, s Sample) ([]byte, error) {
	c := s.Chrome
	c.Base, c.Frame = base, &f
	return r.Page(b, locale, c, s.Page)
}

// FramedLetter draws one part of a letter (LetterSample.Parts) as a document to look at. f.Stylesheet counts
// for the parts without a look of their own.
func (r *Renderer) FramedLetter(b *Brand, locale, base, part string, f Frame, s LetterSample) ([]byte, error) {
	mail, err := r.Letter(b, locale, s.Letter)
	if err != nil {
		return nil, err
	}
	if part == "html" {
		return []byte(mail.Schemed(f.Scheme)), nil
	}
	text, subject := mail.Text, mail.Subject
	if code, is := s.Letter.(CodeLetter); is && part != "text" {
		subject = ""
		switch part {
		case "sms":
			text = r.SMS(b, locale, code)
		case "voice":
			text = r.Voice(b, locale, code)
		}
	}
	var out bytes.Buffer
	locale = localeOr(locale, b.localeDefault)
	v := newView(r, b, locale, Chrome{Base: base, Frame: &f}, nil)
	err = plainLetter.Execute(&out, map[string]any{"V": v, "Subject": subject, "Lines": strings.Split(strings.TrimSpace(text), "\n")})
	if err != nil {
		return nil, fmt.Errorf("letter %s: %w", s.Name, err)
	}
	return out.Bytes(), nil
}

// plainLetter shows text as it is read, a line a line.
var plainLetter = template.Must(template.New("letter").Parse(`<!doctype html>
<html lang="{{.V.Locale}}" dir="{{.V.Dir}}"><head><meta charset="utf-8"><title>{{.Subject}}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="{{.V.Asset "portico.css"}}"><link rel="stylesheet" href="{{.V.Asset "console.css"}}"><link rel="stylesheet" href="{{.V.StylesheetURL}}"></head>
<body class="letter-text"><main id="main">{{if .Subject}}<h1>{{.Subject}}</h1>{{end}}
<p dir="auto">{{range $i, $l := .Lines}}{{if $i}}<br>{{end}}{{$l}}{{end}}</p></main></body></html>
`))
