package themes

import (
	"fmt"
	"math"
	"strconv"
)

// rgb is a colour of sRGB, each part 0 to 1, gamma-encoded.
type rgb struct{ r, g, b float64 }

// oklch is the same colour by lightness (0 to 1), chroma (0 to about 0.4) and hue (degrees), in
// which equal steps look equal. Björn Ottosson, "A perceptual color space for image processing".
type oklch struct{ l, c, h float64 }

var (
	white = rgb{1, 1, 1}
	black = rgb{}
)

// parseHex reads #rrggbb, the one form that themes allow.
func parseHex(s string) (rgb, error) {
	if len(s) != 7 || s[0] != '#' {
		return rgb{}, fmt.Errorf("%q is not a colour such as #1a4b8c", s)
	}
	n, err := strconv.ParseUint(s[1:], 16, 32)
	if err != nil {
		return rgb{}, fmt.Errorf("%q is not a colour such as #1a4b8c", s)
	}
	return rgb{float64(n>>16) / 255, float64(n>>8&255) / 255, float64(n&255) / 255}, nil
}

// hex writes #rrggbb.
func (c rgb) hex() string {
	part := func(v float64) int { return int(math.Round(min(max(v, 0), 1) * 255)) }
	return fmt.Sprintf("#%02x%02x%02x", part(c.r), part(c.g), part(c.b))
}

// rounded is the colour as a browser will show it: cut to 8 bits a channel.
func (c rgb) rounded() rgb {
	v, _ := parseHex(c.hex())
	return v
}

func linear(v float64) float64 {
	if v <= 0.04045 {
		return v / 12.92
	}
	return math.Pow((v+0.055)/1.055, 2.4)
}

func encoded(v float64) float64 {
	if v <= 0.0031308 {
		return 12.92 * v
	}
	return 1.055*math.Pow(v, 1/2.4) - 0.055
}

// luminance is the relative luminance of WCAG 2.2.
func (c rgb) luminance() float64 {
	return 0.2126*linear(c.r) + 0.7152*linear(c.g) + 0.0722*linear(c.b)
}

// contrast is the contrast ratio of WCAG 2.2, 1 to 21, the same both ways.
func contrast(a, b rgb) float64 {
	la, lb := a.luminance(), b.luminance()
	return (max(la, lb) + 0.05) / (min(la, lb) + 0.05)
}

// oklch converts from sRGB.
func (c rgb) oklch() oklch {
	r, g, b := linear(c.r), linear(c.g), linear(c.b)
	l := math.Cbrt(0.4122214708*r + 0.5363325363*g + 0.0514459929*b)
	m := math.Cbrt(0.2119034982*r + 0.6806995451*g + 0.1073969566*b)
	s := math.Cbrt(0.0883024619*r + 0.2817188376*g + 0.6299787005*b)
	a := 1.9779984951*l - 2.4285922050*m + 0.4505937099*s
	bb := 0.0259040371*l + 0.7827717662*m - 0.8086757660*s
	hue := math.Atan2(bb, a) * 180 / math.Pi
	if hue < 0 {
		hue += 360
	}
	return oklch{0.2104542553*l + 0.7936177850*m - 0.0040720468*s, math.Hypot(a, bb), hue}
}

// raw converts to sRGB without asking whether the colour exists there.
func (c oklch) raw() rgb {
	a, b := c.c*math.Cos(c.h*math.Pi/180), c.c*math.Sin(c.h*math.Pi/180)
	l := cube(c.l + 0.3963377774*a + 0.2158037573*b)
	m := cube(c.l - 0.1055613458*a - 0.0638541728*b)
	s := cube(c.l - 0.0894841775*a - 1.2914855480*b)
	return rgb{
		encoded(4.0767416621*l - 3.3077115913*m + 0.2309699292*s),
		encoded(-1.2684380046*l + 2.6097574011*m - 0.3413193965*s),
		encoded(-0.0041960863*l - 0.7034186147*m + 1.7076147010*s),
	}
}

// rgb converts to sRGB, giving up chroma, never lightness or hue, where sRGB has no such colour.
func (c oklch) rgb() rgb {
	c.l = min(max(c.l, 0), 1)
	if v := c.raw(); v.inGamut() {
		return v.rounded()
	}
	low, high := 0.0, c.c
	for range 24 {
		mid := (low + high) / 2
		if (oklch{c.l, mid, c.h}).raw().inGamut() {
			low = mid
		} else {
			high = mid
		}
	}
	return oklch{c.l, low, c.h}.raw().rounded()
}

func (c rgb) inGamut() bool {
	const e = 1e-4
	in := func(v float64) bool { return v >= -e && v <= 1+e }
	return in(c.r) && in(c.g) && in(c.b)
}

func cube(v float64) float64 { return v * v * v }

// at is the colour at another lightness and with its chroma scaled.
func (c rgb) at(l, chroma float64) rgb {
	o := c.oklch()
	return oklch{l, o.c * chroma, o.h}.rgb()
}

// mix blends share of b into c, in linear light.
func (c rgb) mix(b rgb, share float64) rgb {
	blend := func(x, y float64) float64 { return encoded(linear(x)*(1-share) + linear(y)*share) }
	return rgb{blend(c.r, b.r), blend(c.g, b.g), blend(c.b, b.b)}.rounded()
}

// least is the smallest contrast of c with any of the grounds.
func least(c rgb, grounds ...rgb) float64 {
	r := 21.0
	for _, g := range grounds {
		r = min(r, contrast(c, g))
	}
	return r
}

// reach moves the lightness of c away from the grounds, no further than needed, until it keeps the
// ratio with all of them. It answers false, with the best that it found, where no lightness does.
func reach(c rgb, ratio float64, grounds ...rgb) (rgb, bool) {
	if least(c, grounds...) >= ratio {
		return c, true
	}
	o := c.oklch()
	best, bestAway, found := c, math.Inf(1), false
	widest, widestRatio := c, least(c, grounds...)
	for i := range 201 {
		l := float64(i) / 200
		v := oklch{l, o.c, o.h}.rgb()
		r := least(v, grounds...)
		if r > widestRatio {
			widest, widestRatio = v, r
		}
		if away := math.Abs(l - o.l); r >= ratio && away < bestAway {
			best, bestAway, found = v, away, true
		}
	}
	if !found {
		return widest, false
	}
	return best, true
}

// onColor is what stands on c: the preferred light or dark when readable, else the better of white and black.
func onColor(c, light, dark rgb) rgb {
	a, b := contrast(c, light), contrast(c, dark)
	switch {
	case a >= 4.5:
		return light
	case b >= 4.5:
		return dark
	case contrast(c, white) >= contrast(c, black):
		return white
	}
	return black
}
