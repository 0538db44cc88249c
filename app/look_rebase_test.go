package app_test

import (
	"net/url"
	"testing"
)

// TestADraftGoesOnAfterSomethingElseWasPublished: whoever keeps a draft that began from an earlier look says so
// before it can be published.
func TestADraftGoesOnAfterSomethingElseWasPublished(t *testing.T) {
	t.Parallel()
	p, b, at := brandAdmin(t)
	save := func(accent string) {
		t.Helper()
		b.Get(at+"/console/look").Submit("Save the draft", map[string]string{"Accent colour": accent}).On().Sees(200, "The draft is saved")
	}
	save("#aa2255")
	b.Get(at+"/console/look").Submit("Publish", nil).On().Sees(200, "It is published")
	save("#225577")
	b.Get(at+"/console/look/history").Submit("Publish version 1 again", nil).On().Sees(200, "The earlier version is published again")
	stale := b.Get(at+"/console/look").Sees(200, "Something else was published after this draft began", "#225577")
	var stamp string
	p.Scan("SELECT stamp::text FROM look_drafts", nil, &stamp)
	b.Post(at+"/console/look/publish", url.Values{"token": {stale.Value("token")}, "stamp": {stamp}}).On().Sees(200, "Somebody changed it meanwhile")
	b.Post(at+"/console/look/rebase", url.Values{"token": {stale.Value("token")}, "stamp": {stamp}, "newest": {"1"}}).On().Sees(200, "Somebody changed it meanwhile")
	b.Post(at+"/console/look/rebase", url.Values{"token": {stale.Value("token")}, "stamp": {stamp}, "newest": {"x"}}).Sees(400)
	stale.Submit("Keep this draft and go on", nil).On().Sees(200, "The draft is saved", "#225577").Hides("Something else was published")
	stale.Submit("Keep this draft and go on", nil).On().Sees(200, "Somebody changed it meanwhile")
	b.Get(at+"/console/look").Submit("Publish", nil).On().Sees(200, "It is published", "There is no draft")
	if n := p.Count(`settings WHERE subject = 'theme' AND version = 4 AND document::text LIKE '%#225577%'`); n != 1 {
		t.Errorf("the draft that went on is published %d times", n)
	}
}
