package themes

import (
	"bytes"
	"html/template"
)

// Prepared is a page drawn once, with slots where the nonce, the form token and the name of who is
// signed in go. It never changes
// and may be appended from many goroutines at once.
type Prepared struct {
	parts [][]byte
	slots []slot // slots[i] follows parts[i]
	size  int
}

type slot byte

const (
	nonceSlot slot = iota
	tokenSlot
	personSlot
)

// Prepare draws a page whose Chrome differs between responses in Nonce, Token and the text of Person
// alone; of c they count only as there or not. A page with a flash, a request id or typed values belongs
// to Page.
func (r *Renderer) Prepare(b *Brand, locale string, c Chrome, p Page) (*Prepared, error) {
	c.Nonce, c.Token = r.nonceSlot, r.tokenSlot
	if c.Person != "" {
		c.Person = r.personSlot
	}
	page, err := r.Page(b, locale, c, p)
	if err != nil {
		return nil, err
	}
	prepared := &Prepared{}
	marks := [...]string{nonceSlot: r.nonceSlot, tokenSlot: r.tokenSlot, personSlot: r.personSlot}
	for {
		at, kind := -1, nonceSlot
		for k, mark := range marks {
			if i := bytes.Index(page, []byte(mark)); i >= 0 && (at < 0 || i < at) {
				at, kind = i, slot(k)
			}
		}
		if at < 0 {
			break
		}
		prepared.parts = append(prepared.parts, bytes.Clone(page[:at]))
		prepared.slots = append(prepared.slots, kind)
		page = page[at+len(marks[kind]):]
	}
	prepared.parts = append(prepared.parts, bytes.Clone(page))
	for _, part := range prepared.parts {
		prepared.size += len(part)
	}
	return prepared, nil
}

// Append writes the page with this response's nonce, token and person to dst. Nonce and token are
// base64 text; any other byte in them is left out, so that neither can end an attribute. The person's
// name is escaped for the text of an element, which is where pages show it.
func (p *Prepared) Append(dst []byte, nonce, token, person string) []byte {
	last := len(p.parts) - 1
	for i, kind := range p.slots {
		dst = append(dst, p.parts[i]...)
		switch kind {
		case nonceSlot:
			dst = appendBase64(dst, nonce)
		case tokenSlot:
			dst = appendBase64(dst, token)
		case personSlot:
			dst = append(dst, template.HTMLEscapeString(person)...)
		}
	}
	return append(dst, p.parts[last]...)
}

// Size is the length of the page without nonce and token, in bytes: what dst should have room for.
func (p *Prepared) Size() int { return p.size }

// appendBase64 copies the characters of base64, base64url and the dot between sealed parts.
func appendBase64(dst []byte, s string) []byte {
	for i := range len(s) {
		switch c := s[i]; {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9',
			c == '-', c == '_', c == '+', c == '/', c == '=', c == '.':
			dst = append(dst, c)
		}
	}
	return dst
}
