package themes

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Bounds of a drawing; what is drawn counts a part as often as it is shown.
const (
	svgBytes    = 256 << 10
	svgDepth    = 24
	svgElements = 4000
	svgDrawn    = 5 * svgElements
)

const svgSpace = "http://www.w3.org/2000/svg"

// svgElementNames is everything that a drawing may hold; nothing in it runs, loads or moves.
var svgElementNames = strings.Fields("svg g defs title desc path rect circle ellipse line polyline polygon text tspan " +
	"linearGradient radialGradient stop clipPath mask pattern symbol use")

// svgAttributeNames is what an element may say of itself. href is told apart: it may name a part of the same
// drawing.
var svgAttributeNames = strings.Fields("id x y x1 y1 x2 y2 cx cy r rx ry fx fy width height d points viewBox preserveAspectRatio " +
	"transform fill fill-opacity fill-rule stroke stroke-width stroke-opacity stroke-linecap stroke-linejoin stroke-miterlimit " +
	"stroke-dasharray stroke-dashoffset opacity color clip-path clip-rule mask offset stop-color stop-opacity gradientUnits " +
	"gradientTransform spreadMethod patternUnits patternContentUnits patternTransform clipPathUnits maskUnits maskContentUnits " +
	"font-family font-size font-weight font-style text-anchor letter-spacing dominant-baseline vector-effect paint-order")

// svgIgnored is what drawing programs leave behind and nobody sees: it goes without a word.
var svgIgnored = strings.Fields("metadata namedview")

var (
	svgID        = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_.-]{0,63}$`)
	svgReference = regexp.MustCompile(`^url\(#[A-Za-z_][A-Za-z0-9_.-]{0,63}\)$`)
	svgValue     = regexp.MustCompile(`^[A-Za-z0-9 ,.+\-#%()"'\t\r\n_/]*$`)
)

// newDrawing rebuilds an SVG from its allowed elements and attributes. What is not allowed refuses the whole:
// a drawing with a piece missing is not what somebody uploaded.
func newDrawing(file []byte) (Picture, error) {
	if len(file) > svgBytes {
		return Picture{}, &PictureError{Rule: "svg_large"}
	}
	b := svgBuilder{in: xml.NewDecoder(bytes.NewReader(file))}
	b.in.Strict = true
	b.in.Entity = map[string]string{}
	if err := b.build(); err != nil {
		return Picture{}, err
	}
	return madePicture("image/svg+xml", b.out.Bytes(), b.width, b.height)
}

type svgBuilder struct {
	in            *xml.Decoder
	out           bytes.Buffer
	open          []string
	parts         svgParts
	elements      int
	uses          int
	width, height int
}

func (b *svgBuilder) build() error {
	for {
		token, err := b.in.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return &PictureError{Rule: "broken"}
		}
		if err := b.take(token); err != nil {
			return err
		}
	}
	if b.elements == 0 || len(b.open) > 0 {
		return &PictureError{Rule: "broken"}
	}
	if !b.parts.drawable() {
		return &PictureError{Rule: "svg_deep"}
	}
	return nil
}

func (b *svgBuilder) take(token xml.Token) error {
	switch t := token.(type) {
	case xml.Directive:
		return &PictureError{Rule: "svg_doctype"} // and with it entities
	case xml.ProcInst:
		if t.Target != "xml" {
			return &PictureError{Rule: "svg_element", Name: "?" + short(t.Target)}
		}
	case xml.StartElement:
		return b.start(t)
	case xml.EndElement:
		if len(b.open) > 0 {
			b.out.WriteString("</" + b.open[len(b.open)-1] + ">")
			b.open = b.open[:len(b.open)-1]
			b.parts.end()
		}
	case xml.CharData:
		if len(b.open) > 0 && slices.Contains([]string{"text", "tspan", "title", "desc"}, b.open[len(b.open)-1]) {
			return xml.EscapeText(&b.out, t)
		}
	}
	return nil // comments are left out
}

func (b *svgBuilder) start(t xml.StartElement) error {
	name := t.Name.Local
	if slices.Contains(svgIgnored, name) && len(b.open) > 0 {
		if b.in.Skip() != nil {
			return &PictureError{Rule: "broken"}
		}
		return nil
	}
	first := b.elements == 0
	b.elements++
	switch {
	case t.Name.Space != svgSpace && t.Name.Space != "" || !slices.Contains(svgElementNames, name),
		first != (name == "svg"), !first && len(b.open) == 0:
		return &PictureError{Rule: "svg_element", Name: short(name)}
	case len(b.open) >= svgDepth:
		return &PictureError{Rule: "svg_deep"}
	case b.elements > svgElements:
		return &PictureError{Rule: "svg_large"}
	}
	if name == "use" { // each can double what is drawn
		if b.uses++; b.uses > 64 || slices.ContainsFunc(b.open, func(o string) bool { return o == "defs" || o == "symbol" || o == "pattern" || o == "mask" }) {
			return &PictureError{Rule: "svg_deep"}
		}
	}
	b.out.WriteString("<" + name)
	if first {
		b.out.WriteString(` xmlns="` + svgSpace + `"`)
	}
	if err := b.attributes(name, t.Attr, first); err != nil {
		return err
	}
	b.out.WriteString(">")
	b.open = append(b.open, name)
	b.parts.begin(t)
	return nil
}

func (b *svgBuilder) attributes(element string, all []xml.Attr, root bool) error {
	for _, a := range all {
		name, value := a.Name.Local, strings.TrimSpace(a.Value)
		switch {
		case a.Name.Space == "xmlns" || name == "xmlns" || foreign(a.Name.Space) || harmless(name):
			continue
		case name == "href":
			if !strings.HasPrefix(value, "#") || !svgID.MatchString(value[1:]) ||
				!slices.Contains([]string{"use", "linearGradient", "radialGradient", "pattern"}, element) {
				return &PictureError{Rule: "svg_reference", Name: short(value)}
			}
		case a.Name.Space != "" || !slices.Contains(svgAttributeNames, name):
			return &PictureError{Rule: "svg_attribute", Name: short(name)}
		case name == "id" && !svgID.MatchString(value),
			strings.Contains(strings.ToLower(value), "url") && !svgReference.MatchString(value):
			return &PictureError{Rule: "svg_reference", Name: short(value)}
		case !svgValue.MatchString(value):
			return &PictureError{Rule: "svg_attribute", Name: short(name)}
		}
		if root {
			b.measure(name, value)
		}
		b.out.WriteString(" " + name + `="`)
		if err := xml.EscapeText(&b.out, []byte(value)); err != nil {
			return err
		}
		b.out.WriteString(`"`)
	}
	if root && (b.width > pictureSide || b.height > pictureSide) {
		return &PictureError{Rule: "pixels"}
	}
	return nil
}

// foreign are the names that drawing programs put on their own remarks.
func foreign(space string) bool {
	return strings.Contains(space, "inkscape") || strings.Contains(space, "sodipodi") || strings.Contains(space, "adobe.com") || space == "xml" ||
		space == "http://www.w3.org/XML/1998/namespace"
}

// harmless are attributes that say nothing to be seen.
func harmless(name string) bool {
	return slices.Contains([]string{"version", "baseProfile", "class", "role", "focusable", "enable-background"}, name) ||
		strings.HasPrefix(name, "data-") || strings.HasPrefix(name, "aria-")
}

// measure reads the root's own size, in its units.
func (b *svgBuilder) measure(name, value string) {
	size := func(s string) int {
		n, err := strconv.ParseFloat(strings.TrimSuffix(s, "px"), 64)
		if err != nil || math.IsNaN(n) {
			return 0
		}
		return int(min(max(math.Ceil(n), 0), math.MaxInt32))
	}
	switch name {
	case "width":
		b.width = size(value)
	case "height":
		b.height = size(value)
	case "viewBox":
		if parts := strings.FieldsFunc(value, func(r rune) bool { return r == ' ' || r == ',' }); len(parts) == 4 {
			if b.width == 0 {
				b.width = min(size(parts[2]), pictureSide)
			}
			if b.height == 0 {
				b.height = min(size(parts[3]), pictureSide)
			}
		}
	}
}

// short bounds what a page repeats of a file.
func short(s string) string {
	r := []rune(s)
	return string(r[:min(len(r), 40)])
}
