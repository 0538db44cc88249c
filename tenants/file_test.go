package tenants

import (
	"bytes"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

const wholeFile = `portico: 1
slug: acme
name: Acme
state: live
hosts:
  - {host: login.acme.example, canonical: true}
policy:
  preset: email-link
  signin: {external: "off"}
  users: {registration_mode: [invite]}
  link: {ttl: 12h}
theme:
  layout: card
  colors: {accent: "#1f5fbf"}
images:
  - {file: art/logo.png, sha256: "0000000000000000000000000000000000000000000000000000000000000001"}
words:
  en:
    signin.submit: Enter
sender:
  transport: smtp
  from: noreply@acme.example
  from_name: Acme
  reply_to: ""
  smtp: {host: mail.acme.example, port: 587, tls: starttls, username: acme, password: env:PORTICO_TENANT_ACME_SMTP}
portal:
  links: [{label: App, url: "https://app.acme.example/", note: ""}]
  return_targets: ["https://app.acme.example/"]
groups:
  - {external_id: hq, kind: location, name: Head office}
  - {external_id: it, kind: department, name: IT, parent: hq}
accounts:
  - external_id: a1
    email: ada@acme.example
    user_id: 007
    name: Ada Ekwueme
    password: file:secrets/ada
    roles: [{role: brand_admin}, {role: location_admin, scope: hq}]
    groups: [it]
`

func TestParseFile(t *testing.T) {
	t.Parallel()
	f, faults := ParseFile([]byte(wholeFile))
	for _, x := range faults {
		t.Errorf("%s", x)
	}
	want := preset(t, "email-link")
	want.SignIn.External, want.Users.Mode, want.Link.TTL = "off", []string{"invite"}, Duration(12*time.Hour)
	if !reflect.DeepEqual(*f.Policy, want) {
		t.Errorf("policy %+v\nwant %+v", *f.Policy, want)
	}
	if string(f.Theme) != `{"colors":{"accent":"#1f5fbf"},"layout":"card"}` {
		t.Errorf("theme %s", f.Theme)
	}
	if f.Accounts[0].UserID != "007" {
		t.Errorf("user id %q lost its zeros", f.Accounts[0].UserID)
	}
	if f.Line("policy.link.ttl") != 11 || f.Line("accounts[0].roles[1].role") == 0 || f.Line("nothing") != 0 {
		t.Errorf("lines: %d, %d", f.Line("policy.link.ttl"), f.Line("accounts[0].roles[1].role"))
	}
}

// Written and read again, a file is the same; written twice, it is the same text.
func TestFileRoundTrip(t *testing.T) {
	t.Parallel()
	f, _ := ParseFile([]byte(wholeFile))
	first, err := f.YAML()
	if err != nil {
		t.Fatal(err)
	}
	again, faults := ParseFile(first)
	if len(faults) > 0 {
		t.Fatalf("%v\n%s", faults, first)
	}
	second, err := again.YAML()
	if err != nil || !bytes.Equal(first, second) {
		t.Errorf("%v\n%s\n---\n%s", err, first, second)
	}
	f.lines, again.lines = nil, nil
	if !reflect.DeepEqual(f, again) {
		t.Errorf("got %+v\nwant %+v", again, f)
	}
	if !bytes.Contains(first, []byte("policy:\n  preset: email-link\n  signin:\n    external: \"off\"\n  link:\n    ttl: 12h\n")) {
		t.Errorf("the policy is not its preset and what differs:\n%s", first)
	}
}

// Nobody can prove a whole top-level domain; a relay of one's own may stand in a network without any.
func TestASenderStandsAtADomain(t *testing.T) {
	t.Parallel()
	for from, faults := range map[string]int{"{transport: ses, from: a@io}": 1, "{transport: platform, from: a@io}": 1, "{transport: ses, from: a@acme.io}": 0} {
		_, found := ParseFile([]byte("portico: 1\nslug: acme\nname: Acme\nsender: " + from + "\n"))
		n := 0
		for _, f := range found {
			if f.Field == "sender.from" {
				n++
			}
		}
		if n != faults {
			t.Errorf("%s: %v", from, found)
		}
	}
}

// Each row replaces one text of a sound file and names line, field and words of the fault.
func TestParseFileTellsFaultsByLine(t *testing.T) {
	t.Parallel()
	rows := []struct {
		name, old, new string
		line           int
		field, says    string
	}{
		{"unknown key", "state: live", "stat: live", 4, "stat", "did you mean state"},
		{"unknown knob", "link: {ttl: 12h}", "link: {tll: 12h}", 11, "policy.link.tll", "no such key"},
		{"key twice", "name: Acme\n", "name: Acme\nname: Acme\n", 4, "name", "twice; the first is in line 3"},
		{"knob twice", "link: {ttl: 12h}", "link: {ttl: 12h, ttl: 13h}", 11, "policy.link.ttl", "twice"},
		{"theme key twice", "layout: card", "layout: card\n  layout: portal", 14, "theme.layout", "twice"},
		{"no length of time", "ttl: 12h", "ttl: soon", 11, "policy.link.ttl", "not a length of time"},
		{"negative length", "ttl: 12h", "ttl: -12h", 11, "policy.link.ttl", "negative"},
		{"text for a number", "port: 587", "port: smtp", 25, "sender.smtp.port", "whole number"},
		{"octal", "port: 587", "port: 0o777", 25, "sender.smtp.port", "whole number"},
		{"yes for true", "canonical: true", "canonical: yes", 6, "hosts[0].canonical", "true or false"},
		{"truth for text", "name: Acme\n", "name: true\n", 3, "name", "must be text"},
		{"list for text", "name: Acme\n", "name: [Acme]\n", 3, "name", "single value"},
		{"text for a list", "registration_mode: [invite]", "registration_mode: invite", 10, "policy.users.registration_mode", "must be a list"},
		{"no value", "state: live", "state:", 4, "state", "no value"},
		{"anchor", "name: Acme\n", "name: &n Acme\n", 3, "name", "anchors"},
		{"alias", "name: Acme\n", "name: &n Acme\nstate: *n\n", 3, "name", "anchors"},
		{"merge key", "layout: card", "<<: {layout: card}", 13, "theme", "plain text"},
		{"tag", "colors: {accent", "colors: !brand {accent", 14, "theme.colors", "tag"},
		{"format", "portico: 1", "portico: 2", 1, "portico", "must be 1"},
		{"slug", "slug: acme", "slug: Acme Inc", 2, "slug", "small letters"},
		{"own word", "slug: acme", "slug: console", 2, "slug", "product's own"},
		{"no name", "name: Acme\n", "", 0, "name", "missing"},
		{"state", "state: live", "state: open", 4, "state", "none of"},
		{"host with port", "login.acme.example", "login.acme.example:443", 6, "hosts[0].host", "without port"},
		{"host in capitals", "login.acme.example", "Login.acme.example", 6, "hosts[0].host", "small letters"},
		{"host is a number", "login.acme.example", "192.0.2.1", 6, "hosts[0].host", "customer can own"},
		{"preset", "preset: email-link", "preset: axp", 8, "policy.preset", "none of"},
		{"ceiling", "ttl: 12h", "ttl: 25h", 11, "policy.link.ttl", "24 hours"},
		{"not yet", `external: "off"`, "external: by_org_name", 9, "policy.signin.external", "not yet: "},
		{"picture above", "file: art/logo.png", "file: ../logo.png", 16, "images[0].file", "inside"},
		{"picture's sum", "0001\"}", "000G\"}", 16, "images[0].sha256", "SHA-256"},
		{"sender", "transport: smtp", "transport: pigeon", 21, "sender.transport", "none of"},
		{"two senders", "from: noreply@acme.example", `from: "a@acme.example, b@acme.example"`, 22, "sender.from", "one mail address"},
		{"header in a name", "from_name: Acme", `from_name: "Acme\r\nBcc: x@evil.test"`, 23, "sender.from_name", "line break"},
		{"clear relay", "tls: starttls", "tls: none", 25, "sender.smtp.tls", "this machine"},
		{"relay password in clear", "password: env:PORTICO_TENANT_ACME_SMTP", "password: hunter2", 25, "sender.smtp.password", "never the secret"},
		{"link", `url: "https://app.acme.example/"`, `url: "javascript:alert(1)"`, 27, "portal.links[0].url", "neither"},
		{"open return target", `return_targets: ["https://app.acme.example/"]`, `return_targets: ["https://app.acme.example"]`, 28, "portal.return_targets[0]", "ends in a slash"},
		{"after login elsewhere", "link: {ttl: 12h}", "finish: {after_login: \"https://other.example/\"}", 11, "policy.finish.after_login", "return_targets"},
		{"group kind", "kind: location", "kind: planet", 30, "groups[0].kind", "none of"},
		{"parent later", "parent: hq", "parent: it", 31, "groups[1].parent", "stands before"},
		{"group twice", "external_id: it,", "external_id: hq,", 31, "groups[1].external_id", "twice"},
		{"account without its id", "email: ada@acme.example", "username: ada", 33, "accounts[0].email", "never sign in"},
		{"address", "email: ada@acme.example", "email: Ada <ada@acme.example>", 34, "accounts[0].email", "mail address"},
		{"password in clear", "password: file:secrets/ada", "password: Correct-horse-1", 37, "accounts[0].password", "never the secret"},
		{"file above", "password: file:secrets/ada", "password: file:../ada", 37, "accounts[0].password", "inside"},
		{"file elsewhere", "password: file:secrets/ada", "password: file:/etc/passwd", 37, "accounts[0].password", "inside"},
		{"password of an SSO account", "    name: Ada", "    sign_in: sso\n    name: Ada", 38, "accounts[0].password", "elsewhere"},
		{"no hash", "password: file:secrets/ada", "password_hash: letmein", 37, "accounts[0].password_hash", "not a hash"},
		{"role", "role: brand_admin", "role: \"*\"", 38, "accounts[0].roles[0].role", "role's name"},
		{"scope", "scope: hq", "scope: moon", 38, "accounts[0].roles[1].scope", "no group"},
		{"phone", "    groups: [it]", "    phone: \"1\"", 39, "accounts[0].phone", "no such key"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			doc := strings.Replace(wholeFile, row.old, row.new, 1)
			if doc == wholeFile {
				t.Fatalf("%q is not in the file", row.old)
			}
			_, faults := ParseFile([]byte(doc))
			if !slices.ContainsFunc(faults, func(f Fault) bool {
				return f.Line == row.line && f.Field == row.field && strings.Contains(f.Problem, row.says)
			}) {
				t.Errorf("no fault %d %s %q in %v", row.line, row.field, row.says, faults)
			}
			for _, f := range faults {
				if strings.Contains(f.String(), "hunter2") || strings.Contains(f.String(), "Correct-horse") {
					t.Errorf("a fault repeats a secret: %s", f)
				}
			}
		})
	}
}

func TestParseFileTellsAllAtOnce(t *testing.T) {
	t.Parallel()
	_, faults := ParseFile([]byte("portico: 1\nslug: A\nnme: x\npolicy:\n  preset: nist\n  link: {ttl: 25h}\n  reset: {requires_registration: true, captcha: riddle, unknown_account: reveal}\n"))
	for _, want := range []string{"slug", "nme", "name", "policy.link.ttl", "policy.reset.captcha", "policy.reset.unknown_account"} {
		if !slices.Contains(fields(faults), want) {
			t.Errorf("%s is not told: %v", want, faults)
		}
	}
}

func TestParseFileRefusesWholeDocuments(t *testing.T) {
	t.Parallel()
	for name, doc := range map[string]string{
		"empty":         "",
		"comment":       "# nothing\n",
		"list":          "- portico: 1\n",
		"text":          "portico",
		"two documents": "portico: 1\n---\nslug: a\n",
		"not YAML":      "portico: [1\n",
		"too large":     "# " + strings.Repeat("x", FileMost),
		"too deep":      "theme: " + strings.Repeat("[", 5000) + strings.Repeat("]", 5000),
		"binary":        "portico: \x00\x01",
	} {
		if _, faults := ParseFile([]byte(doc)); len(faults) == 0 {
			t.Errorf("%s: no fault", name)
		}
	}
}

func TestSecrets(t *testing.T) {
	t.Parallel()
	dir, outside := t.TempDir(), t.TempDir()
	write := func(path, text string) {
		t.Helper()
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(filepath.Join(dir, "good"), "s3cret value\r\n")
	write(filepath.Join(dir, "empty"), "\n")
	write(filepath.Join(dir, "large"), strings.Repeat("x", secretMost+1))
	write(filepath.Join(outside, "far"), "far away")
	if err := os.Symlink(filepath.Join(outside, "far"), filepath.Join(dir, "escape")); err != nil {
		t.Fatal(err)
	}
	s := Secrets{Dir: dir, Env: func(name string) (string, bool) {
		return "from env", name == "PORTICO_TENANT_GOOD" || name == "PORTICO_DEMO_GOOD" || !strings.HasPrefix(name, "PORTICO_TENANT_")
	}}
	for ref, want := range map[string]string{"env:PORTICO_TENANT_GOOD": "from env", "env:PORTICO_DEMO_GOOD": "from env", "file:good": "s3cret value"} {
		if got, err := s.Read(ref); err != nil || got != want {
			t.Errorf("%s: %q, %v", ref, got, err)
		}
	}
	for _, ref := range []string{"", "good", "env:", "env:PORTICO_TENANT_BAD", "env:bad-name", "env:PORTICO_TENANT_", "env:PORTICO_TENANT_bad",
		"env:PORTICO_SEAL_KEYS", "env:PORTICO_PEPPERS", "env:DATABASE_URL", "env:AWS_SECRET_ACCESS_KEY", "env:HOME", "env:XPORTICO_TENANT_A", "file:", "file:missing", "file:empty", "file:large", "file:.",
		"file:escape", "file:../far", "file:" + filepath.Join(outside, "far"), "file:./good", `file:..\far`, "FILE:good"} {
		if got, err := s.Read(ref); err == nil {
			t.Errorf("%s was read: %q", ref, got)
		} else if strings.Contains(err.Error(), "far away") || strings.Contains(err.Error(), "s3cret") {
			t.Errorf("%s: the error repeats the secret: %v", ref, err)
		}
	}
	if _, err := (Secrets{}).Read("env:PORTICO_TENANT_GOOD"); err == nil {
		t.Error("no source read a secret")
	}
}

func TestReadFileAndFolder(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "tenant.yaml"), []byte(wholeFile), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{dir, filepath.Join(dir, "tenant.yaml")} {
		f, where, faults, err := ReadFile(path)
		if err != nil || len(faults) > 0 || f.Slug != "acme" || where != dir {
			t.Errorf("%s: %v %v %q", path, err, faults, where)
		}
	}
	if _, _, _, err := ReadFile(filepath.Join(dir, "none.yaml")); err == nil {
		t.Error("a missing file was read")
	}
}

// Whatever the bytes, reading ends without a panic, and what is without fault survives writing.
func FuzzParseFile(f *testing.F) {
	f.Add([]byte(wholeFile))
	f.Add([]byte("portico: 1\nslug: a\nname: A\n"))
	f.Add([]byte("portico: 1\nslug: a\nname: A\npolicy: {preset: two-gate}\n"))
	f.Add([]byte("a: &a [*a, *a]\n"))
	f.Add([]byte("theme: {a: [1, 2.5, true, {b: ''}], \"\": 0x1F}\nportico: 1\nslug: a\nname: \"\\u202e\"\n"))
	f.Add([]byte("? [a]\n: b\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		file, faults := ParseFile(data)
		if len(faults) > 0 {
			return
		}
		first, err := file.YAML()
		if err != nil {
			t.Fatal(err)
		}
		again, faults := ParseFile(first)
		if len(faults) > 0 {
			t.Fatalf("%v in\n%s\nfrom\n%s", faults, first, data)
		}
		second, err := again.YAML()
		if err != nil || !bytes.Equal(first, second) {
			t.Fatalf("%v\n%s\n---\n%s", err, first, second)
		}
	})
}

// Any text that a section may hold is written so that it is read back as it was.
func TestFileKeepsEveryText(t *testing.T) {
	t.Parallel()
	for _, s := range []string{"", " ", "off", "No", "~", "null", "007", "1e3", "0x1F", "2026-11-22", ": ", "# no", "- a", "a: b", "'", `"`, `\`, "%x", "@x", "`x",
		"&a", "*a", "!a", "|", ">", "{a}", "[a]", "line\nline", "\nline", "line\n", "  indented\nline", "tab\there", "\u00a0", "\u0085", "\u2028", "\ufeff", "é😀", "كلمة المرور", "\x01"} {
		f := File{Portico: 1, Slug: "a", Name: "A", Words: Words{"en": {"key": s}}}
		doc, err := f.YAML()
		if err != nil {
			t.Errorf("%q: %v", s, err)
			continue
		}
		if again, _ := ParseFile(doc); again.Words["en"]["key"] != s {
			t.Errorf("%q is read back as %q from\n%s", s, again.Words["en"]["key"], doc)
		}
	}
}
