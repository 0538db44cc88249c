package themes

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"

	"golang.org/x/image/webp"
)

// Bounds of an uploaded picture: of the file, of a side, of the whole, and of those that take twice the memory
// and more while they are decoded (64 bits a pixel, progressive JPEG). A small file can say that it is enormous,
// so its size is read before its pixels are. What is left takes at most about 130 MiB.
const (
	PictureBytes  = 4 << 20
	pictureSide   = 4096
	picturePixels = 16 << 20
	heavyPixels   = 8 << 20
)

// Picture is an uploaded picture made anew: what is stored holds nothing of the file but what can be seen.
type Picture struct {
	SHA256        string // of Bytes, 64 hexadecimal digits
	MediaType     string // image/png, image/jpeg, image/svg+xml
	Bytes         []byte
	Width, Height int // px; of a drawing: its own units, at most 4096
}

// PictureError says which rule an upload breaks: kind, broken, large, pixels, heavy, or one of drawings: svg_doctype,
// svg_element, svg_attribute, svg_deep, svg_large, svg_reference. Name is the element or attribute.
type PictureError struct{ Rule, Name string }

// Error names the rule.
func (e *PictureError) Error() string { return "picture refused: " + e.Rule + " " + e.Name }

// NewPicture makes a picture of a file by what its bytes are, never by its name or what a browser says of it:
// PNG, JPEG and WebP are decoded within bounds and encoded anew, without anything that they carried beside
// their pixels, photographs laid as their EXIF says; an SVG is rebuilt from what is allowed. *PictureError otherwise.
func NewPicture(file []byte) (Picture, error) {
	if len(file) > PictureBytes {
		return Picture{}, &PictureError{Rule: "large"}
	}
	kind := pictureKind(file)
	if kind == "" {
		return Picture{}, &PictureError{Rule: "kind"}
	}
	if kind == "svg" {
		return newDrawing(file)
	}
	size, err := pictureSize(kind, file)
	if err != nil {
		return Picture{}, &PictureError{Rule: "broken"}
	}
	photo := jpegFacts{baseline: true}
	if kind == "jpeg" {
		photo = readJPEG(file)
	}
	if size.Width < 1 || size.Height < 1 || size.Width > pictureSide || size.Height > pictureSide || size.Width*size.Height > picturePixels {
		return Picture{}, &PictureError{Rule: "pixels"}
	}
	wide := size.ColorModel == color.NRGBA64Model || size.ColorModel == color.RGBA64Model
	if (wide || !photo.baseline) && size.Width*size.Height > heavyPixels {
		return Picture{}, &PictureError{Rule: "heavy"}
	}
	img, err := decodePicture(kind, file)
	if err != nil || img.Bounds().Dx() != size.Width || img.Bounds().Dy() != size.Height {
		return Picture{}, &PictureError{Rule: "broken"}
	}
	return encodePicture(kind, turn(img, photo.turned))
}

// pictureKind reads the first bytes: of two kinds that a file could be at once, the first one counts, and
// what is encoded anew is that kind alone.
func pictureKind(file []byte) string {
	switch {
	case bytes.HasPrefix(file, []byte("\x89PNG\r\n\x1a\n")):
		return "png"
	case bytes.HasPrefix(file, []byte("\xff\xd8\xff")):
		return "jpeg"
	case len(file) > 12 && string(file[:4]) == "RIFF" && string(file[8:12]) == "WEBP":
		return "webp"
	}
	head := bytes.TrimLeft(bytes.TrimPrefix(file, []byte("\xef\xbb\xbf")), " \t\r\n")
	for _, start := range []string{"<?xml", "<svg", "<!--", "<!DOCTYPE", "<!doctype"} {
		if bytes.HasPrefix(head, []byte(start)) {
			return "svg"
		}
	}
	return ""
}

func pictureSize(kind string, file []byte) (image.Config, error) {
	switch kind {
	case "png":
		return png.DecodeConfig(bytes.NewReader(file))
	case "jpeg":
		return jpeg.DecodeConfig(bytes.NewReader(file))
	}
	return webp.DecodeConfig(bytes.NewReader(file))
}

// decodePicture is a decoder behind a net: a file that makes one panic is a broken file.
func decodePicture(kind string, file []byte) (img image.Image, err error) {
	defer func() {
		if recover() != nil {
			err = errors.New("the decoder gave up")
		}
	}()
	switch kind {
	case "png":
		return png.Decode(bytes.NewReader(file))
	case "jpeg":
		return jpeg.Decode(bytes.NewReader(file))
	}
	return webp.Decode(bytes.NewReader(file))
}

// encodePicture writes a photograph as JPEG and everything else as PNG; what would be too large as PNG and
// shows nothing through becomes JPEG, too.
func encodePicture(kind string, img image.Image) (Picture, error) {
	var out bytes.Buffer
	mediaType := "image/png"
	if kind == "jpeg" {
		mediaType = "image/jpeg"
	} else if err := png.Encode(&out, img); err != nil {
		return Picture{}, err
	} else if opaque, ok := img.(interface{ Opaque() bool }); out.Len() > PictureBytes && ok && opaque.Opaque() {
		mediaType = "image/jpeg"
		out.Reset()
	}
	if mediaType == "image/jpeg" {
		if err := jpeg.Encode(&out, img, &jpeg.Options{Quality: 88}); err != nil {
			return Picture{}, err
		}
	}
	return madePicture(mediaType, out.Bytes(), img.Bounds().Dx(), img.Bounds().Dy())
}

func madePicture(mediaType string, made []byte, width, height int) (Picture, error) {
	if len(made) > PictureBytes {
		return Picture{}, &PictureError{Rule: "large"}
	}
	sum := sha256.Sum256(made)
	return Picture{SHA256: hex.EncodeToString(sum[:]), MediaType: mediaType, Bytes: made, Width: width, Height: height}, nil
}
