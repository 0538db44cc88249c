package domainstest

import (
	"net"
	"strings"
	"sync"
	"testing"

	"github.com/miekg/dns"
)

// Server answers for whatever a test put into it. It follows aliases as a resolver does.
type Server struct {
	Addr string // host:port, the same of UDP and TCP

	mu      sync.Mutex
	records map[string][]dns.RR // by lower-case name with its dot
	rcode   int                 // of every answer; 0 is none
	silent  bool
	asked   []string // "TXT _portico-verify.a.example"
	cut     bool     // answers over UDP say no more than "ask over TCP"
	lame    bool     // aliases are not followed
	answer  func(q *dns.Msg) *dns.Msg
}

// Start serves until the test ends.
func Start(t testing.TB) *Server {
	t.Helper()
	s := &Server{records: map[string][]dns.RR{}}
	for range 20 { // the same port of both is free most of the time
		tcp, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		udp, err := (&net.ListenConfig{}).ListenPacket(t.Context(), "udp", tcp.Addr().String())
		if err != nil {
			_ = tcp.Close()
			continue
		}
		s.Addr = tcp.Addr().String()
		s.serve(t, &dns.Server{PacketConn: udp, Handler: s})
		s.serve(t, &dns.Server{Listener: tcp, Handler: s})
		return s
	}
	t.Fatal("no port is free for UDP and TCP both")
	return nil
}

func (s *Server) serve(t testing.TB, server *dns.Server) {
	up := make(chan struct{})
	ended := make(chan error, 1)
	server.NotifyStartedFunc = func() { close(up) }
	go func() { ended <- server.ActivateAndServe() }()
	<-up
	t.Cleanup(func() {
		if err := server.Shutdown(); err != nil {
			t.Errorf("stop the DNS server: %v", err)
		}
		if err := <-ended; err != nil {
			t.Errorf("the DNS server ended: %v", err)
		}
	})
}

// Set replaces what stands at the names of some lines, each as a zone file has it:
// `www.example.com. 300 IN CNAME portico.example.`
func (s *Server) Set(t testing.TB, lines ...string) {
	t.Helper()
	fresh := map[string][]dns.RR{}
	for _, line := range lines {
		rr, err := dns.NewRR(line)
		if err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		name := strings.ToLower(rr.Header().Name)
		fresh[name] = append(fresh[name], rr)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for name, records := range fresh {
		s.records[name] = records
	}
}

// Clear takes away everything at some names.
func (s *Server) Clear(names ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, name := range names {
		delete(s.records, strings.ToLower(dns.Fqdn(name)))
	}
}

// Fail makes every answer a failure (dns.RcodeServerFailure); 0 ends it.
func (s *Server) Fail(rcode int) { s.set(func() { s.rcode = rcode }) }

// Silence makes the server take questions and say nothing.
func (s *Server) Silence(on bool) { s.set(func() { s.silent = on }) }

// OnlyTCP makes every answer over UDP one that is cut short.
func (s *Server) OnlyTCP(on bool) { s.set(func() { s.cut = on }) }

// Lame makes the server leave aliases to whoever asks.
func (s *Server) Lame(on bool) { s.set(func() { s.lame = on }) }

// Answer lets a test make answers itself; nil ends it.
func (s *Server) Answer(fn func(q *dns.Msg) *dns.Msg) { s.set(func() { s.answer = fn }) }

func (s *Server) set(fn func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	fn()
}

// Asked lists the questions so far: "TXT _portico-verify.a.example".
func (s *Server) Asked() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.asked...)
}

// ServeDNS answers one question.
func (s *Server) ServeDNS(w dns.ResponseWriter, q *dns.Msg) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(q.Question) != 1 {
		return
	}
	ask := q.Question[0]
	s.asked = append(s.asked, dns.TypeToString[ask.Qtype]+" "+strings.ToLower(strings.TrimSuffix(ask.Name, ".")))
	if s.silent {
		return
	}
	reply := new(dns.Msg)
	_, overUDP := w.RemoteAddr().(*net.UDPAddr)
	switch {
	case s.answer != nil:
		reply = s.answer(q)
	case s.rcode != 0:
		reply.SetRcode(q, s.rcode)
	default:
		reply.SetReply(q)
		reply.RecursionAvailable = true
		s.fill(reply, ask)
	}
	if overUDP && s.cut {
		reply.Answer, reply.Truncated = nil, true
	}
	if overUDP {
		reply.Truncate(1232)
	}
	_ = w.WriteMsg(reply) // whoever asked may be gone
}

// fill follows aliases from the name that was asked for, a dozen at most, as resolvers give up, too.
func (s *Server) fill(reply *dns.Msg, ask dns.Question) {
	at := strings.ToLower(ask.Name)
	for range 12 {
		next := ""
		for _, rr := range s.records[at] {
			if rr.Header().Rrtype == ask.Qtype {
				reply.Answer = append(reply.Answer, rr)
			} else if c, ok := rr.(*dns.CNAME); ok {
				reply.Answer = append(reply.Answer, rr)
				next = strings.ToLower(c.Target)
			}
		}
		if next == "" || s.lame {
			break
		}
		at = next
	}
	if len(reply.Answer) == 0 && len(s.records[at]) == 0 {
		reply.Rcode = dns.RcodeNameError
	}
}
