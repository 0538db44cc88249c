package letterstest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
)

// Phones is a fake of both carriers of texts and calls: Twilio's two endpoints, and AWS End User Messaging
// (awsJson 1.0, SendTextMessage and SendVoiceMessage).
type Phones struct {
	URL string // Twilio.BaseURL, or AWSPhoneSettings.Endpoint

	mu    sync.Mutex
	calls int
	got   []PhoneLetter
	fault func(call int) PhoneFault
}

// PhoneLetter is an accepted request.
type PhoneLetter struct {
	Channel, Account, Token string // Token of Twilio alone
	From, To, Words         string // Words of a call to Twilio are its TwiML
	Service                 string // Twilio's messaging service
	Validity                string // seconds
	Voice, Row              string // of AWS
	ID                      string // as answered
}

// PhoneFault says what one call meets; the zero value is acceptance.
type PhoneFault struct {
	Status     int    // of an answer that is no acceptance
	Code       string // Twilio's number of the error, or AWS's name of it
	RetryAfter string
	Body       string          // in place of a proper answer; with Status 0 the letter is taken nevertheless
	Until      <-chan struct{} // the answer waits for this
	Lost       bool            // the letter is taken, and the connection cut in place of an answer
}

// NewPhones starts the fake and stops it with the test. fault (nil: never) is asked for each call, from 1.
func NewPhones(t testing.TB, fault func(call int) PhoneFault) *Phones {
	t.Helper()
	p := &Phones{fault: fault}
	server := httptest.NewServer(p)
	t.Cleanup(server.Close)
	p.URL = server.URL
	return p
}

// Got lists what was accepted, oldest first.
func (p *Phones) Got() []PhoneLetter {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]PhoneLetter(nil), p.got...)
}

// Calls counts the requests, accepted or not.
func (p *Phones) Calls() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.calls
}

// ServeHTTP answers one request.
func (p *Phones) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	aws := r.Header.Get("X-Amz-Target") != ""
	read := readTwilio
	if aws {
		read = readAWS
	}
	l, err := read(r) // before the wait: a body that is not read hides that the client has gone
	fault := p.next()
	if fault.Until != nil {
		select {
		case <-fault.Until:
		case <-r.Context().Done():
			return
		}
	}
	if err != nil && fault.Status == 0 {
		fault = PhoneFault{Status: http.StatusBadRequest, Code: "0", Body: err.Error()}
	}
	if fault.Status != 0 {
		refuse(w, fault, aws)
		return
	}
	p.mu.Lock()
	l.ID = fmt.Sprintf("SM%032d", len(p.got)+1)
	p.got = append(p.got, l)
	p.mu.Unlock()
	switch {
	case fault.Lost:
		panic(http.ErrAbortHandler)
	case fault.Body != "":
		fmt.Fprint(w, fault.Body)
	case aws:
		w.Header().Set("Content-Type", "application/x-amz-json-1.0")
		fmt.Fprintf(w, `{"MessageId": %q}`, l.ID)
	default:
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusCreated)
		fmt.Fprintf(w, `{"sid": %q, "status": "queued"}`, l.ID)
	}
}

func (p *Phones) next() PhoneFault {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.calls++
	if p.fault == nil {
		return PhoneFault{}
	}
	return p.fault(p.calls)
}

func refuse(w http.ResponseWriter, f PhoneFault, aws bool) {
	if f.RetryAfter != "" {
		w.Header().Set("Retry-After", f.RetryAfter)
	}
	body := f.Body
	switch {
	case body != "":
	case aws:
		w.Header().Set("X-Amzn-Errortype", f.Code)
		body = fmt.Sprintf(`{"__type": %q, "message": "no"}`, f.Code)
	default:
		body = fmt.Sprintf(`{"code": %s, "message": "no to +12025550123", "status": %d}`, f.Code, f.Status)
	}
	w.WriteHeader(f.Status)
	fmt.Fprint(w, body)
}

func readTwilio(r *http.Request) (PhoneLetter, error) {
	account, token, _ := r.BasicAuth()
	l := PhoneLetter{Account: account, Token: token, From: r.PostFormValue("From"), To: r.PostFormValue("To"),
		Service: r.PostFormValue("MessagingServiceSid"), Validity: r.PostFormValue("ValidityPeriod")}
	switch r.URL.Path {
	case "/2010-04-01/Accounts/" + account + "/Messages.json":
		l.Channel, l.Words = "sms", r.PostFormValue("Body")
	case "/2010-04-01/Accounts/" + account + "/Calls.json":
		l.Channel, l.Words = "voice", r.PostFormValue("Twiml")
	default:
		return l, fmt.Errorf("no such path %s", r.URL.Path)
	}
	return l, nil
}

func readAWS(r *http.Request) (PhoneLetter, error) {
	var in struct {
		DestinationPhoneNumber, OriginationIdentity, MessageBody, MessageType string
		VoiceID                                                               string `json:"VoiceId"`
		TimeToLive                                                            int
		Context                                                               map[string]string
	}
	if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
		return PhoneLetter{}, err
	}
	_, credential, _ := strings.Cut(r.Header.Get("Authorization"), "Credential=")
	account, _, _ := strings.Cut(credential, "/")
	l := PhoneLetter{Account: account, From: in.OriginationIdentity, To: in.DestinationPhoneNumber, Words: in.MessageBody,
		Validity: fmt.Sprint(in.TimeToLive), Voice: in.VoiceID, Row: in.Context["portico_letter"]}
	switch r.Header.Get("X-Amz-Target") {
	case "PinpointSMSVoiceV2.SendTextMessage":
		l.Channel = "sms"
	case "PinpointSMSVoiceV2.SendVoiceMessage":
		l.Channel = "voice"
	default:
		return l, fmt.Errorf("no such target %s", r.Header.Get("X-Amz-Target"))
	}
	return l, nil
}
