package letters_test

import (
	"strings"
	"testing"
	"time"

	"portico/app/letters"
)

func TestLetterLeavesOnceAndIsWiped(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	inbox := &letters.Inbox{}
	o := h.working(inbox)
	id := h.write(o, h.a, recovery("ada@people.example", "r1"))
	row := h.row(h.a, id, letters.Sent)
	if row.MessageID != id.String()+"@alpha.example" || row.SentAt == nil || row.EndedAt == nil || row.Attempts != 1 || row.Reason != "" {
		t.Errorf("row: %+v", row)
	}
	page := inbox.List("alpha", "ada@people.example", time.Time{})
	if len(page.Letters) != 1 {
		t.Fatalf("inbox has %d letters", len(page.Letters))
	}
	l := page.Letters[0]
	if len(l.Links) == 0 || l.Links[0] != "http://alpha.localhost:8080/recover/"+secret {
		t.Errorf("links: %q", l.Links)
	}
	if l.From != "Alpha Räume <no-reply@alpha.example>" || l.ReplyTo != "help@alpha.example" || l.Headers["Auto-Submitted"] != "auto-generated" {
		t.Errorf("headers: %q", l.Headers)
	}
	var sealed *[]byte
	h.asSuper("SELECT sealed FROM letters WHERE id = $1", []any{id}, &sealed)
	if sealed != nil {
		t.Error("the sealed values are still there after sending")
	}
	var kept string
	h.asSuper(`SELECT coalesce(string_agg(j::text, ' '), '') || (SELECT string_agg(l::text, ' ') FROM letters l) FROM river.river_job j`, nil, &kept)
	if strings.Contains(kept, secret) || strings.Contains(kept, "Ada") {
		t.Errorf("a secret is kept: %s", kept)
	}
}
