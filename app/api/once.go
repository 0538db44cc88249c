package api

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/gofiber/fiber/v2"

	"portico/app/apikeys"
)

const headerIdempotency = "Idempotency-Key"

// keptHeaders are those of an answer that belong to it.
var keptHeaders = []string{fiber.HeaderContentType, fiber.HeaderETag, fiber.HeaderLocation, fiber.HeaderLink, fiber.HeaderRetryAfter}

// answer is what is kept of one.
type answer struct {
	Headers map[string]string `json:"h"`
	Body    []byte            `json:"b"`
}

// once runs an operation unless it ran before under this Idempotency-Key (draft-ietf-httpapi-idempotency-key-header):
// then the kept answer is given again, and another request under the same name is refused. What failed here is
// not kept, and neither is "too many": the same request may be sent again.
func (a *API) once(f *fiber.Ctx, c *call, run func()) error {
	name := f.Get(headerIdempotency)
	if len(name) > 200 || !printable(name) {
		return problem(http.StatusUnprocessableEntity, "invalid").with(Fault{Parameter: headerIdempotency, Code: "format", Detail: "1 to 200 printable characters of ASCII."})
	}
	asked := sha256.New()
	for _, part := range [][]byte{[]byte(f.Method()), f.Context().URI().Path(), f.Context().URI().QueryString(), []byte(f.Get(fiber.HeaderContentType)),
		[]byte(f.Get(fiber.HeaderIfMatch)), f.Context().Request.Body()} {
		asked.Write([]byte(strconv.Itoa(len(part)) + ":"))
		asked.Write(part)
	}
	k := apikeys.Once{Key: c.key.ID, Name: name, Asked: asked.Sum(nil)}
	if c.tenant() != nil {
		k.Tenant = c.tenant().ID
	}
	kept, fresh, err := a.Keys.Begin(c.v.Context(), k)
	if err != nil {
		return onceProblem(err)
	}
	if !fresh {
		return replay(f, kept)
	}
	ended := false
	defer func() {
		if !ended { // a panic: the request may be sent again, or its fate looked up
			_ = a.Keys.Forget(c.v.Context(), k)
		}
	}()
	run()
	ended = true
	ctx, cancel := context.WithTimeout(context.WithoutCancel(c.v.Context()), 5*time.Second) // the operation may have used its own time up
	defer cancel()
	res := &f.Context().Response
	if res.StatusCode() >= http.StatusInternalServerError || res.StatusCode() == http.StatusTooManyRequests {
		return a.Keys.Forget(ctx, k)
	}
	kept = apikeys.Answer{Status: res.StatusCode()}
	out := answer{Headers: map[string]string{}, Body: res.Body()}
	for _, h := range keptHeaders {
		if value := string(res.Header.Peek(h)); value != "" {
			out.Headers[h] = value
		}
	}
	if kept.Sealed, err = json.Marshal(out); err != nil {
		return err
	}
	if err := a.Keys.Keep(ctx, k, kept); err != nil { // the work is done: its answer stands
		c.v.Log.Error("an answer could not be kept", "request", c.v.ID(), "error", err)
	}
	return nil
}

func printable(s string) bool {
	for i := range len(s) {
		if s[i] < 0x20 || s[i] > 0x7e {
			return false
		}
	}
	return s != ""
}

func onceProblem(err error) error {
	switch {
	case errors.Is(err, apikeys.ErrReused):
		return problem(http.StatusUnprocessableEntity, "idempotency_reused")
	case errors.Is(err, apikeys.ErrUnderWay):
		return problem(http.StatusConflict, "idempotency_under_way")
	case errors.Is(err, apikeys.ErrUnknown):
		return problem(http.StatusConflict, "idempotency_unknown")
	}
	return err
}

func replay(f *fiber.Ctx, kept apikeys.Answer) error {
	var out answer
	if err := json.Unmarshal(kept.Sealed, &out); err != nil {
		return err
	}
	for name, value := range out.Headers {
		f.Set(name, value)
	}
	f.Set("Idempotency-Replayed", "true")
	return f.Status(kept.Status).Send(out.Body)
}
