package app_test

import (
	"net/url"
	"testing"

	"portico/app/apptest"
)

// The inbox of `portico dev` tells what a carrier would, and the console shows it.
func TestInboxIsACarrier(t *testing.T) {
	t.Parallel()
	h := &watched{Portal: apptest.Start(t, apptest.Options{Tenants: []string{looked, apptest.First}, Dev: true}), t: t}
	h.at = h.Origin("looked")
	letter := h.ask("desa@looked.example").String()
	ada, platform := h.in("ada"), "http://localhost:"+h.Port
	ada.Get(h.at+"/console/dashboard").Sees(200, "No carrier reported").Hides("Came back or unwanted")
	ada.Get(h.at+"/console/letters?stage=bounced").Sees(200, "nobody knows whether any came back")
	b := h.Browser()
	b.Get(platform+"/dev/inbox").Sees(200, "came back")
	told := func(id, fate string) *apptest.Answer {
		return b.Post(platform+"/dev/inbox/"+id+"/told", url.Values{"fate": {fate}})
	}
	told(letter, "eaten").Sees(400)
	told("00000000-0000-7000-8000-000000000000", "bounced").Sees(404)
	header := apptest.SameOrigin(platform)
	header["Sec-Fetch-Site"], header["Content-Type"] = "cross-site", "application/x-www-form-urlencoded"
	b.Send("POST", platform+"/dev/inbox/"+letter+"/told", "fate=bounced", header).Sees(403)
	if n := h.Count("letter_feedback"); n != 0 {
		t.Fatalf("%d reports of what no carrier may tell", n)
	}
	told(letter, "bounced").Sees(303)
	ada.Get(h.at+"/console/letters?stage=bounced").Sees(200, "Desa Desk", "Came back", "Nothing arrives here")
	ada.Get(h.at+"/console/letters?stage=complained").Sees(200, "No letter was found").Hides("nobody knows")
	ada.Get(h.at+"/console/dashboard").Sees(200, "Came back or unwanted").Hides("No carrier reported")
	if n := h.Count("audit_events WHERE kind = 'letter.bounced' AND actor = 'system'"); n != 1 {
		t.Errorf("%d times written down", n)
	}
}
