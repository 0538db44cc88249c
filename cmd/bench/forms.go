package main

import (
	"bytes"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"sync/atomic"
)

// tenant is one customer of a world, with its people a<n>@<slug>.example and a form of its own: cookie
// and token are good for two hours and any number of uses.
type tenant struct {
	slug     string
	host     string // Host header
	people   int
	next     atomic.Int64
	pre      string
	token    string
	firstGet []byte
}

// password is everybody's.
const password = "Copper-Kettle-harbour7"

// person is the address of one of the tenant's people of a kind, all of one length.
func (t *tenant) person(kind byte, n int) string {
	return fmt.Sprintf("%c%06d@%s.example", kind, n, t.slug)
}

// anybody walks through the tenant's people, so that no limit per account is met.
func (t *tenant) anybody() string {
	return t.person('a', int(t.next.Add(1)-1)%t.people)
}

// addresses gives every request a client address of its own behind the trusted proxy.
type addresses struct{ n atomic.Uint32 }

func (a *addresses) next(b []byte) []byte {
	n := a.n.Add(1)
	b = append(b, "10."...)
	b = strconv.AppendUint(b, uint64(n>>16&255), 10)
	b = append(b, '.')
	b = strconv.AppendUint(b, uint64(n>>8&255), 10)
	b = append(b, '.')
	return strconv.AppendUint(b, uint64(n&255), 10)
}

// get is a request as a browser sends it.
func get(host, path, cookies string) []byte {
	r := "GET " + path + " HTTP/1.1\r\nHost: " + host + "\r\nAccept: text/html\r\nAccept-Language: en\r\n"
	if cookies != "" {
		r += "Cookie: " + cookies + "\r\n"
	}
	return []byte(r + "\r\n")
}

var tokenField = []byte(`name="token" value="`)

// open fetches the tenant's sign-in page for its form.
func (t *tenant) open(c *conn) error {
	if t.firstGet == nil {
		t.firstGet = get(t.host, "/login", "")
	}
	a, err := c.do(t.firstGet)
	if err != nil {
		return err
	}
	if err := a.want(200); err != nil {
		return fmt.Errorf("%s: %w", t.host, err)
	}
	_, after, found := bytes.Cut(a.body, tokenField)
	token, _, closed := bytes.Cut(after, []byte(`"`))
	t.pre, t.token = a.cookie("pre"), string(token)
	if !found || !closed || t.pre == "" {
		return errors.New("the sign-in page has no form token or cookie")
	}
	return nil
}

// post is a form as the tenant's own page sends it, from a fresh client address.
func (w *world) post(t *tenant, path string, fields ...string) []byte {
	return w.postWith(t, "", path, fields...)
}

// postWith is post from a browser that is on the way through a recovery: flow is the value of its cookie.
func (w *world) postWith(t *tenant, flow, path string, fields ...string) []byte {
	body := make([]byte, 0, 256)
	body = append(body, "token="...)
	body = append(body, t.token...)
	for i := 0; i+1 < len(fields); i += 2 {
		body = append(body, '&')
		body = append(body, fields[i]...)
		body = append(body, '=')
		body = append(body, url.QueryEscape(fields[i+1])...)
	}
	r := make([]byte, 0, 640)
	r = append(r, "POST "...)
	r = append(r, path...)
	r = append(r, " HTTP/1.1\r\nHost: "...)
	r = append(r, t.host...)
	r = append(r, "\r\nSec-Fetch-Site: same-origin\r\nAccept-Language: en\r\nContent-Type: application/x-www-form-urlencoded\r\nCookie: pre="...)
	r = append(r, t.pre...)
	if flow != "" {
		r = append(r, "; rs="...)
		r = append(r, flow...)
	}
	r = append(r, "\r\nX-Forwarded-For: "...)
	r = w.from.next(r)
	r = append(r, "\r\nContent-Length: "...)
	r = strconv.AppendInt(r, int64(len(body)), 10)
	r = append(r, "\r\n\r\n"...)
	return append(r, body...)
}

// login signs somebody in and checks that it worked; errRefused when the portal was too busy.
func (w *world) login(c *conn, t *tenant, who string) error {
	a, err := c.do(w.post(t, "/login", "identifier", who, "password", password))
	if err != nil {
		return err
	}
	if a.status == 503 {
		return errRefused
	}
	if err := a.want(303); err != nil {
		return fmt.Errorf("sign-in: %w", err)
	}
	return nil
}

// recover asks for a letter and checks that it was promised.
func (w *world) recover(c *conn, t *tenant, who string) error {
	a, err := c.do(w.post(t, "/recover", "identifier", who))
	if err != nil {
		return err
	}
	if err := a.want(200); err != nil {
		return fmt.Errorf("recovery: %w", err)
	}
	return nil
}
