package feedback

import (
	"context"
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"strings"
)

// ErrForged means that a message is not one that SNS signed for a topic of ours. It says nothing about which.
var ErrForged = errors.New("feedback: no signed message of a topic that is listened to")

// ErrLater means that a message could not be judged just now; SNS brings it again.
var ErrLater = errors.New("feedback: the signature cannot be checked just now")

// message is what SNS posts (its developer guide: "Parsing message formats").
type message struct {
	Type             string
	MessageID        string `json:"MessageId"`
	TopicArn         string
	Subject          *string
	Message          string
	Timestamp        string
	SignatureVersion string
	Signature        string
	SigningCertURL   string
	SubscribeURL     string
	Token            string
}

// The kinds of messages.
const (
	notification = "Notification"
	subscription = "SubscriptionConfirmation"
	unsubscribed = "UnsubscribeConfirmation"
)

// signed is the text that SNS signs: names and values line by line, in this order (its developer guide:
// "Verifying the signatures of Amazon SNS messages").
func (m message) signed() string {
	fields := [][2]string{{"Message", m.Message}, {"MessageId", m.MessageID}}
	if m.Type == notification {
		if m.Subject != nil {
			fields = append(fields, [2]string{"Subject", *m.Subject})
		}
		fields = append(fields, [2]string{"Timestamp", m.Timestamp})
	} else {
		fields = append(fields, [2]string{"SubscribeURL", m.SubscribeURL}, [2]string{"Timestamp", m.Timestamp}, [2]string{"Token", m.Token})
	}
	fields = append(fields, [2]string{"TopicArn", m.TopicArn}, [2]string{"Type", m.Type})
	var b strings.Builder
	for _, f := range fields {
		b.WriteString(f[0] + "\n" + f[1] + "\n")
	}
	return b.String()
}

// verified reads a message and checks its topic and its signature.
func (f *Feedback) verified(ctx context.Context, body []byte) (message, error) {
	var m message
	if err := json.Unmarshal(body, &m); err != nil {
		return m, fmt.Errorf("%w: it is no JSON", ErrForged)
	}
	switch {
	case m.Type != notification && m.Type != subscription && m.Type != unsubscribed:
		return m, fmt.Errorf("%w: of an unknown kind", ErrForged)
	case !f.topics[m.TopicArn]:
		return m, fmt.Errorf("%w: the topic is not in PORTICO_SNS_TOPICS", ErrForged)
	case m.SignatureVersion != "2": // 1 is SHA-1
		return m, fmt.Errorf("%w: set the topic's SignatureVersion to 2", ErrForged)
	}
	host := hostOf(m.TopicArn)
	if !certificateAt(m.SigningCertURL, host) {
		return m, fmt.Errorf("%w: its certificate is elsewhere", ErrForged)
	}
	signature, err := base64.StdEncoding.DecodeString(m.Signature)
	if err != nil {
		return m, fmt.Errorf("%w: its signature is no base64", ErrForged)
	}
	key, err := f.keys.of(ctx, m.SigningCertURL, f.DB.Clock().Now())
	if err != nil {
		return m, err
	}
	sum := sha256.Sum256([]byte(m.signed()))
	if rsa.VerifyPKCS1v15(key, crypto.SHA256, sum[:], signature) != nil {
		return m, fmt.Errorf("%w: the signature is another one's", ErrForged)
	}
	return m, nil
}

var topicForm = regexp.MustCompile(`^arn:(aws|aws-cn|aws-us-gov):sns:([a-z]{2}(?:-[a-z]+)+-\d):\d{12}:[A-Za-z0-9_-]{1,256}$`)

// CheckTopic refuses what is no ARN of a standard SNS topic.
func CheckTopic(arn string) error {
	if !topicForm.MatchString(arn) {
		return fmt.Errorf("%q is no ARN of a topic such as arn:aws:sns:eu-west-1:123456789012:portico", arn)
	}
	return nil
}

// hostOf is where a topic's region answers; the topic is one that CheckTopic took.
func hostOf(arn string) string {
	part := topicForm.FindStringSubmatch(arn)
	host := "sns." + part[2] + ".amazonaws.com"
	if part[1] == "aws-cn" {
		host += ".cn"
	}
	return host
}

var certificatePath = regexp.MustCompile(`^/SimpleNotificationService-[0-9a-f]{32}\.pem$`)

// certificateAt tells whether a certificate's address is SNS's own, in the topic's region.
func certificateAt(address, host string) bool {
	u, err := url.Parse(address)
	return err == nil && address == "https://"+host+u.Path && certificatePath.MatchString(u.Path)
}

// confirmation is the address that confirms a subscription; "" when it is another one.
func confirmation(m message) string {
	u, err := url.Parse(m.SubscribeURL)
	if err != nil || !strings.HasPrefix(m.SubscribeURL, "https://"+hostOf(m.TopicArn)+"/?") || u.Host != hostOf(m.TopicArn) {
		return ""
	}
	if q := u.Query(); q.Get("Action") != "ConfirmSubscription" || q.Get("TopicArn") != m.TopicArn || q.Get("Token") == "" {
		return ""
	}
	return m.SubscribeURL
}
