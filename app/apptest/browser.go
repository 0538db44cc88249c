package apptest

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"
)

// Browser keeps cookies, fills in forms and follows redirects only when told to.
type Browser struct {
	t      testing.TB
	addr   string
	client *http.Client
	From   string // X-Forwarded-For; "" sends none
	Header http.Header
}

// Answer is a response with its page read.
type Answer struct {
	Status   int
	Header   http.Header
	Body     string
	URL      *url.URL
	Location string
	doc      *html.Node
	b        *Browser
}

// Browser opens a fresh browser. Every host leads to this instance.
func (p *Portal) Browser() *Browser { return NewBrowser(p.t, p.Addr) }

// NewBrowser opens a browser for which every host leads to addr.
func NewBrowser(t testing.TB, addr string) *Browser {
	jar, err := cookiejar.New(nil)
	must(t, err)
	dial := func(ctx context.Context, network, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, network, addr)
	}
	transport := &http.Transport{DialContext: dial, MaxIdleConnsPerHost: 4}
	t.Cleanup(transport.CloseIdleConnections)
	return &Browser{t: t, addr: addr, Header: http.Header{}, client: &http.Client{
		Jar: jar, Timeout: 60 * time.Second, Transport: transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// Get opens an address.
func (b *Browser) Get(address string) *Answer {
	b.t.Helper()
	return b.do(http.MethodGet, address, nil, "")
}

// Post sends form fields as this origin's own page would.
func (b *Browser) Post(address string, fields url.Values) *Answer {
	b.t.Helper()
	u, err := url.Parse(address)
	must(b.t, err)
	return b.do(http.MethodPost, address, strings.NewReader(fields.Encode()), u.Scheme+"://"+u.Host)
}

func (b *Browser) do(method, address string, body io.Reader, origin string) *Answer {
	b.t.Helper()
	req, err := http.NewRequestWithContext(context.Background(), method, address, body)
	must(b.t, err)
	if body != nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if origin != "" {
		req.Header.Set("Origin", origin)
		req.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	if b.From != "" {
		req.Header.Set("X-Forwarded-For", b.From)
	}
	for k, v := range b.Header {
		req.Header[k] = v
	}
	res, err := b.client.Do(req)
	must(b.t, err)
	defer func() { _ = res.Body.Close() }()
	raw, err := io.ReadAll(res.Body)
	must(b.t, err)
	doc, err := html.Parse(bytes.NewReader(raw))
	must(b.t, err)
	return &Answer{Status: res.StatusCode, Header: res.Header, Body: string(raw), URL: req.URL,
		Location: res.Header.Get("Location"), doc: doc, b: b}
}

// Follow opens where a redirect leads.
func (a *Answer) Follow() *Answer {
	a.b.t.Helper()
	if a.Location == "" {
		a.b.t.Fatalf("%s answered %d without a redirect:\n%s", a.URL, a.Status, a.Text())
	}
	to, err := a.URL.Parse(a.Location)
	must(a.b.t, err)
	return a.b.Get(to.String())
}

// Submit fills in the page's form whose submit button says what button says, hidden fields included,
// and sends it. Fields are named by their label's text or their name.
func (a *Answer) Submit(button string, fields map[string]string) *Answer {
	a.b.t.Helper()
	form := a.formOf(button)
	if form == nil {
		a.b.t.Fatalf("no form with the button %q on %s (%d):\n%s", button, a.URL, a.Status, a.Text())
	}
	values := url.Values{}
	walk(form, func(n *html.Node) {
		name := attr(n, "name")
		switch {
		case name == "" || has(n, "disabled"):
		case n.Data == "input" && (attr(n, "type") != "radio" && attr(n, "type") != "checkbox" || has(n, "checked")):
			values.Set(name, attr(n, "value"))
		case n.Data == "textarea":
			values.Set(name, text(n))
		case n.Data == "select":
			values.Set(name, chosen(n))
		case n.Data == "button" && strings.TrimSpace(text(n)) == button:
			values.Set(name, attr(n, "value"))
		}
	})
	for name, value := range fields {
		values.Set(a.fieldOf(form, name), value)
	}
	action, err := a.URL.Parse(attr(form, "action"))
	must(a.b.t, err)
	if strings.EqualFold(attr(form, "method"), "get") {
		action.RawQuery = values.Encode()
		return a.b.Get(action.String())
	}
	return a.b.Post(action.String(), values)
}

// chosen is the value of a list to choose from: the option that is selected, else the first.
func chosen(list *html.Node) string {
	value, found := "", false
	walk(list, func(n *html.Node) {
		if n.Data == "option" && (!found || has(n, "selected")) {
			value, found = attr(n, "value"), true
		}
	})
	return value
}

func (a *Answer) formOf(button string) *html.Node {
	var found *html.Node
	walk(a.doc, func(n *html.Node) {
		if n.Data != "form" || found != nil {
			return
		}
		walk(n, func(m *html.Node) {
			if m.Data == "button" && strings.TrimSpace(text(m)) == button {
				found = n
			}
		})
	})
	return found
}

func (a *Answer) fieldOf(form *html.Node, label string) string {
	name := label
	walk(form, func(n *html.Node) {
		if n.Data != "label" || strings.TrimPrefix(strings.TrimSpace(text(n)), "* ") != label {
			return
		}
		walk(form, func(m *html.Node) {
			if attr(m, "id") == attr(n, "for") {
				name = attr(m, "name")
			}
		})
	})
	return name
}

// Text is what a reader sees, on one line.
func (a *Answer) Text() string { return strings.Join(strings.Fields(text(a.doc)), " ") }

// Sees fails the test unless the page answers with the status and shows every text.
func (a *Answer) Sees(status int, texts ...string) *Answer {
	a.b.t.Helper()
	if a.Status != status {
		a.b.t.Fatalf("%s answered %d, want %d:\n%s", a.URL, a.Status, status, a.Text())
	}
	for _, want := range texts {
		if !strings.Contains(a.Text(), want) {
			a.b.t.Fatalf("%s does not show %q:\n%s", a.URL, want, a.Text())
		}
	}
	return a
}

// Cookies lists the cookies that this browser holds for an address.
func (b *Browser) Cookies(address string) []*http.Cookie {
	u, err := url.Parse(address)
	must(b.t, err)
	return b.client.Jar.Cookies(u)
}

// SetCookies gives this browser cookies, as an attacker would.
func (b *Browser) SetCookies(address string, cookies ...*http.Cookie) {
	u, err := url.Parse(address)
	must(b.t, err)
	b.client.Jar.SetCookies(u, cookies)
}

func walk(n *html.Node, visit func(*html.Node)) {
	if n.Type == html.ElementNode {
		visit(n)
	}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		walk(c, visit)
	}
}

func text(n *html.Node) string {
	if n.Type == html.TextNode {
		return n.Data
	}
	if n.Type == html.ElementNode && (n.Data == "script" || n.Data == "style" || n.Data == "svg") {
		return ""
	}
	var out strings.Builder
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		fmt.Fprint(&out, text(c))
	}
	if n.Type == html.ElementNode {
		switch n.Data {
		case "span", "a", "bdi", "time", "code", "b", "em", "strong":
		default:
			return " " + out.String() + " "
		}
	}
	return out.String()
}

func attr(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func has(n *html.Node, name string) bool {
	return slices.ContainsFunc(n.Attr, func(a html.Attribute) bool { return a.Key == name })
}

// On follows a redirect, if that is what the answer is.
func (a *Answer) On() *Answer {
	if a.Status == http.StatusSeeOther {
		return a.Follow()
	}
	return a
}

// Hides fails the test when the page shows one of the texts.
func (a *Answer) Hides(texts ...string) *Answer {
	a.b.t.Helper()
	for _, text := range texts {
		if strings.Contains(a.Text(), text) {
			a.b.t.Fatalf("%s shows %q:\n%s", a.URL, text, a.Text())
		}
	}
	return a
}
