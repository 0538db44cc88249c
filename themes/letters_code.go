package themes

import (
	"regexp"
	"strings"
	"time"
	"unicode/utf8"
)

// CodeLetter carries a short code to one person: as a mail, a text or a call.
type CodeLetter struct {
	Name      string
	Code      string // digits
	TTL       time.Duration
	ExpiresAt time.Time
	For       string // recovery, register, signin, unlock
}

// Template names.
func (CodeLetter) Template() string { return "code" }

// CodeIntro says what the code of a letter is for.
func (v letterView) CodeIntro() string {
	switch v.L.(CodeLetter).For {
	case "register":
		return "mail.code.intro_register"
	case "signin":
		return "mail.code.intro_signin"
	case "unlock":
		return "mail.code.intro_unlock"
	}
	return "mail.code.intro_recovery"
}

// SMS is the letter as a text. Its last line is the origin-bound form (WICG, "Origin-bound one-time codes
// delivered via SMS"), by which phones offer the code on this tenant's pages and on nobody else's. Where the
// whole sentence would need a second segment, a shorter one stands for it.
func (r *Renderer) SMS(b *Brand, locale string, l CodeLetter) string {
	locale = localeOr(locale, b.localeDefault)
	args := map[string]any{"code": l.Code, "ttl": l.TTL, "brand": b.name}
	bound := "\n\n@" + hostOf(b.origin) + " #" + l.Code
	text := gsmFriendly(oneLine(r.Text(b, locale, "sms.code.text", args))) + bound
	if Segments(text) == 1 {
		return text
	}
	short := gsmFriendly(oneLine(r.Text(b, locale, "sms.code.short", args))) + bound
	if Segments(short) < Segments(text) {
		return short
	}
	return text
}

// Voice is the letter as it is spoken: digits one by one, and all of it twice. A speaking machine reads
// commas as pauses.
func (r *Renderer) Voice(b *Brand, locale string, l CodeLetter) string {
	locale = localeOr(locale, b.localeDefault)
	digits := strings.Join(strings.Split(l.Code, ""), ", ")
	return oneLine(r.Text(b, locale, "voice.code.text", map[string]any{"digits": digits, "brand": b.name}))
}

// hostOf is the host of an origin without scheme and port.
func hostOf(origin string) string {
	return hostPart.FindStringSubmatch(origin)[1]
}

var hostPart = regexp.MustCompile(`^(?:[a-z]+://)?([^/:]*)`)

// gsmFriendly replaces what a text can do without and what would double its segments: spaces that do not
// break, curved quotes, long dashes, and the invisible marks of direction around values.
func gsmFriendly(s string) string { return gsmPlain.Replace(s) }

var gsmPlain = strings.NewReplacer("\u00a0", " ", "\u202f", " ", "\u2009", " ", "’", "'", "‘", "'", "“", `"`, "”", `"`, "„", `"`,
	"–", "-", "—", "-", "…", "...", "\u2068", "", "\u2069", "", "\u200e", "", "\u200f", "")

// The default alphabet and its extension, whose characters take two places (3GPP TS 23.038, 6.2.1).
const (
	gsmAlphabet = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
	gsmExtended = "\f^{}\\[~]|€"
)

// Segments is how many texts a carrier makes of s, and bills: 160 characters of the default alphabet or 70
// others (UTF-16) stand in one, 153 or 67 in each of several (3GPP TS 23.040, 9.2.3.24).
func Segments(s string) int {
	length, one, each := 0, 160, 153
	for _, c := range s {
		switch {
		case strings.ContainsRune(gsmAlphabet, c):
			length++
		case strings.ContainsRune(gsmExtended, c):
			length += 2
		default:
			one, each = 70, 67
		}
	}
	if one == 70 {
		length = 0
		for _, c := range s {
			length += max(1, utf8.RuneLen(c)-2) // characters beyond the basic plane take two
		}
	}
	if length <= one {
		return 1
	}
	return (length + each - 1) / each
}

// LocaleOr is the locale that a letter is written in: the one asked for where there are words in it, else the
// brand's own.
func (b *Brand) LocaleOr(locale string) string { return localeOr(locale, b.localeDefault) }
