package themes

import "bytes"

// Prepared is a page drawn once, with slots where the nonce and the form token go. It never changes
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
)

// Prepare draws a page whose Chrome differs between responses in Nonce and Token alone; both are
// ignored in c. A page with a flash, a request id or typed values belongs to Page.
func (r *Renderer) Prepare(b *Brand, locale string, c Chrome, p Page) (*Prepared, error) {
	c.Nonce, c.Token = r.nonceSlot, r.tokenSlot
	page, err := r.Page(b, locale, c, p)
	if err != nil {
		return nil, err
	}
	prepared := &Prepared{}
	for {
		i, kind, length := bytes.Index(page, []byte(r.nonceSlot)), nonceSlot, len(r.nonceSlot)
		if j := bytes.Index(page, []byte(r.tokenSlot)); j >= 0 && (i < 0 || j < i) {
			i, kind, length = j, tokenSlot, len(r.tokenSlot)
		}
		if i < 0 {
			break
		}
		prepared.parts = append(prepared.parts, bytes.Clone(page[:i]))
		prepared.slots = append(prepared.slots, kind)
		page = page[i+length:]
	}
	prepared.parts = append(prepared.parts, bytes.Clone(page))
	for _, part := range prepared.parts {
		prepared.size += len(part)
	}
	return prepared, nil
}

// Append writes the page with this response's nonce and token to dst. Both are base64 text; any
// other byte in them is left out, so that neither can end an attribute.
func (p *Prepared) Append(dst []byte, nonce, token string) []byte {
	last := len(p.parts) - 1
	for i, kind := range p.slots {
		dst = append(dst, p.parts[i]...)
		if kind == nonceSlot {
			dst = appendBase64(dst, nonce)
		} else {
			dst = appendBase64(dst, token)
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
