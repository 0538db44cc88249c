package tenants

import (
	"slices"
	"strings"
	"testing"
)

func TestNotYet(t *testing.T) {
	t.Parallel()
	rows := map[string]func(*Policy){
		"signin.local_enabled":             func(p *Policy) { p.SignIn.LocalEnabled = false },
		"signin.external":                  func(p *Policy) { p.SignIn.External = "provider_buttons" },
		"signin.external_default_provider": func(p *Policy) { p.SignIn.ExternalDefaultProvider = "entra" },
		"gates.methods_use":                func(p *Policy) { p.Gates.MethodsUse = []string{"email_link", "passkey"} },
		"finish.revoke_sessions":           func(p *Policy) { p.Finish.RevokeSessions = "password" },
		"help.article_feedback":            func(p *Policy) { p.Help.ArticleFeedback = true },
		"modules.kb":                       func(p *Policy) { p.Modules.KnowledgeBase = true },
		"modules.cases":                    func(p *Policy) { p.Modules.Cases = true },
		"modules.contact":                  func(p *Policy) { p.Modules.Contact = true },
		"modules.search":                   func(p *Policy) { p.Modules.Search = true },
		"users.registration_mode":          func(p *Policy) { p.Users.Mode = []string{"invite", "open"} },
	}
	for field, change := range rows {
		p := preset(t, DefaultPreset)
		change(&p)
		later := p.NotYet()
		if got := fields(later); !slices.Equal(got, []string{field}) {
			t.Errorf("%s: got %v", field, got)
			continue
		}
		if !strings.HasPrefix(later[0].Problem, "not yet: ") {
			t.Errorf("%s: %q does not begin with \"not yet: \"", field, later[0].Problem)
		}
	}
}

// What is built must pass, whatever its value.
func TestNotYetLetsTheBuiltPass(t *testing.T) {
	t.Parallel()
	p := preset(t, "customer-portal")
	p.SignIn.External, p.Modules, p.Help.Panel = "off", ModulesPolicy{}, nil
	p.Users.Mode = []string{"invite", "provisioned"}
	p.Password.HistoryReset, p.Password.MaxAgeDays = 5, 180
	p.Password.BannedCustom, p.Password.BannedMinScore, p.Password.BannedNameMin = []string{"portico"}, 5, 4
	p.Reset.Captcha, p.Reset.CaptchaAfter, p.Reset.CaptchaKind = "after_n", 3, "image"
	p.Throttle.Networks = []Network{{CIDR: "192.0.2.0/24", Factor: 40}}
	p.Lockout.IgnoreRepeatLast, p.Finish.Mode = 3, "message"
	p.Password.Advice, p.Password.UI, p.Password.Charset = true, "strength", "ascii"
	for _, layout := range []string{"single", "two_step", "split"} {
		p.SignIn.Layout = layout
		if later := p.NotYet(); len(later) != 0 {
			t.Errorf("layout %s: %v", layout, later)
		}
		if faults := p.Validate(); len(faults) != 0 {
			t.Errorf("layout %s: %v", layout, faults)
		}
	}
}

func TestPresetsCanBeBegunWith(t *testing.T) {
	t.Parallel()
	for _, name := range PresetNames() {
		p, _ := Preset(name)
		if p = p.Available(); len(p.NotYet()) > 0 {
			t.Errorf("%s: %v", name, p.NotYet())
		}
		if faults := p.Validate(); len(faults) > 0 {
			t.Errorf("%s: %v", name, faults)
		}
	}
}
