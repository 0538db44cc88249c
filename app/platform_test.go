package app_test

import (
	"errors"
	"maps"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"portico/app"
	"portico/app/apptest"
	"portico/app/directory"
	"portico/app/staff"
	"portico/rbac"
	"portico/tenants"
)

const (
	staffPassword = "Velvet-Lantern-quarry"
	staffSecret   = "MFRGGZDFMZTWQ2LKNNWG23TPOBYXE43U"
)

// seedStaff adds one of the staff whose password and app the test knows.
func seedStaff(t *testing.T, p *apptest.Portal, email string, role rbac.StaffRole) *staff.Staff {
	t.Helper()
	f := &staff.Staff{DB: p.DB, Accounts: p.Accounts, Seals: p.Seals, Outbox: p.Outbox}
	if err := f.Seed(t.Context(), staff.New{Email: email, Name: "Olga Reyes", Role: role}, staffPassword, staffSecret); err != nil {
		t.Fatal(err)
	}
	return f
}

// codeNow is what the app shows now; the clock moves on by a step, so that the next one is another.
func codeNow(t *testing.T, p *apptest.Portal, secret string) string {
	t.Helper()
	p.Clock.Advance(30 * time.Second)
	code, err := totp.GenerateCode(secret, p.Clock.Now())
	if err != nil {
		t.Fatal(err)
	}
	return code
}

// asStaff signs one of the staff in.
func asStaff(t *testing.T, p *apptest.Portal, email string) *apptest.Browser {
	t.Helper()
	b := p.Browser()
	verify := b.Get(platformOrigin(p)+"/platform/login").Sees(200, "Sign in as staff").
		Submit("Next", map[string]string{"Email address": email, "Password": staffPassword}).Follow().Sees(200, "Enter the code of your app")
	in := verify.Submit("Sign in", map[string]string{"code": codeNow(t, p, staffSecret)})
	if in.Status != 303 || !strings.HasSuffix(in.Location, "/platform/customers") {
		t.Fatalf("signing in as staff answered %d %s:\n%s", in.Status, in.Location, in.Text())
	}
	return b
}

// A customer is brought from nothing to the first sign-in of its administrator, by the pages alone.
func TestBringingACustomerLive(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t, apptest.Options{Tenants: []string{}})
	seedStaff(t, p, "olga@portico.example", rbac.StaffOwner)
	b := asStaff(t, p, "olga@portico.example")
	began := time.Time{}
	at := platformOrigin(p) + "/platform/customers"
	b.Get(at).Sees(200, "There is no customer yet")
	page := b.Get(at + "/new").Sees(200)
	page.Submit("Create the draft", map[string]string{"Name": "", "Short name": "Harbour"}).Sees(422, "A name of 1 to 200 characters is needed")
	page.Submit("Create the draft", map[string]string{"Name": "Harbour Hotels", "Short name": "www"}).Sees(422, "kept for the platform")
	made := page.Submit("Create the draft", map[string]string{"Name": "Harbour Hotels", "Short name": "harbour"}).Follow()
	made.Sees(200, "The draft is there", "Harbour Hotels", "Draft", "First administrator", "To do")
	page.Submit("Create the draft", map[string]string{"Name": "Again", "Short name": "harbour"}).Sees(422, "Another customer has this short name")

	home := p.Origin("harbour")
	p.Browser().Get(home + "/login").Sees(503)
	at += "/harbour"
	b.Get(at+"/state/live").Sees(200, "These steps are missing first")
	b.Get(at+"/preset").Sees(200).Submit("Save this step", map[string]string{"preset": "email-link"}).Follow().Sees(200, "Saved.")
	b.Get(at+"/look").Sees(200).Submit("Save this step", map[string]string{"Colour of the brand": "nonsense"}).Sees(422, "accent")
	b.Get(at+"/look").Sees(200).Submit("Save this step", map[string]string{"Colour of the brand": "#0b6b53", "Layout": "card"}).Follow().Sees(200, "Saved.")
	b.Get(at+"/signin").Sees(200).Submit("Save this step", map[string]string{}).Follow().Sees(200, "Saved.")
	admin := b.Get(at + "/admin").Sees(200)
	admin.Submit("Add as administrator", map[string]string{"Name": "Mara Silva", "Mail address": "nonsense"}).Sees(422, "not a mail address")
	admin.Submit("Add as administrator", map[string]string{"Name": "Mara Silva", "Mail address": "mara@harbour.example"}).Follow().Sees(200, "Mara Silva")
	if n := len(p.Inbox.List("harbour", "mara@harbour.example", time.Time{}).Letters); n != 0 {
		t.Fatalf("%d letters left before the first day", n)
	}

	trial := b.Get(at+"/trial").Sees(200).Submit("Begin the test run", map[string]string{"Your own mail address": "olga@portico.example"}).Follow().Sees(200, "Open the customer’s page")
	recover := b.Get(linkIn(t, trial.Body, "/trial/")).Follow().Sees(200)
	p.Browser().Get(home + "/recover").Sees(503)
	recover.Submit("Send the link", map[string]string{"identifier": "olga@portico.example"}).Sees(200)
	letter := p.Letter("olga@portico.example", began)
	b.Get(letter.Links[0]).Follow().Sees(200).Submit("Save new password", map[string]string{"password": "Copper-Kettle-harbour7"}).Follow()
	b.SignIn(home, "olga@portico.example", "Copper-Kettle-harbour7")
	b.Get(at+"/trial").Sees(200, "A mail arrived, its link set a password, and the sign-in worked.")
	if n := p.Count("accounts WHERE external_id = 'portico-trial'"); n != 0 {
		t.Errorf("the account of the run is still there")
	}

	b.Get(at+"/state/live").Sees(200).Submit("Go live now", nil).Follow().Sees(200, "Done. It holds everywhere", "Live")
	invitation := p.Letter("mara@harbour.example", began)
	mara := p.Browser()
	mara.Get(invitation.Links[0]).Follow().Sees(200).Submit("Save password", map[string]string{"password": "Copper-Kettle-harbour7"})
	mara.SignIn(home, "mara@harbour.example", "Copper-Kettle-harbour7").Follow()
	mara.Get(home+"/console/people").Sees(200, "Mara Silva")

	b.Get(at+"/state/suspended").Sees(200).Submit("Suspend now", map[string]string{"Why": ""}).Sees(422, "Say why")
	b.Get(at+"/state/suspended").Sees(200).Submit("Suspend now", map[string]string{"Why": "An unpaid bill"}).Follow().Sees(200, "Suspended")
	mara.Get(home + "/console/people").Sees(503)
	b.Get(at+"/state/live").Sees(200).Submit("Go live now", nil).Follow().Sees(200, "Live")
	if a := mara.Get(home + "/console/people"); a.Status != 303 {
		t.Fatalf("a session outlived its tenant's suspension: %d", a.Status)
	}
	b.Get(platformOrigin(p)+"/platform/audit").Sees(200, "Portal suspended", "An unpaid bill", "Olga Reyes", "harbour")
}

// The platform's doors hold: no page of staff without a code, none beyond a role, none at a tenant's address.
func TestThePlatformIsForStaffAlone(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t, apptest.Options{})
	seedStaff(t, p, "olga@portico.example", rbac.StaffOwner)
	seedStaff(t, p, "ada@portico.example", rbac.StaffAuditor)
	stranger, half := p.Browser(), p.Browser()
	half.Get(platformOrigin(p)+"/platform/login").Submit("Next", map[string]string{"email": "olga@portico.example", "password": staffPassword})
	auditor := asStaff(t, p, "ada@portico.example")
	token := auditor.Get(platformOrigin(p) + "/platform/customers").Sees(200).Value("token")
	for _, r := range p.Server.Routes() {
		if r.Trust != app.Staffed {
			continue
		}
		path := strings.NewReplacer(":slug", "first", ":to", "suspended", ":id", tenants.NewID().String()).Replace(r.Path)
		for name, b := range map[string]*apptest.Browser{"a stranger": stranger, "somebody between password and code": half} {
			var a *apptest.Answer
			if r.Method == "POST" {
				a = b.Post(platformOrigin(p)+path, url.Values{})
			} else {
				a = b.Send(r.Method, platformOrigin(p)+path, "", nil)
			}
			if a.Status != 303 || !strings.HasSuffix(a.Location, "/platform/login") {
				t.Errorf("%s %s answers %s with %d %s", r.Method, path, name, a.Status, a.Location)
			}
		}
		if r.Method != "HEAD" && r.Staff != "" && !rbac.StaffAuditor.Allows(r.Staff) {
			a := auditor.Get(platformOrigin(p) + path)
			if r.Method == "POST" {
				a = auditor.Post(platformOrigin(p)+path, url.Values{"token": {token}})
			}
			if a.Status != 403 || !strings.Contains(a.Text(), "Your role does not allow this") {
				t.Errorf("%s %s answers an auditor with %d: %s", r.Method, path, a.Status, a.Text())
			}
		}
		if a := asTenant(p).Send(r.Method, p.Origin("first")+path, "", map[string]string{"Origin": p.Origin("first"), "Sec-Fetch-Site": "same-origin"}); a.Status != 404 && a.Status != 405 {
			t.Errorf("%s %s answers %d at a tenant's address", r.Method, path, a.Status)
		}
	}
	wrong := p.Browser()
	for range 3 {
		wrong.Get(platformOrigin(p)+"/platform/login").Submit("Next", map[string]string{"email": "nobody@portico.example", "password": "x"}).Sees(422, "Address or password is not right")
	}
	for range 4 {
		half.Get(platformOrigin(p)+"/platform/verify").Submit("Sign in", map[string]string{"code": "000000"}).Sees(422, "This code is not right")
	}
	half.Get(platformOrigin(p)+"/platform/verify").Submit("Sign in", map[string]string{"code": "000000"}).Sees(422)
	if a := half.Get(platformOrigin(p)+"/platform/verify").Submit("Sign in", map[string]string{"code": codeNow(t, p, staffSecret)}); a.Status != 303 || !strings.HasSuffix(a.Location, "/platform/login") {
		t.Errorf("after five wrong codes the right one answers %d %s", a.Status, a.Location)
	}
}

func asTenant(p *apptest.Portal) *apptest.Browser { return p.Browser() }

// Whoever is added begins with a link: once, with a password of their own and a code of their own app.
func TestStaffBeginWithALink(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t, apptest.Options{})
	f := seedStaff(t, p, "olga@portico.example", rbac.StaffOwner)
	olga := asStaff(t, p, "olga@portico.example")
	at := platformOrigin(p) + "/platform/staff"
	olga.Get(at).Sees(200, "Olga Reyes").Submit("Add somebody", map[string]string{"Name": "Ben Adeyemi", "Mail address": "ben@portico.example", "role": "onboarding"}).Follow().Sees(200, "Ben Adeyemi", "link until")
	letter := p.Letter("ben@portico.example", time.Time{})
	var link string
	for _, l := range letter.Links {
		if strings.Contains(l, "/platform/start/") {
			link = l
		}
	}
	ben := p.Browser()
	page := ben.Get(link).Follow().Sees(200, "Begin as staff", "Ben Adeyemi")
	secret := strings.ReplaceAll(linkIn(t, page.Body, `<code class="secret" dir="ltr">`), " ", "")
	page.Submit("Begin", map[string]string{"password": "short", "code": codeNow(t, p, secret)}).Sees(422, "15")
	page.Submit("Begin", map[string]string{"password": "Maple-Turnstile-orbit", "code": "000000"}).Sees(422, "This code is not right")
	page.Submit("Begin", map[string]string{"password": "Maple-Turnstile-orbit", "code": codeNow(t, p, secret)}).Follow().Sees(200, "Customers")
	ben.Get(at).Sees(403, "Your role does not allow this")
	p.Browser().Get(link).Follow().Sees(410, "used")

	all, err := f.All(t.Context())
	if err != nil || len(all) != 2 {
		t.Fatalf("%d staff, %v", len(all), err)
	}
	change := func(id, do, role string) *apptest.Answer {
		token := olga.Get(at).Sees(200).Value("token")
		return olga.Post(at+"/change", url.Values{"token": {token}, "id": {id}, "role": {role}, "do": {do}})
	}
	for _, m := range all {
		if m.Email == "olga@portico.example" {
			change(m.ID.String(), "disable", "owner").Sees(422, "You cannot change your own role")
			continue
		}
		change(m.ID.String(), "role", "support").Follow().Sees(200, "Changed")
		if a := ben.Get(platformOrigin(p) + "/platform/customers"); a.Status != 303 {
			t.Errorf("a session outlived its person's change of role: %d", a.Status)
		}
		change(m.ID.String(), "disable", "support").Follow().Sees(200, "Disabled")
	}
	ben.Get(platformOrigin(p)+"/platform/login").Submit("Next", map[string]string{"email": "ben@portico.example", "password": "Maple-Turnstile-orbit"}).Sees(422)
}

func platformOrigin(p *apptest.Portal) string { return "http://localhost:" + p.Port }

// linkIn finds the address in a page that holds a part, or the text behind a tag.
func linkIn(t *testing.T, page, part string) string {
	t.Helper()
	if strings.HasPrefix(part, "<") {
		_, after, _ := strings.Cut(page, part)
		text, _, _ := strings.Cut(after, "<")
		return text
	}
	for chunk := range strings.SplitSeq(page, `href="`) {
		if link, _, ok := strings.Cut(chunk, `"`); ok && strings.Contains(link, part) {
			return link
		}
	}
	t.Fatalf("no link with %s", part)
	return ""
}

// Staff enter a customer's console with a reason and an end; the customer sees it on every page, may ask to be asked
// first, and may end it.
func TestStaffEnterACustomersConsole(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t, apptest.Options{})
	seedStaff(t, p, "sun@portico.example", rbac.StaffSupport)
	sun := asStaff(t, p, "sun@portico.example")
	tariq := p.Browser()
	tariq.SignIn(p.Origin("first"), "tariq@first.example", apptest.Password)
	at := platformOrigin(p) + "/platform/customers/first/access"
	ask := func(reason string) *apptest.Answer {
		return sun.Get(at).Sees(200).Submit("Ask for access", map[string]string{"Reason": reason, "level": "help", "hours": "1"})
	}
	ask("x").Sees(422, "Say why")
	ask("Somebody cannot get back in").Follow().Sees(200, "You have access now", "Open")
	ask("And once more").Sees(422, "You have access to this customer already")
	tariq.Get(p.Origin("first")+"/console/people").Sees(200, "has access to this console until", "Somebody cannot get back in")

	entered := sun.Get(at).Submit("Enter the console", nil)
	sun.Get(entered.Location).Follow()
	sun.Get(p.Origin("first")+"/console/people").Sees(200, "Ava Lindqvist")
	sun.Get(p.Origin("first") + "/console/rules").Sees(403)
	p.Browser().Get(entered.Location).Sees(404) // once
	p.Browser().Get(strings.Replace(entered.Location, p.Origin("first"), p.Origin("second"), 1)).Sees(404)

	page := tariq.Get(p.Origin("first")+"/console/staff").Sees(200, "Olga Reyes")
	page.Submit("End it now", nil).Follow().Sees(200, "Ended")
	if a := sun.Get(p.Origin("first") + "/console/people"); a.Status != 303 {
		t.Errorf("the access outlived its end: %d", a.Status)
	}
	tariq.Get(p.Origin("first")+"/console/staff").Submit("Save this step", map[string]string{"approval": "on"}).Follow().Sees(200)
	ask("Again, please").Follow().Sees(200, "Waiting for the customer")
	tariq.Get(p.Origin("first")+"/console").On().Sees(200, "asks for access to this console", "Again, please")
	sun.Get(at).Hides("Enter the console")
	tariq.Get(p.Origin("first")+"/console/staff").Submit("Let in", nil).Follow().Sees(200, "Open")
	sun.Get(sun.Get(at).Submit("Enter the console", nil).Location)
	sun.Get(p.Origin("first") + "/console/people").Sees(200)
	p.Clock.Advance(61 * time.Minute)
	if a := sun.Get(p.Origin("first") + "/console/people"); a.Status != 303 {
		t.Errorf("the access outlived its hour: %d", a.Status)
	}
	f := &staff.Staff{DB: p.DB, Accounts: p.Accounts, Seals: p.Seals}
	if n, err := f.Sweep(t.Context()); n != 1 || err != nil {
		t.Errorf("swept %d, %v", n, err)
	}
	if n := p.Count("audit_events WHERE kind IN ('staff.access', 'staff.entered')"); n < 8 {
		t.Errorf("the customer's audit has %d rows of it", n)
	}
}

// A customer who leaves is closed at once, can stay within the notice, and is gone without a rest after it; the
// neighbour keeps all of theirs.
func TestACustomerLeavesWithoutARest(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t, apptest.Options{})
	seedStaff(t, p, "olga@portico.example", rbac.StaffOwner)
	olga := asStaff(t, p, "olga@portico.example")
	d := &directory.Directory{DB: p.DB, Resolver: p.Resolver, Files: p.Files, Accounts: p.Accounts, Seals: p.Seals}
	by := directory.By{Actor: "operator", Name: "operator"}
	p.Browser().SignIn(p.Origin("first"), "ava@first.example", apptest.Password)
	p.Browser().AskForLink(p.Origin("first"), "ava@first.example")
	at := platformOrigin(p) + "/platform/customers/first"
	olga.Get(at+"/state/leaving").Sees(200).Submit("Begin the farewell", map[string]string{"Why": "The contract ended"}).Follow().Sees(200, "Leaving", "is removed from")
	p.Browser().Get(p.Origin("first") + "/login").Sees(503)
	if _, err := d.Depart(t.Context(), by, "first"); !errors.Is(err, directory.ErrNotYet) {
		t.Fatalf("gone before its time: %v", err)
	}
	olga.Get(at+"/state/suspended").Sees(200).Submit("Suspend now", map[string]string{"Why": "They stay after all"}).Follow().Sees(200, "Suspended")
	olga.Get(at+"/state/leaving").Submit("Begin the farewell", map[string]string{"Why": "The contract ended"}).Follow()
	id := p.Tenant("first").ID
	others := p.Rows("second")
	theirs := map[string]int{}
	for _, table := range p.Tables() {
		if table.Tenanted {
			theirs[strings.TrimPrefix(table.Name, "public.")] = p.Count(table.Name+" WHERE tenant_id = $1", id)
		}
	}
	p.Exec("UPDATE tenants SET leaves_at = now() - interval '1 minute' WHERE id = $1", id)
	p.Clock.Advance(31 * 24 * time.Hour)
	gone, err := d.Depart(t.Context(), by, "first")
	if err != nil || gone.EndedAt.IsZero() || gone.Removed["accounts"] == 0 {
		t.Fatalf("%+v, %v", gone, err)
	}
	for _, table := range p.Tables() {
		if !table.Tenanted {
			continue
		}
		if n := p.Count(table.Name+" WHERE tenant_id = $1", id); n != 0 && table.Name != "platform.audit_events" && table.Name != "platform.departures" {
			t.Errorf("%s has %d rows of a tenant who left", table.Name, n)
		}
	}
	for table, n := range theirs {
		if table != "platform.audit_events" && table != "platform.departures" && int(gone.Removed[table]) != n {
			t.Errorf("%d rows of %s were there, %d were counted as they went", n, table, gone.Removed[table])
		}
	}
	left := p.Rows("second")
	for _, table := range p.Tables() {
		if table.Tenanted && left[table.Name] != others[table.Name] {
			t.Errorf("the neighbour's rows of %s changed", table.Name)
		}
	}
	p.Browser().Get(p.Origin("first") + "/login").Sees(421)
	p.Browser().SignIn(p.Origin("second"), "mina", apptest.Password)
	if _, err := d.Depart(t.Context(), by, "first"); !errors.Is(err, tenants.ErrNotFound) {
		t.Errorf("a second farewell: %v", err)
	}
}

// Every form of staff that is not its page's is refused, and changes nothing of any customer.
func TestStaffFormsThatAreNoneOfOurs(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t, apptest.Options{NoWorkers: true})
	seedStaff(t, p, "olga@portico.example", rbac.StaffOwner)
	b := asStaff(t, p, "olga@portico.example")
	token := b.Get(platformOrigin(p) + "/platform/customers/first/access").Sees(200).Value("token")
	open := p.Browser()
	before := open.Get(platformOrigin(p) + "/platform/login").Sees(200).Value("token")
	attacks := bodyAttacks(p.Browser().Get(p.Origin("second") + "/login").Sees(200).Value("token"))
	names := slices.Sorted(maps.Keys(attacks))
	was := p.Rows("first")
	n := 0
	for _, r := range p.Server.Routes() {
		if r.Method != "POST" || !strings.HasPrefix(r.Path, "/platform/") {
			continue
		}
		path := strings.NewReplacer(":slug", "first", ":to", "suspended", ":host", "sign-in.first.example").Replace(r.Path)
		for range 5 {
			name := names[n%len(names)]
			n++
			a, who, fields := attacks[name], b, url.Values{"token": {token}, "reason": {"Because"}}
			if r.Trust != app.Staffed {
				who, fields = open, url.Values{"token": {before}}
			}
			header := apptest.SameOrigin(platformOrigin(p))
			for key, value := range a.header {
				header[key] = strings.NewReplacer("ORIGIN", platformOrigin(p), "SIBLING", p.Origin("second")).Replace(value)
			}
			target := platformOrigin(p) + path
			if a.query != nil {
				target += "?" + a.query(fields)
			}
			if got := who.Send("POST", target, a.body(fields), header); got.Status < 400 || got.Status >= 500 {
				t.Errorf("%s with %q answers %d", path, name, got.Status)
			}
		}
	}
	if n < 60 {
		t.Errorf("only %d forms were tried", n)
	}
	if !maps.Equal(was, p.Rows("first")) {
		t.Error("a form that was refused changed something")
	}
}
