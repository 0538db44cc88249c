package visit

import (
	"net/url"
	"strings"
	"testing"
	"unicode/utf8"

	"portico/tenants"
)

// FuzzReturnTarget: whatever comes in, what goes out is a path of ours or below an allowed address, as a
// browser reads it.
func FuzzReturnTarget(f *testing.F) {
	for _, seed := range []string{"/", "/account", "//evil.test", `/\evil.test`, "https://app.example/x", "https://app.example@evil.test/", "https://app.example.evil.test", "/%2f/evil.test", "/..//x", "javascript:1", "/\t/x", "https:evil", "/%09/evil.test", "/a?b=c#d", "https://app.example/ok/../../x", "/\u2028/x"} {
		f.Add(seed)
	}
	portal := tenants.Portal{ReturnTargets: []string{"https://app.example/ok/", "https://other.example/"}}
	f.Fuzz(func(t *testing.T, raw string) {
		got := returnTarget(portal, raw)
		if got == "" {
			return
		}
		if strings.ContainsFunc(got, func(r rune) bool { return r <= ' ' || r == '\\' || r == 0x7f }) {
			t.Fatalf("%q becomes %q", raw, got)
		}
		base, err := url.Parse("https://tenant.example/login")
		if err != nil {
			t.Fatal(err)
		}
		to, err := base.Parse(got)
		if err != nil {
			t.Fatalf("%q becomes %q, which nobody can read: %v", raw, got, err)
		}
		switch strings.ToLower(to.Host) {
		case "tenant.example":
			if to.Scheme != "https" || strings.HasPrefix(got, "//") {
				t.Fatalf("%q becomes %q", raw, got)
			}
		case "app.example":
			if to.Path != "/ok" && !strings.HasPrefix(to.Path, "/ok/") || to.Scheme != "https" {
				t.Fatalf("%q leaves the allowed path as %q", raw, got)
			}
		case "other.example":
		default:
			t.Fatalf("%q leads to %q", raw, to.Host)
		}
		if again := returnTarget(portal, got); again != got {
			t.Fatalf("%q becomes %q, then %q", raw, got, again)
		}
	})
}

// FuzzParseForm: what is read has each field once, in valid UTF-8 without NUL, and within the bounds.
func FuzzParseForm(f *testing.F) {
	for _, seed := range []string{"", "a=b", "a=b&a=c", "a[]=b", "a=%00", "a=%ff", "%zz=1", "=x", "&&&", "a=b;c=d", "a=+%2B", strings.Repeat("a=b&", 50), "a%5B9999999%5D=1"} {
		f.Add([]byte(seed), "application/x-www-form-urlencoded")
	}
	f.Add([]byte("a=b"), "APPLICATION/x-www-form-urlencoded ; charset=utf-8")
	f.Add([]byte(`{"a":1}`), "application/json")
	f.Fuzz(func(t *testing.T, body []byte, kind string) {
		form, err := ParseForm(body, kind)
		if err != nil {
			if form != nil {
				t.Fatal("an error and a form")
			}
			return
		}
		if len(form) > maxFields {
			t.Fatalf("%d fields", len(form))
		}
		values, err := url.ParseQuery(string(body))
		for name, value := range form {
			if !utf8.ValidString(value) || strings.ContainsRune(value, 0) || len(value) > maxFieldBytes {
				t.Fatalf("%q is %q", name, value)
			}
			if err == nil && (len(values[name]) != 1 || values[name][0] != value) {
				t.Fatalf("%q: the standard library reads %q, we read %q", name, values[name], value)
			}
		}
	})
}

func TestFormsAreReadStrictly(t *testing.T) {
	t.Parallel()
	const kind = "application/x-www-form-urlencoded"
	for body, want := range map[string]string{"a=b&c=d": "b", "a=b+c": "b c", "a=%C3%A4": "ä", "a=": "", "&a=b&&": "b", "a=b%0D%0Ac": "b\r\nc"} {
		form, err := ParseForm([]byte(body), kind)
		if err != nil || form["a"] != want {
			t.Errorf("%q: %q, %v", body, form["a"], err)
		}
	}
	for _, body := range []string{"a=1&a=2", "a=1&%61=2", "a=%00", "a=%ff", "a=%", "%=1", "a=" + strings.Repeat("x", maxFieldBytes+1)} {
		if form, err := ParseForm([]byte(body), kind); err == nil {
			t.Errorf("%q is read as %v", body, form)
		}
	}
	for _, other := range []string{"", "text/plain", "application/json", "multipart/form-data; boundary=x", kind + "x", "application/x-www-form-urlencoded, text/plain"} {
		if _, err := ParseForm([]byte("a=b"), other); err == nil {
			t.Errorf("content type %q is read", other)
		}
	}
}

// FuzzFormCookie: a cookie is either 20 bytes of ours or nothing.
func FuzzFormCookie(f *testing.F) {
	for _, seed := range []string{"", "AAAA", strings.Repeat("A", 27), strings.Repeat("/", 27), strings.Repeat("A", 28), "null"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, cookie string) {
		if _, ok := formCookieTime(cookie); ok && len(cookie) != 27 {
			t.Fatalf("%q is taken", cookie)
		}
	})
}
