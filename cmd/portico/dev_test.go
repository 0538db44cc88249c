package main

import (
	"encoding/json"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"portico/app/apptest"
	"portico/migrations/localpg"
)

// TestDevKeepsItsContract starts the real `portico dev` with its private PostgreSQL and meets it as the
// contract of the product describes it.
func TestDevKeepsItsContract(t *testing.T) {
	t.Parallel()
	data, err := os.MkdirTemp(localpg.ScratchDir(), "portico-dev")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(data) })
	if err := os.Chmod(data, 0o711); err != nil { //nolint:gosec // PostgreSQL's own user must pass through
		t.Fatal(err)
	}
	addr := freeAddr(t)
	base := "http://localhost:" + addr[strings.LastIndexByte(addr, ':')+1:]
	r := begin(t, nil, "dev", "--addr", addr, "--data", data)
	until(t, 100*time.Second, "the ready line", func() bool { return strings.Contains(r.said(), "portico: ready "+base+"\n") })
	b := apptest.NewBrowser(t, addr)
	get := func(path string, into any) {
		t.Helper()
		a := b.Get(base + path).Sees(200)
		if err := json.Unmarshal([]byte(a.Body), into); err != nil {
			t.Fatalf("%s: %v\n%s", path, err, a.Body)
		}
	}
	var demo demoPage
	get("/dev/demo.json", &demo)
	origins := map[string]string{}
	var ava demoPerson
	for _, tenant := range demo.Tenants {
		origins[tenant.Slug] = tenant.Origin
		if tenant.Preset == "" || len(tenant.Accounts) == 0 {
			t.Errorf("%s: preset %q, %d accounts", tenant.Slug, tenant.Preset, len(tenant.Accounts))
		}
		for _, person := range tenant.Accounts {
			if tenant.Slug == "alliants" && ava.Email == "" && person.Password != "" {
				ava = person
			}
		}
	}
	for _, slug := range []string{"alliants", "university", "power"} {
		if origins[slug] == "" {
			t.Fatalf("demo.json lacks %s: %v", slug, origins)
		}
		b.Get(origins[slug] + "/login").Sees(200)
		b.Get(base + "/t/" + slug + "/login").Sees(200)
	}
	for host, want := range map[string]int{"alliants.app": 200, "support.alliantpower.com": 200, "nobody.example": 421} {
		b.Send("GET", "http://"+addr+"/login", "", map[string]string{"Host": host}).Sees(want)
	}

	b.AskForLink(origins["alliants"], ava.Email).Sees(200)
	var inbox struct {
		Letters []map[string]any `json:"letters"`
	}
	until(t, 20*time.Second, "the letter", func() bool {
		get("/dev/inbox.json?tenant=alliants&to="+ava.Email, &inbox)
		return len(inbox.Letters) == 1
	})
	for _, field := range []string{"id", "tenant", "channel", "from", "reply_to", "to", "subject", "text", "html", "links", "code", "headers", "sent_at"} {
		if _, ok := inbox.Letters[0][field]; !ok {
			t.Errorf("a letter has no %q", field)
		}
	}
	for _, filter := range []string{"?tenant=power", "?to=nobody@example.com", "?since=2999-01-01T00:00:00Z"} {
		if get("/dev/inbox.json"+filter, &inbox); len(inbox.Letters) != 0 {
			t.Errorf("%s shows %d letters", filter, len(inbox.Letters))
		}
	}
	b.Get(base+"/dev/inbox").Sees(200, ava.Email)
	b.Get(base + "/dev/inbox.json?since=yesterday").Sees(400)
	b.Get(origins["alliants"] + "/dev/inbox.json").Sees(404)

	now := func(order string) time.Time {
		t.Helper()
		a := b.Send("POST", base+"/dev/clock", order, map[string]string{"Content-Type": "application/json"}).Sees(200)
		var said struct{ Now time.Time }
		if err := json.Unmarshal([]byte(a.Body), &said); err != nil || said.Now.IsZero() {
			t.Fatalf("%v: %s", err, a.Body)
		}
		return said.Now
	}
	if ahead := time.Until(now(`{"advance":"24h"}`)); ahead < 23*time.Hour || ahead > 25*time.Hour {
		t.Errorf("the clock is %s ahead", ahead)
	}
	if ahead := time.Until(now(`{"reset":true}`)).Abs(); ahead > time.Minute {
		t.Errorf("after the reset the clock is %s off", ahead)
	}
	b.Send("POST", base+"/dev/clock", `{"advnce":"24h"}`, nil).Sees(422)
	b.Send("POST", base+"/dev/clock", `{"advance":"1h"}`, map[string]string{"Sec-Fetch-Site": "cross-site"}).Sees(403)
	if err := r.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if code := r.ended(40 * time.Second); code != 0 {
		t.Errorf("exit %d:\n%s", code, r.said())
	}
}
