package tenants

import (
	"encoding/json"
	"reflect"
	"slices"
	"testing"
	"time"
)

func preset(t *testing.T, name string) Policy {
	t.Helper()
	p, ok := Preset(name)
	if !ok {
		t.Fatalf("no preset %q", name)
	}
	return p
}

func TestPresetsAreSound(t *testing.T) {
	t.Parallel()
	for _, name := range PresetNames() {
		p := preset(t, name)
		if p.Preset != name {
			t.Errorf("preset %q calls itself %q", name, p.Preset)
		}
		for _, f := range p.Validate() {
			t.Errorf("preset %s: %s", name, f)
		}
	}
	if _, ok := Preset("axp"); ok {
		t.Error("an unknown name has a preset")
	}
	if !slices.Contains(PresetNames(), DefaultPreset) {
		t.Errorf("the default preset %q is none of %v", DefaultPreset, PresetNames())
	}
}

// The default needs nothing that is not built; the followed systems' columns do, and say so.
func TestPresetsNotYet(t *testing.T) {
	t.Parallel()
	if later := preset(t, DefaultPreset).NotYet(); len(later) != 0 {
		t.Errorf("the default preset waits for %v", later)
	}
	for name, want := range map[string][]string{
		"email-link":      {"signin.external", "users.registration_mode"},
		"two-gate":        {"help.article_feedback"},
		"customer-portal": {"signin.external", "modules.kb", "modules.cases", "modules.contact", "modules.search", "users.registration_mode"},
	} {
		got := fields(preset(t, name).NotYet())
		for _, field := range want {
			if !slices.Contains(got, field) {
				t.Errorf("preset %s: %s is not said to come later; got %v", name, field, got)
			}
		}
	}
}

func TestPresetsFollowTheirColumns(t *testing.T) {
	t.Parallel()
	axp, uni, pwr := preset(t, "email-link"), preset(t, "two-gate"), preset(t, "customer-portal")
	for _, c := range []struct {
		what      string
		got, want any
	}{
		{"AXP link", axp.Link, LinkPolicy{TTL: Duration(24 * time.Hour), SupersedeOnReissue: true, OpensNewTab: true}},
		{"AXP ticks", axp.Password.Require, []string{"lower", "upper", "special"}},
		{"AXP confirm field", axp.Password.ConfirmField, false},
		{"AXP lock", axp.Lockout.Duration, Duration(15 * time.Minute)},
		{"UNI gates", uni.Gates.Required, 2},
		{"UNI lock", uni.Lockout.Duration, Duration(time.Minute)},
		{"UNI lock growth", uni.Lockout.GrowthCap, Duration(time.Hour)},
		{"UNI repeats", uni.Lockout.IgnoreRepeatLast, 3},
		{"UNI unknown accounts", uni.Reset.UnknownAccount, "generic"},
		{"PWR identifier", pwr.SignIn.Identifier, "username"},
		{"PWR reset identifier", pwr.Reset.Identifier, "email"},
		{"PWR link ends older ones", pwr.Link.SupersedeOnReissue, true},
		{"PWR lock cleared", pwr.Lockout.ClearedByReset, true},
		{"PWR alias", pwr.Routing.LoginPath, "/SignIn"},
		{"PWR throttle", pwr.Throttle.SignInIP, Throttle{1000, Duration(3 * time.Minute), Duration(10 * time.Minute)}},
	} {
		if !reflect.DeepEqual(c.got, c.want) {
			t.Errorf("%s: %v, want %v", c.what, c.got, c.want)
		}
	}
}

func TestPresetsShareNothing(t *testing.T) {
	t.Parallel()
	one := preset(t, "email-link")
	one.Password.Require[0] = "digit"
	if other := preset(t, "email-link"); other.Password.Require[0] != "lower" {
		t.Error("a change of one policy reached the preset")
	}
}

func TestDecodePolicyFillsFromPreset(t *testing.T) {
	t.Parallel()
	got, err := DecodePolicy(json.RawMessage(`{"preset":"email-link","link":{"ttl":"30m"},"password":{"require":["digit"]}}`))
	if err != nil {
		t.Fatal(err)
	}
	want := preset(t, "email-link")
	want.Link.TTL = Duration(30 * time.Minute)
	want.Password.Require = []string{"digit"}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v\nwant %+v", got, want)
	}
	for _, doc := range []string{`{}`, `{"preset":"none"}`, `{"preset":"nist","link":{"ttl":"-1m"}}`, `[]`} {
		if _, err := DecodePolicy(json.RawMessage(doc)); err == nil {
			t.Errorf("%s was read", doc)
		}
	}
}

func TestPolicySurvivesStorage(t *testing.T) {
	t.Parallel()
	for _, name := range PresetNames() {
		want := preset(t, name)
		doc, err := json.Marshal(want)
		if err != nil {
			t.Fatal(err)
		}
		got, err := DecodePolicy(doc)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %v\ngot  %+v\nwant %+v", name, err, got, want)
		}
	}
}

func fields(faults []Fault) []string {
	var out []string
	for _, f := range faults {
		out = append(out, f.Field)
	}
	return out
}
