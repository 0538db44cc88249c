package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gofiber/fiber/v2"
)

// deepest is how deep a document may nest.
const deepest = 16

// body holds a body to its form before anything is made of it: its media type, and of JSON all that two
// readers could understand differently (doubled names, other cases of a name, what follows the document), what
// the database does not take, and names that the operation does not know.
func (a *API) body(f *fiber.Ctx, op Operation) error {
	request := a.request(op)
	length := f.Context().Request.Header.ContentLength()
	if !f.Context().Request.IsBodyStream() { // of one that streams, nothing is read here
		length = len(f.Context().Request.Body())
	}
	if request == nil {
		if length > 0 && !op.Upload {
			return problem(http.StatusUnprocessableEntity, "invalid").because("This operation takes no body.")
		}
		return nil
	}
	media, args, err := mime.ParseMediaType(f.Get(fiber.HeaderContentType))
	if length == 0 && !request.Required && f.Get(fiber.HeaderContentType) == "" {
		return nil
	}
	takes := request.Content[media]
	if charset := args["charset"]; err != nil || takes == nil || charset != "" && !strings.EqualFold(charset, "utf-8") {
		return problem(http.StatusUnsupportedMediaType, "media_type").because("It takes " + strings.Join(mediaOf(request), ", ") + ".")
	}
	if media != "application/json" {
		return nil
	}
	s := strict{schemas: a.huma.OpenAPI().Components.Schemas}
	return s.check(f.Context().Request.Body(), takes.Schema)
}

func mediaOf(r *huma.RequestBody) []string {
	var all []string
	for media := range r.Content {
		all = append(all, media)
	}
	slices.Sort(all)
	return all
}

// strict reads a document beside its schema.
type strict struct {
	schemas huma.Registry
	d       *json.Decoder
	faults  []Fault
}

var errDeep = errors.New("nested too deeply")

func (s *strict) check(body []byte, schema *huma.Schema) error {
	malformed := problem(http.StatusBadRequest, "malformed")
	if len(bytes.TrimSpace(body)) == 0 {
		return malformed.because("A JSON document is needed.")
	}
	if !utf8.Valid(body) {
		return malformed.because("JSON is UTF-8.")
	}
	s.d = json.NewDecoder(bytes.NewReader(body))
	s.d.UseNumber()
	err := s.value("", schema, 0)
	if err == nil {
		if _, more := s.d.Token(); !errors.Is(more, io.EOF) {
			return malformed.because("Something follows the JSON document.")
		}
	}
	switch {
	case errors.Is(err, errDeep):
		return malformed.because("The JSON document nests deeper than " + strconv.Itoa(deepest) + ".")
	case err != nil:
		return malformed.because("This is no JSON document.")
	case len(s.faults) > 0:
		return problem(http.StatusUnprocessableEntity, "invalid").with(s.faults[:min(len(s.faults), 20)]...)
	}
	return nil
}

func (s *strict) fault(pointer, code, detail string) {
	s.faults = append(s.faults, Fault{Pointer: pointer, Code: code, Detail: detail})
}

// value reads one value; schema is nil where the description does not say what it looks like.
func (s *strict) value(pointer string, schema *huma.Schema, depth int) error {
	t, err := s.d.Token()
	if err != nil {
		return err
	}
	switch t := t.(type) {
	case json.Delim:
		if depth == deepest {
			return errDeep
		}
		for schema != nil && schema.Ref != "" {
			schema = s.schemas.SchemaFromRef(schema.Ref)
		}
		if t == '{' {
			return s.object(pointer, schema, depth+1)
		}
		return s.list(pointer, schema, depth+1)
	case string:
		if strings.ContainsRune(t, 0) {
			s.fault(pointer, "nul", "A text without the character U+0000 is needed.")
		}
	case json.Number:
		if _, err := t.Float64(); err != nil {
			s.fault(pointer, "range", "The number is too large.")
		}
	}
	return nil
}

func (s *strict) object(pointer string, schema *huma.Schema, depth int) error {
	seen := map[string]bool{}
	for s.d.More() {
		t, err := s.d.Token()
		if err != nil {
			return err
		}
		name, _ := t.(string)
		at := pointer + "/" + escapePointer(name)
		if strings.ContainsRune(name, 0) {
			s.fault(pointer, "nul", "A name without the character U+0000 is needed.")
		}
		if folded := strings.ToLower(name); seen[folded] {
			s.fault(at, "twice", "The name stands twice in its object.")
		} else {
			seen[folded] = true
		}
		if err := s.value(at, s.property(at, schema, name), depth); err != nil {
			return err
		}
	}
	_, err := s.d.Token()
	return err
}

// property is the schema of a name; one that an object must not have is a fault.
func (s *strict) property(at string, schema *huma.Schema, name string) *huma.Schema {
	if schema == nil {
		return nil
	}
	if of, ok := schema.Properties[name]; ok {
		return of
	}
	switch rest := schema.AdditionalProperties.(type) {
	case *huma.Schema:
		return rest
	case bool:
		if !rest {
			s.fault(at, "unknown_field", "There is no field of this name here.")
		}
	}
	return nil
}

func (s *strict) list(pointer string, schema *huma.Schema, depth int) error {
	var items *huma.Schema
	if schema != nil {
		items = schema.Items
	}
	for n := 0; s.d.More(); n++ {
		if err := s.value(pointer+"/"+strconv.Itoa(n), items, depth); err != nil {
			return err
		}
	}
	_, err := s.d.Token()
	return err
}
