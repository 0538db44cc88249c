package visit

import (
	"bufio"
	"context"
	"io"
	"time"

	"github.com/gofiber/fiber/v2"

	"portico/app/audit"
)

// Bounds of a file that is made while it is read.
const (
	streamTime  = 10 * time.Minute
	streamStall = 30 * time.Second // a reader who takes nothing for so long is gone
)

// Stream answers with a file to save that write makes piece by piece, so that it is never whole in memory.
// write runs after the handler has returned, with a context of its own that ends after ten minutes; it
// flushes by itself whenever it calls flush, and an error of flush means that nobody reads any more. An error
// of write itself breaks the answer off, so that nobody takes half a file for a whole one.
func (v *Visit) Stream(mediaType, fileName string, write func(ctx context.Context, w io.Writer, flush func() error) error) error {
	v.headers("")
	h := &v.C.Context().Response.Header
	h.SetContentType(mediaType)
	h.Set(fiber.HeaderContentDisposition, `attachment; filename="`+fileName+`"`)
	origin, conn, log, id := audit.From(v.Context()), v.C.Context().Conn(), v.Log, v.ID()
	v.C.Context().SetBodyStreamWriter(func(w *bufio.Writer) {
		ctx, cancel := context.WithTimeout(audit.With(context.Background(), origin), streamTime)
		defer cancel()
		flush := func() error {
			if err := conn.SetWriteDeadline(time.Now().Add(streamStall)); err != nil {
				return err
			}
			return w.Flush()
		}
		err := write(ctx, w, flush)
		if err == nil {
			err = flush()
		}
		if err != nil {
			log.Warn("a file broke off", "request", id, "file", fileName, "error", err)
			_ = conn.Close()
		}
	})
	return nil
}
