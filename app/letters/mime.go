package letters

import (
	"bytes"
	"time"

	"github.com/google/uuid"
	"github.com/wneessen/go-mail"

	"portico/themes"
)

// Identity is whom a mail comes from.
type Identity struct {
	From    string // bare address
	Name    string // shown before it; any text without line breaks
	ReplyTo string // bare address; "" for none
}

// compose builds the mail once, for every transport: text and HTML as alternatives, and the header
// fields that keep machines from answering (RFC 3834, and X-Auto-Response-Suppress for Exchange).
// Whatever could break a header line or name a second recipient is refused, not repaired.
func compose(id uuid.UUID, from Identity, to, locale string, m themes.Mail, at time.Time) (Envelope, error) {
	e := Envelope{ID: id, Subject: m.Subject, Text: m.Text, HTML: m.HTML, At: at}
	var ok bool
	if e.To, ok = CleanAddress(to); !ok {
		return e, refused("bad recipient address", nil)
	}
	if e.From, ok = CleanAddress(from.From); !ok {
		return e, temporary("the sender's address is not one plain address", nil)
	}
	if !oneLine(m.Subject) || !oneLine(from.Name) || !oneLine(locale) {
		return e, refused("control characters in a header", nil)
	}
	_, domain, _ := bytes.Cut([]byte(e.From), []byte("@"))
	e.MessageID = id.String() + "@" + string(domain)

	msg := mail.NewMsg(mail.WithNoDefaultUserAgent(), mail.WithBoundary("portico-"+id.String()))
	if err := msg.FromFormat(from.Name, e.From); err != nil {
		return e, temporary("the sender's address is not one plain address", err)
	}
	if err := msg.To("<" + e.To + ">"); err != nil {
		return e, refused("bad recipient address", nil)
	}
	if from.ReplyTo != "" {
		reply, ok := CleanAddress(from.ReplyTo)
		if !ok {
			return e, temporary("the sender's reply address is not one plain address", nil)
		}
		if err := msg.ReplyTo("<" + reply + ">"); err != nil {
			return e, temporary("the sender's reply address is not one plain address", err)
		}
		e.Header = append(e.Header, Field{"Reply-To", reply})
	}
	msg.Subject(m.Subject)
	msg.SetDateWithValue(at)
	msg.SetMessageIDWithValue(e.MessageID)
	plain := []Field{
		{"Auto-Submitted", "auto-generated"},
		{"X-Auto-Response-Suppress", "All"},
		{LetterHeader, id.String()},
	}
	if locale != "" {
		plain = append(plain, Field{"Content-Language", locale})
	}
	for _, f := range plain {
		msg.SetGenHeader(mail.Header(f.Name), f.Value)
	}
	msg.SetBodyString(mail.TypeTextPlain, m.Text)
	msg.AddAlternativeString(mail.TypeTextHTML, m.HTML)
	var out bytes.Buffer
	if _, err := msg.WriteTo(&out); err != nil {
		return e, refused("could not be built", err)
	}
	e.Message = out.Bytes()
	e.Header = append(e.Header, Field{"From", display(from.Name, e.From)}, Field{"To", e.To}, Field{"Subject", m.Subject},
		Field{"Date", at.Format(time.RFC1123Z)}, Field{"Message-ID", "<" + e.MessageID + ">"})
	e.Header = append(e.Header, plain...)
	return e, nil
}

func display(name, address string) string {
	if name == "" {
		return address
	}
	return name + " <" + address + ">"
}
