package themes

import (
	"encoding/xml"
	"slices"
	"strings"
)

// svgParts are the elements of a drawing and what they show beside their own children: parts that are used,
// and patterns, masks and clips that they are filled or cut with. A few of them in a row, each showing the next
// twice, would be more to draw than any browser can.
type svgParts struct {
	all  []svgPart
	open []int
	ids  map[string]int // of two elements with one id the first counts, as for browsers
}

type svgPart struct {
	own   int // what it is to draw by itself: colours run into one another at no cost of their own
	inner []int
	shows []string // ids
	state int      // 0: not counted, 1: being counted, 2: counted
	drawn int
}

// begin adds an element below those that are open.
func (p *svgParts) begin(t xml.StartElement) {
	part, at := svgPart{own: 1}, len(p.all)
	if slices.Contains([]string{"linearGradient", "radialGradient", "stop"}, t.Name.Local) {
		part.own = 0
	}
	for _, a := range t.Attr {
		value := strings.TrimSpace(a.Value)
		switch {
		case a.Name.Local == "id" && a.Name.Space == "":
			if p.ids == nil {
				p.ids = map[string]int{}
			}
			if _, twice := p.ids[value]; !twice {
				p.ids[value] = at
			}
		case a.Name.Local == "href" && strings.HasPrefix(value, "#"):
			part.shows = append(part.shows, value[1:])
		case strings.HasPrefix(value, "url(#"):
			part.shows = append(part.shows, strings.TrimSuffix(value[len("url(#"):], ")"))
		}
	}
	if len(p.open) > 0 {
		above := p.open[len(p.open)-1]
		p.all[above].inner = append(p.all[above].inner, at)
	}
	p.all = append(p.all, part)
	p.open = append(p.open, at)
}

// end closes the innermost open element.
func (p *svgParts) end() { p.open = p.open[:len(p.open)-1] }

// drawable tells whether the whole is little enough to draw, and shows nothing within itself.
func (p *svgParts) drawable() bool {
	n, ok := p.count(0)
	return ok && n <= svgDrawn
}

func (p *svgParts) count(at int) (int, bool) {
	part := &p.all[at]
	switch part.state {
	case 1:
		return 0, false
	case 2:
		return part.drawn, true
	}
	part.state = 1
	below := part.inner
	for _, id := range part.shows {
		if to, known := p.ids[id]; known {
			below = append(slices.Clip(below), to)
		}
	}
	sum := part.own
	for _, to := range below {
		n, ok := p.count(to)
		if sum += n; !ok || sum > svgDrawn {
			return sum, false
		}
	}
	part.state, part.drawn = 2, sum
	return sum, true
}
