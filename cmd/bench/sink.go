package main

import (
	"bufio"
	"context"
	"net"
	"strings"
	"sync"
	"time"
)

// sink is an SMTP relay on loopback that takes everything and keeps only when mail for whom arrived.
type sink struct {
	addr string
	ln   net.Listener
	open sync.WaitGroup

	mu    sync.Mutex
	conns map[net.Conn]bool
	at    map[string]time.Time // recipient → the last mail's end
}

func newSink() (*sink, error) {
	ln, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s := &sink{addr: ln.Addr().String(), ln: ln, conns: map[net.Conn]bool{}, at: map[string]time.Time{}}
	s.open.Go(s.accept)
	return s, nil
}

func (s *sink) accept() {
	for {
		c, err := s.ln.Accept()
		if err != nil {
			return
		}
		s.mu.Lock()
		s.conns[c] = true
		s.mu.Unlock()
		s.open.Go(func() {
			s.talk(c)
			_ = c.Close()
			s.mu.Lock()
			delete(s.conns, c)
			s.mu.Unlock()
		})
	}
}

// talk speaks as much SMTP (RFC 5321) as a client needs to hand mail over.
func (s *sink) talk(c net.Conn) {
	in := bufio.NewReader(c)
	say := func(line string) bool {
		_, err := c.Write([]byte(line + "\r\n"))
		return err == nil
	}
	to := ""
	for ok := say("220 sink.example ESMTP"); ok; {
		line, err := in.ReadString('\n')
		if err != nil {
			return
		}
		switch verb, rest, _ := strings.Cut(strings.TrimRight(line, "\r\n"), " "); strings.ToUpper(verb) {
		case "EHLO", "HELO":
			ok = say("250 sink.example")
		case "RCPT":
			_, to, _ = strings.Cut(rest, "<")
			to, _, _ = strings.Cut(to, ">")
			ok = say("250 ok")
		case "DATA":
			ok = say("354 go on") && swallow(in)
			s.mu.Lock()
			s.at[to] = time.Now()
			s.mu.Unlock()
			ok = ok && say("250 taken")
		case "QUIT":
			say("221 bye")
			return
		default:
			ok = say("250 ok")
		}
	}
}

// swallow reads to the line that is a dot alone.
func swallow(in *bufio.Reader) bool {
	start := true
	for {
		line, err := in.ReadSlice('\n')
		if err == bufio.ErrBufferFull { //nolint:errorlint // the package documents this very value
			start = false
			continue
		}
		if err != nil {
			return false
		}
		if start && strings.TrimRight(string(line), "\r\n") == "." {
			return true
		}
		start = true
	}
}

// took is when the last mail for somebody had arrived in full.
func (s *sink) took(to string) (time.Time, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	at, ok := s.at[to]
	return at, ok
}

// forget empties the memory between stories.
func (s *sink) forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.at)
}

func (s *sink) close() {
	_ = s.ln.Close()
	s.mu.Lock()
	for c := range s.conns {
		_ = c.Close()
	}
	s.mu.Unlock()
	s.open.Wait()
}
