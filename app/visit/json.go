package visit

import (
	"encoding/json"

	"github.com/gofiber/fiber/v2"
)

// JSON answers a script of our own pages.
func (v *Visit) JSON(status int, body any) error {
	out, err := json.Marshal(body)
	if err != nil {
		return err
	}
	v.headers("")
	res := &v.C.Context().Response
	res.Header.SetContentType(fiber.MIMEApplicationJSONCharsetUTF8)
	res.SetStatusCode(status)
	res.SetBodyRaw(out)
	return nil
}
