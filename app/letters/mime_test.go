package letters

import (
	"errors"
	"flag"
	"io"
	"mime"
	"mime/multipart"
	"net/mail"
	"net/textproto"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"portico/themes"
)

var update = flag.Bool("update", false, "write the golden files anew")

var (
	goldenID = uuid.MustParse("0192aaaa-bbbb-7ccc-8ddd-eeeeffff0001")
	goldenAt = time.Date(2026, 11, 22, 10, 42, 0, 0, time.UTC)
)

func TestMailGolden(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		from   Identity
		locale string
		mail   themes.Mail
	}{
		"plain": {
			Identity{From: "no-reply@alpha.example", Name: "Alpha", ReplyTo: "help@alpha.example"}, "en",
			themes.Mail{Subject: "Reset your password", Text: "Hello,\n\nhttps://alpha.example/recover/abc\n", HTML: "<p>Hello</p>"},
		},
		"unicode": {
			Identity{From: "post@bücher.example", Name: "Bücher, Räume <eve@evil.example>"}, "de",
			themes.Mail{Subject: "Passwort zurücksetzen – für Sie", Text: "Grüße\n.\nzwei Punkte\n", HTML: "<p>Grüße</p>"},
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e, err := compose(goldenID, c.from, "ada@people.example", c.locale, c.mail, goldenAt)
			if err != nil {
				t.Fatal(err)
			}
			file := "testdata/mail_" + name + ".golden"
			got := strings.ReplaceAll(string(e.Message), "\r\n", "\n")
			if strings.Contains(got, "\r") {
				t.Error("a bare CR")
			}
			if *update {
				if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if got != string(want) {
				t.Errorf("the mail changed (go test -update after reading it):\n%s", got)
			}
			readBack(t, e, c.from, c.mail)
		})
	}
}

// readBack parses the mail as a stranger's program would.
func readBack(t *testing.T, e Envelope, from Identity, want themes.Mail) {
	t.Helper()
	m, err := mail.ReadMessage(strings.NewReader(string(e.Message)))
	if err != nil {
		t.Fatal(err)
	}
	for _, h := range []string{"From", "To", "Subject", "Message-ID", "Date", "Auto-Submitted", "X-Auto-Response-Suppress", "MIME-Version"} {
		if n := len(m.Header[textproto.CanonicalMIMEHeaderKey(h)]); n != 1 {
			t.Errorf("%d fields %s, want one", n, h)
		}
	}
	list, err := m.Header.AddressList("From")
	if err != nil || len(list) != 1 || list[0].Name != from.Name || list[0].Address != e.From {
		t.Errorf("From reads as %v, %v", list, err)
	}
	subject, err := new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject"))
	if err != nil || subject != want.Subject {
		t.Errorf("Subject reads as %q, %v", subject, err)
	}
	_, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil {
		t.Fatal(err)
	}
	parts := multipart.NewReader(m.Body, params["boundary"])
	for _, body := range []string{want.Text, want.HTML} {
		p, err := parts.NextPart()
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(p) // NextPart undoes quoted-printable
		if err != nil || strings.TrimSpace(strings.ReplaceAll(string(got), "\r\n", "\n")) != strings.TrimSpace(body) {
			t.Errorf("part reads as %q, %v; want %q", got, err, body)
		}
	}
}

func TestComposeRefusesBrokenLines(t *testing.T) {
	t.Parallel()
	good := Identity{From: "no-reply@alpha.example", Name: "Alpha"}
	text := themes.Mail{Subject: "s", Text: "t", HTML: "h"}
	cases := map[string]struct {
		from       Identity
		to, locale string
		mail       themes.Mail
		final      bool
	}{
		"recipient with a second header": {good, "ada@people.example\r\nBcc: eve@evil.example", "en", text, true},
		"two recipients":                 {good, "ada@people.example,eve@evil.example", "en", text, true},
		"no recipient":                   {good, "", "en", text, true},
		"subject with a line break":      {good, "ada@people.example", "en", themes.Mail{Subject: "s\r\nBcc: eve@evil.example"}, true},
		"subject with a bare CR":         {good, "ada@people.example", "en", themes.Mail{Subject: "s\rx"}, true},
		"subject with NUL":               {good, "ada@people.example", "en", themes.Mail{Subject: "s\x00x"}, true},
		"locale with a line break":       {good, "ada@people.example", "en\nX: y", text, true},
		"name with a line break":         {Identity{From: good.From, Name: "A\nBcc: eve@evil.example"}, "ada@people.example", "en", text, true},
		"sender with a line break":       {Identity{From: "a@b.example\nX: y"}, "ada@people.example", "en", text, false},
		"sender with a name":             {Identity{From: "A <a@b.example>"}, "ada@people.example", "en", text, false},
		"reply with two addresses":       {Identity{From: good.From, ReplyTo: "a@b.example, c@d.example"}, "ada@people.example", "en", text, false},
	}
	for name, c := range cases {
		_, err := compose(goldenID, c.from, c.to, c.locale, c.mail, goldenAt)
		if err == nil || errors.Is(err, ErrRefused) != c.final {
			t.Errorf("%s: %v, want an error, final %v", name, err, c.final)
		}
	}
}
