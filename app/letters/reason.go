package letters

import (
	"context"
	"errors"
	"net"
	"time"
)

// ErrRefused means that this letter will never be accepted: a bad address, a message rejected.
var ErrRefused = errors.New("refused")

// failure is how a letter's try ended, in our own words: the row and the log show them, never a server's
// text, which may hold an address or part of the message.
type failure struct {
	why   string
	final bool
	after time.Duration // the carrier asked for this much patience; 0 for none
	cause error
}

func (f failure) Error() string { return f.why }

// Unwrap makes final failures match ErrRefused.
func (f failure) Unwrap() []error {
	errs := []error{}
	if f.final {
		errs = append(errs, ErrRefused)
	}
	if f.cause != nil {
		errs = append(errs, f.cause)
	}
	return errs
}

// refused is a failure for good, temporary one that may pass.
func refused(why string, cause error) error   { return failure{why: why, final: true, cause: cause} }
func temporary(why string, cause error) error { return failure{why: why, cause: cause} }

// later is a temporary failure whose carrier said when to come back.
func later(why string, after time.Duration) error { return failure{why: why, after: after} }

// patience is how long a carrier asked us to wait.
func patience(err error) time.Duration {
	var f failure
	if errors.As(err, &f) {
		return f.after
	}
	return 0
}

// causeOf names a failure in our own words.
func causeOf(err error) string {
	var f failure
	var network net.Error
	switch {
	case errors.As(err, &f):
		return f.why
	case errors.Is(err, ErrRefused):
		return "refused"
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &network) && network.Timeout():
		return "no answer in time"
	case errors.Is(err, context.Canceled):
		return "interrupted"
	case errors.As(err, &network):
		return "the carrier cannot be reached"
	}
	return "not accepted yet"
}
