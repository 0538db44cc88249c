package api

import (
	"cmp"
	"context"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"portico/app/looks"
	"portico/rbac"
	"portico/tenants"
	"portico/themes"
)

// ThemeDocument is a theme as tenant files write it, in JSON.
type ThemeDocument map[string]any

// Schema is open: package themes names the fields, and refuses others.
func (ThemeDocument) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: "object", AdditionalProperties: true, Description: "A theme as tenant files write it (docs/tenant-file.md): layout, colors, type, shape, logo. Fields that are missing have their default.",
		Examples: []any{map[string]any{"layout": "card", "site_title": "Example House"}}}
}

// WordsDocument are texts of a tenant's own: language, key, text.
type WordsDocument map[string]map[string]string

// Document is a look or words, as they are or as a draft.
type Document[T any] struct {
	Document  T         `json:"document" doc:"What stands; of a draft that does not exist, what everybody sees."`
	Version   int64     `json:"version" doc:"Of what everybody sees; 0: the default."`
	Exists    bool      `json:"exists" doc:"Of a draft: there is one. Of what everybody sees: somebody published one."`
	Stale     bool      `json:"stale" doc:"Of a draft: something else was published since it began."`
	ChangedAt time.Time `json:"changed_at,omitzero" doc:"When the draft was saved last."`
}

type documentOut[T any] struct {
	ETag string `header:"ETag"`
	Body Document[T]
}

type putDocumentIn[T any] struct {
	IfMatch string `header:"If-Match" doc:"The ETag of the draft that you read."`
	Body    T
}

type publishIn struct {
	IfMatch string `header:"If-Match" doc:"The ETag of the draft that you read."`
}

func (a *API) lookOperations() {
	subject(a, "theme", tenants.SubjectTheme, "the theme", func(doc json.RawMessage) (ThemeDocument, error) {
		theme, err := themes.ParseTheme(doc)
		if err != nil {
			return nil, err
		}
		return asMap(theme)
	}, a.parseTheme)
	subject(a, "words", tenants.SubjectWords, "the words", func(doc json.RawMessage) (WordsDocument, error) {
		words := WordsDocument{}
		if len(doc) == 0 {
			return words, nil
		}
		return words, json.Unmarshal(doc, &words)
	}, a.parseWords)
}

func asMap(theme themes.Theme) (ThemeDocument, error) {
	text, err := json.Marshal(theme)
	if err != nil {
		return nil, err
	}
	doc := ThemeDocument{}
	return doc, json.Unmarshal(text, &doc)
}

// parseTheme holds a draft to what the console's editor does: fields that are known, and colours that can be read.
func (a *API) parseTheme(doc ThemeDocument) (any, error) {
	text, err := json.Marshal(doc)
	if err != nil {
		return nil, err
	}
	theme, err := themes.ParseTheme(text)
	if err != nil {
		return nil, at("", "refused", err.Error())
	}
	return theme, faulty(theme.Validate())
}

// parseWords holds a draft of texts to the keys and placeholders that there are.
func (a *API) parseWords(doc WordsDocument) (any, error) {
	words := tenants.Words{}
	for locale, texts := range doc {
		words[locale] = texts
	}
	return words, faulty(a.Looks.Renderer.CheckWords(words))
}

func faulty(sentences []string) error {
	if len(sentences) == 0 {
		return nil
	}
	p := problem(http.StatusUnprocessableEntity, "invalid")
	for _, s := range sentences {
		p.Faults = append(p.Faults, Fault{Code: "refused", Detail: s})
	}
	return p
}

// subject registers the operations about one document.
func subject[T any](a *API, path, subject, called string, decode func(json.RawMessage) (T, error), parse func(T) (any, error)) {
	answer := func(ctx context.Context, c *call, draft bool) (*documentOut[T], error) {
		d, err := a.Looks.Draft(ctx, c.tenant().ID, subject)
		if err != nil {
			return nil, err
		}
		out := &documentOut[T]{ETag: etag(numbered(d.Newest)), Body: Document[T]{Version: d.Newest, Exists: d.Newest > 0}}
		doc := d.Live
		if draft {
			doc = d.Document
			out.ETag = etag(versionOf(d))
			out.Body.Exists, out.Body.Stale, out.Body.ChangedAt = d.Exists, d.Stale(), utc(d.At)
		}
		out.Body.Document, err = decode(doc)
		return out, err
	}
	handle(a, operation{id: "get-" + path, method: http.MethodGet, path: "/" + path, tag: tagLook, summary: "Read " + called, permission: rbac.LookRead,
		doc: "What everybody sees."}, func(ctx context.Context, c *call, _ *struct{}) (*documentOut[T], error) { return answer(ctx, c, false) })
	handle(a, operation{id: "get-" + path + "-draft", method: http.MethodGet, path: "/" + path + "/draft", tag: tagLook, summary: "Read the draft of " + called, permission: rbac.LookRead,
		doc: "What is being prepared. Where there is no draft, what everybody sees, from which one may begin."}, func(ctx context.Context, c *call, _ *struct{}) (*documentOut[T], error) { return answer(ctx, c, true) })
	handle(a, operation{id: "put-" + path + "-draft", method: http.MethodPut, path: "/" + path + "/draft", tag: tagLook, summary: "Save the draft of " + called, permission: rbac.LookEdit, match: true,
		doc: "Replaces the draft, or begins one. Nobody sees it before it is published."}, func(ctx context.Context, c *call, in *putDocumentIn[T]) (*documentOut[T], error) {
		stamp, begun, err := a.draftAt(ctx, c, subject, in.IfMatch)
		if err != nil {
			return nil, err
		}
		doc, err := parse(in.Body)
		if err != nil {
			return nil, err
		}
		if _, err := a.Looks.Save(ctx, c.tenant().ID, subject, stamp, begun, doc); err != nil {
			return nil, err
		}
		return answer(ctx, c, true)
	})
	handle(a, operation{id: "discard-" + path + "-draft", method: http.MethodDelete, path: "/" + path + "/draft", tag: tagLook, summary: "Throw the draft of " + called + " away", permission: rbac.LookEdit,
		match: true, status: http.StatusNoContent}, func(ctx context.Context, c *call, in *publishIn) (*struct{}, error) {
		stamp, _, err := a.draftAt(ctx, c, subject, in.IfMatch)
		if err != nil {
			return nil, err
		}
		return nil, a.Looks.Discard(ctx, c.tenant().ID, subject, stamp)
	})
	handle(a, operation{id: "publish-" + path, method: http.MethodPost, path: "/" + path + "/publish", tag: tagLook, summary: "Publish the draft of " + called, permission: rbac.LookPublish,
		match: true, conflict: true, doc: "Makes the draft what everybody sees. A draft with faults is refused whole, with each of them."},
		func(ctx context.Context, c *call, in *publishIn) (*documentOut[T], error) {
			stamp, _, err := a.draftAt(ctx, c, subject, in.IfMatch)
			if err != nil {
				return nil, err
			}
			if err := a.Looks.Publish(ctx, c.tenant().ID, subject, stamp); err != nil {
				return nil, err
			}
			a.Web.Resolver.Forget(c.tenant().ID)
			return answer(ctx, c, false)
		})
}

// versionOf is the tag of a draft: its stamp, and the version that it began from.
func versionOf(d looks.Draft) string { return cmp.Or(d.Stamp, "none") + "." + numbered(d.Base) }

// draftAt reads which draft an If-Match means; "*" is the one that stands.
func (a *API) draftAt(ctx context.Context, c *call, subject, header string) (stamp string, begun int64, err error) {
	tag, anyOne, err := matched(header)
	if err != nil {
		return "", 0, err
	}
	if anyOne {
		d, err := a.Looks.Draft(ctx, c.tenant().ID, subject)
		return d.Stamp, d.Base, err
	}
	stamp, number, ok := strings.Cut(tag, ".")
	begun, bad := strconv.ParseInt(number, 10, 64)
	if !ok || bad != nil {
		return "", 0, looks.ErrChanged
	}
	if stamp == "none" {
		stamp = ""
	}
	return stamp, begun, nil
}
