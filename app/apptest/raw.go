package apptest

import (
	"bufio"
	"bytes"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

// RawAnswer is what came back for bytes that no well-behaved client would send.
type RawAnswer struct {
	Status int // 0: the connection was closed without an answer
	Header http.Header
	Body   string
	All    string // everything that was read, with whatever followed the first answer
}

// Raw writes bytes to a server and reads until it closes; at most patience, or ten seconds when that is 0.
func Raw(t testing.TB, addr, request string, patience time.Duration) RawAnswer {
	t.Helper()
	conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", addr)
	must(t, err)
	defer func() { _ = conn.Close() }()
	if patience == 0 {
		patience = 10 * time.Second
	}
	must(t, conn.SetDeadline(time.Now().Add(patience)))
	_, _ = io.WriteString(conn, request) // a server may close before it has read everything
	all, _ := io.ReadAll(conn)
	return readRaw(all)
}

func readRaw(all []byte) RawAnswer {
	a := RawAnswer{All: string(all), Header: http.Header{}}
	res, err := http.ReadResponse(bufio.NewReader(bytes.NewReader(all)), nil)
	if err != nil {
		return a
	}
	body, _ := io.ReadAll(res.Body)
	_ = res.Body.Close()
	a.Status, a.Header, a.Body = res.StatusCode, res.Header, string(body)
	return a
}

// RawGet is a request line and headers, ended and asking to close: lines without their line ends.
func RawGet(lines ...string) string {
	return strings.Join(lines, "\r\n") + "\r\nConnection: close\r\n\r\n"
}
