package letters

import (
	"cmp"
	"context"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/net/html"
)

// Inbox is the transport of `portico dev`: it keeps the last letters in memory and shows them at
// /dev/inbox. The zero value is ready; it is safe for concurrent use.
type Inbox struct {
	mu   sync.Mutex
	kept []InboxLetter // oldest first
}

const inboxSize = 5_000

// InboxLetter is a letter in the shape of /dev/inbox.json (product.md, contract).
type InboxLetter struct {
	ID      string            `json:"id"`
	Tenant  string            `json:"tenant"`  // slug; "" is the platform
	Channel string            `json:"channel"` // email, sms, voice
	From    string            `json:"from"`
	ReplyTo string            `json:"reply_to"`
	To      string            `json:"to"`
	Subject string            `json:"subject"`
	Text    string            `json:"text"`
	HTML    string            `json:"html"`
	Links   []string          `json:"links"`
	Code    string            `json:"code"`
	Headers map[string]string `json:"headers"`
	SentAt  time.Time         `json:"sent_at"`
}

// InboxPage is the answer of /dev/inbox.json.
type InboxPage struct {
	Letters []InboxLetter `json:"letters"`
}

// Send keeps the letter. It never fails.
func (in *Inbox) Send(_ context.Context, e Envelope) (string, error) {
	l := InboxLetter{
		ID: e.ID.String(), Tenant: e.Tenant, Channel: string(cmp.Or(e.Channel, Email)), From: e.From, To: e.To, Subject: e.Subject, Text: e.Text, HTML: e.HTML,
		Links: links(e.Text, e.HTML), Code: e.Code, Headers: map[string]string{}, SentAt: e.At,
	}
	for _, f := range e.Header {
		l.Headers[f.Name] = f.Value
	}
	if e.Channel == Email || e.Channel == "" {
		l.From, l.ReplyTo = l.Headers["From"], l.Headers["Reply-To"]
	}
	in.mu.Lock()
	defer in.mu.Unlock()
	if len(in.kept) >= inboxSize {
		in.kept = slices.Delete(in.kept, 0, inboxSize/10)
	}
	in.kept = append(in.kept, l)
	return e.MessageID, nil
}

// sameRecipient compares addresses by their letters and numbers by their digits, since people write +1 555 010
// 0101, and a plus sign in a query is a space.
func sameRecipient(l InboxLetter, to string) bool {
	if l.Channel == string(Email) {
		return strings.EqualFold(l.To, to)
	}
	digits := func(s string) string {
		return strings.Map(func(r rune) rune {
			if r < '0' || r > '9' {
				return -1
			}
			return r
		}, s)
	}
	return digits(l.To) == digits(to)
}

// List answers the letters to one tenant (slug) and address or number sent at or after since, newest first; ""
// and the zero time do not narrow. Letters is never nil.
func (in *Inbox) List(tenant, to string, since time.Time) InboxPage {
	in.mu.Lock()
	defer in.mu.Unlock()
	page := InboxPage{Letters: []InboxLetter{}}
	for _, l := range slices.Backward(in.kept) {
		if (tenant == "" || l.Tenant == tenant) && (to == "" || sameRecipient(l, to)) && !l.SentAt.Before(since) {
			page.Letters = append(page.Letters, l)
		}
	}
	return page
}

var address = regexp.MustCompile(`https?://[^\s<>"]+`)

// links collects the addresses of a mail, each once: those of the text in their order, then those that
// only the HTML has.
func links(text, markup string) []string {
	found := []string{}
	add := func(link string) {
		link = strings.TrimRight(link, ".,;:!?)]'")
		if u, err := url.Parse(link); err == nil && u.Host != "" && !slices.Contains(found, link) {
			found = append(found, link)
		}
	}
	for _, l := range address.FindAllString(text, -1) {
		add(l)
	}
	tokens := html.NewTokenizer(strings.NewReader(markup))
	for tokens.Next() != html.ErrorToken {
		t := tokens.Token()
		for _, a := range t.Attr {
			if t.Data == "a" && a.Key == "href" && address.MatchString(a.Val) {
				add(a.Val)
			}
		}
	}
	return found
}

// Lines are the lines of a text, or of what a call says, for a page.
func (l InboxLetter) Lines() []string { return strings.Split(l.Text, "\n") }
