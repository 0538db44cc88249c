package letterstest

import (
	"cmp"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
)

// SES is a fake of Amazon SES v1 (query protocol): SendRawEmail, and identities and configuration sets
// (identities.go).
type SES struct {
	URL string // for SESSettings.Endpoint

	mu    sync.Mutex
	calls int
	got   []SESMail
	fault func(call int) SESFault
	id    identities
	check bool
}

// CheckSenders makes it refuse mail from domains that it has not verified, and configuration sets of tenants
// that it does not know.
func (s *SES) CheckSenders(verified ...string) {
	for _, domain := range verified {
		s.Stands(domain, "Success", "Success", "Success")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.check = true
}

// SESMail is an accepted request.
type SESMail struct {
	Raw              []byte
	From, To         string
	ConfigurationSet string
	Tags             map[string]string
	MessageID        string // as answered
	UserAgent        string
}

// SESFault says what one call meets; the zero value is acceptance.
type SESFault struct {
	Code    string          // the error's code: "Throttling", "MessageRejected", …
	Message string          // the error's text; "" is "no"
	Status  int             // of the error; 0 is 400
	Until   <-chan struct{} // the answer waits for this
	Lost    bool            // the mail is taken, and the connection cut in place of an answer
}

// NewSES starts the fake and stops it with the test. fault (nil: never) is asked for each call, from 1.
func NewSES(t testing.TB, fault func(call int) SESFault) *SES {
	t.Helper()
	s := &SES{fault: fault}
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	s.URL = server.URL
	return s
}

// Got lists what was accepted, oldest first.
func (s *SES) Got() []SESMail {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]SESMail(nil), s.got...)
}

// Calls counts the requests, accepted or not.
func (s *SES) Calls() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.calls
}

// ServeHTTP answers one request.
func (s *SES) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if s.answerIdentity(w, r) {
		return
	}
	fault := s.next()
	if fault.Code == "" {
		fault = s.refuse(r, fault)
	}
	if fault.Until != nil {
		select {
		case <-fault.Until:
		case <-r.Context().Done():
			return
		}
	}
	if fault.Code != "" {
		fail(w, fault)
		return
	}
	raw, err := base64.StdEncoding.DecodeString(r.PostFormValue("RawMessage.Data"))
	if err != nil || r.PostFormValue("Action") != "SendRawEmail" {
		fail(w, SESFault{Code: "InvalidParameterValue"})
		return
	}
	m := SESMail{
		Raw: raw, From: r.PostFormValue("Source"), To: r.PostFormValue("Destinations.member.1"),
		ConfigurationSet: r.PostFormValue("ConfigurationSetName"), Tags: map[string]string{}, UserAgent: r.UserAgent(),
	}
	for i := 1; r.PostFormValue(fmt.Sprintf("Tags.member.%d.Name", i)) != ""; i++ {
		m.Tags[r.PostFormValue(fmt.Sprintf("Tags.member.%d.Name", i))] = r.PostFormValue(fmt.Sprintf("Tags.member.%d.Value", i))
	}
	s.mu.Lock()
	m.MessageID = fmt.Sprintf("%020d-ses", len(s.got)+1)
	s.got = append(s.got, m)
	s.mu.Unlock()
	if fault.Lost {
		panic(http.ErrAbortHandler)
	}
	w.Header().Set("Content-Type", "text/xml")
	fmt.Fprintf(w, `<SendRawEmailResponse xmlns="http://ses.amazonaws.com/doc/2010-12-01/"><SendRawEmailResult>`+
		`<MessageId>%s</MessageId></SendRawEmailResult><ResponseMetadata><RequestId>r</RequestId></ResponseMetadata></SendRawEmailResponse>`, m.MessageID)
}

// refuse says what SES has against a mail's sender.
func (s *SES) refuse(r *http.Request, fault SESFault) SESFault {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.check {
		return fault
	}
	_, domain, _ := strings.Cut(r.PostFormValue("Source"), "@")
	if d := s.id.domains[domain]; d == nil || d.identity != "Success" && d.dkim != "Success" {
		return SESFault{Code: "MessageRejected", Message: "Email address is not verified. The following identities failed the check in region EU-WEST-1: " + domain}
	}
	if !s.id.sendSet(r.PostFormValue("ConfigurationSetName")) {
		return SESFault{Code: "ConfigurationSetDoesNotExist"}
	}
	return fault
}

func (s *SES) next() SESFault {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls++
	if s.fault == nil {
		return SESFault{}
	}
	return s.fault(s.calls)
}

func fail(w http.ResponseWriter, f SESFault) {
	status := f.Status
	if status == 0 {
		status = http.StatusBadRequest
	}
	w.Header().Set("Content-Type", "text/xml")
	w.WriteHeader(status)
	fmt.Fprintf(w, `<ErrorResponse xmlns="http://ses.amazonaws.com/doc/2010-12-01/"><Error><Type>Sender</Type>`+
		`<Code>%s</Code><Message>%s</Message></Error><RequestId>r</RequestId></ErrorResponse>`, f.Code, cmp.Or(f.Message, "no"))
}
