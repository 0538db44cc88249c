package app_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"portico/app/apptest"
)

// give makes somebody of the first tenant hold a role everywhere.
func give(p *apptest.Portal, external, role string) {
	p.Exec(`INSERT INTO role_assignments (tenant_id, id, account_id, role, granted_by, created_at)
		SELECT tenant_id, gen_random_uuid(), id, $2, 'test', created_at FROM accounts WHERE external_id = $1`, external, role)
}

// brandAdmin is a portal with a browser in which the first tenant's administrator is signed in.
func brandAdmin(t *testing.T) (*apptest.Portal, *apptest.Browser, string) {
	t.Helper()
	p := apptest.Start(t, apptest.Options{})
	at := p.Origin("first")
	b := p.Browser()
	b.SignIn(at, "tariq@first.example", apptest.Password).Sees(303)
	return p, b, at
}

// stylesheet is the address of the look that somebody sees at the front door.
func stylesheetOf(b *apptest.Browser, at string) string {
	body := b.Get(at + "/login").Sees(200).Body
	_, rest, _ := strings.Cut(body, `/assets/theme.`)
	name, _, _ := strings.Cut(rest, `"`)
	return name
}

func TestDraftOfTheLookIsPublished(t *testing.T) {
	t.Parallel()
	p, b, at := brandAdmin(t)
	beside := apptest.Start(t, apptest.Options{Beside: p, BaseURL: "http://localhost:" + p.Port})
	stranger, other := p.Browser(), beside.Browser()
	before := stylesheetOf(stranger, at)

	page := b.Get(at+"/console/look").Sees(200, "There is no draft", "Accent colour", "0 to 24 px", "Contrast")
	page = page.Submit("Save the draft", map[string]string{"Accent colour": "#aa2255", "radius": "3", "layout": "card", "density": "compact",
		"letter_cta": "button", "title_font": "serif", "text_font": "system", "weight": "600", "case": "as_written", "mark": "",
		"background": "gradient", "color_mode": "auto"}).On()
	page.Sees(200, "The draft is saved. Nobody sees it yet.", "A draft, last changed by Tariq Mensah", "#aa2255", "Rounding of corners")
	if now := stylesheetOf(stranger, at); now != before {
		t.Error("a draft is seen before it is published")
	}
	b.Get(at+"/console/look").Submit("Publish", nil).On().Sees(200, "It is published. Everybody sees it now.", "There is no draft")
	after := stylesheetOf(stranger, at)
	if after == before {
		t.Fatal("what was published is not seen")
	}
	for deadline := time.Now().Add(5 * time.Second); stylesheetOf(other, at) != after; <-time.After(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("a second instance does not see what was published")
		}
	}
	if n := p.Count(`audit_events WHERE kind = 'theme.changed' AND actor LIKE 'account:%' AND details::text LIKE '%#aa2255%' AND details::text LIKE '%#1f5fbf%'`); n != 1 {
		t.Errorf("%d audit rows tell the colour before and after, want 1", n)
	}

	page = b.Get(at+"/console/look/history").Sees(200, "Version 2", "Published now", "Published by Tariq Mensah", "Version 1")
	page.Submit("Publish version 1 again", nil).On().Sees(200, "The earlier version is published again", "Version 3")
	if stylesheetOf(stranger, at) != before {
		t.Error("rolled back, the look is not as it was")
	}
}

func TestLookRefusesWhatCannotBeRead(t *testing.T) {
	t.Parallel()
	_, b, at := brandAdmin(t)
	for _, c := range []struct{ name, field, value, says string }{
		{"no colour", "accent", "red; background:url(//evil)", "This is not a colour"},
		{"out of bounds", "radius", "25", "Give a whole number from 0 to 24"},
		{"no number", "radius", "3px", "Give a whole number"},
		{"low contrast", "light_text", "#bbbbbb", "people need 4.50:1 to see it. The nearest colour that works is #"},
		{"a control of low contrast", "light_accent", "#f5f5f5", "contrast; people need"},
		{"a list's stranger", "title_font", "comic", "Choose one of the list"},
		{"two lines", "site_title", "a\nb", "Give one line"},
		{"a picture that is not there", "background", "image", "Upload a picture first"},
	} {
		page := b.Get(at+"/console/look").Submit("Save the draft", map[string]string{c.field: c.value})
		page.Sees(422, c.says)
	}
	b.Get(at+"/console/look").Sees(200, "There is no draft")
	page := b.Get(at + "/console/look")
	b.Post(at+"/console/look", url.Values{"token": {page.Value("token")}, "stamp": {""}, "base": {"0"}, "logo_image": {strings.Repeat("a", 64)}}).Sees(400)
}

func TestSecondEditorSeesTheConflict(t *testing.T) {
	t.Parallel()
	p, b, at := brandAdmin(t)
	give(p, "f-1", "brand_admin")
	second := p.Browser()
	second.SignIn(at, "ava@first.example", apptest.Password).Sees(303)
	mine, theirs := second.Get(at+"/console/look").Sees(200), b.Get(at+"/console/look").Sees(200)
	choices := func(accent string) map[string]string {
		return map[string]string{"Accent colour": accent}
	}
	theirs.Submit("Save the draft", choices("#aa2255")).On().Sees(200, "The draft is saved")
	page := mine.Submit("Save the draft", choices("#225577"))
	page.Sees(409, "Somebody else changed it", "Tariq Mensah saved this draft", "#aa2255", "#225577")
	b.Get(at+"/console/look").Sees(200, "#aa2255").Hides("#225577")
	page.Submit("Save mine over it", nil).On().Sees(200, "The draft is saved", "#225577")
	b.Get(at+"/console/look").Sees(200, "#225577", "last changed by Ava Lindqvist")
	// what was published meanwhile is no draft's to overwrite
	stale := b.Get(at + "/console/look")
	second.Get(at+"/console/look").Submit("Publish", nil).On().Sees(200, "It is published")
	stale.Submit("Publish", nil).On().Sees(200, "Somebody changed it meanwhile")
	stale.Submit("Save the draft", choices("#333366")).Sees(409, "Ava Lindqvist")
}

// A form with a fault is answered with the stamp that its editor saw, not with the newest: corrected, it would
// silently undo what somebody else saved meanwhile.
func TestFaultNeverHidesAConflict(t *testing.T) {
	t.Parallel()
	p, b, at := brandAdmin(t)
	give(p, "f-1", "brand_admin")
	second := p.Browser()
	second.SignIn(at, "ava@first.example", apptest.Password).Sees(303)
	mine := second.Get(at + "/console/look").Sees(200)
	mine = mine.Submit("Save the draft", map[string]string{"Accent colour": "red"}).Sees(422, "This is not a colour")
	b.Get(at+"/console/look").Submit("Save the draft", map[string]string{"radius": "3"}).On().Sees(200, "The draft is saved")
	mine.Submit("Save the draft", map[string]string{"Accent colour": "blue"}).Sees(409, "Somebody else changed it", "Tariq Mensah")
	mine.Submit("Save the draft", map[string]string{"Accent colour": "#225577"}).Sees(409, "Somebody else changed it")
	var radius string
	p.Scan("SELECT document->'shape'->>'radius' FROM look_drafts WHERE subject = 'theme'", nil, &radius)
	if radius != "3" {
		t.Errorf("somebody else's corners are %s, want 3", radius)
	}

	text := func(page *apptest.Answer, as string) *apptest.Answer {
		return page.Submit("Save the draft", map[string]string{"text": as})
	}
	edit := at + "/console/words/text?in=en&key=signin.title"
	wording := second.Get(edit).Sees(200)
	text(b.Get(edit), "Come in").On().Sees(200, "The draft is saved")
	text(wording, "Welcome {nobody}").Sees(409, "Come in")
	text(wording, "Welcome").Sees(409, "Come in")
}

func TestLookIsReadByAuditorsAlone(t *testing.T) {
	t.Parallel()
	p, b, at := brandAdmin(t)
	give(p, "f-1", "auditor")
	b.Get(at+"/console/look").Submit("Save the draft", map[string]string{"Accent colour": "#aa2255"}).On().Sees(200, "The draft is saved")
	reader := p.Browser()
	reader.SignIn(at, "ava@first.example", apptest.Password).Sees(303)
	page := reader.Get(at+"/console/look").Sees(200, "#aa2255")
	for _, button := range []string{"Save the draft", "Publish", "Throw the draft away"} {
		if strings.Contains(page.Text(), button) {
			t.Errorf("a reader is offered %q", button)
		}
	}
	form := url.Values{"token": {page.Value("token")}, "stamp": {""}, "base": {"0"}}
	for _, post := range []string{"", "/publish", "/discard", "/rebase", "/roll-back"} {
		reader.Post(at+"/console/look"+post, form).Sees(403, "This is not open to you")
	}
	// another tenant's administrator sees a draft of their own: none
	p.Exec(`INSERT INTO role_assignments (tenant_id, id, account_id, role, granted_by, created_at)
		SELECT tenant_id, gen_random_uuid(), id, 'brand_admin', 'test', created_at FROM accounts WHERE external_id = 's-1'`)
	elsewhere := p.Browser()
	elsewhere.SignIn(p.Origin("second"), "mina", apptest.Password).Sees(303)
	elsewhere.Get(p.Origin("second")+"/console/look").Sees(200, "There is no draft").Hides("#aa2255")
	var stamp string
	p.Scan("SELECT stamp::text FROM look_drafts", nil, &stamp)
	there := elsewhere.Get(p.Origin("second") + "/console/look")
	elsewhere.Post(p.Origin("second")+"/console/look/publish", url.Values{"token": {there.Value("token")}, "stamp": {stamp}}).Sees(303)
	if n := p.Count("look_drafts"); n != 1 {
		t.Errorf("%d drafts are left, want the one of the first tenant", n)
	}
}

func TestTextsAreDraftedAndPublished(t *testing.T) {
	t.Parallel()
	p, b, at := brandAdmin(t)
	b.Get(at+"/console/words?in=en&q=signin.title").Sees(200, "signin.title", "Sign in", "There is no draft")
	edit := at + "/console/words/text?in=en&key=signin.title"
	post := func(key, text, route string) *apptest.Answer {
		page := b.Get(at+"/console/words/text?in=en&key="+key).Sees(200, key)
		return b.Post(at+"/console/words/"+route, url.Values{"token": {page.Value("token")}, "in": {"en"}, "key": {key}, "text": {text},
			"stamp": {page.Value("stamp")}, "base": {page.Value("base")}})
	}
	post("signin.title", "Welcome {nobody}", "text").Sees(422, "{nobody} is not a value that this text has")
	post("mail.recovery.subject", "a\r\nBcc: b@example.com", "letter").Sees(422, "a subject is one line")
	post("mail.recovery.subject", "Your link", "text").Sees(404) // letters' texts have a permission of their own
	b.Get(at + "/console/words/text?in=xx&key=no.such").Sees(404)
	stale := b.Get(edit)
	post("signin.title", "Come in & <b>rest</b>", "text").On().Sees(200, "The draft is saved")
	b.Post(at+"/console/words/text", url.Values{"token": {stale.Value("token")}, "in": {"en"}, "key": {"signin.title"}, "text": {"Another"},
		"stamp": {stale.Value("stamp")}, "base": {stale.Value("base")}}).Sees(409, "Another", "Come in & <b>rest</b>")
	p.Browser().Get(at + "/login").Sees(200).Hides("Come in")
	b.Get(at+"/console/words").Submit("Publish", nil).On().Sees(200, "It is published")
	seen := p.Browser().Get(at+"/login").Sees(200, "Come in & <b>rest</b>")
	if strings.Contains(seen.Body, "<b>rest") {
		t.Error("a text is markup")
	}
	b.Get(edit).Submit("Go back to the original", nil).On().Sees(200, "The draft is saved")
	b.Get(at+"/console/words").Submit("Publish", nil).On().Sees(200, "It is published")
	p.Browser().Get(at + "/login").Sees(200).Hides("Come in")
}
