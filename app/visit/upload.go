package visit

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"path"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/gofiber/fiber/v2"
)

// ErrTooLarge means that an upload is larger than its page takes.
var ErrTooLarge = errors.New("the upload is too large")

// File is the one file of an upload, as it streams in. Name is for showing alone: its last part, without
// control characters, 200 bytes at most; never a path. What it says of its type counts for nothing.
type File struct {
	Name string
	Data io.Reader
}

// Upload reads a multipart form with one file strictly: the named fields once each and first, the token
// among them, then the file under its field's name, whose bytes are read as the caller reads Data, up to
// limit (then ErrTooLarge). The file is nil where none was chosen. The route must be marked as one of uploads.
func (v *Visit) Upload(field string, limit int64, fields ...string) (Form, *File, error) {
	kind, params, err := mime.ParseMediaType(string(v.C.Context().Request.Header.ContentType()))
	if err != nil || kind != fiber.MIMEMultipartForm || params["boundary"] == "" {
		return nil, nil, fmt.Errorf("%w: content type", ErrBadForm)
	}
	body := v.stream
	if body == nil { // a short one came whole; asking for it would read a stream to its end
		body = bytes.NewReader(v.C.Context().Request.Body())
	}
	parts := multipart.NewReader(body, params["boundary"])
	form := Form{}
	for {
		part, err := parts.NextRawPart()
		if errors.Is(err, io.EOF) {
			return form, nil, v.checkUpload(form)
		}
		if err != nil {
			return nil, nil, fmt.Errorf("%w: parts", ErrBadForm)
		}
		name := part.FormName()
		if name == field {
			if err := v.checkUpload(form); err != nil {
				return nil, nil, err
			}
			file := &File{Name: shownName(part.FileName()), Data: &bounded{r: part, left: limit}}
			if file.Name == "" {
				return form, nil, nil
			}
			return form, file, nil
		}
		if err := takeField(form, part, name, fields); err != nil {
			return nil, nil, err
		}
	}
}

func takeField(form Form, part *multipart.Part, name string, fields []string) error {
	if name != "token" && !slices.Contains(fields, name) {
		return fmt.Errorf("%w: a field that does not belong there", ErrBadForm)
	}
	value, err := io.ReadAll(io.LimitReader(part, maxFieldBytes+1))
	if _, twice := form[name]; err != nil || twice || len(value) > maxFieldBytes || !utf8.Valid(value) || strings.ContainsRune(string(value), 0) {
		return fmt.Errorf("%w: value", ErrBadForm)
	}
	form[name] = string(value)
	return nil
}

func (v *Visit) checkUpload(form Form) error {
	err := v.checkToken(form["token"])
	delete(form, "token")
	return err
}

func shownName(name string) string {
	name = path.Base(strings.ReplaceAll(name, `\`, "/"))
	if name == "." || name == "/" || !utf8.ValidString(name) {
		return ""
	}
	name = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return -1
		}
		return r
	}, name)
	for len(name) > 200 {
		_, n := utf8.DecodeLastRuneInString(name)
		name = name[:len(name)-n]
	}
	return name
}

// bounded fails when more than left bytes come, where io.LimitReader would end as if that were all.
type bounded struct {
	r    io.Reader
	left int64
}

// Read reads on.
func (b *bounded) Read(p []byte) (int, error) {
	n, err := b.r.Read(p)
	b.left -= int64(n)
	if b.left < 0 {
		return 0, ErrTooLarge
	}
	if err != nil && !errors.Is(err, io.EOF) {
		err = fmt.Errorf("%w: %w", ErrBadForm, err)
	}
	return n, err
}

// Streams hands the body of an upload to the visit; package app calls it for routes of uploads alone.
func (v *Visit) Streams(body io.Reader) { v.stream = body }
