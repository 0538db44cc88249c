package feedback

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"github.com/google/uuid"

	"portico/app/letters"
	"portico/tenants"
)

// event is what SES publishes about one mail (its developer guide: "Contents of event data that Amazon SES
// publishes to Amazon SNS"), or what an identity notifies of, which is the same without tags ("Amazon SNS
// notification contents"). What is not here is not read.
type event struct {
	EventType        string
	NotificationType string
	Mail             struct {
		MessageID   string `json:"messageId"`
		Source      string
		Destination []string
		Tags        map[string][]string
		Headers     []struct{ Name, Value string }
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

// tag is a tag that a mail has once; "" otherwise.
func (e event) tag(name string) string {
	if all := e.Mail.Tags[name]; len(all) == 1 {
		return all[0]
	}
	return ""
}

// readEvent is an event, and what it tells in our words; false for those that say nothing about a letter's way,
// and for what another program publishes to the topic.
func readEvent(text string) (e event, t letters.Told, ok bool) {
	if json.Unmarshal([]byte(text), &e) != nil {
		return e, t, false
	}
	kind := e.EventType
	if kind == "" {
		kind = e.NotificationType
	}
	switch kind {
	case "Delivery":
		t.Fate, t.At = letters.Delivered, e.Delivery.Timestamp
	case "Bounce":
		t.Fate, t.At, t.Reason, t.Permanent = letters.Bounced, e.Bounce.Timestamp, e.Bounce.BounceSubType, e.Bounce.BounceType == "Permanent"
	case "Complaint":
		t.Fate, t.At, t.Reason = letters.Complained, e.Complaint.Timestamp, e.Complaint.ComplaintFeedbackType
	default:
		return e, t, false
	}
	t.Letter = e.letter()
	return e, t, true
}

// letter is the letter's row by the mail's tag, or by the header that the mail left with; the zero id where
// neither travels along.
func (e event) letter() uuid.UUID {
	text := e.tag(letters.LetterTag)
	for _, h := range e.Mail.Headers {
		if text == "" && strings.EqualFold(h.Name, letters.LetterHeader) {
			text = h.Value
		}
	}
	id, err := uuid.Parse(text)
	if err != nil || len(text) != 36 {
		return uuid.UUID{}
	}
	return id
}

// keep writes down what a notification tells of a letter.
func (f *Feedback) keep(ctx context.Context, m message) (Outcome, error) {
	e, told, ok := readEvent(m.Message)
	if !ok {
		return Ignored, nil
	}
	whose, err := f.whose(ctx, e)
	if err != nil {
		return Later, err
	}
	if len(whose) == 0 {
		return Ignored, nil
	}
	for _, tenant := range whose {
		kept, err := f.tell(ctx, tenant, e, told)
		if err != nil {
			return Later, err
		}
		if kept {
			return Kept, nil
		}
	}
	return Known, nil
}

// mostTenants is to how many tenants a sender's domain may belong.
const mostTenants = 20

// whose are the tenants that a mail may be of: by its tag, by its configuration set, or by its sender's domain.
func (f *Feedback) whose(ctx context.Context, e event) (ids []tenants.ID, err error) {
	if slug := e.tag(letters.TenantTag); slug != "" {
		if !tenants.ValidSlug(slug) {
			return nil, nil
		}
		t, err := f.Resolver.BySlug(ctx, slug)
		if errors.Is(err, tenants.ErrNoTenant) {
			return nil, nil
		}
		if err != nil {
			return nil, err
		}
		return []tenants.ID{t.ID}, nil
	}
	if id, ok := letters.TenantOfSet(e.tag("ses:configuration-set")); ok {
		return []tenants.ID{id}, nil
	}
	source := e.Mail.Source
	if i := strings.LastIndexByte(source, '<'); i >= 0 {
		source = strings.TrimSuffix(source[i+1:], ">")
	}
	domain := letters.DomainOf(source)
	if domain == "" {
		return nil, nil
	}
	err = f.DB.AcrossAll(ctx, tenants.ForSenderWorker, func(a *tenants.Across) error {
		return a.Each(ctx, "SELECT tenant_id FROM sender_domains WHERE domain = $1 AND state IN ('verified', 'lost', 'retired') ORDER BY tenant_id LIMIT $2",
			[]any{domain, mostTenants}, func(scan func(...any) error) error {
				var id tenants.ID
				err := scan(&id)
				ids = append(ids, id)
				return err
			})
	})
	return ids, err
}

// tell keeps what is told of a letter, when it is the tenant's and was not told before.
func (f *Feedback) tell(ctx context.Context, tenant tenants.ID, e event, told letters.Told) (kept bool, err error) {
	err = f.DB.In(ctx, tenant, func(s *tenants.Scope) error {
		if told.At.IsZero() || told.At.After(s.Now()) {
			told.At = s.Now()
		}
		if told.Letter == (uuid.UUID{}) {
			if told.Letter, err = letters.SentAsMessage(ctx, s, e.Mail.MessageID, e.Mail.Destination); err != nil || told.Letter == (uuid.UUID{}) {
				return err
			}
		}
		kept, err = letters.Feedback(ctx, s, told)
		return err
	})
	return kept, err
}
