package themes

import (
	"bytes"
	"encoding/binary"
	"image"
)

// jpegFacts are what a JPEG says of itself before its pixels.
type jpegFacts struct {
	baseline bool // decoded row by row; else all of its coefficients are held at once
	turned   int  // EXIF orientation, 1 (as it is) to 8: how whoever held the camera held it
}

// readJPEG walks the segments up to the pixels. It stops at whatever it does not understand: what was not
// found is taken for the heavier kind, and as not turned.
func readJPEG(file []byte) jpegFacts {
	facts := jpegFacts{turned: 1}
	for at := 2; at+4 <= len(file) && file[at] == 0xff; {
		marker, length := file[at+1], int(binary.BigEndian.Uint16(file[at+2:]))
		if length < 2 || at+2+length > len(file) {
			return facts
		}
		body := file[at+4 : at+2+length]
		switch marker {
		case 0xc0, 0xc1:
			facts.baseline = true
		case 0xe1:
			if exif, ok := bytes.CutPrefix(body, []byte("Exif\x00\x00")); ok && facts.turned == 1 {
				facts.turned = exifTurn(exif)
			}
		case 0xda: // the pixels begin
			return facts
		}
		at += 2 + length
	}
	return facts
}

const exifOrientation = 0x0112

// exifTurn reads the orientation of the first directory (TIFF 6.0, section 2); 1 where there is none.
func exifTurn(tiff []byte) int {
	if len(tiff) < 8 {
		return 1
	}
	var order binary.ByteOrder = binary.BigEndian
	if string(tiff[:2]) == "II" {
		order = binary.LittleEndian
	}
	at := int64(order.Uint32(tiff[4:]))
	if at+2 > int64(len(tiff)) {
		return 1
	}
	entries := int(order.Uint16(tiff[at:]))
	for i := range entries {
		entry := at + 2 + int64(i)*12
		if entry+12 > int64(len(tiff)) {
			return 1
		}
		if order.Uint16(tiff[entry:]) != exifOrientation {
			continue
		}
		if turn := int(order.Uint16(tiff[entry+8:])); turn >= 1 && turn <= 8 {
			return turn
		}
		return 1
	}
	return 1
}

// turn lays a photograph as its EXIF orientation says, since nothing of EXIF is kept. Photographs of other
// colours than those of cameras stay as they are.
func turn(img image.Image, orientation int) image.Image {
	src, ok := img.(*image.YCbCr)
	if !ok || orientation < 2 || orientation > 8 {
		return img
	}
	w, h := src.Rect.Dx(), src.Rect.Dy()
	across := orientation >= 5 // its sides change places
	if across {
		w, h = h, w
	}
	dst := image.NewYCbCr(image.Rect(0, 0, w, h), image.YCbCrSubsampleRatio444)
	for y := range h {
		for x := range w {
			sx, sy := x, y
			if across {
				sx, sy = y, x
			}
			if orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8 {
				sx = src.Rect.Dx() - 1 - sx
			}
			if orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7 {
				sy = src.Rect.Dy() - 1 - sy
			}
			from, to := src.COffset(src.Rect.Min.X+sx, src.Rect.Min.Y+sy), y*dst.YStride+x
			dst.Y[to] = src.Y[src.YOffset(src.Rect.Min.X+sx, src.Rect.Min.Y+sy)]
			dst.Cb[to], dst.Cr[to] = src.Cb[from], src.Cr[from]
		}
	}
	return dst
}
