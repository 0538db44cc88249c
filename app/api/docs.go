package api

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gofiber/fiber/v2"

	"portico/app/visit"
)

//go:embed docs.html
var docsText string

//go:embed docs.css
var docsSheet []byte

// docsPolicy lets the page have stylesheets and fonts of its own address, and nothing else: it has no script.
const docsPolicy = "default-src 'none'; style-src 'self'; font-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// docsPage is the description as people read it: the same source, no script, nothing from elsewhere.
type docsPage struct {
	Title, Base, Address string
	Sheet                string
	About                []template.HTML
	Tags                 []docsTag
	Problems             []docsProblem
	Documents            []docsDocument
}

type docsTag struct {
	Name, Anchor, About string
	Operations          []docsOperation
}

type docsOperation struct {
	ID, Method, Path, Summary string
	About                     []template.HTML
	Parameters                []docsField
	Bodies                    []docsBody
	Answers                   []docsAnswer
	Problems                  []string
}

type docsField struct {
	Name, In, About string
	Required        bool
	Type            docsType
}

// docsType is a type in words, with the document that it leads to.
type docsType struct{ Before, Of string }

type docsBody struct {
	Media  string
	Type   docsType
	Fields []docsField
}

type docsAnswer struct {
	Status, Media string
	Type          docsType
}

type docsProblem struct{ Code, Title string }

type docsDocument struct {
	Name, About string
	Fields      []docsField
}

// docsRoutes serve the pages about the API.
func (a *API) docsRoutes() error {
	page, err := template.New("docs").Parse(docsText)
	if err != nil {
		return fmt.Errorf("docs of the API: %w", err)
	}
	shown := a.docsOf()
	a.public("/api/docs", "docs", func(c *fiber.Ctx, v *visit.Visit) error {
		mine := shown
		mine.Title, mine.Base, mine.Address, mine.Sheet = "Portico", v.Base, v.Origin(), v.Brand.StylesheetPath()
		if v.Tenant != nil {
			mine.Title = v.Tenant.Name
		}
		var out bytes.Buffer
		if err := page.Execute(&out, mine); err != nil {
			return err
		}
		c.Set(fiber.HeaderContentSecurityPolicy, docsPolicy)
		c.Set(fiber.HeaderContentType, "text/html; charset=utf-8")
		return c.Send(out.Bytes())
	})
	a.public("/api/docs.css", "docs-style", func(c *fiber.Ctx, _ *visit.Visit) error {
		c.Set(fiber.HeaderContentType, "text/css; charset=utf-8")
		c.Set(fiber.HeaderCacheControl, "public, max-age=300")
		return c.Send(docsSheet)
	})
	return nil
}

// docsOf makes the page from the description.
func (a *API) docsOf() docsPage {
	spec := a.huma.OpenAPI()
	page := docsPage{About: marked(spec.Info.Description)}
	for _, tag := range spec.Tags {
		t := docsTag{Name: tag.Name, Anchor: strings.ToLower(strings.ReplaceAll(tag.Name, " ", "-")), About: tag.Description}
		for _, op := range a.ops {
			if of := methodsOf(orEmpty(spec.Paths[specPath(op.Path)]))[op.Method]; of != nil && slices.Contains(of.Tags, tag.Name) {
				t.Operations = append(t.Operations, docsFor(op, of))
			}
		}
		page.Tags = append(page.Tags, t)
	}
	for _, code := range slices.Sorted(maps.Keys(titles)) {
		page.Problems = append(page.Problems, docsProblem{code, titles[code]})
	}
	schemas := spec.Components.Schemas.Map()
	for _, name := range slices.Sorted(maps.Keys(schemas)) {
		page.Documents = append(page.Documents, docsDocument{Name: name, About: schemas[name].Description, Fields: fieldsOf(schemas[name])})
	}
	return page
}

func orEmpty(p *huma.PathItem) *huma.PathItem {
	if p == nil {
		return &huma.PathItem{}
	}
	return p
}

func docsFor(op Operation, of *huma.Operation) docsOperation {
	d := docsOperation{ID: of.OperationID, Method: op.Method, Path: specPath(op.Path), Summary: of.Summary, About: marked(of.Description)}
	for _, p := range of.Parameters {
		d.Parameters = append(d.Parameters, docsField{Name: p.Name, In: p.In, About: p.Description, Required: p.Required, Type: typeOf(p.Schema)})
	}
	if of.RequestBody != nil {
		for _, media := range slices.Sorted(maps.Keys(of.RequestBody.Content)) {
			schema := of.RequestBody.Content[media].Schema
			d.Bodies = append(d.Bodies, docsBody{Media: media, Type: typeOf(schema), Fields: fieldsOf(schema)})
		}
	}
	for _, status := range slices.Sorted(maps.Keys(of.Responses)) {
		if status >= "400" {
			d.Problems = append(d.Problems, status)
			continue
		}
		answer := docsAnswer{Status: status + " " + http.StatusText(atoi(status))}
		for media, of := range of.Responses[status].Content {
			answer.Media, answer.Type = media, typeOf(of.Schema)
		}
		d.Answers = append(d.Answers, answer)
	}
	return d
}

func atoi(status string) (n int) {
	for _, c := range status {
		n = n*10 + int(c-'0')
	}
	return n
}

// fieldsOf are the fields of an object; none of anything else.
func fieldsOf(s *huma.Schema) []docsField {
	if s == nil {
		return nil
	}
	var all []docsField
	for _, name := range slices.Sorted(maps.Keys(s.Properties)) {
		p := s.Properties[name]
		all = append(all, docsField{Name: name, About: p.Description, Required: slices.Contains(s.Required, name), Type: typeOf(p)})
	}
	return all
}

// typeOf is a schema in a few words.
func typeOf(s *huma.Schema) docsType {
	switch {
	case s == nil:
		return docsType{Before: "anything"}
	case s.Ref != "":
		return docsType{Of: s.Ref[strings.LastIndexByte(s.Ref, '/')+1:]}
	case s.Type == "array":
		t := typeOf(s.Items)
		return docsType{Before: "list of " + t.Before, Of: t.Of}
	case len(s.Enum) > 0:
		var values []string
		for _, v := range s.Enum {
			values = append(values, fmt.Sprint(v))
		}
		return docsType{Before: strings.Join(values, ", ")}
	case s.Format != "" && s.Type == "string":
		return docsType{Before: s.Format}
	case s.Type == "":
		return docsType{Before: "anything"}
	}
	return docsType{Before: s.Type}
}

// marked turns the little Markdown of our own descriptions into paragraphs: `code` and **strong**.
func marked(text string) []template.HTML {
	var all []template.HTML
	for _, paragraph := range strings.Split(text, "\n\n") {
		if paragraph == "" {
			continue
		}
		out := template.HTMLEscapeString(paragraph)
		for mark, tag := range map[string]string{"**": "strong", "`": "code"} {
			parts := strings.Split(out, mark)
			for i := 1; i+1 < len(parts); i += 2 {
				parts[i] = "<" + tag + ">" + parts[i] + "</" + tag + ">"
			}
			out = strings.Join(parts, "")
		}
		all = append(all, template.HTML(out)) //nolint:gosec // our own text, escaped
	}
	return all
}
