package app

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"

	"portico/app/captcha"
	"portico/app/visit"
)

// captchaFile is the picture or the sound of a challenge: <id>.png, <id>.wav. It answers the browser that
// was given the challenge, and no cache keeps it.
func captchaFile(v *visit.Visit) error {
	id, ending, _ := strings.Cut(v.C.Params("file"), ".")
	session := v.Cookie(visit.CookieForm)
	var body []byte
	var err error
	var mediaType string
	switch ending {
	case "png":
		mediaType = "image/png"
		body, err = v.Captcha.Image(v.Tenant.ID, session, id)
	case "wav":
		mediaType = "audio/wav"
		body, err = v.Captcha.Audio(v.Tenant.ID, session, id, v.Locale)
	default:
		return visit.ErrNotFound
	}
	if errors.Is(err, captcha.ErrWrong) {
		return visit.ErrNotFound
	}
	if err != nil {
		return err
	}
	ctx := v.C.Context()
	plainHeaders(ctx, v.Secure())
	ctx.Response.Header.Set(fiber.HeaderCacheControl, "no-store")
	ctx.Response.Header.SetContentType(mediaType)
	ranged(ctx, body)
	return nil
}

// ranged answers with the one range of bytes that was asked for, or all of it (RFC 9110 §14.2): some
// players ask for a sound in pieces and play nothing when they get it whole.
func ranged(ctx *fasthttp.RequestCtx, body []byte) {
	ctx.Response.Header.Set(fiber.HeaderAcceptRanges, "bytes")
	first, last, ok := byteRange(string(ctx.Request.Header.Peek(fiber.HeaderRange)), len(body))
	if !ok {
		ctx.Response.SetBodyRaw(body)
		return
	}
	ctx.Response.Header.Set(fiber.HeaderContentRange, fmt.Sprintf("bytes %d-%d/%d", first, last, len(body)))
	ctx.SetStatusCode(fiber.StatusPartialContent)
	ctx.Response.SetBodyRaw(body[first : last+1])
}

// byteRange reads "bytes=first-last", the end left open or not. Everything else is all of it.
func byteRange(header string, size int) (first, last int, ok bool) {
	span, found := strings.CutPrefix(header, "bytes=")
	from, to, dash := strings.Cut(span, "-")
	first, err := strconv.Atoi(from)
	if !found || !dash || err != nil || first < 0 || first >= size {
		return 0, 0, false
	}
	last = size - 1
	if to != "" {
		n, err := strconv.Atoi(to)
		if err != nil || n < first {
			return 0, 0, false
		}
		last = min(last, n)
	}
	return first, last, true
}

// newCaptcha gives the page's script another challenge, so that nothing that was typed is lost. It stores
// nothing and answers browsers that have seen a form alone.
func newCaptcha(v *visit.Visit) error {
	session := v.Cookie(visit.CookieForm)
	kind := v.C.Query("kind")
	if session == "" || (kind != captcha.Image && kind != captcha.Work) {
		return visit.ErrNotFound
	}
	c := v.Captcha.New(v.Tenant.ID, session, kind)
	answer := map[string]any{"id": c.ID}
	if c.Puzzle != nil {
		answer["work"] = map[string]any{"salt": c.Puzzle.Salt, "target": c.Puzzle.Target, "most": c.Puzzle.Most}
	}
	return v.JSON(fiber.StatusOK, answer)
}
