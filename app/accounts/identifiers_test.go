package accounts

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestAddressesHaveOneKey(t *testing.T) {
	t.Parallel()
	for typed, want := range map[string]string{
		"Ava@First.Example": "ava@first.example", "  ava@first.example\r\n": "ava@first.example", "ava@first.example.": "ava@first.example",
		"ava+tag@first.example": "ava+tag@first.example", "a.v.a@first.example": "a.v.a@first.example", "o'hara@x.example": "o'hara@x.example",
		"ava@MÜNCHEN.example": "ava@xn--mnchen-3ya.example", "ava@xn--mnchen-3ya.example": "ava@xn--mnchen-3ya.example",
		"ava@first\u3002example": "ava@first.example", "ava@first.example\u3002": "ava@first.example",
		"ava@\u212aelvin.example":              "ava@kelvin.example", // the domain's Kelvin sign is a k in the DNS
		"\u212aim@x.example":                   "\u212aim@x.example", // in the local part it is not
		"\u0130da@x.example":                   "\u0130da@x.example", // dotted İ
		"\u017fam@x.example":                   "\u017fam@x.example", // long s
		"\ufb01na@x.example":                   "\ufb01na@x.example", // ligature fi
		"\u00c9va@x.example":                   "\u00c9va@x.example", // not ASCII: exact bytes
		strings.Repeat("a", 64) + "@x.example": strings.Repeat("a", 64) + "@x.example",
	} {
		if got, err := Normalize(Email, typed); err != nil || got != want {
			t.Errorf("%q: got %q, %v; want %q", typed, got, err, want)
		}
	}
	for _, bad := range []string{
		"", "@", "ava", "ava@", "@x.example", "ava@x", "ava@.example", "ava@x..example", "ava@x.example..", "ava@\u3002x.example",
		".ava@x.example", "ava.@x.example", "a..a@x.example", "a@b@x.example", `"a b"@x.example`, "a b@x.example", "a,b@x.example", "a;b@x.example",
		"<ava@x.example>", "Ava <ava@x.example>", "ava@x.example,eve@y.example", "ava\r\nBcc: eve@y.example@x.example", "ava@x.example\r\nBcc: eve@y.example",
		"av\u200ba@x.example", "av\u00ada@x.example", "av\u202ea@x.example", "a\x00@x.example", "ava@x.example\x00", "ava@[127.0.0.1]", "ava@x_y.example",
		"ava@x%00.example", "av\xff@x.example", strings.Repeat("a", 65) + "@x.example", "a@" + strings.Repeat("a.", 126) + "aa", "a\u2028b@x.example",
	} {
		if got, err := Normalize(Email, bad); err == nil {
			t.Errorf("%q became %q", bad, got)
		}
		if key := lookUpKey(Email, bad); key != "\x01" {
			t.Errorf("%q is looked up as %q", bad, key)
		}
	}
}

func TestLookAlikesAreDifferentPeople(t *testing.T) {
	t.Parallel()
	keys := map[string]string{}
	for _, typed := range []string{"kim@x.example", "\u212aim@x.example", "sam@x.example", "\u017fam@x.example", "fina@x.example", "\ufb01na@x.example",
		"ida@x.example", "\u0130da@x.example", "\u0131da@x.example", "\u0430va@x.example", "ava@x.example", "ava@\u0445.example", "ava+1@x.example", "a.va@x.example"} {
		key, err := Normalize(Email, typed)
		if err != nil {
			t.Fatalf("%q: %v", typed, err)
		}
		if other, twice := keys[key]; twice {
			t.Errorf("%q and %q have one key", typed, other)
		}
		keys[key] = typed
	}
}

func TestUsernamesFollowPRECIS(t *testing.T) {
	t.Parallel()
	for typed, want := range map[string]string{
		"Mina": "mina", " mina ": "mina", "\uff2d\uff29\uff2e\uff21": "mina", "JOSE\u0301": "jos\u00e9", "jos\u00e9": "jos\u00e9", "u-10/7.a@b": "u-10/7.a@b",
	} {
		for _, kind := range []string{Username, UserID} {
			if got, err := Normalize(kind, typed); err != nil || got != want {
				t.Errorf("%s %q: got %q, %v; want %q", kind, typed, got, err, want)
			}
		}
	}
	for _, bad := range []string{"", "  ", "a b", "a\x00", "a\u200bb", "\ufb01na", "a\u202eb", "a\nb", "\xff", "\u05d0a", strings.Repeat("a", 129)} {
		if got, err := Normalize(Username, bad); err == nil {
			t.Errorf("%q became %q", bad, got)
		}
		if key := lookUpKey(Username, bad); key != "\x01" {
			t.Errorf("%q is looked up as %q", bad, key)
		}
	}
}

func FuzzNormalize(f *testing.F) {
	for _, s := range []string{"Ava@First.Example", "\u212a@\u212a.example", "a@b\u3002c.", "\uff2dina", "a\r\n@x.example", "a@xn--a.example", "\u017f"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, typed string) {
		for _, kind := range []string{Email, Username} {
			key, err := Normalize(kind, typed)
			if err != nil {
				continue
			}
			if again, err := Normalize(kind, key); err != nil || again != key {
				t.Fatalf("%s %q: %q, then %q, %v", kind, typed, key, again, err)
			}
			if key == "" || !utf8.ValidString(key) || strings.ContainsAny(key, "\r\n\x00") {
				t.Fatalf("%s %q became %q", kind, typed, key)
			}
		}
	})
}
