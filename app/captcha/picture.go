package captcha

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/subtle"
	"fmt"
	"math/big"
	"strings"
	"unicode"

	"github.com/dchest/captcha"
)

// digits are how many a picture shows. One guess a picture makes a million pictures.
const (
	digits = 6
	values = 1_000_000
)

// Size of a picture in CSS pixels.
const (
	Width  = 240
	Height = 80
)

// picture is the kind Image. Its secret is the number of six digits in three bytes.
type picture struct{}

const pictureSecret = 3

func (picture) Pose() []byte {
	n, _ := rand.Int(rand.Reader, big.NewInt(values)) // never fails (crypto/rand since Go 1.24)
	v := n.Uint64()
	return []byte{byte(v >> 16), byte(v >> 8), byte(v)}
}

func (picture) Puzzle([]byte) *Puzzle { return nil }

func (picture) Check(_ context.Context, secret []byte, a Answer) error {
	right, ok := shown(secret)
	if !ok || subtle.ConstantTimeCompare([]byte(typedDigits(a.Text)), []byte(right)) != 1 {
		return ErrWrong
	}
	return nil
}

// shown are the digits of a secret that begins with them.
func shown(secret []byte) (string, bool) {
	if len(secret) < pictureSecret {
		return "", false
	}
	v := uint32(secret[0])<<16 | uint32(secret[1])<<8 | uint32(secret[2])
	return fmt.Sprintf("%0*d", digits, v), v < values
}

// typedDigits reads digits as people type them: with spaces, in the writing of their keyboard.
func typedDigits(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return -1
		case r >= '٠' && r <= '٩': // Arabic-Indic
			return '0' + r - '٠'
		case r >= '۰' && r <= '۹': // Persian, Urdu
			return '0' + r - '۰'
		case r >= '０' && r <= '９': // full width
			return '0' + r - '０'
		}
		return r
	}, text)
}

// values of the digits, as the drawing functions take them: 0 to 9, not '0' to '9'.
func drawn(shown string) []byte {
	d := []byte(shown)
	for i := range d {
		d[i] -= '0'
	}
	return d
}

// draw makes a PNG with a see-through ground; dark ink, so it belongs on white.
func draw(id, shown string) ([]byte, error) {
	var out bytes.Buffer
	if _, err := captcha.NewImage(id, drawn(shown), Width, Height).WriteTo(&out); err != nil {
		return nil, fmt.Errorf("captcha: picture: %w", err)
	}
	return out.Bytes(), nil
}

// speak makes a WAV of about twenty-five seconds (8 kHz, 8 bits).
func speak(id, shown, locale string) ([]byte, error) {
	var out bytes.Buffer
	if _, err := captcha.NewAudio(id, drawn(shown), Spoken(locale)).WriteTo(&out); err != nil {
		return nil, fmt.Errorf("captcha: audio: %w", err)
	}
	return out.Bytes(), nil
}

// Spoken is the language in which the characters are heard on a page of a locale: its own where there
// are recordings of it, else English.
func Spoken(locale string) string {
	language, _, _ := strings.Cut(locale, "-")
	switch language {
	case "ja", "pt", "ru", "zh":
		return language
	}
	return "en"
}
