package letters

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// Twilio hands texts and calls to Twilio's REST API of 2010-04-01, whose two endpoints need no library:
// Messages and Calls. It has no key that makes a request idempotent, so a try whose answer was lost is
// repeated only while its code holds.
type Twilio struct {
	Account string // AC…
	Token   string
	From    string       // a number; for texts also a sender id or a messaging service (MG…)
	BaseURL string       // "" is Twilio's
	Client  *http.Client // nil makes one without redirects
}

const twilioAPI = "https://api.twilio.com"

// Send makes one message or call and returns Twilio's SID.
func (t *Twilio) Send(ctx context.Context, e Envelope) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, handOverPhone)
	defer cancel()
	form, resource := url.Values{"To": {e.To}}, "Messages"
	switch e.Channel {
	case Voice:
		resource = "Calls"
		form.Set("From", t.From)
		form.Set("Twiml", twiml(e.Locale, e.Text))
	default:
		sender := "From"
		if strings.HasPrefix(t.From, "MG") && len(t.From) == 34 {
			sender = "MessagingServiceSid"
		}
		form.Set(sender, t.From)
		form.Set("Body", e.Text)
		if left := e.life(1, 36_000); left != nil {
			form.Set("ValidityPeriod", strconv.Itoa(int(*left))) // seconds in Twilio's own queue
		}
	}
	at := cmp.Or(t.BaseURL, twilioAPI) + "/2010-04-01/Accounts/" + url.PathEscape(t.Account) + "/" + resource + ".json"
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, at, strings.NewReader(form.Encode()))
	if err != nil {
		return "", temporary("the carrier's address is wrong", err)
	}
	req.SetBasicAuth(t.Account, t.Token)
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Accept", "application/json")
	answer, err := t.client().Do(req)
	if err != nil {
		if ctx.Err() != nil {
			return "", ctx.Err()
		}
		return "", temporary("the carrier cannot be reached", err)
	}
	defer answer.Body.Close()
	return t.read(ctx, answer)
}

// read understands the answer. A success that cannot be read was a success: the letter is with the carrier.
func (t *Twilio) read(ctx context.Context, answer *http.Response) (string, error) {
	var said struct {
		SID  string `json:"sid"`
		Code int    `json:"code"` // of an error
	}
	readable := json.NewDecoder(io.LimitReader(answer.Body, 64<<10)).Decode(&said) == nil && len(said.SID) <= 64 && oneLine(said.SID)
	if answer.StatusCode >= 200 && answer.StatusCode < 300 {
		if !readable {
			said.SID = ""
		}
		return said.SID, nil
	}
	if ctx.Err() != nil {
		return "", ctx.Err()
	}
	return "", twilioFailure(answer, said.Code)
}

func twilioFailure(answer *http.Response, code int) error {
	status := answer.StatusCode
	why := fmt.Sprintf("(%d", status)
	if code > 0 && code < 1_000_000 {
		why += "/" + strconv.Itoa(code)
	}
	why += ")"
	switch {
	case status == http.StatusTooManyRequests:
		return later("the carrier throttles "+why, retryAfter(answer.Header, time.Now()))
	case status >= 500, status < 400:
		return later("the carrier does not answer as it should "+why, retryAfter(answer.Header, time.Now()))
	case status == http.StatusUnauthorized, status == http.StatusForbidden, status == http.StatusPaymentRequired, status == http.StatusNotFound:
		return temporary("the carrier does not take our account "+why, nil) // somebody's to mend, and the next letter's trouble too
	}
	return refused("the carrier does not take this number or sender "+why, nil)
}

// retryAfter reads the header (RFC 9110, 10.2.3): seconds or a date, an hour at most; 0 when it says nothing.
func retryAfter(h http.Header, now time.Time) time.Duration {
	v := h.Get("Retry-After")
	wait := time.Duration(0)
	if n, err := strconv.Atoi(v); err == nil {
		wait = time.Duration(min(n, 3600)) * time.Second
	} else if at, err := http.ParseTime(v); err == nil {
		wait = at.Sub(now)
	}
	return max(0, min(wait, time.Hour))
}

// twiml is the call's script. The words are escaped, so that a brand's name cannot become a verb such as
// <Dial>, which would cost money.
func twiml(locale, words string) string {
	var b bytes.Buffer
	b.WriteString(`<Response><Say`)
	if language, ok := spoken(locale); ok {
		b.WriteString(` language="` + language + `"`)
		if language == "arb" {
			b.WriteString(` voice="Polly.Zeina"`)
		}
	}
	b.WriteString(`>`)
	_ = xml.EscapeText(&b, []byte(words)) // a bytes.Buffer takes everything
	b.WriteString(`</Say></Response>`)
	return b.String()
}

// spoken is the language of a locale for a speaking machine.
func spoken(locale string) (string, bool) {
	switch locale {
	case "en":
		return "en-US", true
	case "de":
		return "de-DE", true
	case "fr":
		return "fr-FR", true
	case "es":
		return "es-ES", true
	case "ar":
		return "arb", true
	}
	return "", false
}

func (t *Twilio) client() *http.Client {
	if t.Client != nil {
		return t.Client
	}
	return &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return errNoRedirect }}
}

var errNoRedirect = errors.New("a carrier does not redirect")
