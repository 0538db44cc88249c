package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"time"
)

// conn is one keep-alive HTTP/1.1 connection. It parses no more of an answer than the bench looks at,
// since it shares the machine with the server. It is for one goroutine.
type conn struct {
	addr   string
	c      net.Conn
	in     *bufio.Reader
	used   time.Time
	answer answer
}

// answer is a response; its bytes are good until the connection's next request.
type answer struct {
	status int
	head   []byte // all lines, the first one included
	body   []byte
}

const (
	requestDeadline = 15 * time.Second
	idleLimit       = 30 * time.Second // before the server's own, which would cut a request off
)

func newConns(addr string, n int) []*conn {
	all := make([]*conn, n)
	for i := range all {
		all[i] = &conn{addr: addr}
	}
	return all
}

func closeConns(all []*conn) {
	for _, c := range all {
		c.close()
	}
}

func (c *conn) close() {
	if c.c != nil {
		_ = c.c.Close()
		c.c = nil
	}
}

// do sends one request and reads its answer. Any fault closes the connection; the next do opens another.
func (c *conn) do(request []byte) (*answer, error) {
	now := time.Now()
	if c.c != nil && now.Sub(c.used) > idleLimit {
		c.close()
	}
	if c.c == nil {
		var err error
		if c.c, err = net.DialTimeout("tcp", c.addr, requestDeadline); err != nil { //nolint:noctx // bounded by its own deadline
			return nil, err
		}
		if c.in == nil {
			c.in = bufio.NewReaderSize(c.c, 16<<10)
		} else {
			c.in.Reset(c.c)
		}
	}
	c.used = now
	if err := c.c.SetDeadline(now.Add(requestDeadline)); err != nil {
		return nil, err
	}
	if _, err := c.c.Write(request); err != nil {
		c.close()
		return nil, fmt.Errorf("send: %w", err)
	}
	if err := c.read(); err != nil {
		c.close()
		return nil, fmt.Errorf("receive: %w", err)
	}
	return &c.answer, nil
}

var (
	lengthHeader = []byte("content-length:")
	closeHeader  = []byte("connection: close")
)

func (c *conn) read() error {
	a := &c.answer
	a.head, a.body, a.status = a.head[:0], a.body[:0], 0
	length, closes := -1, false
	for {
		line, err := c.in.ReadSlice('\n')
		if err != nil {
			return err
		}
		a.head = append(a.head, line...)
		if a.status == 0 {
			if len(line) < 12 {
				return errors.New("no HTTP answer")
			}
			if a.status, err = strconv.Atoi(string(line[9:12])); err != nil {
				return fmt.Errorf("status of %q: %w", line, err)
			}
			continue
		}
		if len(line) <= 2 {
			break
		}
		if len(line) > len(lengthHeader) && bytes.EqualFold(line[:len(lengthHeader)], lengthHeader) {
			if length, err = strconv.Atoi(string(bytes.TrimSpace(line[len(lengthHeader):]))); err != nil {
				return err
			}
		}
		closes = closes || len(line) >= len(closeHeader) && bytes.EqualFold(line[:len(closeHeader)], closeHeader)
	}
	if length < 0 {
		return errors.New("an answer without Content-Length")
	}
	if cap(a.body) < length {
		a.body = make([]byte, length)
	}
	a.body = a.body[:length]
	if _, err := io.ReadFull(c.in, a.body); err != nil {
		return err
	}
	if closes {
		c.close()
	}
	return nil
}

// header is the value of the first header line of a name, "" without one. Names are compared as sent.
func (a *answer) header(name string) string {
	for line := range bytes.SplitSeq(a.head, []byte("\r\n")) {
		if n, v, ok := bytes.Cut(line, []byte(": ")); ok && bytes.EqualFold(n, []byte(name)) {
			return string(v)
		}
	}
	return ""
}

// cookie is the value that the answer sets for a cookie, "" when it sets none.
func (a *answer) cookie(name string) string {
	for line := range bytes.SplitSeq(a.head, []byte("\r\n")) {
		n, v, _ := bytes.Cut(line, []byte(": "))
		if !bytes.EqualFold(n, []byte("Set-Cookie")) {
			continue
		}
		pair, _, _ := bytes.Cut(v, []byte(";"))
		if key, value, _ := bytes.Cut(pair, []byte("=")); string(key) == name {
			return string(value)
		}
	}
	return ""
}

// want is an error unless the answer has the status.
func (a *answer) want(status int) error {
	if a.status == status {
		return nil
	}
	return fmt.Errorf("answered %d, not %d: %.300s", a.status, status, bytes.TrimSpace(a.body))
}
