package browser

import (
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"portico/app"
	"portico/app/apptest"
	"portico/app/staff"
	"portico/rbac"
)

// The staff's pages, from an empty platform to a draft that is nearly live: each step is taken in the browser, then
// every page that the routes know is judged.
func TestPlatformPages(t *testing.T) {
	t.Parallel()
	const secret, password = "MFRGGZDFMZTWQ2LKNNWG23TPOBYXE43U", "Velvet-Lantern-quarry"
	chromium.turns <- struct{}{}
	t.Cleanup(func() { <-chromium.turns })
	p := apptest.Start(t, apptest.Options{Tenants: []string{brandFile(t, "alliants")}, Dev: true})
	f := &staff.Staff{DB: p.DB, Accounts: p.Accounts, Seals: p.Seals}
	if err := f.Seed(t.Context(), staff.New{Email: "olga@portico.example", Name: "Olga Reyes", Role: rbac.StaffOwner}, password, secret); err != nil {
		t.Fatal(err)
	}
	b := open(t, p)
	at := "http://localhost:" + p.Port
	b.visit(at+"/platform/login", 200).glance("platform-login")
	b.field("Email address").fill("olga@portico.example")
	b.field("Password").fill(password)
	b.button("Next").follow(200)
	b.glance("platform-verify")
	code, err := totp.GenerateCode(secret, p.Clock.Now().Add(time.Second))
	if err != nil {
		t.Fatal(err)
	}
	b.field("Code from your app").fill(code)
	b.button("Sign in").follow(200)
	b.visit(at+"/platform/customers/new", 200)
	b.field("Name").fill("Harbour Hotels")
	b.field("Short name").fill("harbour")
	b.button("Create the draft").follow(200)
	b.sees("The draft is there")
	seen := 0
	for _, r := range p.Server.Routes() {
		if r.Trust != app.Staffed || r.Method != "GET" || strings.Contains(r.Path, ":host") || r.Path == "/platform" || strings.HasSuffix(r.Path, "/zone") {
			continue
		}
		slug := "harbour"
		if strings.HasSuffix(r.Path, "/access") {
			slug = "alliants"
		}
		b.visit(at+strings.NewReplacer(":slug", slug, ":to", "leaving").Replace(r.Path), 200)
		b.glance("platform" + strings.NewReplacer("/platform", "", "/", "-", ":", "").Replace(r.Path))
		seen++
	}
	if seen < 12 {
		t.Errorf("only %d pages were seen", seen)
	}
	for _, path := range []string{"/platform/customers", "/platform/customers/harbour", "/platform/staff"} {
		b.visit(at+path+"?ui_locales=ar", 200)
		b.glance("platform-rtl" + strings.NewReplacer("/platform", "", "/", "-").Replace(path))
	}
}
