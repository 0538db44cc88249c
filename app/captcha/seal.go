package captcha

import (
	"crypto/subtle"
	"encoding/base64"
	"encoding/binary"
	"time"

	"portico/tenants"
)

// life is how long a challenge waits for its answer (security.md 4.3).
const life = 5 * time.Minute

// sealed is what an id holds: first letter of the kind, end in Unix seconds, binding, secret.
type sealed struct {
	raw    []byte // of the id, decoded: what a spent row is found by
	kind   Kind
	name   string
	ends   time.Time
	bound  []byte
	secret []byte
}

const (
	bindingSize = 12
	headSize    = 1 + 4 + bindingSize
	sealPurpose = "captcha"
)

// binding ties a challenge to a tenant and to the browser that was given it.
func (d *Desk) binding(tenant tenants.ID, session string) []byte {
	return d.Seals.MAC(sealPurpose, tenant, session)[:bindingSize]
}

func (d *Desk) seal(name string, ends time.Time, bound, secret []byte) string {
	plain := append(make([]byte, 0, headSize+len(secret)), name[0])
	plain = binary.BigEndian.AppendUint32(plain, uint32(ends.Unix())) //nolint:gosec // until 2106
	plain = append(append(plain, bound...), secret...)
	// Under no tenant's key, so that `portico dev` can reveal an id alone; the binding names the tenant.
	return base64.RawURLEncoding.EncodeToString(d.Seals.Seal(sealPurpose, tenants.ID{}, "", plain))
}

// open reads an id that this program made, whoever's it is and however old.
func (d *Desk) open(id string) (sealed, bool) {
	if len(id) > longestID {
		return sealed{}, false
	}
	raw, err := base64.RawURLEncoding.Strict().DecodeString(id) // strict: no second spelling of a spent id
	if err != nil {
		return sealed{}, false
	}
	plain, err := d.Seals.Open(sealPurpose, tenants.ID{}, "", raw)
	if err != nil || len(plain) < headSize {
		return sealed{}, false
	}
	s := sealed{raw: raw, ends: time.Unix(int64(binary.BigEndian.Uint32(plain[1:5])), 0).UTC(),
		bound: plain[5:headSize], secret: plain[headSize:]}
	s.name, s.kind = d.byLetter(plain[0])
	return s, s.kind != nil
}

// given opens an id for the browser that it was given to, while it is good.
func (d *Desk) given(tenant tenants.ID, session, id string) (sealed, bool) {
	s, ok := d.open(id)
	if !ok || subtle.ConstantTimeCompare(s.bound, d.binding(tenant, session)) != 1 {
		return sealed{}, false
	}
	return s, session != "" && d.DB.Clock().Now().Before(s.ends)
}
