package app_test

import (
	"net/url"
	"strings"
	"testing"
)

// Bytes that are no text reach no statement, whichever page of the console they are put to.
func TestAddressesOfTheConsoleAreText(t *testing.T) {
	t.Parallel()
	p, b, at := brandAdmin(t)
	queries, bad := map[string][]string{}, []string{"%00", "%ff", "a%c0%80", "%ed%a0%80"}
	for _, r := range p.Server.Routes() {
		if !strings.HasPrefix(r.Path, "/console") || r.Method != "GET" {
			continue
		}
		path := r.Path
		for _, name := range []string{":id", ":name", ":group", ":version", ":kind", ":token"} {
			path = strings.ReplaceAll(path, name, "%ff")
		}
		for _, name := range []string{"to", "q", "person", "key", "in", "span", "show", "preset", "format", "at", "state", "role", "group", "order", "kind", "stage", "below", "edit"} {
			queries[path] = append(queries[path], name+"="+bad[len(queries[path])%len(bad)])
		}
	}
	if len(queries) < 15 {
		t.Fatalf("only %d pages were found", len(queries))
	}
	for path, all := range queries {
		for _, query := range all {
			if got := b.Get(at + path + "?" + query).Status; got != 404 {
				t.Fatalf("%s?%s answers %d", path, query, got)
			}
		}
	}
	b.Get(at+"/console/letters?to="+url.QueryEscape("ä@first.example")).Sees(200, "No letter was found")
}
