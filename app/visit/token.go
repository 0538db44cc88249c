package visit

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/binary"
	"time"
)

// formLife is how long a form stays good (security.md 4.3).
const formLife = 2 * time.Hour

// A form's token is a MAC over the browser's form cookie (16 random bytes and the time it was made),
// the tenant and the session: nothing is stored, another browser's or tenant's token does not fit, and
// signing in or out makes older forms stale.

// formToken gives the token for this response's forms.
func (v *Visit) formToken() string {
	return base64.RawURLEncoding.EncodeToString(v.Seals.MAC("form", v.TenantID(), v.formCookie(), v.sessionPart()))
}

// formCookie is the cookie that this response leaves in the browser, made anew when there is none that
// will last another while.
func (v *Visit) formCookie() string {
	if v.pre != "" {
		return v.pre
	}
	cookie := v.Cookie(CookieForm)
	if made, ok := formCookieTime(cookie); !ok || v.Clock.Now().Sub(made) > formLife/2 || made.After(v.Clock.Now().Add(time.Minute)) {
		cookie = newFormCookie(v.Clock.Now())
		v.SetCookie(CookieForm, cookie, v.Clock.Now().Add(formLife))
	}
	v.pre = cookie
	return cookie
}

// checkToken is nil when the form came from a page that we gave this browser lately.
func (v *Visit) checkToken(token string) error {
	cookie := v.Cookie(CookieForm)
	made, ok := formCookieTime(cookie)
	if age := v.Clock.Now().Sub(made); !ok || age > formLife || age < -time.Minute {
		return ErrStaleForm
	}
	mac, err := base64.RawURLEncoding.Strict().DecodeString(token)
	if err != nil || !v.Seals.CheckMAC(mac, "form", v.TenantID(), cookie, v.sessionPart()) {
		return ErrStaleForm
	}
	return nil
}

func (v *Visit) sessionPart() string {
	switch {
	case v.Staff != nil:
		return v.Staff.PublicID.String()
	case v.Session == nil:
		return ""
	}
	return v.Session.PublicID.String()
}

func newFormCookie(now time.Time) string {
	b := make([]byte, 16, 20)
	_, _ = rand.Read(b)                                      // never fails (crypto/rand since Go 1.24)
	b = binary.BigEndian.AppendUint32(b, uint32(now.Unix())) //nolint:gosec // until 2106
	return base64.RawURLEncoding.EncodeToString(b)
}

func formCookieTime(cookie string) (time.Time, bool) {
	var b [20]byte
	if base64.RawURLEncoding.DecodedLen(len(cookie)) != len(b) {
		return time.Time{}, false
	}
	if _, err := base64.RawURLEncoding.Strict().Decode(b[:], []byte(cookie)); err != nil {
		return time.Time{}, false
	}
	return time.Unix(int64(binary.BigEndian.Uint32(b[16:])), 0), true
}
