package themes

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"strings"
	"testing"
)

// pixel is a small picture with a bit of everything.
func pixels(w, h int) *image.NRGBA {
	img := image.NewNRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			img.SetNRGBA(x, y, color.NRGBA{uint8(x * 16), uint8(y * 16), 90, uint8(255 - x)})
		}
	}
	return img
}

func pngOf(t testing.TB, w, h int) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, pixels(w, h)); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func jpegOf(t testing.TB, w, h int) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, pixels(w, h), nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// saying is a PNG whose header says another size than its pixels fill.
func saying(t testing.TB, w, h uint32) []byte {
	t.Helper()
	b := pngOf(t, 4, 4)
	binary.BigEndian.PutUint32(b[16:], w)
	binary.BigEndian.PutUint32(b[20:], h)
	binary.BigEndian.PutUint32(b[29:], crc32.ChecksumIEEE(b[12:29]))
	return b
}

func gifOf(t testing.TB) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := gif.Encode(&b, pixels(4, 4), nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestPicturesAreMadeAnew(t *testing.T) {
	t.Parallel()
	script := []byte("<script>alert(document.domain)</script><?php system('id'); ?>")
	exif := append([]byte("\xff\xd8\xff\xe1\x00\x20Exif\x00\x00GPS 52.5200N 13.4050E...."), jpegOf(t, 8, 8)[2:]...)
	for name, c := range map[string]struct {
		file      []byte
		mediaType string
	}{
		"png":                               {pngOf(t, 12, 7), "image/png"},
		"jpeg":                              {jpegOf(t, 12, 7), "image/jpeg"},
		"a polyglot with a page at its end": {append(pngOf(t, 12, 7), script...), "image/png"},
		"a jpeg with an archive behind it":  {append(jpegOf(t, 12, 7), append([]byte("PK\x03\x04"), script...)...), "image/jpeg"},
		"where it was taken":                {exif, "image/jpeg"},
	} {
		p, err := NewPicture(c.file)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if p.MediaType != c.mediaType || len(p.SHA256) != 64 || p.Width < 4 {
			t.Errorf("%s became %s, %d by %d", name, p.MediaType, p.Width, p.Height)
		}
		for _, bad := range []string{"<script", "<?php", "PK\x03\x04", "GPS"} {
			if bytes.Contains(p.Bytes, []byte(bad)) {
				t.Errorf("%s: %q is still there", name, bad)
			}
		}
	}
}

func TestPicturesAreRefused(t *testing.T) {
	t.Parallel()
	webpSays := []byte("RIFF\x1e\x00\x00\x00WEBPVP8X\x0a\x00\x00\x00\x00\x00\x00\x00\xff\xff\xff\xff\xff\xff")
	for name, c := range map[string]struct {
		file []byte
		rule string
	}{
		"nothing":                         {nil, "kind"},
		"a page":                          {[]byte("<html><script>alert(1)</script></html>"), "kind"},
		"a page that begins with a space": {[]byte(" <script>1</script>"), "kind"},
		"gif":                             {gifOf(t), "kind"},
		"bmp":                             {[]byte("BM\x00\x00\x00\x00"), "kind"},
		"pdf":                             {[]byte("%PDF-1.7"), "kind"},
		"too many bytes":                  {make([]byte, PictureBytes+1), "large"},
		"half a png":                      {pngOf(t, 64, 64)[:90], "broken"},
		"half a jpeg":                     {jpegOf(t, 64, 64)[:60], "broken"},
		"a png's name alone":              {[]byte("\x89PNG\r\n\x1a\n"), "broken"},
		"an empty webp":                   {[]byte("RIFF\x04\x00\x00\x00WEBPVP8 "), "broken"},
		"enormous by its header":          {saying(t, 60000, 60000), "pixels"},
		"one side too long":               {saying(t, 4097, 1), "pixels"},
		"as many as fit, and none there":  {saying(t, 4096, 4096), "broken"},
		"no width":                        {saying(t, 0, 4), "broken"},
		"a webp of 16 million a side":     {webpSays, ""},
	} {
		_, err := NewPicture(c.file)
		var refused *PictureError
		if !errors.As(err, &refused) || c.rule != "" && refused.Rule != c.rule {
			t.Errorf("%s: %v, want the rule %q", name, err, c.rule)
		}
	}
}

const svgOpen = `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="40" height="20" viewBox="0 0 40 20">`

func TestDrawingsAreRebuilt(t *testing.T) {
	t.Parallel()
	p, err := NewPicture([]byte(`<?xml version="1.0" encoding="UTF-8"?><!-- made with love -->` + svgOpen +
		`<metadata><x>who</x></metadata><defs><linearGradient id="g"><stop offset="0" stop-color="#fff"/></linearGradient></defs>
		<title>A &lt;b&gt; &amp; c</title><g data-x="1"><path d="M0 0L10,10z" fill="url(#g)"/></g><use xlink:href="#g"/></svg>`))
	if err != nil {
		t.Fatal(err)
	}
	want := `<svg xmlns="http://www.w3.org/2000/svg" width="40" height="20" viewBox="0 0 40 20"><defs><linearGradient id="g">` +
		`<stop offset="0" stop-color="#fff"></stop></linearGradient></defs><title>A &lt;b&gt; &amp; c</title><g><path d="M0 0L10,10z" fill="url(#g)"></path></g>` +
		`<use href="#g"></use></svg>`
	if string(p.Bytes) != want || p.MediaType != "image/svg+xml" || p.Width != 40 || p.Height != 20 {
		t.Errorf("%d by %d:\n%s\nwant\n%s", p.Width, p.Height, p.Bytes, want)
	}
	if again, err := NewPicture(p.Bytes); err != nil || again.SHA256 != p.SHA256 {
		t.Errorf("rebuilt twice it is another: %v", err)
	}
}

// doubling is a ladder of groups, each showing the one before twice, without any that browsers hide.
func doubling(steps int) string {
	out := `<g id="s0"><path d="M0 0"/></g>`
	for i := range steps - 1 {
		out += fmt.Sprintf(`<g id="s%d"><use href="#s%d"/><use href="#s%d"/></g>`, i+1, i, i)
	}
	return out
}

// nested is the same by what shapes are filled or cut with.
func nested(steps int, element, by string) string {
	out := `<` + element + ` id="s0"><path d="M0 0"/></` + element + `>`
	for i := range steps - 1 {
		out += fmt.Sprintf(`<%s id="s%d"><path %s="url(#s%d)"/><path %s="url(#s%d)"/></%s>`, element, i+1, by, i, by, i, element)
	}
	return out + fmt.Sprintf(`<path %s="url(#s%d)"/>`, by, steps-1)
}

// dangerous are drawings that run, load, move or burst, each with the rule that refuses it.
var dangerous = map[string]struct{ file, rule string }{
	"script":                   {svgOpen + `<script>alert(1)</script></svg>`, "svg_element"},
	"a script of no space":     {`<svg><script>alert(1)</script></svg>`, "svg_element"},
	"a script by prefix":       {`<svg xmlns="http://www.w3.org/2000/svg" xmlns:h="http://www.w3.org/1999/xhtml"><h:script>1</h:script></svg>`, "svg_element"},
	"an event":                 {svgOpen + `<path onload="alert(1)" d="M0 0"/></svg>`, "svg_attribute"},
	"an event in capitals":     {svgOpen + `<path ONLOAD="alert(1)"/></svg>`, "svg_attribute"},
	"an event of the root":     {`<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"></svg>`, "svg_attribute"},
	"a page inside":            {svgOpen + `<foreignObject><body/></foreignObject></svg>`, "svg_element"},
	"a style":                  {svgOpen + `<style>@import url(//evil)</style></svg>`, "svg_element"},
	"a style attribute":        {svgOpen + `<path style="background:url(//evil)"/></svg>`, "svg_attribute"},
	"a picture from outside":   {svgOpen + `<image href="https://evil.example/x"/></svg>`, "svg_element"},
	"a use from outside":       {svgOpen + `<use href="https://evil.example/x#y"/></svg>`, "svg_reference"},
	"a use of a data address":  {svgOpen + `<use xlink:href="data:image/svg+xml,x"/></svg>`, "svg_reference"},
	"javascript":               {svgOpen + `<use href="javascript:alert(1)"/></svg>`, "svg_reference"},
	"javascript in a link":     {svgOpen + `<a href="javascript:alert(1)"><text>x</text></a></svg>`, "svg_element"},
	"paint from outside":       {svgOpen + `<path fill="url(https://evil.example/#x)"/></svg>`, "svg_reference"},
	"paint with a backslash":   {svgOpen + `<path fill="u\72l(//evil)"/></svg>`, "svg_attribute"},
	"animation":                {svgOpen + `<animate attributeName="href" to="javascript:alert(1)"/></svg>`, "svg_element"},
	"set":                      {svgOpen + `<set attributeName="onmouseover" to="alert(1)"/></svg>`, "svg_element"},
	"a doctype":                {`<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://x">` + svgOpen + `</svg>`, "svg_doctype"},
	"entities":                 {`<!DOCTYPE svg [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>` + svgOpen + `<text>&b;</text></svg>`, "svg_doctype"},
	"a file of the server":     {`<!DOCTYPE svg [<!ENTITY a SYSTEM "file:///etc/passwd">]>` + svgOpen + `<text>&a;</text></svg>`, "svg_doctype"},
	"an unknown entity":        {svgOpen + `<text>&a;</text></svg>`, "broken"},
	"a stylesheet":             {`<?xml-stylesheet href="//evil"?>` + svgOpen + `</svg>`, "svg_element"},
	"cut short":                {svgOpen + `<g><path d="M0`, "broken"},
	"not closed":               {svgOpen + `<g>`, "broken"},
	"two roots":                {svgOpen + `</svg>` + svgOpen + `</svg>`, "svg_element"},
	"no drawing":               {`<?xml version="1.0"?><html></html>`, "svg_element"},
	"too deep":                 {svgOpen + strings.Repeat("<g>", 30) + strings.Repeat("</g>", 30) + "</svg>", "svg_deep"},
	"too many":                 {svgOpen + strings.Repeat("<g/>", 4001) + "</svg>", "svg_large"},
	"doubling":                 {svgOpen + `<defs><g id="a"/><g id="b"><use href="#a"/><use href="#a"/></g></defs><use href="#b"/></svg>`, "svg_deep"},
	"doubling in plain groups": {svgOpen + doubling(32) + "</svg>", "svg_deep"},
	"patterns in patterns":     {svgOpen + nested(32, "pattern", "fill") + "</svg>", "svg_deep"},
	"masks in masks":           {svgOpen + nested(32, "mask", "mask") + "</svg>", "svg_deep"},
	"clips in clips":           {svgOpen + nested(32, "clipPath", "clip-path") + "</svg>", "svg_deep"},
	"a part within itself":     {svgOpen + `<g id="a"><use href="#a"/></g></svg>`, "svg_deep"},
	"a ring of parts":          {svgOpen + `<g id="a"><use href="#b"/></g><g id="b"><use href="#a"/></g></svg>`, "svg_deep"},
	"much, often":              {svgOpen + `<g id="a">` + strings.Repeat("<path/>", 900) + "</g>" + strings.Repeat(`<use href="#a"/>`, 30) + "</svg>", "svg_deep"},
	"too large":                {svgOpen + "<desc>" + strings.Repeat("a", 257<<10) + "</desc></svg>", "svg_large"},
	"enormous":                 {`<svg xmlns="http://www.w3.org/2000/svg" width="1e9" height="10"></svg>`, "pixels"},
	"a quote in an id":         {svgOpen + `<g id='a"b'/></svg>`, "svg_reference"},
}

// What people draw stays within the bounds: a colour run on many shapes, a symbol shown a few times, a mask.
func TestOrdinaryReuseIsTaken(t *testing.T) {
	t.Parallel()
	file := svgOpen + `<defs><linearGradient id="g"><stop offset="0" stop-color="#fff"/></linearGradient><linearGradient id="h" href="#g"/>` +
		`<mask id="m"><rect fill="url(#h)"/></mask><symbol id="leaf"><path d="M0 0" fill="url(#g)"/></symbol></defs>` +
		strings.Repeat(`<path d="M0 0" fill="url(#h)" mask="url(#m)"/>`, 1500) + strings.Repeat(`<use href="#leaf"/>`, 64) + `</svg>`
	if _, err := NewPicture([]byte(file)); err != nil {
		t.Error(err)
	}
}

func TestDrawingsAreRefused(t *testing.T) {
	t.Parallel()
	for name, c := range dangerous {
		_, err := NewPicture([]byte(c.file))
		var refused *PictureError
		if !errors.As(err, &refused) || refused.Rule != c.rule {
			t.Errorf("%s: %v, want the rule %q", name, err, c.rule)
		}
	}
}

// FuzzDrawing holds that whatever comes out of the sanitiser says nothing that is not allowed, and is what
// it would make of itself.
func FuzzDrawing(f *testing.F) {
	for _, c := range dangerous {
		if len(c.file) < 4096 {
			f.Add(c.file)
		}
	}
	f.Add(svgOpen + `<g><path d="M0 0" fill="url(#a)"/></g></svg>`)
	f.Fuzz(func(t *testing.T, file string) {
		p, err := newDrawing([]byte(file))
		if err != nil {
			return
		}
		low := strings.ToLower(string(p.Bytes))
		for _, bad := range []string{"<script", "<style", "<foreign", "<image", "<animate", "<set", "<!", "<?", " style=", " onload", "=\"javascript", "url(h", "url(/"} {
			if strings.Contains(low, bad) {
				t.Fatalf("%q became %q", file, p.Bytes)
			}
		}
		again, err := newDrawing(p.Bytes)
		if err != nil || again.SHA256 != p.SHA256 {
			t.Fatalf("%q is not what it makes of itself: %v", p.Bytes, err)
		}
	})
}

// sixteen is a PNG whose header says that each of its colours has 16 bits.
func sixteen(t testing.TB, w, h uint32) []byte {
	t.Helper()
	b := saying(t, w, h)
	b[24], b[25] = 16, 6
	binary.BigEndian.PutUint32(b[29:], crc32.ChecksumIEEE(b[12:29]))
	return b
}

// progressive is a JPEG whose header says that it comes in several passes.
func progressive(t testing.TB, w, h uint16) []byte {
	t.Helper()
	b := jpegOf(t, 8, 8)
	frame := bytes.Index(b, []byte("\xff\xc0"))
	b[frame+1] = 0xc2
	binary.BigEndian.PutUint16(b[frame+5:], h)
	binary.BigEndian.PutUint16(b[frame+7:], w)
	return b
}

// What takes more memory while it is decoded may have fewer pixels, and cannot hide its kind.
func TestHeavyPicturesAreSmaller(t *testing.T) {
	t.Parallel()
	hidden := progressive(t, 4000, 3000)
	hidden = append([]byte("\xff\xd8\xff"), hidden[2:]...) // a byte to fill up before the first segment
	for name, c := range map[string]struct {
		file []byte
		rule string
	}{
		"16 bits a colour":               {sixteen(t, 4000, 3000), "heavy"},
		"16 bits a colour, within":       {sixteen(t, 400, 200), "broken"},
		"progressive":                    {progressive(t, 4000, 3000), "heavy"},
		"progressive, within":            {progressive(t, 400, 200), "broken"},
		"progressive, behind fill bytes": {hidden, "heavy"},
	} {
		_, err := NewPicture(c.file)
		var refused *PictureError
		if !errors.As(err, &refused) || refused.Rule != c.rule {
			t.Errorf("%s: %v, want the rule %q", name, err, c.rule)
		}
	}
}

// corners is a photograph of 32 by 16 whose quarters are black, dark, light and white, from the top left to the
// bottom right, held as EXIF says.
func corners(t testing.TB, orientation byte) []byte {
	t.Helper()
	img := image.NewYCbCr(image.Rect(0, 0, 32, 16), image.YCbCrSubsampleRatio420)
	for i := range img.Cb {
		img.Cb[i], img.Cr[i] = 128, 128
	}
	for y := range 16 {
		for x := range 32 {
			img.Y[img.YOffset(x, y)] = uint8(x/16*80 + y/8*160) //nolint:gosec // 240 at most
		}
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, nil); err != nil {
		t.Fatal(err)
	}
	tiff := []byte("II*\x00\x08\x00\x00\x00\x01\x00\x12\x01\x03\x00\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00")
	tiff[18] = orientation
	exif := append([]byte("Exif\x00\x00"), tiff...)
	head := binary.BigEndian.AppendUint16([]byte("\xff\xd8\xff\xe1"), uint16(len(exif)+2)) //nolint:gosec // 34
	return append(append(head, exif...), b.Bytes()[2:]...)
}

// A phone says in EXIF how it was held, and nothing of EXIF is kept.
func TestPhotographsLieAsTheyWereTaken(t *testing.T) {
	t.Parallel()
	for orientation, want := range []string{1: "0123", 2: "1032", 3: "3210", 4: "2301", 5: "0213", 6: "2031", 7: "3120", 8: "1302", 9: "0123"} {
		if want == "" {
			continue
		}
		p, err := NewPicture(corners(t, byte(orientation)))
		if err != nil {
			t.Fatalf("%d: %v", orientation, err)
		}
		img, err := jpeg.Decode(bytes.NewReader(p.Bytes))
		if err != nil {
			t.Fatal(err)
		}
		w, h := img.Bounds().Dx(), img.Bounds().Dy()
		if across := orientation >= 5 && orientation <= 8; across != (w == 16) || w != p.Width || h != p.Height {
			t.Errorf("%d: %d by %d, said to be %d by %d", orientation, w, h, p.Width, p.Height)
		}
		got := ""
		for _, at := range []image.Point{{w / 4, h / 4}, {w * 3 / 4, h / 4}, {w / 4, h * 3 / 4}, {w * 3 / 4, h * 3 / 4}} {
			got += string(rune('0' + (int(color.GrayModel.Convert(img.At(at.X, at.Y)).(color.Gray).Y)+40)/80))
		}
		if got != want {
			t.Errorf("held as %d it lies as %s, want %s", orientation, got, want)
		}
	}
}
