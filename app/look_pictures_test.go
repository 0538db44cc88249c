package app_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"net/http"
	"strings"
	"testing"

	"portico/app/apptest"
	"portico/app/looks"
	"portico/themes"
)

// drawn is a small picture in one of the kinds that browsers show.
func drawn(t *testing.T, kind string) []byte {
	t.Helper()
	img := image.NewPaletted(image.Rect(0, 0, 12, 7), color.Palette{color.White, color.RGBA{R: 90, A: 255}})
	img.SetColorIndex(3, 3, 1)
	var out bytes.Buffer
	err := map[string]func() error{
		"png":  func() error { return png.Encode(&out, img) },
		"jpeg": func() error { return jpeg.Encode(&out, img, nil) },
		"gif":  func() error { return gif.Encode(&out, img, nil) },
	}[kind]()
	if err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// bomb is a PNG of a few bytes that says it is enormous.
func bomb(t *testing.T) []byte {
	t.Helper()
	b := drawn(t, "png")
	binary.BigEndian.PutUint32(b[16:], 60_000)
	binary.BigEndian.PutUint32(b[20:], 60_000)
	binary.BigEndian.PutUint32(b[29:], crc32.ChecksumIEEE(b[12:29]))
	return b
}

const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="40" height="20">`

// pictureAt is the address of the first picture that the editor shows.
func pictureAt(page *apptest.Answer) string {
	_, rest, _ := strings.Cut(page.Body, `<div class="picture">`)
	_, rest, _ = strings.Cut(rest, `<img src="`)
	src, _, _ := strings.Cut(rest, `"`)
	return src
}

func TestPicturesComeInAsPicturesAlone(t *testing.T) {
	t.Parallel()
	p, b, at := brandAdmin(t)
	script := "<script>alert(document.domain)</script><?php system('id'); ?>PK\x03\x04"
	for _, c := range []struct{ name, file, mediaType string }{
		{"logo.html", string(drawn(t, "png")) + script, "image/png"},
		{"logo.php.jpg", string(drawn(t, "jpeg")) + script, "image/jpeg"},
		{"../../logo.svg", svg + `<metadata><x>who</x></metadata><title>` + "\u0061" + `</title><path d="M0 0L9 9z" fill="#123"/></svg>`, "image/svg+xml"},
	} {
		page := b.Get(at+"/console/look").Upload("Upload", c.name, []byte(c.file), map[string]string{"slot": "logo_image"}).On().Sees(200, "The draft is saved")
		picture := p.Browser().Get(at + pictureAt(page))
		if picture.Status != http.StatusOK || picture.Header.Get("Content-Type") != c.mediaType || picture.Header.Get("X-Content-Type-Options") != "nosniff" ||
			!strings.Contains(picture.Header.Get("Content-Security-Policy"), "sandbox") {
			t.Errorf("%s is served as %d %v", c.name, picture.Status, picture.Header)
		}
		for _, bad := range []string{"<script", "<?php", "PK\x03\x04", "metadata"} {
			if strings.Contains(picture.Body, bad) {
				t.Errorf("%s still holds %q", c.name, bad)
			}
		}
	}
	if n := p.Count("audit_events WHERE kind = 'picture.added'"); n != 3 {
		t.Errorf("%d pictures are in the audit, want 3", n)
	}
	b.Get(at+"/console/look").Upload("Upload", "again.jpg", drawn(t, "jpeg"), map[string]string{"slot": "background_image"}).On().Sees(200, "The draft is saved")
	if n := p.Count("images"); n != 3 {
		t.Errorf("%d pictures are kept of three that differ", n)
	}
}

func TestUploadsThatAreNoPicturesSayWhichRule(t *testing.T) {
	t.Parallel()
	p, b, at := brandAdmin(t)
	for name, c := range map[string]struct{ file, says string }{
		"a page":             {"<html><script>alert(1)</script></html>", "This file is no PNG, JPEG, WebP or SVG"},
		"a gif":              {string(drawn(t, "gif")), "This file is no PNG"},
		"a gif and a script": {"GIF89a/*" + strings.Repeat("\x00", 20) + "*/=1;alert(1)", "This file is no PNG"},
		"half a png":         {string(drawn(t, "png")[:40]), "damaged or ends too early"},
		"a bomb":             {string(bomb(t)), "more than 4096 pixels a side"},
		"too many bytes":     {string(drawn(t, "png")) + strings.Repeat("x", themes.PictureBytes), "larger than 4 MiB"},
		"a script":           {svg + `<script>alert(1)</script></svg>`, "A drawing may not hold “script”"},
		"an event":           {svg + `<path onload="alert(1)" d="M0 0"/></svg>`, "A drawing may not say “onload”"},
		"a page inside":      {svg + `<foreignObject><body xmlns="http://www.w3.org/1999/xhtml"/></foreignObject></svg>`, "A drawing may not hold “foreignObject”"},
		"javascript":         {svg + `<use href="javascript:alert(1)"/></svg>`, "refer to its own parts alone"},
		"another site":       {svg + `<use href="https://evil.example/x#y"/></svg>`, "refer to its own parts alone"},
		"a file of ours":     {`<!DOCTYPE svg [<!ENTITY a SYSTEM "file:///etc/passwd">]>` + svg + `<text>&a;</text></svg>`, "no DOCTYPE and no entities"},
		"laughs":             {`<!DOCTYPE svg [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>` + svg + `<text>&b;</text></svg>`, "no DOCTYPE and no entities"},
		"doubling":           {svg + `<defs><g id="a"/><g id="b"><use href="#a"/><use href="#a"/></g></defs><use href="#b"/></svg>`, "nested too deeply"},
		"many parts":         {svg + strings.Repeat("<g/>", 4_001) + `</svg>`, "more than 4000 parts"},
	} {
		page := b.Get(at+"/console/look").Upload("Upload", "logo.png", []byte(c.file), map[string]string{"slot": "logo_image"})
		if page.Status != 422 || !strings.Contains(page.Text(), c.says) || !strings.Contains(page.Body, `name="file"`) {
			t.Errorf("%s: %d, without %q:\n%s", name, page.Status, c.says, page.Text())
		}
		if strings.Contains(page.Body, "<script>alert") || strings.Contains(page.Body, `onload="alert`) {
			t.Errorf("%s: the page of refusal holds what was refused", name)
		}
	}
	b.Get(at+"/console/look").Upload("Upload", "", nil, map[string]string{"slot": "logo_image"}).Sees(422, "Choose a file first")
	for _, slot := range []string{"", "accent", "logo_image_x", "../logo_image"} {
		b.Get(at+"/console/look").Upload("Upload", "logo.png", drawn(t, "png"), map[string]string{"slot": slot}).Sees(400)
	}
	b.Get(at+"/console/look").Upload("Upload", "logo.png", drawn(t, "png"), map[string]string{"token": "x"}).Sees(403)
	if n := p.Count("images") + p.Count("look_drafts"); n != 0 {
		t.Errorf("%d rows are left of what was refused", n)
	}
	give(p, "f-1", "auditor")
	reader := p.Browser()
	reader.SignIn(at, "ava@first.example", apptest.Password).Sees(303)
	b.Get(at+"/console/look").Sees(200, "Upload")
	reader.Get(at + "/console/look").Sees(200).Hides("Choose a file")
	body := "--cut\r\nContent-Disposition: form-data; name=\"token\"\r\n\r\n" + reader.Get(at+"/account").Value("token") + "\r\n--cut--\r\n"
	header := apptest.SameOrigin(at)
	header["Content-Type"] = "multipart/form-data; boundary=cut"
	reader.Send("POST", at+"/console/look/picture", body, header).Sees(403, "This is not open to you")
}

// filled is a PNG of one grey, another one for each number.
func filled(t *testing.T, n uint8) []byte {
	t.Helper()
	img := image.NewGray(image.Rect(0, 0, 4, 4))
	for i := range img.Pix {
		img.Pix[i] = n
	}
	var out bytes.Buffer
	if err := png.Encode(&out, img); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// A picture that comes with an old page is not kept, and those that nothing shows make room for new ones.
func TestPicturesAreBounded(t *testing.T) {
	t.Parallel()
	p, b, at := brandAdmin(t)
	old := b.Get(at + "/console/look").Sees(200)
	upload := func(page *apptest.Answer, n uint8) *apptest.Answer {
		return page.Upload("Upload", "logo.png", filled(t, n), map[string]string{"slot": "logo_image"})
	}
	upload(old, 1).On().Sees(200, "The draft is saved")
	for n := range uint8(5) {
		upload(old, 10+n).On().Sees(200, "Somebody changed it meanwhile")
	}
	if n := p.Count("images"); n != 1 {
		t.Errorf("%d pictures are kept of one that a draft shows", n)
	}
	fill := func() {
		p.Exec(`INSERT INTO images (tenant_id, sha256, media_type, bytes, width, height, created_at)
			SELECT t.id, sha256(n::text::bytea), 'image/png', '', 1, 1, t.created_at FROM tenants t, generate_series(1, 199) n WHERE t.slug = 'first'`)
	}
	fill()
	p.Exec(`INSERT INTO images (tenant_id, sha256, media_type, bytes, width, height, created_at)
		SELECT id, sha256('theirs'), 'image/png', '', 1, 1, created_at FROM tenants WHERE slug = 'second'`)
	upload(b.Get(at+"/console/look"), 2).On().Sees(200, "The draft is saved")
	if n := p.Count("images i JOIN tenants t ON t.id = i.tenant_id WHERE t.slug = 'first'"); n != 1 {
		t.Errorf("%d pictures are left, want the draft's", n)
	}
	if n := p.Count("images i JOIN tenants t ON t.id = i.tenant_id WHERE t.slug = 'second'"); n != 1 {
		t.Error("another tenant's picture is gone")
	}
	fill()
	p.Exec(`INSERT INTO look_previews (tenant_id, id, hash, theme, words, made_by, created_at, ends_at)
		SELECT t.id, gen_random_uuid(), sha256('link'), (SELECT jsonb_agg(encode(sha256, 'hex')) FROM images WHERE tenant_id = t.id), '{}', 'test',
			t.created_at, t.created_at + interval '1 day' FROM tenants t WHERE t.slug = 'first'`)
	page := upload(b.Get(at+"/console/look"), 3)
	page.Sees(422, "keeps 200 pictures")
	if n := p.Count("images i JOIN tenants t ON t.id = i.tenant_id WHERE t.slug = 'first'"); n != 200 {
		t.Errorf("%d pictures are left of 200 that are shown", n)
	}
	upload(b.Get(at+"/console/look"), 2).On().Sees(200, "The draft is saved") // one that is there already
}

// Decoding takes a hundred times what a file does: so many at once and no more.
func TestPicturesWaitForTheirTurn(t *testing.T) {
	t.Parallel()
	desk := &looks.Looks{Slots: make(chan struct{}, 1)}
	if _, err := desk.NewPicture(t.Context(), drawn(t, "png")); err != nil {
		t.Fatal(err)
	}
	if _, err := desk.NewPicture(t.Context(), []byte("no picture")); err == nil {
		t.Fatal("no picture is taken")
	}
	desk.Slots <- struct{}{} // somebody else's turn, and it lasts
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := desk.NewPicture(ctx, drawn(t, "png")); !errors.Is(err, looks.ErrBusy) {
		t.Errorf("%v, want to be told that all turns are taken", err)
	}
	<-desk.Slots
	if _, err := desk.NewPicture(t.Context(), drawn(t, "png")); err != nil {
		t.Errorf("a turn was not given back: %v", err)
	}
}
