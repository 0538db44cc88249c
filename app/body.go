package app

import (
	"io"
	"time"

	"github.com/valyala/fasthttp"
)

// Bounds of uploads (decisions.md 15).
const (
	maxUpload    = 33 << 20 // an import of 32 MiB, and the form around it
	uploadWithin = 2 * time.Minute
)

// takeBody brings a request's body in: all of one that a form may have, nothing of one that is larger. An
// upload's stays a stream, for the one kind of route that reads streams, and its connection ends with the
// answer: what nobody read must never be taken for the next request.
func (s *Server) takeBody(ctx *fasthttp.RequestCtx) bool {
	if !ctx.Request.IsBodyStream() {
		return true
	}
	switch n := ctx.Request.Header.ContentLength(); {
	case n > maxUpload:
		return s.tooLarge(ctx)
	case n > maxBody:
		ctx.SetConnectionClose()
		return true
	}
	body, err := io.ReadAll(io.LimitReader(ctx.RequestBodyStream(), maxBody+1))
	switch {
	case err != nil:
		ctx.SetConnectionClose()
		s.malformed(ctx, err)
		return false
	case len(body) > maxBody: // in chunks: their length was told by nobody
		return s.tooLarge(ctx)
	}
	ctx.Request.SetBody(body)
	return true
}

func (s *Server) tooLarge(ctx *fasthttp.RequestCtx) bool {
	ctx.SetConnectionClose()
	s.bare(ctx, fasthttp.StatusRequestEntityTooLarge, "too_large")
	return false
}

// beginUpload gives a route that reads a stream the time that a slow network needs.
func beginUpload(ctx *fasthttp.RequestCtx) {
	_ = ctx.Conn().SetReadDeadline(time.Now().Add(uploadWithin)) // a connection that is gone says so when it is read
}
