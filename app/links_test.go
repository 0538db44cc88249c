package app_test

import (
	"context"
	"fmt"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"portico/app/accounts"
	"portico/app/apptest"
	"portico/tenants"
)

// together runs n at once, as near to the same moment as goroutines get.
func together(n int, work func(i int)) {
	var ready, done sync.WaitGroup
	ready.Add(n)
	for i := range n {
		done.Go(func() {
			ready.Done()
			ready.Wait()
			work(i)
		})
	}
	done.Wait()
}

func TestFiftySpendOneLinkAndOneWins(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t, apptest.Options{Tenants: []string{unbounded}})
	at, link := p.Origin("first"), linkFor(t, p, "first", "ava@first.example")
	browsers, tokens := make([]*apptest.Browser, 50), make([]string, 50)
	for i := range browsers {
		browsers[i] = p.Browser()
		tokens[i] = browsers[i].Get(link).Follow().Sees(200).Value("token")
	}
	status := make([]int, 50)
	together(50, func(i int) {
		body := url.Values{"token": {tokens[i]}, "password": {fmt.Sprintf("%s-%d", another, i)}}.Encode()
		status[i] = browsers[i].Send("POST", at+"/recover/set", body, apptest.SameOrigin(at)).Status
	})
	winner := -1
	for i, s := range status {
		switch {
		case s == 303 && winner < 0:
			winner = i
		case s == 303:
			t.Errorf("%d and %d both won", winner, i)
		case s != 410 && s != 503: // 503: the hashes of fifty took longer than a request may on a busy machine
			t.Errorf("%d was answered %d", i, s)
		}
	}
	if winner < 0 {
		t.Fatal("nobody won")
	}
	p.Browser().SignIn(at, "ava@first.example", fmt.Sprintf("%s-%d", another, winner)).Sees(303)
	p.Browser().SignIn(at, "ava@first.example", fmt.Sprintf("%s-%d", another, (winner+1)%50)).Sees(422)
	browsers[winner].Get(link).Follow().Sees(410, "already used")
	if n := p.Count("audit_events WHERE kind = 'reset.completed'"); n != 1 {
		t.Errorf("%d resets stand in the audit", n)
	}
}

func TestManyRequestsAtOnceLeaveOneStandingLink(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t, apptest.Options{Tenants: []string{unbounded}, NoWorkers: true})
	at := p.Origin("first")
	browsers, tokens := make([]*apptest.Browser, 12), make([]string, 12)
	for i := range browsers {
		browsers[i] = p.Browser()
		tokens[i] = browsers[i].Get(at + "/recover").Value("token")
	}
	together(12, func(i int) {
		header := apptest.SameOrigin(at)
		header["X-Forwarded-For"] = fmt.Sprintf("203.0.113.%d", i+1)
		body := url.Values{"token": {tokens[i]}, "identifier": {"ava@first.example"}}.Encode()
		if a := browsers[i].Send("POST", at+"/recover", body, header); a.Status != 200 {
			t.Errorf("answered %d: %s", a.Status, a.Text())
		}
	})
	if n := p.Count("links WHERE account_id IS NOT NULL AND used_at IS NULL AND replaced_at IS NULL AND revoked_at IS NULL"); n != 1 {
		t.Errorf("%d links stand", n)
	}
	if n := p.Count("links WHERE account_id IS NOT NULL"); n != 3 { // decisions.md 20: three at once
		t.Errorf("%d links were made, three may go out at once", n)
	}
}

// TestOpeningNeverSpends: mail scanners may GET and HEAD as often as they like, and nothing is stored.
func TestOpeningNeverSpends(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t, apptest.Options{Tenants: []string{unbounded}})
	link := linkFor(t, p, "first", "ava@first.example")
	before := p.Rows("first")
	for range 50 {
		p.Browser().Send("HEAD", link, "", nil).Sees(303)
	}
	b := p.Browser()
	for range 50 {
		b.Get(link).Follow().Sees(200)
	}
	b.Send("HEAD", p.Origin("first")+"/recover/set", "", nil).Sees(200)
	changed := before.Differ(p.Rows("first"))
	for _, c := range changed {
		if !strings.HasPrefix(c, "public.letters ") { // the letter's own way from queued to sent
			t.Errorf("opening changed %s", c)
		}
	}
	b.Get(link).Follow().Submit("Save new password", map[string]string{"password": another}).Sees(303)
}

// TestLinksThatEndedSayWhy walks every way in which a link ends.
func TestLinksThatEndedSayWhy(t *testing.T) {
	t.Parallel()
	const ava = "ava@first.example"
	for name, c := range map[string]struct {
		end  func(t *testing.T, p *apptest.Portal, link string)
		says string
	}{
		"replaced": {func(t *testing.T, p *apptest.Portal, _ string) { linkFor(t, p, "first", ava) }, "newer"},
		"expired":  {func(_ *testing.T, p *apptest.Portal, _ string) { p.Clock.Advance(24*time.Hour + time.Second) }, "expired"},
		"used": {func(_ *testing.T, p *apptest.Portal, link string) {
			p.Browser().Get(link).Follow().Submit("Save new password", map[string]string{"password": another}).Sees(303)
		}, "already used"},
		"disabled meanwhile": {func(_ *testing.T, p *apptest.Portal, _ string) { setStatus(t, p, ava, true) }, ""},
		"reset by another way": {func(_ *testing.T, p *apptest.Portal, _ string) {
			p.Exec("UPDATE accounts SET stamp = stamp + 1 WHERE display_name = 'Ava Lindqvist'")
		}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := apptest.Start(t, apptest.Options{})
			at, link := p.Origin("first"), linkFor(t, p, "first", ava)
			open := p.Browser() // stands on the form already when the link ends
			form := open.Get(link).Follow().Sees(200)
			c.end(t, p, link)
			hash := ""
			p.Scan("SELECT encode(password, 'hex') FROM accounts WHERE display_name = 'Ava Lindqvist'", nil, &hash)
			fresh := p.Browser()
			page := fresh.Get(link).Follow().Sees(410, c.says)
			if strings.Contains(page.Body, ava) || strings.Contains(page.Body, "Ava") {
				t.Error("the page says whose link it was")
			}
			if name != "expired" { // 24 hours are more than the form and its cookie live
				late := open.Post(at+"/recover/set", url.Values{"token": {form.Value("token")}, "password": {"Velvet!Harbour93"}}).Sees(410, c.says)
				if strings.Contains(late.Body, ava) {
					t.Error("the page says whose link it was")
				}
			}
			after := ""
			p.Scan("SELECT encode(password, 'hex') FROM accounts WHERE display_name = 'Ava Lindqvist'", nil, &after)
			if after != hash {
				t.Error("the password changed all the same")
			}
		})
	}
}

func setStatus(t *testing.T, p *apptest.Portal, who string, disabled bool) {
	t.Helper()
	err := p.DB.In(context.Background(), p.Tenant("first").ID, func(s *tenants.Scope) error {
		id, err := accounts.Find(context.Background(), s, who)
		if err != nil {
			return err
		}
		return accounts.SetStatus(context.Background(), s, id, disabled)
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestTheFlowLastsAQuarterOfAnHour: a link that was opened and left lying must be opened again.
func TestTheFlowLastsAQuarterOfAnHour(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t, apptest.Options{})
	at, link, b := p.Origin("first"), linkFor(t, p, "first", "ava@first.example"), p.Browser()
	form := b.Get(link).Follow().Sees(200)
	p.Clock.Advance(15*time.Minute + time.Second)
	b.Get(at + "/recover/set").Sees(410)
	b.Post(at+"/recover/set", url.Values{"token": {form.Value("token")}, "password": {another}}).Sees(410)
	b.Get(link).Follow().Submit("Save new password", map[string]string{"password": another}).Sees(303)
}

// TestTokensThatAreNone: nothing that is not exactly a standing token of this purpose and tenant works,
// and all of them look alike.
func TestTokensThatAreNone(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t, apptest.Options{})
	at, b := p.Origin("first"), p.Browser()
	good := tokenOf(linkFor(t, p, "first", "ava@first.example"))
	foreign := tokenOf(linkFor(t, p, "second", "mina@second.example"))
	before := p.Count("links WHERE used_at IS NOT NULL")
	for name, token := range map[string]string{
		"of another tenant": foreign, "cut": good[:42], "longer": good + "A", "null": "null", "zero": "0", "padded": good[:42] + "=", "other case": strings.ToUpper(good), "all zero": strings.Repeat("A", 43),
		"encoded": "%" + fmt.Sprintf("%02x", good[0]) + good[1:], "last bits": good[:42] + "B", "a hash": strings.Repeat("0", 64), "spaces": good + "%20", "undefined": "undefined", "wildcard": "%25", "array": "[]",
	} {
		if token == good {
			continue
		}
		for _, path := range []string{"/recover/", "/unlock/"} {
			a := b.Get(at + path + token)
			if a.Status == 303 {
				a = a.Follow()
			}
			if a.Status != 410 && a.Status != 404 && a.Status != 429 {
				t.Errorf("%s at %s: %d", name, path, a.Status)
			}
			if strings.Contains(a.Body, "Mina") || strings.Contains(a.Body, "mina") {
				t.Errorf("%s: the page knows the other tenant's person", name)
			}
		}
	}
	crossed := p.Browser() // a recovery token is no unlock token
	crossed.From = "203.0.113.7"
	crossed.Get(at + "/unlock/" + good).Follow().Sees(410)
	page := crossed.Get(at + "/help").Sees(200)
	_ = page
	fresh := crossed.Get(at + "/login").Sees(200)
	crossed.Post(at+"/unlock/confirm", url.Values{"token": {fresh.Value("token")}}).Sees(410)
	if n := p.Count("links WHERE used_at IS NOT NULL"); n != before {
		t.Errorf("%d links were spent", n-before)
	}
	crossed.Get(at+"/recover/"+good).Follow().Submit("Save new password", map[string]string{"password": another}).Sees(303)
}

// TestAResetEndsEverythingElse: all sessions on every instance, links, and the old password; the owner
// is told.
func TestAResetEndsEverythingElse(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t, apptest.Options{})
	beside := apptest.Start(t, apptest.Options{Beside: p})
	const ava = "ava@first.example"
	one, two, three := p.Browser(), beside.Browser(), p.Browser()
	one.SignIn(p.Origin("first"), ava, apptest.Password).Sees(303)
	two.SignIn(beside.Origin("first"), ava, apptest.Password).Sees(303)
	three.SignIn(p.Origin("first"), "tariq@first.example", apptest.Password).Sees(303)
	since := p.Clock.Now()
	beside.Browser().Get(strings.Replace(linkFor(t, p, "first", ava), p.Port, beside.Port, 1)).Follow().
		Submit("Save new password", map[string]string{"password": another}).Sees(303)
	one.Get(p.Origin("first") + "/account").Sees(303)
	two.Get(beside.Origin("first") + "/account").Sees(303)
	three.Get(p.Origin("first") + "/account").Sees(200)
	until(t, 20*time.Second, "the owner got a notice", func() bool {
		for _, l := range p.Inbox.List("first", ava, since).Letters {
			if len(l.Links) == 0 || !strings.Contains(l.Links[0], "/recover/") {
				return true
			}
		}
		return false
	})
	one.SignIn(p.Origin("first"), ava, apptest.Password).Sees(422)
	one.SignIn(p.Origin("first"), ava, another).Sees(303)
	setStatus(t, p, ava, true)
	one.Get(p.Origin("first") + "/account").Sees(303)
	setStatus(t, p, ava, false)
	one.Get(p.Origin("first") + "/account").Sees(303) // what disabling ended stays ended
	one.SignIn(p.Origin("first"), ava, another).Sees(303)
}

// TestOneAddressAtTwoTenants: resetting one leaves the other as it was.
func TestOneAddressAtTwoTenants(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t, apptest.Options{})
	const shared = "shared@both.example"
	other := p.Browser()
	other.SignIn(p.Origin("second"), "shared", apptest.Password).Sees(303)
	link := linkFor(t, p, "first", shared)
	before := p.Rows("second")
	p.Browser().Get(link).Follow().Submit("Save new password", map[string]string{"password": another}).Sees(303)
	if changed := before.Differ(p.Rows("second")); len(changed) > 0 {
		t.Errorf("resetting at first changed %v of second", changed)
	}
	other.Get(p.Origin("second") + "/account").Sees(200)
	p.Browser().SignIn(p.Origin("second"), "shared", apptest.Password).Sees(303)
	p.Browser().SignIn(p.Origin("second"), "shared", another).Sees(422)
	p.Browser().SignIn(p.Origin("first"), shared, another).Sees(303)
}

// TestASuspendedTenantClosesEverywhere, and opens again, on an instance that only hears of it.
func TestASuspendedTenantClosesEverywhere(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t, apptest.Options{})
	beside := apptest.Start(t, apptest.Options{Beside: p})
	b := beside.Browser()
	b.SignIn(beside.Origin("first"), "ava@first.example", apptest.Password).Sees(303)
	to := func(state tenants.State) {
		err := p.DB.AcrossAll(context.Background(), tenants.ForOperator, func(a *tenants.Across) error {
			return tenants.SetState(context.Background(), a, "first", state)
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	to(tenants.Suspended)
	until(t, 10*time.Second, "the second instance has closed the tenant", func() bool {
		a := b.Get(beside.Origin("first") + "/account")
		return a.Status == 503 && !strings.Contains(a.Body, "First House") && len(a.Header.Values("Set-Cookie")) == 0
	})
	b.Get("http://localhost:" + beside.Port + "/t/first/login").Sees(503)
	b.Get(beside.Origin("second") + "/login").Sees(200)
	to(tenants.Live)
	until(t, 10*time.Second, "the second instance has opened it again", func() bool { return b.Get(beside.Origin("first")+"/login").Status == 200 })
	b.Get(beside.Origin("first") + "/account").Sees(303) // closing ended every session for good
}

// TestAChangeIsSeenBeside: policy and look of one instance's apply reach the other.
func TestAChangeIsSeenBeside(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t, apptest.Options{})
	beside := apptest.Start(t, apptest.Options{Beside: p})
	b := beside.Browser()
	old := b.Get(beside.Origin("first") + "/login").Sees(200)
	p.Apply(strings.Replace(strings.Replace(apptest.First, "name: First House\nhosts", "name: Renamed House\nhosts", 1), "sender:", "theme: {layout: card, colors: {accent: \"#7a1f5c\"}}\nsender:", 1))
	until(t, 10*time.Second, "the second instance has the new name and look", func() bool {
		a := b.Get(beside.Origin("first") + "/login")
		return strings.Contains(a.Body, "Renamed House") && stylesheet(a.Body) != stylesheet(old.Body)
	})
}

func stylesheet(body string) string {
	_, rest, _ := strings.Cut(body, `/assets/theme.`)
	hash, _, _ := strings.Cut(rest, `"`)
	return hash
}
