package themes

import (
	"embed"
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"strings"

	"github.com/nicksnyder/go-i18n/v2/i18n"
	plain "github.com/nicksnyder/go-i18n/v2/i18n/template"
	"go.yaml.in/yaml/v3"
	"golang.org/x/text/language"
)

//go:embed words
var wordFiles embed.FS

// catalogue is the words of every locale: go-i18n keeps them and chooses the plural form (CLDR),
// placeholders are {name} and filled here, so that a tenant's text can never be a template.
type catalogue struct {
	localizers   map[string]*i18n.Localizer
	placeholders map[string]map[string]bool // key → the names that its English text may use
	keys         map[string]map[string]*i18n.Message
}

func readCatalogue() (*catalogue, error) {
	c := &catalogue{
		localizers:   map[string]*i18n.Localizer{},
		placeholders: map[string]map[string]bool{},
		keys:         map[string]map[string]*i18n.Message{},
	}
	for _, locale := range Locales() {
		bundle := i18n.NewBundle(language.Make(locale))
		messages, err := readWords(bundle, locale)
		if err != nil {
			return nil, err
		}
		c.localizers[locale] = i18n.NewLocalizer(bundle, locale)
		c.keys[locale] = map[string]*i18n.Message{}
		for _, m := range messages {
			c.keys[locale][m.ID] = m
			if locale == "en" {
				c.placeholders[m.ID] = placeholdersOf(m)
			}
		}
	}
	return c, nil
}

// readWords reads the files of one locale, one a part of the portal. A key stands in one of them.
func readWords(bundle *i18n.Bundle, locale string) ([]*i18n.Message, error) {
	files, err := fs.Glob(wordFiles, "words/"+locale+"/*.yaml")
	if err != nil || len(files) == 0 {
		return nil, fmt.Errorf("words of %q: none (%w)", locale, err)
	}
	var all []*i18n.Message
	for _, name := range files {
		doc, err := wordFiles.ReadFile(name)
		if err != nil {
			return nil, fmt.Errorf("words: %w", err)
		}
		messages, err := bundle.ParseMessageBytes(language.Make(locale), doc, func(b []byte, v any) error { return yaml.Unmarshal(b, v) })
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		for _, m := range messages {
			if slices.ContainsFunc(all, func(other *i18n.Message) bool { return other.ID == m.ID }) {
				return nil, fmt.Errorf("%s: %s stands in another file too", name, m.ID)
			}
			all = append(all, m)
		}
	}
	return all, nil
}

var placeholder = regexp.MustCompile(`\{([a-z_]+)\}`)

// placeholdersOf collects the names in all plural forms of a message.
func placeholdersOf(m *i18n.Message) map[string]bool {
	names := map[string]bool{}
	for _, form := range forms(m) {
		for _, p := range placeholder.FindAllStringSubmatch(form, -1) {
			names[p[1]] = true
		}
	}
	return names
}

func forms(m *i18n.Message) []string {
	return []string{m.Zero, m.One, m.Two, m.Few, m.Many, m.Other}
}

// text is the message with its placeholders unfilled, in the form that the count asks for.
func (c *catalogue) text(locale, key string, count any) (string, bool) {
	if m, ok := c.keys[locale][key]; ok && m.Other == "" {
		return "", true // a text that only tenants add
	}
	s, err := c.localizers[locale].Localize(&i18n.LocalizeConfig{
		MessageID: key, PluralCount: count, TemplateParser: plain.IdentityParser{},
	})
	return s, err == nil || s != ""
}

// message finds the text of a key: the tenant's own in this locale, then the catalogue's. A tenant's
// text stands for all plural forms. A key that nobody knows shows itself, so that it is seen.
func (r *Renderer) message(b *Brand, locale, key string, args map[string]any) string {
	if own, ok := b.words[locale][key]; ok {
		return own
	}
	if s, ok := r.words.text(locale, key, args["count"]); ok {
		return s
	}
	return key
}

// fill puts values in the place of {names}; show turns a value into what stands there. A name
// without a value stays as written.
func fill(text string, b *Brand, args map[string]any, show func(name string, v any) string) string {
	var out strings.Builder
	for {
		i := strings.IndexByte(text, '{')
		if i < 0 {
			break
		}
		j := strings.IndexByte(text[i:], '}')
		if j < 0 {
			break
		}
		name := text[i+1 : i+j]
		v, ok := args[name]
		if !ok && name == "brand" {
			v, ok = b.name, true
		}
		out.WriteString(show("", text[:i]))
		if ok {
			out.WriteString(show(name, v))
		} else {
			out.WriteString(show("", text[i:i+j+1]))
		}
		text = text[i+j+1:]
	}
	out.WriteString(show("", text))
	return out.String()
}

// Text is one message in plain text, its values filled in. Values may be strings, whole numbers,
// times, durations or a Message; "count" also chooses the plural form.
func (r *Renderer) Text(b *Brand, locale, key string, args map[string]any) string {
	locale = localeOr(locale, b.localeDefault)
	return fill(r.message(b, locale, key, args), b, args, func(name string, v any) string {
		return r.plain(b, locale, name, v)
	})
}
