package themes

import (
	"encoding/json"
	"os"
	"slices"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"

	"portico/tenants"
)

var testHelp = map[string]tenants.HelpPolicy{
	"alliants":   {Escalation: "Brand Administrator", SecurityNote: true},
	"university": {Escalation: "Alliant Information Technology Helpdesk", Phone: "(858) 635-4357, option 1", PhoneLink: "+18586354357", Email: "helpdesk@alliant.edu", SecurityNote: true},
	"power":      {Phone: "+1 800 555 0147", Email: "support@alliantpower.com", Panel: []string{"browse_kb", "create_case", "contact"}},
}

var testNames = map[string]string{"alliants": "Alliants AXP", "university": "Alliant International University", "power": "Alliant Power"}

// testBrand makes the brand of a demo theme, as its tenant file would.
func testBrand(t testing.TB, slug string) *Brand {
	t.Helper()
	if slug == "platform" {
		return PlatformBrand("http://localhost:8080")
	}
	theme, words := demo(t, slug)
	doc, err := json.Marshal(theme)
	if err != nil {
		t.Fatal(err)
	}
	b, err := NewBrand(&tenants.Tenant{
		Slug: slug, Name: testNames[slug], Origin: "http://" + slug + ".localhost:8080", Theme: doc, Words: words,
		Policy: tenants.Policy{
			Routing: tenants.RoutingPolicy{LocaleDefault: "en", LocaleFromBrowser: true},
			Help:    testHelp[slug],
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// demo reads a demo fragment, strictly.
func demo(t testing.TB, slug string) (Theme, tenants.Words) {
	t.Helper()
	f, err := os.Open("testdata/demo_" + slug + ".yaml")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	doc := struct {
		Theme Theme         `yaml:"theme"`
		Words tenants.Words `yaml:"words"`
	}{Theme: DefaultTheme()}
	d := yaml.NewDecoder(f)
	d.KnownFields(true)
	if err := d.Decode(&doc); err != nil {
		t.Fatal(err)
	}
	return doc.Theme, doc.Words
}

// example is one page as it is drawn in goldens and screenshots.
type example = Sample

// noon is the moment that examples play at.
var noon = sampleTime

func chrome(path string) Chrome   { return sampleChrome(path) }
func signedIn(path string) Chrome { return sampleSignedIn(path) }

func ruleText(key string, count int) Message {
	return Message{Key: key, Args: map[string]any{"count": count}}
}

// sampleOf is the policy of a demo brand, as far as pages tell it, with some of the rules met.
func sampleOf(slug string) SampleOf {
	p := tenants.Policy{Help: testHelp[slug],
		SignIn:   tenants.SignInPolicy{Layout: "single", Identifier: "email", ForgotKind: "link", ForgotPosition: "below_password", External: "off"},
		Reset:    tenants.ResetPolicy{Enabled: true, Identifier: "email", DeliveryHint: true},
		Link:     tenants.LinkPolicy{TTL: tenants.Duration(24 * time.Hour)},
		Password: tenants.PasswordPolicy{Min: 8, Max: 256, UI: "live_checklist"},
	}
	switch slug {
	case "alliants":
		p.Reset.ConfirmEchoAddress, p.Reset.ReenterLink, p.SignIn.External = true, true, "by_org_name"
	case "university":
		p.SignIn.Layout, p.SignIn.Identifier, p.SignIn.ForgotPosition = "two_step", "user_id", "below_form"
		p.Reset.Identifier = "user_id"
		p.Password.ConfirmField, p.Password.Advice, p.Password.UI = true, true, "strength"
	case "power":
		p.SignIn.Layout, p.SignIn.Identifier, p.SignIn.RememberMe = "split", "username", true
		p.SignIn.ForgotKind, p.SignIn.ForgotPosition = "button", "beside_submit"
		p.Password.ConfirmField, p.Password.UI = true, "none"
	}
	return SampleOf{Policy: p, Rules: []PasswordRule{
		{Name: "min", Text: ruleText("rule.min", 8), Test: "min:8", Met: true},
		{Name: "lower", Text: ruleText("rule.lower", 1), Test: "lower", Met: true},
		{Name: "upper", Text: ruleText("rule.upper", 1), Test: "upper"},
		{Name: "special", Text: ruleText("rule.special", 1), Test: "special"},
	}}
}

// examplePages is every page of a brand, in the states that differ.
func examplePages(slug string) []example {
	var all []example
	for _, story := range SampleStories(sampleOf(slug)) {
		if !story.Platform {
			all = append(all, story.Pages...)
		}
	}
	return append(all, sharedExamples()...)
}

// platformPages are those without a tenant.
func platformPages() []example { return slices.Concat(platformSamples(), platformExamples()) }

func exampleLetters() map[string]Letter {
	all := map[string]Letter{}
	for _, s := range LetterSamples() {
		all[s.Name] = s.Letter
	}
	return all
}
