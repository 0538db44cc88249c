package visit

import (
	"encoding/base64"
	"encoding/json"
	"time"
)

// openedLife bounds the time between opening a link and using it (security.md 4.3).
const openedLife = 15 * time.Minute

// opened is what the flow cookie holds, sealed: the token left the address bar with the redirect.
type opened struct {
	Purpose string    `json:"p"`
	Token   string    `json:"t"`
	Until   time.Time `json:"u"`
}

// KeepOpened seals the token of a mailed link, or another secret that a step hands to the next, into
// the flow cookie for 15 minutes. Nothing is stored. One purpose at a time: the newest counts.
func (v *Visit) KeepOpened(purpose, token string) {
	v.KeepUntil(purpose, token, v.Clock.Now().Add(openedLife))
}

// KeepUntil is KeepOpened until a moment that something in the database ends at, too.
func (v *Visit) KeepUntil(purpose, token string, until time.Time) {
	o := opened{Purpose: purpose, Token: token, Until: until}
	plain, err := json.Marshal(o)
	if err != nil {
		return // strings and a time always marshal
	}
	sealed := v.Seals.Seal("flow", v.TenantID(), purpose, plain)
	v.SetCookie(CookieFlow, base64.RawURLEncoding.EncodeToString(sealed), o.Until)
}

// Opened is what KeepOpened kept for this very purpose at this tenant; false when there is none, it is
// too old, or it is another's.
func (v *Visit) Opened(purpose string) (token string, ok bool) {
	var o opened
	raw, err := base64.RawURLEncoding.DecodeString(v.Cookie(CookieFlow))
	if err != nil {
		return "", false
	}
	plain, err := v.Seals.Open("flow", v.TenantID(), purpose, raw)
	if err != nil || json.Unmarshal(plain, &o) != nil {
		return "", false
	}
	return o.Token, o.Purpose == purpose && v.Clock.Now().Before(o.Until)
}
