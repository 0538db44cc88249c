package app_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"portico/app/apptest"
	"portico/app/letters"
	"portico/tenants"
	"portico/themes"
)

// A code leaves by all three channels, and the inbox of dev shows each with its code and its channel.
func TestTheDevInboxShowsCodesOfAllChannels(t *testing.T) {
	t.Parallel()
	file := strings.Replace(apptest.First, "from_name: First House}", "from_name: First House, phone: {provider: platform, countries: [US], voice: true}}", 1)
	p := apptest.Start(t, apptest.Options{Tenants: []string{file, apptest.Second}, Dev: true})
	tenant := p.Tenant("first")
	if sms, voice := p.Outbox.Health(tenant); !sms || !voice {
		t.Errorf("texts %t and calls %t of a tenant that has both", sms, voice)
	}
	if sms, voice := p.Outbox.Health(p.Tenant("second")); sms || voice {
		t.Errorf("texts %t and calls %t of a tenant that has neither", sms, voice)
	}
	to := map[letters.Channel]string{letters.Email: "ava@first.example", letters.SMS: "+15550100101", letters.Voice: "+15550100101"}
	for channel, address := range to {
		err := p.DB.In(t.Context(), tenant.ID, func(s *tenants.Scope) error {
			until := s.Now().Add(5 * time.Minute)
			_, err := p.Outbox.Write(t.Context(), s, letters.Draft{Channel: channel, To: address, Event: "challenge-" + string(channel), Lane: letters.Urgent, ExpiresAt: until,
				Letter: themes.CodeLetter{Name: "Ava", Code: "480913", TTL: 5 * time.Minute, ExpiresAt: until, For: "recovery"}})
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	browser, found := p.Browser(), map[string]letters.InboxLetter{}
	for deadline := time.Now().Add(20 * time.Second); len(found) < 3 && time.Now().Before(deadline); <-time.After(20 * time.Millisecond) {
		answer := browser.Get("http://localhost:" + p.Port + "/dev/inbox.json?tenant=first")
		var page letters.InboxPage
		if err := json.Unmarshal([]byte(answer.Body), &page); err != nil {
			t.Fatalf("%v in %s", err, answer.Body)
		}
		for _, l := range page.Letters {
			found[l.Channel] = l
		}
	}
	for channel, address := range to {
		if l := found[string(channel)]; l.Code != "480913" || l.To != address || l.Tenant != "first" || !strings.Contains(strings.ReplaceAll(l.Text, ", ", ""), "480913") {
			t.Errorf("%s: %+v", channel, l)
		}
	}
	page := browser.Get("http://localhost:" + p.Port + "/dev/inbox")
	for _, want := range []string{"<code>480913</code>", "<h2>Text</h2>", "<h2>Call</h2>", "@first.localhost #480913", "4, 8, 0, 9, 1, 3"} {
		if !strings.Contains(page.Body, want) {
			t.Errorf("the inbox's page lacks %q", want)
		}
	}
	if text := browser.Get("http://localhost:" + p.Port + "/dev/inbox/" + found["sms"].ID); text.Status != 200 || !strings.Contains(text.Body, "@first.localhost #480913") {
		t.Errorf("the text by itself: %d %s", text.Status, text.Body)
	}
	if list := browser.Get("http://localhost:" + p.Port + "/dev/inbox.json?to=+1+5550100101"); strings.Count(list.Body, `"channel"`) != 2 {
		t.Errorf("letters to the number: %s", list.Body)
	}
}
