package visit

import "github.com/gofiber/fiber/v2"

// Bytes answers with something that is no page and that no cache keeps: a picture, or with a name a file
// to save.
func (v *Visit) Bytes(mediaType, fileName string, body []byte) error {
	v.headers("")
	h := &v.C.Context().Response.Header
	h.SetContentType(mediaType)
	if fileName != "" {
		h.Set(fiber.HeaderContentDisposition, `attachment; filename="`+fileName+`"`)
	}
	v.C.Context().Response.SetBodyRaw(body)
	return nil
}
