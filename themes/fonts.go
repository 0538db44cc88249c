package themes

import (
	"fmt"
	"strings"
)

// font is one choice of the bundled list: a CSS family stack and the faces that it needs.
type font struct {
	name, stack string
	faces       []face
	standIns    []standIn
}

// face is one @font-face: a bundled file of one script.
type face struct {
	family, file, weight, script string
}

// The scripts' code points, as the packages' subsets hold them.
const (
	latinRange  = "U+0000-00FF,U+0131,U+0152-0153,U+02BB-02BC,U+02C6,U+02DA,U+02DC,U+0304,U+0308,U+0329,U+2000-206F,U+20AC,U+2122,U+2191,U+2193,U+2212,U+2215,U+FEFF,U+FFFD"
	arabicRange = "U+0600-06FF,U+0750-077F,U+0870-088E,U+0890-0891,U+0897-08E1,U+08E3-08FF,U+200C-200E,U+2010-2011,U+204F,U+2E41,U+FB50-FDFF,U+FE70-FE74,U+FE76-FEFC"
)

const systemStack = `system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif`

// fonts is the bundled list. Every stack ends in the system's own, so that a page reads before the
// file is there and scripts without a bundled face still show.
func fonts() []font {
	one := func(name, family, file, weight, fallback string) font {
		return font{name, fmt.Sprintf("%q, %q, %q, %s", family, family+standInSuffix, "Portico Arabic", fallback),
			[]face{{family, file, weight, "latin"}}, standInsOf(family)}
	}
	return []font{
		{"system", fmt.Sprintf("%s, %q", systemStack, "Portico Arabic"), nil, nil},
		one("grotesque", "Figtree", "figtree.woff2", "300 900", systemStack),
		one("humanist", "Source Sans 3", "source-sans.woff2", "200 900", systemStack),
		one("serif", "Newsreader", "newsreader.woff2", "200 800", `"Iowan Old Style", Georgia, "Noto Serif", serif`),
		one("hyperlegible", "Atkinson Hyperlegible Next", "hyperlegible.woff2", "200 800", systemStack),
		one("condensed", "Barlow Condensed", "barlow-condensed.woff2", "600", `"Arial Narrow", "Roboto Condensed", `+systemStack),
	}
}

// arabicFaces stand in every theme; unicode-range fetches them only where Arabic is on the page.
func arabicFaces() []face {
	return []face{
		{"Portico Arabic", "plex-arabic-400.woff2", "400", "arabic"},
		{"Portico Arabic", "plex-arabic-600.woff2", "600 700", "arabic"},
	}
}

func fontNames() []string {
	var names []string
	for _, f := range fonts() {
		names = append(names, f.name)
	}
	return names
}

func fontNamed(name string) font {
	for _, f := range fonts() {
		if f.name == name {
			return f
		}
	}
	return fonts()[0]
}

// css writes the @font-face rule; the address is beside the stylesheet, below /assets/. Display is the
// rule's font-display.
func (f face) css(b *strings.Builder, display string) {
	span := latinRange
	if f.script == "arabic" {
		span = arabicRange
	}
	fmt.Fprintf(b, "@font-face{font-family:%q;font-style:normal;font-weight:%s;font-display:%s;src:url(%s) format(\"woff2\");unicode-range:%s}\n",
		f.family, f.weight, display, assetName(f.file), span)
}
