package app_test

import (
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"portico/app"
	"portico/app/apptest"
)

// unbounded is First without a ceiling that a test's own burst would meet.
var unbounded = strings.Replace(apptest.First, "  users:", "  throttle: {ceiling: 5000}\n  users:", 1)

// forms are valid fields for every POST of a tenant, but for the token. A route that is missing here
// fails the tests that walk them.
func forms(p *apptest.Portal, sealed string) map[string]url.Values {
	return map[string]url.Values{
		"/login":                   {"identifier": {"ava@first.example"}, "password": {"wrong"}},
		"/login/verify":            {"code": {"123456"}},
		"/recover":                 {"identifier": {"ava@first.example"}},
		"/recover/resend":          {"resend": {sealed}},
		"/recover/again":           {},
		"/recover/set":             {"password": {another}},
		"/recover/strength":        {"password": {another}},
		"/recover/goal":            {"goal": {"reset"}},
		"/recover/verify":          {"way": {"sms_mobile"}},
		"/recover/answer":          {"code": {"123456"}},
		"/recover/resend-code":     {},
		"/recover/other":           {},
		"/recover/restart":         {},
		"/recover/gate":            {},
		"/unlock/confirm":          {},
		"/invite/accept":           {"password": {another}},
		"/recover/contact":         {"identifier": {"ava@first.example"}, "note": {"x"}},
		"/recover/pass":            {"identifier": {"ava@first.example"}, "pass": {"0000-0000-0000-0000"}},
		"/recover/pass/set":        {"password": {another}},
		"/recover/stop":            {},
		"/logout":                  {},
		"/account/password":        {"old": {apptest.Password}, "password": {another}},
		"/account/strength":        {"password": {another}},
		"/account/security/setup":  {"do": {"later"}},
		"/account/security/prove":  {"password": {apptest.Password}, "return_to": {""}},
		"/account/security/phone":  {"contact": {"+1 5550100201"}, "way": {"sms_mobile"}},
		"/account/security/email":  {"contact": {"ava@elsewhere.example"}},
		"/account/security/code":   {"code": {"123456"}},
		"/account/security/app":    {},
		"/account/security/codes":  {},
		"/account/security/remove": {"kind": {"auth_phone"}},

		"/account/access":               {"permission": {"people.read"}, "reason": {"x"}},
		"/address/confirm":              {},
		"/account/security/code/again":  {},
		"/account/security/code/cancel": {},
		"/account/security/app/confirm": {"code": {"123456"}},
		"/account/security/questions":   {}, // this tenant asks none
		"/account/security/codes/file":  {"codes": {"x"}},
		"/account/sessions/end":         {"id": {uuid.NewString()}},
		"/account/sessions/end-all":     {},
	}
}

// posts lists the POST routes of tenants; those of the platform alone and of the console are left out.
func posts(t *testing.T, p *apptest.Portal, known map[string]url.Values) []string {
	t.Helper()
	var paths []string
	for _, r := range p.Server.Routes() {
		if r.Method == "GET" || r.Method == "HEAD" || r.Path == "/find" || r.Trust == app.Permitted || r.Trust == app.Keyed { // the console's have a test of their own
			continue
		}
		if _, ok := known[r.Path]; !ok {
			t.Errorf("no form is known for %s %s: add it to forms", r.Method, r.Path)
		}
		paths = append(paths, r.Path)
	}
	return slices.Compact(paths)
}

// bodyAttack changes what a page's own form would have sent.
type bodyAttack struct {
	body   func(url.Values) string
	header map[string]string
	query  func(url.Values) string
}

func with(v url.Values, more string) string { return v.Encode() + "&" + more }

func without(v url.Values, name string) url.Values {
	v = maps.Clone(v)
	delete(v, name)
	return v
}

func set(v url.Values, name, value string) url.Values {
	v = maps.Clone(v)
	v[name] = []string{value}
	return v
}

func encoded(v url.Values) string { return v.Encode() }

func bodyAttacks(foreign string) map[string]bodyAttack {
	return map[string]bodyAttack{
		"no token":           {body: func(v url.Values) string { return without(v, "token").Encode() }},
		"empty token":        {body: func(v url.Values) string { return set(v, "token", "").Encode() }},
		"token cut short":    {body: func(v url.Values) string { return set(v, "token", v.Get("token")[:20]).Encode() }},
		"token with padding": {body: func(v url.Values) string { return set(v, "token", v.Get("token")+"=").Encode() }},
		"null token":         {body: func(v url.Values) string { return set(v, "token", "null").Encode() }},
		"foreign token":      {body: func(v url.Values) string { return set(v, "token", foreign).Encode() }},
		"token twice":        {body: func(v url.Values) string { return with(v, "token="+v.Get("token")) }},
		"field twice":        {body: func(v url.Values) string { return with(v, "password=a&password=b") }},
		"field in an array":  {body: func(v url.Values) string { return with(v, "identifier%5B%5D=eve@evil.test") }},
		"indexed field":      {body: func(v url.Values) string { return with(v, "identifier%5B99999999%5D=eve@evil.test") }},
		"unknown field":      {body: func(v url.Values) string { return with(v, "role=brand_admin") }},
		"field in capitals":  {body: func(v url.Values) string { return with(v, "Identifier=eve@evil.test") }},
		"no name":            {body: func(v url.Values) string { return with(v, "=x") }},
		"NUL in a value":     {body: func(v url.Values) string { return with(v, "username=a%00b") }},
		"NUL in a name":      {body: func(v url.Values) string { return with(v, "user%00name=a") }},
		"invalid UTF-8":      {body: func(v url.Values) string { return with(v, "username=%ff%fe") }},
		"UTF-8 too long":     {body: func(v url.Values) string { return with(v, "username=%c0%af") }},
		"broken escape":      {body: func(v url.Values) string { return with(v, "username=%zz") }},
		"huge value":         {body: func(v url.Values) string { return with(v, "username="+strings.Repeat("a", 9<<10)) }},
		"many fields":        {body: func(v url.Values) string { return with(v, strings.Repeat("a=1&b=1&", 40)) }},
		"huge body":          {body: func(v url.Values) string { return with(v, "username="+strings.Repeat("a", 70<<10)) }},
		"JSON":               {body: func(v url.Values) string { return `{"token":"` + v.Get("token") + `","identifier":"a","password":"b"}` }, header: map[string]string{"Content-Type": "application/json"}},
		"form as JSON":       {body: encoded, header: map[string]string{"Content-Type": "application/json"}},
		"text":               {body: encoded, header: map[string]string{"Content-Type": "text/plain"}},
		"no content type":    {body: encoded, header: map[string]string{"Content-Type": ""}},
		"multipart": {body: func(v url.Values) string {
			var b strings.Builder
			for name := range v {
				fmt.Fprintf(&b, "--x\r\nContent-Disposition: form-data; name=%q\r\n\r\n%s\r\n", name, v.Get(name))
			}
			return b.String() + "--x--\r\n"
		}, header: map[string]string{"Content-Type": "multipart/form-data; boundary=x"}},
		"query, not body":   {body: func(url.Values) string { return "" }, query: encoded},
		"token in a query":  {body: func(v url.Values) string { return without(v, "token").Encode() }, query: encoded},
		"another site":      {body: encoded, header: map[string]string{"Origin": "https://evil.test", "Sec-Fetch-Site": "cross-site"}},
		"a sibling":         {body: encoded, header: map[string]string{"Sec-Fetch-Site": "same-site"}},
		"sibling, old":      {body: encoded, header: map[string]string{"Origin": "SIBLING", "Sec-Fetch-Site": ""}},
		"no origin at all":  {body: encoded, header: map[string]string{"Origin": "", "Sec-Fetch-Site": ""}},
		"origin null":       {body: encoded, header: map[string]string{"Origin": "null", "Sec-Fetch-Site": ""}},
		"another port":      {body: encoded, header: map[string]string{"Origin": "http://first.localhost:1", "Sec-Fetch-Site": ""}},
		"another scheme":    {body: encoded, header: map[string]string{"Origin": "https://first.localhost", "Sec-Fetch-Site": ""}},
		"origin and more":   {body: encoded, header: map[string]string{"Origin": "ORIGIN.evil.test", "Sec-Fetch-Site": ""}},
		"unknown fetchsite": {body: encoded, header: map[string]string{"Sec-Fetch-Site": "SAME-ORIGIN"}},
		"referer alone":     {body: encoded, header: map[string]string{"Origin": "", "Sec-Fetch-Site": "", "Referer": "ORIGIN/login"}},
	}
}

// TestFormsThatAreNoneOfOurs sends every form of a tenant in every way that is not its page's: refused,
// nothing stored, nothing sent.
func TestFormsThatAreNoneOfOurs(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t, apptest.Options{Tenants: []string{unbounded, apptest.Second}, NoWorkers: true})
	at := p.Origin("first")
	in, out, other := p.Browser(), p.Browser(), p.Browser()
	in.SignIn(at, "ava@first.example", apptest.Password).Sees(303)
	sent := out.AskForLink(at, "nobody@first.example").Sees(200)
	valid := forms(p, sent.Value("resend"))
	paths := posts(t, p, valid)
	inside := func(path string) bool { return path == "/logout" || strings.HasPrefix(path, "/account") }
	tokens := map[bool]string{true: in.Get(at + "/account").Sees(200).Value("token"), false: out.Get(at + "/login").Sees(200).Value("token")}
	foreign := other.Get(p.Origin("second") + "/login").Sees(200).Value("token")
	try := func(path string, a bodyAttack) *apptest.Answer {
		fields, b := set(valid[path], "token", tokens[inside(path)]), out
		if inside(path) {
			b = in
		}
		header := apptest.SameOrigin(at)
		for name, value := range a.header {
			value = strings.NewReplacer("ORIGIN", at, "SIBLING", p.Origin("second")).Replace(value)
			if name == "Sec-Fetch-Site" && a.header[name] == "SAME-ORIGIN" {
				value = "SAME-ORIGIN"
			}
			if header[name] = value; value == "" {
				delete(header, name)
			}
		}
		address := at + path
		if a.query != nil {
			address += "?" + a.query(fields)
		}
		return b.Send("POST", address, a.body(fields), header)
	}
	for name, attack := range bodyAttacks(foreign) {
		before := p.Rows("")
		for _, path := range paths {
			a := try(path, attack)
			if a.Status != 400 && a.Status != 403 && a.Status != 413 && a.Status != 415 {
				t.Errorf("%s at %s: %d %s", name, path, a.Status, a.Location)
			}
			if strings.Contains(a.Body, "evil.test") || strings.Contains(a.Body, another) {
				t.Errorf("%s at %s: the answer repeats what was sent", name, path)
			}
		}
		if changed := before.Differ(p.Rows("")); len(changed) > 0 {
			t.Errorf("%s changed %v", name, changed)
		}
	}
	before := p.Rows("")
	p.Clock.Advance(2*time.Hour + time.Second) // the pages are too old now
	for _, path := range paths {
		try(path, bodyAttack{body: encoded}).Sees(403)
	}
	after := p.Rows("")
	delete(before, "public.sessions") // the session was seen
	if changed := before.Differ(after); len(changed) > 0 {
		t.Errorf("expired forms changed %v", changed)
	}
	p.Clock.Reset()
	tokens[false], tokens[true] = out.Get(at+"/login").Sees(200).Value("token"), in.Get(at+"/account").Sees(200).Value("token")
	for _, path := range slices.Backward(paths) { // and the very same fields pass from the page itself
		a := try(path, bodyAttack{body: encoded})
		// The meter needs an opened link besides, and this tenant changes no password inside.
		if (a.Status == 400 || a.Status == 403) && path != "/recover/strength" && path != "/account/password" {
			t.Errorf("the page's own form at %s: %d\n%s", path, a.Status, a.Text())
		}
		tokens[true] = in.Get(at + "/account").Value("token")
		if tokens[true] == "" {
			in.SignIn(at, "ava@first.example", apptest.Password)
			tokens[true] = in.Get(at + "/account").Sees(200).Value("token")
		}
	}
}

// TestWhatWasTypedIsKept: 422 with the field's message, the identifier as typed and escaped, and no
// secret in the page, on every form of a tenant that a person fills in.
func TestWhatWasTypedIsKept(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t, apptest.Options{NoWorkers: true})
	b, at := p.Browser(), p.Origin("first")
	const secret = "S3cret!never-shown"
	for _, typed := range []string{"ava@first.example", `"><script>alert(1)</script>@x.example`, "{{.Token}}", "a@b", "' OR 1=1 --", "ünïcode@exämple.test", "%0d%0aSet-Cookie:x=1"} {
		page := b.Get(at + "/login")
		a := b.Post(at+"/login", url.Values{"token": {page.Value("token")}, "identifier": {typed}, "password": {secret}}).Sees(422)
		if a.Value("identifier") != typed {
			t.Errorf("sign-in keeps %q of %q", a.Value("identifier"), typed)
		}
		if strings.Contains(a.Body, secret) || strings.Contains(a.Body, "<script>alert") || a.Header.Get("Location") != "" || len(a.Header.Values("Set-Cookie")) > 1 {
			t.Errorf("sign-in with %q: secret, script or header in the answer", typed)
		}
	}
	for _, typed := range []string{"", "no address", "a@b", `<b>@x.example`} {
		before := p.Rows("")
		a := b.AskForLink(at, typed).Sees(422)
		if a.Value("identifier") != typed || strings.Contains(a.Body, "<b>@") {
			t.Errorf("recovery keeps %q of %q", a.Value("identifier"), typed)
		}
		if changed := before.Differ(p.Rows("")); len(changed) > 0 {
			t.Errorf("%q changed %v", typed, changed)
		}
	}
	b.SignIn(at, "ava@first.example", "").Sees(422)
	b.SignIn(at, "", "x").Sees(422)
}

// TestTheSecondClickOfADoubleClick lands where the first one led.
func TestTheSecondClickOfADoubleClick(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t, apptest.Options{})
	b, at := p.Browser(), p.Origin("first")
	page := b.Get(at + "/login").Sees(200)
	fields := url.Values{"token": {page.Value("token")}, "identifier": {"ava@first.example"}, "password": {apptest.Password}}
	if first, second := b.Post(at+"/login", fields).Sees(303), b.Post(at+"/login", fields).Sees(303); first.Location != second.Location {
		t.Errorf("first to %q, then to %q", first.Location, second.Location)
	}
	if n := p.Count("sessions WHERE ended_at IS NULL"); n != 1 {
		t.Errorf("%d sessions stand", n)
	}
}
