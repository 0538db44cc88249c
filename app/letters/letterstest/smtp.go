package letterstest

import (
	"bufio"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net"
	"net/http/httptest"
	"net/textproto"
	"strings"
	"sync"
	"testing"
)

// Relay is an SMTP relay on loopback.
type Relay struct {
	Host  string // 127.0.0.1
	Port  int
	Trust *tls.Config // for a client that shall trust its certificate

	mu       sync.Mutex
	sessions int
	got      []Mail
	logins   []string
	conns    map[net.Conn]bool
	settings RelaySettings
	tls      *tls.Config
}

// RelaySettings shape the relay; the zero value takes everything unencrypted.
type RelaySettings struct {
	StartTLS bool                    // offers STARTTLS and demands it
	Implicit bool                    // speaks TLS from the first byte
	Fault    func(session int) Fault // asked once a connection, from 1; nil: never
}

// Fault is what one connection meets; the zero value is acceptance. An answer is "451 4.7.1 later".
type Fault struct {
	Greeting, Auth, From, To, Data, End string          // the answer in place of the good one
	Until                               <-chan struct{} // the greeting waits for this
	Lost                                bool            // the mail is taken, and the connection cut in place of the 250
	CutInData                           bool            // the connection is cut before the mail was read
}

// Mail is what the relay took.
type Mail struct {
	From, To string
	Raw      string
	Secure   bool
	Session  int
}

// NewRelay starts a relay and stops it with the test.
func NewRelay(t testing.TB, settings RelaySettings) *Relay {
	t.Helper()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	lender := httptest.NewUnstartedServer(nil) // lends its certificate for 127.0.0.1
	lender.StartTLS()
	roots := x509.NewCertPool()
	roots.AddCert(lender.Certificate())
	r := &Relay{
		Host: "127.0.0.1", Port: listener.Addr().(*net.TCPAddr).Port, settings: settings, conns: map[net.Conn]bool{},
		tls: &tls.Config{Certificates: lender.TLS.Certificates, MinVersion: tls.VersionTLS12},
	}
	r.Trust = &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}
	lender.Close()
	var open sync.WaitGroup
	open.Go(func() { r.accept(listener, &open) })
	t.Cleanup(func() {
		_ = listener.Close()
		r.cut()
		open.Wait()
	})
	return r
}

// Got lists what was taken, oldest first.
func (r *Relay) Got() []Mail {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]Mail(nil), r.got...)
}

// Logins lists the AUTH PLAIN initial responses that came.
func (r *Relay) Logins() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]string(nil), r.logins...)
}

// Sessions counts the connections.
func (r *Relay) Sessions() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.sessions
}

func (r *Relay) accept(l net.Listener, open *sync.WaitGroup) {
	for {
		conn, err := l.Accept()
		if err != nil {
			return
		}
		r.mu.Lock()
		r.sessions++
		n := r.sessions
		r.conns[conn] = true
		var fault Fault
		if r.settings.Fault != nil {
			fault = r.settings.Fault(n)
		}
		r.mu.Unlock()
		open.Go(func() {
			defer r.forget(conn)
			s := &session{relay: r, n: n, fault: fault}
			s.use(conn)
			if r.settings.Implicit {
				s.use(tls.Server(conn, r.tls))
				s.secure = true
			}
			s.talk()
		})
	}
}

func (r *Relay) forget(c net.Conn) {
	_ = c.Close()
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.conns, c)
}

func (r *Relay) cut() {
	r.mu.Lock()
	defer r.mu.Unlock()
	for c := range r.conns {
		_ = c.Close()
	}
}

// session is one connection's dialogue.
type session struct {
	relay  *Relay
	n      int
	fault  Fault
	conn   net.Conn
	in     *textproto.Reader
	secure bool
	mail   Mail
}

func (s *session) use(c net.Conn) { s.conn, s.in = c, textproto.NewReader(bufio.NewReader(c)) }

// say answers with the fault's words where there are some, and tells whether it was the good answer.
func (s *session) say(fault, good string) bool {
	answer := good
	if fault != "" {
		answer = fault
	}
	_, err := fmt.Fprintf(s.conn, "%s\r\n", answer)
	return err == nil && fault == ""
}

func (s *session) talk() {
	if s.fault.Until != nil {
		<-s.fault.Until
	}
	if !s.say(s.fault.Greeting, "220 relay.example ESMTP") {
		return
	}
	for {
		line, err := s.in.ReadLine()
		if err != nil {
			return
		}
		verb, rest, _ := strings.Cut(line, " ")
		if !s.answer(strings.ToUpper(verb), rest) {
			return
		}
	}
}

// answer speaks to one command; false ends the session.
func (s *session) answer(verb, rest string) bool {
	switch verb {
	case "EHLO":
		extensions := "250-relay.example\r\n250-8BITMIME\r\n"
		if s.relay.settings.StartTLS && !s.secure {
			extensions += "250-STARTTLS\r\n"
		}
		s.say("", extensions+"250 AUTH PLAIN")
	case "STARTTLS":
		if !s.relay.settings.StartTLS || s.secure {
			return s.say("", "502 not here")
		}
		s.say("", "220 go ahead")
		s.use(tls.Server(s.conn, s.relay.tls))
		s.secure = true
	case "AUTH":
		s.relay.mu.Lock()
		s.relay.logins = append(s.relay.logins, rest)
		s.relay.mu.Unlock()
		s.say(s.fault.Auth, "235 welcome")
	case "MAIL":
		if s.relay.settings.StartTLS && !s.secure {
			return s.say("", "530 must issue STARTTLS first")
		}
		s.mail = Mail{From: within(rest), Secure: s.secure, Session: s.n}
		s.say(s.fault.From, "250 ok")
	case "RCPT":
		s.mail.To = within(rest)
		s.say(s.fault.To, "250 ok")
	case "DATA":
		if s.fault.CutInData {
			s.say("", "354 go")
			return false
		}
		return !s.say(s.fault.Data, "354 go") || s.take()
	case "RSET", "NOOP":
		s.say("", "250 ok")
	case "QUIT":
		s.say("", "221 bye")
		return false
	default:
		s.say("", "502 what")
	}
	return true
}

func (s *session) take() bool {
	raw, err := io.ReadAll(s.in.DotReader())
	if err != nil {
		return false
	}
	if s.fault.End == "" {
		s.mail.Raw = string(raw)
		s.relay.mu.Lock()
		s.relay.got = append(s.relay.got, s.mail)
		s.relay.mu.Unlock()
	}
	if s.fault.Lost {
		return false
	}
	s.say(s.fault.End, "250 taken")
	return true
}

func within(s string) string {
	_, s, _ = strings.Cut(s, "<")
	s, _, _ = strings.Cut(s, ">")
	return s
}
