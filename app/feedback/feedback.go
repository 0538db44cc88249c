package feedback

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"portico/tenants"
)

// Settings are what feedback stands on.
type Settings struct {
	DB       *tenants.DB
	Resolver *tenants.Resolver
	Log      *slog.Logger
	Topics   []string          // ARNs that CheckTopic took; without one nothing is taken
	Carry    http.RoundTripper // to SNS; nil is Go's own
}

// Feedback takes the messages of some topics.
type Feedback struct {
	Settings
	topics map[string]bool
	keys   keys
}

// New makes the taker of some topics' messages.
func New(set Settings) *Feedback {
	f := &Feedback{Settings: set, topics: map[string]bool{}}
	for _, arn := range set.Topics {
		f.topics[arn] = true
	}
	f.keys = keys{kept: map[string]*x509.Certificate{}, client: &http.Client{Transport: set.Carry, Timeout: 5 * time.Second,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
	return f
}

// Outcome is what came of a message, for counting.
type Outcome string

// The outcomes.
const (
	Kept      Outcome = "kept"      // a letter's way goes on
	Known     Outcome = "known"     // it was told before, or the letter is gone
	Ignored   Outcome = "ignored"   // not about a letter of ours, or of a kind that says nothing about its way
	Confirmed Outcome = "confirmed" // a subscription
	Forged    Outcome = "forged"
	Later     Outcome = "later"
)

// Outcomes are all of them.
func Outcomes() []Outcome { return []Outcome{Kept, Known, Ignored, Confirmed, Forged, Later} }

// Receive takes one posted message. ErrForged for what SNS did not sign for one of the topics, ErrLater (or the
// database's error) when SNS should bring it again; told twice, it counts once.
func (f *Feedback) Receive(ctx context.Context, body []byte) (Outcome, error) {
	m, err := f.verified(ctx, body)
	switch {
	case errors.Is(err, ErrForged):
		return Forged, err
	case err != nil:
		return Later, err
	}
	switch m.Type {
	case subscription:
		at := confirmation(m)
		if at == "" {
			return Forged, fmt.Errorf("%w: it is confirmed elsewhere", ErrForged)
		}
		if _, err := f.keys.get(ctx, at); err != nil {
			return Later, fmt.Errorf("%w: %w", ErrLater, err)
		}
		f.Log.Info("a topic's messages come here from now on", "topic", m.TopicArn)
		return Confirmed, nil
	case unsubscribed:
		f.Log.Warn("a topic's messages come here no more", "topic", m.TopicArn)
		return Ignored, nil
	}
	return f.keep(ctx, m)
}
