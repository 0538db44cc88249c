package letters

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/idna"
)

// CleanAddress checks that raw is exactly one plain address and returns it with its domain in ASCII;
// false for what no letter can be sent to.
// It takes only the dot-atom form of RFC 5321 4.1.2: no quoting, comments, source routes, address
// literals, spaces or control characters, since parsers do not agree on those (go-mail CVE-2025-59937).
func CleanAddress(raw string) (string, bool) {
	at := strings.LastIndexByte(raw, '@')
	if at < 1 || at > 64 || len(raw) > 254 {
		return "", false
	}
	local, domain := raw[:at], raw[at+1:]
	if !dotAtom(local) {
		return "", false
	}
	for i := range len(domain) {
		if domain[i] <= ' ' || domain[i] == 0x7f {
			return "", false
		}
	}
	ascii, err := idna.Lookup.ToASCII(domain)
	if err != nil || !hostName(ascii) {
		return "", false
	}
	return local + "@" + ascii, true
}

func dotAtom(s string) bool {
	dot := true // none at the start
	for i := range len(s) {
		c := s[i]
		switch {
		case c == '.':
			if dot {
				return false
			}
			dot = true
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9',
			strings.IndexByte("!#$%&'*+-/=?^_`{|}~", c) >= 0:
			dot = false
		default:
			return false
		}
	}
	return !dot
}

func hostName(s string) bool {
	if s == "" || len(s) > 253 {
		return false
	}
	for label := range strings.SplitSeq(s, ".") {
		if label == "" || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' {
			return false
		}
		for i := range len(label) {
			c := label[i]
			if (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '-' {
				return false
			}
		}
	}
	return true
}

// oneLine tells whether a header value is text without line breaks and other control characters.
func oneLine(s string) bool {
	return utf8.ValidString(s) && !strings.ContainsFunc(s, func(r rune) bool {
		return unicode.IsControl(r) || r == '\u2028' || r == '\u2029'
	})
}
