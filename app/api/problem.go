package api

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/valyala/fasthttp"

	"portico/app/visit"
)

// Problem is RFC 9457's document about what went wrong.
type Problem struct {
	Type    string  `json:"type" format:"uri" doc:"Names the kind of problem and never changes: urn:portico:problem: and the code." example:"urn:portico:problem:not_found"`
	Title   string  `json:"title" doc:"The kind of problem in words." example:"There is no such thing"`
	Status  int     `json:"status" doc:"The HTTP status." example:"404"`
	Code    string  `json:"code" doc:"The last part of type, for programs." example:"not_found"`
	Detail  string  `json:"detail,omitempty" doc:"What is special about this one."`
	Request string  `json:"request_id,omitempty" doc:"The request's id, as in the header Request-Id and in the audit."`
	Faults  []Fault `json:"errors,omitempty" nullable:"false" doc:"What is wrong with the request, part by part."`

	after time.Duration // of Retry-After; 0 is none
}

// Fault is one part of a request that is wrong.
type Fault struct {
	Pointer   string `json:"pointer,omitempty" doc:"Where in the body, as a JSON pointer (RFC 6901)." example:"/name"`
	Parameter string `json:"parameter,omitempty" doc:"Or the name of the parameter in query, path or header."`
	Code      string `json:"code" doc:"What is wrong, for programs." example:"required"`
	Detail    string `json:"detail,omitempty" doc:"What is wrong, in words."`
}

const problemType = "application/problem+json"

// Error is the code.
func (p *Problem) Error() string { return p.Code }

// GetStatus is the status, for huma.
func (p *Problem) GetStatus() int { return p.Status }

// ContentType is RFC 9457's, for huma.
func (p *Problem) ContentType(string) string { return problemType }

// GetHeaders are the headers that belong to a problem, for huma.
func (p *Problem) GetHeaders() http.Header {
	h := http.Header{}
	if p.after > 0 {
		h.Set("Retry-After", strconv.Itoa(seconds(p.after)))
	}
	return h
}

// seconds rounds up: who comes back too early is refused once more.
func seconds(d time.Duration) int { return int((d + time.Second - 1) / time.Second) }

// problem makes one of the table of titles.
func problem(status int, code string) *Problem {
	return &Problem{Type: "urn:portico:problem:" + code, Title: titles[code], Status: status, Code: code}
}

func (p *Problem) because(detail string) *Problem { p.Detail = detail; return p }

func (p *Problem) with(faults ...Fault) *Problem { p.Faults = append(p.Faults, faults...); return p }

// at is a problem about a field of the body.
func at(pointer, code, detail string) *Problem {
	return problem(http.StatusUnprocessableEntity, "invalid").with(Fault{Pointer: pointer, Code: code, Detail: detail})
}

// write answers with a problem where huma does not: before an operation ran, and instead of one.
func (p *Problem) write(ctx *fasthttp.RequestCtx) {
	body, err := json.Marshal(p)
	if err != nil {
		body = []byte(`{"type":"urn:portico:problem:internal","title":"Something went wrong","status":500,"code":"internal"}`)
	}
	h := &ctx.Response.Header
	for name, values := range p.GetHeaders() {
		h.Set(name, values[0])
	}
	ctx.SetStatusCode(p.Status)
	h.SetContentType(problemType)
	ctx.Response.SetBodyRaw(body)
}

// Refuse answers a request to the API that the door refuses, before there is a visit: kind is the door's word.
func Refuse(ctx *fasthttp.RequestCtx, status int, kind string, secure bool) {
	code, ok := map[string]string{"unavailable": "unavailable", "busy": "unavailable", "unsupported": "encoded_body", "too_large": "too_large", "unknown": "unknown_host",
		"suspended": "suspended", "malformed": "malformed"}[kind]
	if !ok {
		code = "internal"
	}
	p := problem(status, code)
	if status == http.StatusServiceUnavailable {
		p.after = time.Second
	}
	headers(ctx, secure)
	p.write(ctx)
}

// headers are what every answer of the API carries: nothing in it is a page, and nothing may keep it.
func headers(ctx *fasthttp.RequestCtx, secure bool) {
	visit.SecurityHeaders(&ctx.Response.Header, secure, true, "", visit.Additions{})
	ctx.Response.Header.Set("Cache-Control", "no-store")
}

// told turns what huma found wrong with a request into a problem, without what the client sent.
func told(e *huma.ErrorModel) *Problem {
	p := problem(e.Status, "invalid")
	switch e.Status {
	case http.StatusBadRequest:
		p = problem(e.Status, "malformed")
	case http.StatusRequestEntityTooLarge:
		p = problem(e.Status, "too_large")
	case http.StatusUnsupportedMediaType:
		p = problem(e.Status, "media_type")
	case http.StatusInternalServerError:
		return problem(e.Status, "internal")
	}
	for _, d := range e.Errors {
		if d == nil {
			continue
		}
		f := Fault{Code: codeOf(d.Message), Detail: d.Message}
		where, rest, _ := strings.Cut(d.Location, ".")
		if name, _, _ := strings.Cut(where, "["); name == "body" {
			f.Pointer = pointerOf(strings.TrimPrefix(d.Location, "body"))
			if name, ok := requiredOf(d.Message); ok {
				f.Pointer += "/" + escapePointer(name)
			}
		} else {
			f.Parameter = rest
		}
		if e.Status == http.StatusBadRequest {
			f.Detail = "" // a parser's words, with pieces of what was sent
		}
		p.Faults = append(p.Faults, f)
	}
	return p
}

// pointerOf turns huma's ".a[0].b" into "/a/0/b".
func pointerOf(location string) string {
	var out strings.Builder
	for _, part := range strings.FieldsFunc(location, func(r rune) bool { return r == '.' || r == '[' || r == ']' }) {
		out.WriteString("/" + escapePointer(part))
	}
	return out.String()
}

func escapePointer(name string) string {
	return strings.NewReplacer("~", "~0", "/", "~1").Replace(name)
}

func requiredOf(message string) (string, bool) {
	rest, ok := strings.CutPrefix(message, "expected required property ")
	if !ok {
		return "", false
	}
	return strings.CutSuffix(rest, " to be present")
}

// codeOf names what a schema refused.
func codeOf(message string) string {
	for _, known := range []struct{ part, code string }{
		{"required", "required"}, {"unexpected property", "unknown_field"}, {"unknown query", "unknown_parameter"}, {"one of", "not_offered"},
		{"to be ", "wrong_type"}, {"length", "length"}, {"number", "range"}, {"format", "format"}, {"RFC", "format"},
	} {
		if strings.Contains(message, known.part) {
			return known.code
		}
	}
	return "invalid"
}
