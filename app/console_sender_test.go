package app_test

import (
	"net/url"
	"testing"
)

// TestSenderPage: who looks after the letters sees the sender, tests it and lifts suppressions; who may only read in
// a group sees no address; and no tenant sees another's.
func TestSenderPage(t *testing.T) {
	t.Parallel()
	h := newLooked(t)
	for _, slug := range []string{"looked", "first"} {
		h.Exec(`INSERT INTO suppressions (tenant_id, address, cause, word, since) SELECT id, 'gone@' || slug || '.example', 'bounced', 'NoEmail', $2
			FROM tenants WHERE slug = $1`, slug, h.Clock.Now())
	}
	at := h.at + "/console/sender"
	ada := h.in("ada")
	page := ada.Get(at).Sees(200, "gone@ looked. example", "Letters leave from").Hides("first. example")
	ada.Get(at+"?address=gone%40first.example").Sees(200, "No address is left out.")
	ada.Get(at + "?before=yesterday").Sees(404)
	token := page.Value("token")
	since := h.Clock.Now()
	ada.Post(at+"/test", url.Values{"token": {token}}).Sees(200, "The test was taken")
	h.Letter("ada@looked.example", since)
	for range 4 {
		ada.Post(at+"/test", url.Values{"token": {token}})
	}
	ada.Post(at+"/test", url.Values{"token": {token}}).Sees(429, "five times within ten minutes")
	ada.Post(at+"/resume", url.Values{"token": {token}}).Sees(404)
	lift := url.Values{"token": {token}, "address": {"gone@first.example"}, "what": {"lift"}}
	ada.Post(at+"/lift", lift).Sees(404)
	lift.Set("address", "gone@looked.example")
	nils := h.in("nils")
	nils.Get(at).Sees(200).Hides("gone@ looked. example")
	lift.Set("token", nils.Get(h.at+"/account/password").Value("token"))
	nils.Post(at+"/lift", lift).Sees(403)
	lift.Set("token", token)
	ada.Post(at+"/lift", lift).Sees(303)
	if n := h.Count("suppressions"); n != 1 {
		t.Errorf("%d addresses are suppressed, want the other tenant's", n)
	}
	if n := h.Count("audit_events WHERE kind = 'address.lifted'"); n != 1 {
		t.Errorf("%d times written down", n)
	}
}
