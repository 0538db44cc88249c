package feedback

import (
	"context"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"github.com/google/uuid"

	"portico/app/letters"
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

// keep writes down what a notification tells of a letter.
func (f *Feedback) keep(ctx context.Context, m message) (Outcome, error) {
	told, slug, ok := readEvent(m.Message)
	if !ok {
		return Ignored, nil
	}
	t, err := f.Resolver.BySlug(ctx, slug)
	if errors.Is(err, tenants.ErrNoTenant) {
		return Ignored, nil
	}
	if err != nil {
		return Later, err
	}
	kept := false
	err = f.DB.In(ctx, t.ID, func(s *tenants.Scope) error {
		if told.At.IsZero() || told.At.After(s.Now()) {
			told.At = s.Now()
		}
		kept, err = letters.Feedback(ctx, s, told)
		return err
	})
	switch {
	case err != nil:
		return Later, err
	case kept:
		return Kept, nil
	}
	return Known, nil
}

// event is what SES publishes about one mail (its developer guide: "Contents of event data that Amazon SES
// publishes to Amazon SNS"). What is not here is not read.
type event struct {
	EventType string
	Mail      struct {
		Tags map[string][]string
	}
	Bounce struct {
		BounceType    string
		BounceSubType string
		Timestamp     time.Time
	}
	Complaint struct {
		ComplaintFeedbackType string
		Timestamp             time.Time
	}
	Delivery struct {
		Timestamp time.Time
	}
}

// readEvent is an event in our words, and the tenant that it belongs to; false for those that say nothing about
// a letter's way, and for what another program publishes to the topic.
func readEvent(text string) (t letters.Told, tenant string, ok bool) {
	var e event
	if json.Unmarshal([]byte(text), &e) != nil || len(e.Mail.Tags[letters.LetterTag]) != 1 || len(e.Mail.Tags[letters.TenantTag]) != 1 {
		return t, "", false
	}
	tenant = e.Mail.Tags[letters.TenantTag][0]
	id, err := uuid.Parse(e.Mail.Tags[letters.LetterTag][0])
	if err != nil || !tenants.ValidSlug(tenant) {
		return t, "", false
	}
	t.Letter = id
	switch e.EventType {
	case "Delivery":
		t.Fate, t.At = letters.Delivered, e.Delivery.Timestamp
	case "Bounce":
		t.Fate, t.At, t.Reason, t.Permanent = letters.Bounced, e.Bounce.Timestamp, e.Bounce.BounceSubType, e.Bounce.BounceType == "Permanent"
	case "Complaint":
		t.Fate, t.At, t.Reason = letters.Complained, e.Complaint.Timestamp, e.Complaint.ComplaintFeedbackType
	default:
		return t, "", false
	}
	return t, tenant, true
}
