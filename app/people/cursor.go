package people

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"github.com/google/uuid"

	"portico/tenants"
)

// ErrBadCursor means that a place in a list is none that this tenant gave out for this list.
var ErrBadCursor = errors.New("no place in this list")

// cursor is a place in a list: the row beside which the next page begins.
type cursor struct {
	List  string    `json:"l"`           // which list and order it belongs to
	Back  bool      `json:"b,omitempty"` // the page before it
	Key   string    `json:"k,omitempty"` // of a list by name
	At    time.Time `json:"t,omitzero"`  // of a list by time
	ID    uuid.UUID `json:"i"`
	Start int       `json:"s,omitempty"` // of search results: how many are skipped
}

// seal makes the text that travels in an address: it holds at this tenant alone.
func (p *People) seal(tenant tenants.ID, c cursor) string {
	plain, err := json.Marshal(c)
	if err != nil {
		return "" // strings, a time within its years and a number: never
	}
	body := base64.RawURLEncoding.EncodeToString(plain)
	return body + "." + base64.RawURLEncoding.EncodeToString(p.Seals.MAC("people cursor", tenant, body))
}

// open reads a place back; "" is the beginning. ErrBadCursor for anything else that seal did not make here.
func (p *People) open(tenant tenants.ID, list, text string) (c cursor, err error) {
	if text == "" {
		return cursor{List: list}, nil
	}
	body, mac, _ := strings.Cut(text, ".")
	given, err := base64.RawURLEncoding.Strict().DecodeString(mac)
	if err != nil || !p.Seals.CheckMAC(given, "people cursor", tenant, body) {
		return c, ErrBadCursor
	}
	plain, err := base64.RawURLEncoding.Strict().DecodeString(body)
	if err != nil || json.Unmarshal(plain, &c) != nil || c.List != list {
		return cursor{}, ErrBadCursor
	}
	return c, nil
}
