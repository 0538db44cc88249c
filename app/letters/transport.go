package letters

import (
	"context"
	"time"

	"github.com/google/uuid"
)

// Transport hands one letter over to whoever carries it on. A nil error means that it was accepted; the
// id is the carrier's own, or the Message-ID where that is kept. Errors that wrap ErrRefused are final;
// all others are tried again.
type Transport interface {
	Send(ctx context.Context, e Envelope) (messageID string, err error)
}

// Envelope is one letter, ready to leave.
type Envelope struct {
	ID        uuid.UUID // the letter's row
	Tenant    string    // slug; "" is the platform
	Channel   Channel   // how it travels; "" is Email
	Locale    string    // of the words
	From, To  string    // bare ASCII addresses, checked; of texts and calls a sender and a number (E.164)
	Set       string    // configuration set at SES; "" is the transport's own
	MessageID string    // without angle brackets, the same at every try; "" of texts and calls
	Message   []byte    // RFC 5322: headers and body, CRLF; nil of texts and calls, whose words are Text

	// The same once more, for those who show it instead of carrying it on.
	Header              []Field
	Subject, Text, HTML string
	Code                string    // of a letter that carries one
	Until               time.Time // the code's end, after which nobody needs the letter; zero for none
	At                  time.Time
}

// Field is one header field, decoded.
type Field struct{ Name, Value string }

// life is how long a carrier may go on trying, in seconds within its bounds; nil where nothing ends.
func (e Envelope) life(least, most int32) *int32 {
	if e.Until.IsZero() {
		return nil
	}
	left := int32(min(max(e.Until.Sub(e.At)/time.Second, time.Duration(least)), time.Duration(most)))
	return &left
}
