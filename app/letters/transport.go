package letters

import (
	"context"
	"time"

	"github.com/google/uuid"
)

// Transport hands one mail over to whoever carries it on. A nil error means that it was accepted; the
// id is the carrier's own, or the Message-ID where that is kept. Errors that wrap ErrRefused are final;
// all others are tried again.
type Transport interface {
	Send(ctx context.Context, e Envelope) (messageID string, err error)
}

// Envelope is one mail, ready to leave.
type Envelope struct {
	ID        uuid.UUID // the letter's row
	Tenant    string    // slug; "" is the platform
	From, To  string    // bare ASCII addresses, checked
	MessageID string    // without angle brackets, the same at every try
	Message   []byte    // RFC 5322: headers and body, CRLF

	// The same once more, for those who show it instead of carrying it on.
	Header              []Field
	Subject, Text, HTML string
	Code                string // of a letter that carries one
	At                  time.Time
}

// Field is one header field, decoded.
type Field struct{ Name, Value string }
