package api

import (
	"encoding/base64"
	"net/http"
	"strings"

	"github.com/google/uuid"

	"portico/tenants"
)

// pageRows is how much of a list comes at once.
const pageRows = 50

// sealed is a place in a list that is ordered by ids, as it travels: it holds in this list of this tenant alone,
// and nobody makes one up.
func (a *API) sealed(tenant tenants.ID, list string, id uuid.UUID) string {
	return base64.RawURLEncoding.EncodeToString(id[:]) + "." + base64.RawURLEncoding.EncodeToString(a.Web.Seals.MAC("api cursor", tenant, list, id.String()))
}

// opened reads a place back; "" is the beginning.
func (a *API) opened(tenant tenants.ID, list, text string) (id uuid.UUID, err error) {
	if text == "" {
		return id, nil
	}
	body, mac, _ := strings.Cut(text, ".")
	plain, bad := base64.RawURLEncoding.Strict().DecodeString(body)
	given, worse := base64.RawURLEncoding.Strict().DecodeString(mac)
	if bad == nil && worse == nil && len(plain) == len(id) {
		copy(id[:], plain)
		if a.Web.Seals.CheckMAC(given, "api cursor", tenant, list, id.String()) {
			return id, nil
		}
	}
	return uuid.UUID{}, problem(http.StatusUnprocessableEntity, "invalid").with(Fault{Parameter: "cursor", Code: "cursor", Detail: "This is no place in this list: begin anew without it."})
}
