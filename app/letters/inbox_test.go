package letters_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"portico/app/letters"
)

func TestInboxListsNewestFirstInTheContractsShape(t *testing.T) {
	t.Parallel()
	in := &letters.Inbox{}
	start := time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)
	send := func(i int, tenant, to string) {
		_, err := in.Send(t.Context(), letters.Envelope{
			ID: uuid.UUID{byte(i)}, Tenant: tenant, To: to, Subject: fmt.Sprint(i), At: start.Add(time.Duration(i) * time.Minute),
			Text:   "Open https://a.example/recover/x?y=1, or ask http://a.example/help.",
			HTML:   `<a href="https://a.example/recover/x?y=1">go</a> <a href='https://a.example/only&amp;html'>x</a> <a href="mailto:a@b">m</a>`,
			Header: []letters.Field{{Name: "From", Value: "A <a@a.example>"}, {Name: "Reply-To", Value: "h@a.example"}},
		})
		if err != nil {
			t.Error(err)
		}
	}
	send(1, "alpha", "ada@people.example")
	send(2, "beta", "ada@people.example")
	send(3, "alpha", "Bob@people.example")
	subjects := func(tenant, to string, since time.Time) (s []string) {
		for _, l := range in.List(tenant, to, since).Letters {
			s = append(s, l.Subject)
		}
		return s
	}
	for name, c := range map[string]struct{ got, want []string }{
		"all":       {subjects("", "", time.Time{}), []string{"3", "2", "1"}},
		"of tenant": {subjects("alpha", "", time.Time{}), []string{"3", "1"}},
		"to":        {subjects("", "ADA@people.example", time.Time{}), []string{"2", "1"}},
		"since":     {subjects("", "", start.Add(2*time.Minute)), []string{"3", "2"}},
		"nothing":   {subjects("gamma", "", time.Time{}), nil},
	} {
		if !slices.Equal(c.got, c.want) {
			t.Errorf("%s: %q, want %q", name, c.got, c.want)
		}
	}
	got, err := json.Marshal(in.List("alpha", "ada@people.example", time.Time{}))
	if err != nil {
		t.Fatal(err)
	}
	want := `{"letters":[{"id":"01000000-0000-0000-0000-000000000000","tenant":"alpha","channel":"email","from":"A \u003ca@a.example\u003e",` +
		`"reply_to":"h@a.example","to":"ada@people.example","subject":"1","text":"Open https://a.example/recover/x?y=1, or ask http://a.example/help.",` +
		`"html":"\u003ca href=\"https://a.example/recover/x?y=1\"\u003ego\u003c/a\u003e \u003ca href='https://a.example/only\u0026amp;html'\u003ex\u003c/a\u003e \u003ca href=\"mailto:a@b\"\u003em\u003c/a\u003e",` +
		`"links":["https://a.example/recover/x?y=1","http://a.example/help","https://a.example/only\u0026html"],"code":"",` +
		`"headers":{"From":"A \u003ca@a.example\u003e","Reply-To":"h@a.example"},"sent_at":"2026-11-22T10:01:00Z"}]}`
	if string(got) != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if empty, _ := json.Marshal((&letters.Inbox{}).List("", "", time.Time{})); string(empty) != `{"letters":[]}` {
		t.Errorf("empty: %s", empty)
	}
	for i := range 6_000 {
		send(i%200, "many", "x@people.example")
	}
	if n := len(in.List("", "", time.Time{}).Letters); n > 5_000 {
		t.Errorf("%d letters kept", n)
	}
}
