package themes

import (
	"bytes"
	"encoding/binary"
	"errors"
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

// dangerous are drawings that run, load, move or burst, each with the rule that refuses it.
var dangerous = map[string]struct{ file, rule string }{
	"script":                  {svgOpen + `<script>alert(1)</script></svg>`, "svg_element"},
	"a script of no space":    {`<svg><script>alert(1)</script></svg>`, "svg_element"},
	"a script by prefix":      {`<svg xmlns="http://www.w3.org/2000/svg" xmlns:h="http://www.w3.org/1999/xhtml"><h:script>1</h:script></svg>`, "svg_element"},
	"an event":                {svgOpen + `<path onload="alert(1)" d="M0 0"/></svg>`, "svg_attribute"},
	"an event in capitals":    {svgOpen + `<path ONLOAD="alert(1)"/></svg>`, "svg_attribute"},
	"an event of the root":    {`<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"></svg>`, "svg_attribute"},
	"a page inside":           {svgOpen + `<foreignObject><body/></foreignObject></svg>`, "svg_element"},
	"a style":                 {svgOpen + `<style>@import url(//evil)</style></svg>`, "svg_element"},
	"a style attribute":       {svgOpen + `<path style="background:url(//evil)"/></svg>`, "svg_attribute"},
	"a picture from outside":  {svgOpen + `<image href="https://evil.example/x"/></svg>`, "svg_element"},
	"a use from outside":      {svgOpen + `<use href="https://evil.example/x#y"/></svg>`, "svg_reference"},
	"a use of a data address": {svgOpen + `<use xlink:href="data:image/svg+xml,x"/></svg>`, "svg_reference"},
	"javascript":              {svgOpen + `<use href="javascript:alert(1)"/></svg>`, "svg_reference"},
	"javascript in a link":    {svgOpen + `<a href="javascript:alert(1)"><text>x</text></a></svg>`, "svg_element"},
	"paint from outside":      {svgOpen + `<path fill="url(https://evil.example/#x)"/></svg>`, "svg_reference"},
	"paint with a backslash":  {svgOpen + `<path fill="u\72l(//evil)"/></svg>`, "svg_attribute"},
	"animation":               {svgOpen + `<animate attributeName="href" to="javascript:alert(1)"/></svg>`, "svg_element"},
	"set":                     {svgOpen + `<set attributeName="onmouseover" to="alert(1)"/></svg>`, "svg_element"},
	"a doctype":               {`<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://x">` + svgOpen + `</svg>`, "svg_doctype"},
	"entities":                {`<!DOCTYPE svg [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>` + svgOpen + `<text>&b;</text></svg>`, "svg_doctype"},
	"a file of the server":    {`<!DOCTYPE svg [<!ENTITY a SYSTEM "file:///etc/passwd">]>` + svgOpen + `<text>&a;</text></svg>`, "svg_doctype"},
	"an unknown entity":       {svgOpen + `<text>&a;</text></svg>`, "broken"},
	"a stylesheet":            {`<?xml-stylesheet href="//evil"?>` + svgOpen + `</svg>`, "svg_element"},
	"cut short":               {svgOpen + `<g><path d="M0`, "broken"},
	"not closed":              {svgOpen + `<g>`, "broken"},
	"two roots":               {svgOpen + `</svg>` + svgOpen + `</svg>`, "svg_element"},
	"no drawing":              {`<?xml version="1.0"?><html></html>`, "svg_element"},
	"too deep":                {svgOpen + strings.Repeat("<g>", 30) + strings.Repeat("</g>", 30) + "</svg>", "svg_deep"},
	"too many":                {svgOpen + strings.Repeat("<g/>", 4001) + "</svg>", "svg_large"},
	"doubling":                {svgOpen + `<defs><g id="a"/><g id="b"><use href="#a"/><use href="#a"/></g></defs><use href="#b"/></svg>`, "svg_deep"},
	"too large":               {svgOpen + "<desc>" + strings.Repeat("a", 257<<10) + "</desc></svg>", "svg_large"},
	"enormous":                {`<svg xmlns="http://www.w3.org/2000/svg" width="1e9" height="10"></svg>`, "pixels"},
	"a quote in an id":        {svgOpen + `<g id='a"b'/></svg>`, "svg_reference"},
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
