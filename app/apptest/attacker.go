package apptest

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/url"
	"strings"

	"golang.org/x/net/html"
)

// Send is a request as no page of ours would make it: this browser's cookies, and only the headers that
// are given ("Host" sets the Host).
func (b *Browser) Send(method, address, body string, header map[string]string) *Answer {
	b.t.Helper()
	a, err := b.send(method, address, body, header)
	// A body beyond the limit is refused before it is read, and the client may learn of the closed connection
	// before it learns of the answer; another try shows the answer.
	for tries := 0; err != nil && len(body) > 64<<10 && tries < 20; tries++ {
		a, err = b.send(method, address, body, header)
	}
	must(b.t, err)
	return a
}

func (b *Browser) send(method, address, body string, header map[string]string) (*Answer, error) {
	req, err := http.NewRequestWithContext(context.Background(), method, address, strings.NewReader(body))
	must(b.t, err)
	for name, value := range header {
		if name == "Host" {
			req.Host = value
			continue
		}
		req.Header.Set(name, value)
	}
	res, err := b.client.Do(req)
	if err != nil {
		return nil, err
	}
	defer func() { _ = res.Body.Close() }()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		return nil, err
	}
	doc, err := html.Parse(bytes.NewReader(raw))
	return &Answer{Status: res.StatusCode, Header: res.Header, Body: string(raw), URL: req.URL,
		Location: res.Header.Get("Location"), doc: doc, b: b}, err
}

// SameOrigin are the headers of a form that this origin's own page sends.
func SameOrigin(origin string) map[string]string {
	return map[string]string{"Content-Type": "application/x-www-form-urlencoded", "Origin": origin, "Sec-Fetch-Site": "same-origin"}
}

// Value is the value of the page's first field of a name, hidden ones included; "" when there is none.
func (a *Answer) Value(name string) string {
	value := ""
	walk(a.doc, func(n *html.Node) {
		if n.Data == "input" && attr(n, "name") == name && value == "" {
			value = attr(n, "value")
		}
	})
	return value
}

// SignIn fills in the sign-in page of an origin and sends it.
func (b *Browser) SignIn(origin, identifier, password string) *Answer {
	b.t.Helper()
	page := b.Get(origin + "/login").Sees(200)
	return b.Post(origin+"/login", url.Values{"token": {page.Value("token")}, "identifier": {identifier}, "password": {password}})
}

// AskForLink fills in the recovery page of an origin and sends it.
func (b *Browser) AskForLink(origin, identifier string) *Answer {
	b.t.Helper()
	page := b.Get(origin + "/recover").Sees(200)
	return b.Post(origin+"/recover", url.Values{"token": {page.Value("token")}, "identifier": {identifier}})
}
