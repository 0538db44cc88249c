package captcha_test

import (
	"encoding/base64"
	"errors"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"portico/app/captcha"
	"portico/tenants"
)

func TestARightAnswerPassesOnce(t *testing.T) {
	t.Parallel()
	g := open(t)
	for _, kind := range []string{captcha.Image, captcha.Work} {
		c := g.New(g.one, browser, kind)
		if c.Kind != kind || len(c.ID) > 100 || !regexp.MustCompile(`^[A-Za-z0-9_-]+$`).MatchString(c.ID) {
			t.Errorf("%s: %d characters %q", c.Kind, len(c.ID), c.ID)
		}
		if n := g.spent(t); kind == captcha.Image && n != 0 {
			t.Errorf("posing stored %d rows", n)
		}
		right := g.right(t, c)
		must(t, g.Spend(t.Context(), g.one, browser, right))
		refused(t, kind+" a second time", g.Spend(t.Context(), g.one, browser, right))
	}
	if n := g.spent(t); n != 2 {
		t.Errorf("%d rows for two answered challenges", n)
	}
}

func TestAWrongAnswerUsesTheChallengeUp(t *testing.T) {
	t.Parallel()
	g := open(t)
	c := g.New(g.one, browser, captcha.Image)
	right := g.right(t, c)
	wrong := right
	wrong.Text = strings.Map(func(r rune) rune { return '0' + (r-'0'+1)%10 }, right.Text)
	refused(t, "wrong", g.Spend(t.Context(), g.one, browser, wrong))
	refused(t, "right afterwards", g.Spend(t.Context(), g.one, browser, right))
}

// What never was a good id leaves no row: nobody fills the table with them, and nobody else's challenge
// is used up.
func TestMisuseIsOneError(t *testing.T) {
	t.Parallel()
	g := open(t)
	c := g.New(g.one, browser, captcha.Image)
	right := g.right(t, c)
	with := func(change func(*captcha.Answer)) captcha.Answer {
		a := right
		change(&a)
		return a
	}
	other := open(t)
	foreignKey := other.New(g.one, browser, captcha.Image)
	raw, err := base64.RawURLEncoding.DecodeString(c.ID)
	must(t, err)
	flipped := append([]byte{}, raw...)
	flipped[len(flipped)-1] ^= 1
	for what, try := range map[string]struct {
		tenant  tenants.ID
		browser string
		answer  captcha.Answer
	}{
		"another tenant":         {g.two, browser, right},
		"another browser":        {g.one, "BBBBBBBBBBBBBBBBBBBBBBBBBBB", right},
		"no browser":             {g.one, "", right},
		"no id":                  {g.one, browser, with(func(a *captcha.Answer) { a.ID = "" })},
		"no base64":              {g.one, browser, with(func(a *captcha.Answer) { a.ID += "!" })},
		"padded":                 {g.one, browser, with(func(a *captcha.Answer) { a.ID += "=" })},
		"cut":                    {g.one, browser, with(func(a *captcha.Answer) { a.ID = a.ID[:40] })},
		"altered":                {g.one, browser, with(func(a *captcha.Answer) { a.ID = base64.RawURLEncoding.EncodeToString(flipped) })},
		"of other keys":          {g.one, browser, with(func(a *captcha.Answer) { a.ID = foreignKey.ID })},
		"an id without end":      {g.one, browser, with(func(a *captcha.Answer) { a.ID = strings.Repeat("A", 9000) })},
		"empty":                  {g.one, browser, with(func(a *captcha.Answer) { a.Text = "" })},
		"characters without end": {g.one, browser, with(func(a *captcha.Answer) { a.Text = strings.Repeat(a.Text, 5000) })},
		"work without end":       {g.one, browser, with(func(a *captcha.Answer) { a.Work = strings.Repeat("1", 5000) })},
	} {
		refused(t, what, g.Spend(t.Context(), try.tenant, try.browser, try.answer))
	}
	if n := g.spent(t); n != 0 {
		t.Errorf("misuse left %d rows", n)
	}
	must(t, g.Spend(t.Context(), g.one, browser, right))
}

// The last character of base64 has bits that decode to nothing; none of its spellings is another id.
func TestNoSecondSpellingOfASpentID(t *testing.T) {
	t.Parallel()
	g := open(t)
	for range 3 {
		c := g.New(g.one, browser, captcha.Image)
		right := g.right(t, c)
		must(t, g.Spend(t.Context(), g.one, browser, right))
		for _, last := range "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_" {
			right.ID = c.ID[:len(c.ID)-1] + string(last)
			refused(t, "spelled anew", g.Spend(t.Context(), g.one, browser, right))
		}
	}
}

func TestChallengesEndAfterFiveMinutes(t *testing.T) {
	t.Parallel()
	g := open(t)
	c := g.New(g.one, browser, captcha.Image)
	late, right := g.New(g.one, browser, captcha.Image), g.right(t, c)
	g.clock.Advance(5*time.Minute - 10*time.Second)
	if again, ok := g.Again(g.one, browser, c.ID); !ok || again.ID != c.ID || !again.Ends.Equal(c.Ends) {
		t.Errorf("shown again: %v %v", again, ok)
	}
	must(t, g.Spend(t.Context(), g.one, browser, right))
	answer := g.right(t, late)
	g.clock.Advance(11 * time.Second)
	refused(t, "expired", g.Spend(t.Context(), g.one, browser, answer))
	if _, ok := g.Again(g.one, browser, late.ID); ok {
		t.Error("an expired challenge is shown again")
	}
	if _, err := g.Image(g.one, browser, late.ID); !errors.Is(err, captcha.ErrWrong) {
		t.Errorf("the picture of an expired challenge: %v", err)
	}
}

func TestOfTwoAnswersAtOnceOneIsTaken(t *testing.T) {
	t.Parallel()
	g := open(t)
	for range 5 {
		right := g.right(t, g.New(g.one, browser, captcha.Image))
		var passed atomic.Int32
		var all sync.WaitGroup
		for range 8 {
			all.Go(func() {
				if err := g.Spend(t.Context(), g.one, browser, right); err == nil {
					passed.Add(1)
				} else if !errors.Is(err, captcha.ErrWrong) {
					t.Error(err)
				}
			})
		}
		all.Wait()
		if passed.Load() != 1 {
			t.Fatalf("%d of eight passed", passed.Load())
		}
	}
}

func TestAnswersAsPeopleTypeThem(t *testing.T) {
	t.Parallel()
	g := open(t)
	to := func(zero rune) func(string) string {
		return func(s string) string { return strings.Map(func(r rune) rune { return zero + r - '0' }, s) }
	}
	for what, write := range map[string]func(string) string{
		"grouped":      func(s string) string { return " " + s[:3] + " " + s[3:] + "\t" },
		"Arabic-Indic": to('٠'), "Persian": to('۰'), "full width": to('０'),
	} {
		answer := g.right(t, g.New(g.one, browser, captcha.Image))
		answer.Text = write(answer.Text)
		if err := g.Spend(t.Context(), g.one, browser, answer); err != nil {
			t.Errorf("%s: %q: %v", what, answer.Text, err)
		}
	}
	answer := g.right(t, g.New(g.one, browser, captcha.Image))
	answer.Text += "0"
	refused(t, "one more", g.Spend(t.Context(), g.one, browser, answer))
}
