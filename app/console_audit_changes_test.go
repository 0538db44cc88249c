package app_test

import (
	"strings"
	"testing"

	"portico/app/apptest"
)

// newest is the address of the newest event of a kind at the first tenant.
func newest(p *apptest.Portal, at, kind string) string {
	var id string
	p.Scan(`SELECT e.id::text FROM audit_events e JOIN tenants t ON t.id = e.tenant_id
		WHERE t.slug = 'first' AND e.kind = $1 ORDER BY e.id DESC LIMIT 1`, []any{kind}, &id)
	return at + "/console/audit/" + id
}

// cells are what a page says of a field: before and after.
func cells(t *testing.T, page *apptest.Answer, field string) (before, after string) {
	t.Helper()
	text := func(cell string) string {
		_, cell, _ = strings.Cut(cell, "<bdi>")
		cell, _, _ = strings.Cut(cell, "</bdi>")
		return cell
	}
	_, rest, found := strings.Cut(page.Body, ">"+field+"</th>")
	row := strings.Split(rest, "</td>")
	if !found || len(row) < 2 {
		t.Fatalf("nothing is said of %s:\n%s", field, page.Text())
	}
	return text(row[0]), text(row[1])
}

// Whatever writes a list of changes down, the page of the event shows both sides of each.
func TestAuditShowsBothSidesOfEveryChange(t *testing.T) {
	t.Parallel()
	p, b, at := brandAdmin(t)
	b.Get(at+"/console/look").Submit("Save the draft", map[string]string{"Accent colour": "#aa2255"}).On().Sees(200, "The draft is saved")
	b.Get(at+"/console/look").Submit("Publish", nil).On().Sees(200, "It is published")
	for _, text := range []string{"Come in", "Step in"} {
		page := b.Get(at + "/console/words/text?in=en&key=signin.title").Sees(200)
		page.Submit("Save the draft", map[string]string{"text": text}).On().Sees(200, "The draft is saved")
		b.Get(at+"/console/words").Submit("Publish", nil).On().Sees(200, "It is published")
	}
	for _, life := range []string{"30 min", "45 min"} {
		b.Get(at+"/console/rules/edit/link").Sees(200).Submit("See what it would do", map[string]string{"link.ttl": life}).Sees(200).
			Submit("Save and apply now", nil).Sees(303)
	}
	for _, c := range []struct{ kind, field, before, after string }{
		{"theme.changed", "colors.accent", "#1f5fbf", "#aa2255"},
		{"words.changed", "en.signin.title", "Come in", "Step in"},
		{"policy.changed", "policy.link.ttl", "30m", "45m"},
		{"tenant.applied", "Name", "First House", "Other House"},
	} {
		if c.kind == "tenant.applied" { // as a tenant file writes changes down, of the same policy too
			p.Apply(strings.Replace(apptest.First, "name: First House\n", "name: Other House\n", 1))
			before, after := cells(t, b.Get(newest(p, at, "policy.changed")).Sees(200), "policy.link.ttl")
			if before != "45m" || after != "24h" {
				t.Errorf("by a file: before %q and after %q", before, after)
			}
		}
		page := b.Get(newest(p, at, c.kind)).Sees(200)
		before, after := cells(t, page, c.field)
		if before != c.before || after != c.after {
			t.Errorf("%s: %s before %q and after %q, want %q and %q", c.kind, c.field, before, after, c.before, c.after)
		}
		if weaker := strings.Contains(page.Text(), "Weaker than before"); weaker != (c.kind == "policy.changed") {
			t.Errorf("%s: it protects less: %v", c.kind, weaker)
		}
	}
}
