package captcha_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"image/png"
	"strconv"
	"testing"

	"github.com/altcha-org/altcha-lib-go"

	"portico/app/captcha"
)

func TestPicturesAndAudioCanBeRead(t *testing.T) {
	t.Parallel()
	g := open(t)
	for _, kind := range []string{captcha.Image, captcha.Work} {
		c := g.New(g.one, browser, kind)
		picture, err := g.Image(g.one, browser, c.ID)
		must(t, err)
		decoded, err := png.Decode(bytes.NewReader(picture))
		must(t, err)
		if b := decoded.Bounds(); b.Dx() != captcha.Width || b.Dy() != captcha.Height || len(picture) > 12<<10 {
			t.Errorf("%s: a picture of %v in %d bytes", kind, b, len(picture))
		}
		for _, locale := range []string{"en", "de", "ar", "ja-JP", "pt"} {
			wav, err := g.Audio(g.one, browser, c.ID, locale)
			must(t, err)
			seconds := float64(readWAV(t, wav)) / 8000
			if seconds < 8 || seconds > 60 {
				t.Errorf("%s %s: %.0f seconds", kind, locale, seconds)
			}
		}
		for what, of := range map[string]func() ([]byte, error){
			"picture": func() ([]byte, error) { return g.Image(g.two, browser, c.ID) },
			"audio":   func() ([]byte, error) { return g.Audio(g.one, "BBBB", c.ID, "en") },
		} {
			_, err := of()
			refused(t, what+" for somebody else", err)
		}
	}
	if captcha.Spoken("de") != "en" || captcha.Spoken("pt-BR") != "pt" {
		t.Error("the language that is spoken")
	}
}

// readWAV checks RIFF's frame and gives the bytes of sound.
func readWAV(t *testing.T, wav []byte) int {
	t.Helper()
	if len(wav) < 44 || string(wav[:4]) != "RIFF" || string(wav[8:16]) != "WAVEfmt " {
		t.Fatalf("no WAV: %q", wav[:min(16, len(wav))])
	}
	at := 12
	for at+8 <= len(wav) {
		size := int(binary.LittleEndian.Uint32(wav[at+4:]))
		if string(wav[at:at+4]) == "data" {
			if at+8+size > len(wav) {
				t.Fatalf("%d bytes of sound are told, %d are there", size, len(wav)-at-8)
			}
			return size
		}
		at += 8 + size
	}
	t.Fatal("no sound")
	return 0
}

func TestPicturesDiffer(t *testing.T) {
	t.Parallel()
	g := open(t)
	seen := map[string]bool{}
	for range 50 {
		text, err := g.Reveal(g.New(g.one, browser, captcha.Image).ID)
		must(t, err)
		if len(text) != 6 {
			t.Fatalf("%q", text)
		}
		seen[text] = true
	}
	if len(seen) < 48 {
		t.Errorf("only %d different of 50", len(seen))
	}
	_, err := g.Reveal("nothing")
	refused(t, "revealing nothing", err)
}

// solve does what the page's script does.
func solve(t *testing.T, p *captcha.Puzzle) string {
	t.Helper()
	found, err := altcha.SolveChallenge(p.Target, p.Salt, altcha.Algorithm(p.Algorithm), int(p.Most), 0, nil)
	must(t, err)
	if found == nil {
		t.Fatal("a puzzle without a solution")
	}
	return strconv.Itoa(found.Number)
}

func TestProofOfWork(t *testing.T) {
	t.Parallel()
	g := open(t)
	c := g.New(g.one, browser, captcha.Work)
	if again, _ := g.Again(g.one, browser, c.ID); again.Puzzle == nil || *again.Puzzle != *c.Puzzle {
		t.Errorf("shown again, the puzzle is %v, was %v", again.Puzzle, c.Puzzle)
	}
	done := solve(t, c.Puzzle)
	other := g.New(g.one, browser, captcha.Work)
	refused(t, "the work of another challenge", g.Spend(t.Context(), g.one, browser, captcha.Answer{ID: other.ID, Work: done + "1"}))
	must(t, g.Spend(t.Context(), g.one, browser, captcha.Answer{ID: c.ID, Work: done}))
	refused(t, "replayed", g.Spend(t.Context(), g.one, browser, captcha.Answer{ID: c.ID, Work: done}))
	for _, work := range []string{"-1", "50001", "0x1", "1e3", " 7", "99999999999999999999", "{}"} {
		c := g.New(g.one, browser, captcha.Work)
		refused(t, work, g.Spend(t.Context(), g.one, browser, captcha.Answer{ID: c.ID, Work: work}))
	}
	wrong := g.right(t, g.New(g.one, browser, captcha.Work))
	wrong.Work = "x" // a script that says something is judged by it, not by the characters
	refused(t, "both", g.Spend(t.Context(), g.one, browser, wrong))
	picture := g.New(g.one, browser, captcha.Image)
	refused(t, "work for a picture", g.Spend(t.Context(), g.one, browser, captcha.Answer{ID: picture.ID, Work: "1"}))
}

// hosted is somebody else's CAPTCHA, which may be away.
type hosted struct{ err error }

func (hosted) Pose() []byte                  { return nil }
func (hosted) Puzzle([]byte) *captcha.Puzzle { return nil }
func (h hosted) Check(_ context.Context, _ []byte, a captcha.Answer) error {
	if h.err == nil && a.Work != "response" {
		return captcha.ErrWrong
	}
	return h.err
}

func TestAHostedKindStandsBehindTheSameInterface(t *testing.T) {
	t.Parallel()
	g := open(t)
	g.Kinds = map[string]captcha.Kind{"turnstile": hosted{}, "hcaptcha": hosted{err: captcha.ErrDown}}
	c := g.New(g.one, browser, "turnstile")
	if c.Kind != "turnstile" || c.Puzzle != nil {
		t.Errorf("%v", c)
	}
	_, err := g.Image(g.one, browser, c.ID)
	refused(t, "a picture of what has none", err)
	must(t, g.Spend(t.Context(), g.one, browser, captcha.Answer{ID: c.ID, Work: "response"}))
	refused(t, "twice", g.Spend(t.Context(), g.one, browser, captcha.Answer{ID: c.ID, Work: "response"}))
	c = g.New(g.one, browser, "turnstile")
	refused(t, "wrong", g.Spend(t.Context(), g.one, browser, captcha.Answer{ID: c.ID, Work: "no"}))
	c = g.New(g.one, browser, "hcaptcha")
	if err := g.Spend(t.Context(), g.one, browser, captcha.Answer{ID: c.ID, Work: "response"}); !errors.Is(err, captcha.ErrDown) {
		t.Errorf("a provider that is away: %v", err)
	}
	if c := g.New(g.one, browser, "nobody's"); c.Kind != captcha.Image {
		t.Errorf("an unknown kind became %q", c.Kind)
	}
}
