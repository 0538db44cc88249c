package themes

import (
	"fmt"
	"strings"
)

// standIn is a face of the reader's own machine, set as wide and as high as a bundled one: text that is
// shown before its font has come stands where it will stand (look.md, 5).
type standIn struct {
	family          string
	weight          string // the span of weights that it stands in for
	local           []string
	width           float64 // percent of the local face, for its running text to be as long as the bundled face's
	ascent, descent float64 // percent of the size after that, as the bundled face has them
}

const standInSuffix = " stand-in"

// standInsOf holds what Chromium measured: a paragraph of our sentences at weights 400 and 600, in the
// bundled face beside the local one, and the bundled face's ascent and descent over that. The local faces are those that
// nearly every machine has one of, by the names that browsers look them up by; those of a row have one width:
// Liberation and Arimo were drawn to Arial's, Liberation Serif and Tinos to Times'.
func standInsOf(family string) []standIn {
	arial := []string{"Arial", "ArialMT", "Liberation Sans", "LiberationSans", "Arimo", "Helvetica"}
	arialBold := []string{"Arial Bold", "Arial-BoldMT", "Liberation Sans Bold", "LiberationSans-Bold", "Arimo Bold", "Helvetica-Bold"}
	times := []string{"Times New Roman", "TimesNewRomanPSMT", "Liberation Serif", "LiberationSerif", "Tinos", "Times"}
	timesBold := []string{"Times New Roman Bold", "TimesNewRomanPS-BoldMT", "Liberation Serif Bold", "LiberationSerif-Bold", "Tinos Bold", "Times-Bold"}
	pair := func(usual, bold []string, w4, a4, d4, w6, a6, d6 float64) []standIn {
		return []standIn{{family, "200 549", usual, w4, a4, d4}, {family, "550 900", bold, w6, a6, d6}}
	}
	switch family {
	case "Figtree":
		return pair(arial, arialBold, 100.41, 94.61, 24.90, 94.69, 100.33, 26.40)
	case "Source Sans 3":
		return pair(arial, arialBold, 93.51, 109.50, 42.78, 89.20, 114.80, 44.84)
	case "Newsreader":
		return pair(times, timesBold, 105.90, 69.40, 25.02, 103.34, 71.12, 25.64)
	case "Atkinson Hyperlegible Next":
		return pair(arial, arialBold, 98.91, 99.48, 31.95, 96.68, 101.78, 32.69)
	case "Barlow Condensed":
		return pair(arial, arialBold, 79.96, 125.07, 25.01, 73.96, 135.20, 27.04)
	}
	return nil
}

// css writes the @font-face rule. It fetches nothing.
func (s standIn) css(b *strings.Builder) {
	from := make([]string, len(s.local))
	for i, name := range s.local {
		from[i] = fmt.Sprintf("local(%q)", name)
	}
	fmt.Fprintf(b, "@font-face{font-family:%q;font-weight:%s;src:%s;size-adjust:%.2f%%;ascent-override:%.2f%%;descent-override:%.2f%%;line-gap-override:0%%}\n",
		s.family+standInSuffix, s.weight, strings.Join(from, ","), s.width, s.ascent, s.descent)
}
