package rules_test

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"

	"portico/app/rules"
	"portico/tenants"
)

// A new field of the policy is a knob, or this test fails.
func TestEveryFieldIsAKnob(t *testing.T) {
	t.Parallel()
	var fields []string
	var walk func(reflect.Type, string)
	walk = func(of reflect.Type, above string) {
		for i := range of.NumField() {
			f := of.Field(i)
			name := strings.TrimPrefix(above+"."+strings.Split(f.Tag.Get("yaml"), ",")[0], ".")
			if f.Type.Kind() == reflect.Struct {
				walk(f.Type, name)
				continue
			}
			fields = append(fields, name)
		}
	}
	walk(reflect.TypeFor[tenants.Policy](), "")
	if len(fields) < 120 || len(fields) != len(rules.Knobs()) {
		t.Errorf("%d fields and %d knobs", len(fields), len(rules.Knobs()))
	}
	for _, name := range fields {
		if _, ok := rules.Named(name); !ok {
			t.Errorf("%s is no knob", name)
		}
	}
}

func TestEveryKnobHasWords(t *testing.T) {
	t.Parallel()
	for _, locale := range []string{"en", "de", "fr", "es", "ar"} {
		doc, err := os.ReadFile(filepath.Join("..", "..", "themes", "words", locale, "rules.yaml"))
		if err != nil {
			t.Fatal(err)
		}
		words := map[string]any{}
		if err := yaml.Unmarshal(doc, &words); err != nil {
			t.Fatal(err)
		}
		said := func(key string) {
			if words[key] == nil {
				t.Errorf("%s: %s is missing", locale, key)
			}
		}
		for _, k := range rules.Knobs() {
			path := k.Path
			if parts := strings.Split(path, "."); len(parts) == 3 && parts[0] == "throttle" {
				said("rules.part." + parts[2])
				path = parts[0] + "." + parts[1]
			}
			said("rules.knob." + path)
			said("rules.why." + path)
			for _, c := range k.Choices {
				said(k.Word(c))
			}
			if k.Fixed {
				said("rules.fixed." + k.Path)
			}
		}
		for _, group := range rules.Groups() {
			said("rules.group." + group)
		}
		for _, name := range rules.EffectNames() {
			said("rules.effect." + name)
		}
		for _, name := range tenants.PresetNames() {
			p, _ := tenants.Preset(name)
			for _, m := range rules.Marks(p) {
				said("rules.mark." + m.Code)
			}
		}
	}
}

// What a knob prints it reads, in every preset, also as browsers send lines and as people see lengths.
func TestKnobsReadWhatTheyPrint(t *testing.T) {
	t.Parallel()
	for _, name := range tenants.PresetNames() {
		p, _ := tenants.Preset(name)
		p.Throttle.Networks = []tenants.Network{{CIDR: "192.0.2.0/24", Factor: 20, Note: "the campus, both halls"}}
		p.Questions.Custom = []string{"Which room did you first live in?", "Wer war’s?"}
		for _, k := range rules.Knobs() {
			printed := k.Print(p)
			for _, text := range []string{printed, strings.ReplaceAll(printed, "\n", "\r\n")} {
				q := p
				if f := k.Read(&q, text); f != nil {
					t.Errorf("%s %s: %q is refused: %+v", name, k.Path, text, *f)
				} else if got := k.Print(q); got != printed {
					t.Errorf("%s %s: %q came back as %q", name, k.Path, printed, got)
				}
			}
		}
		if _, err := rules.Propose(p, rules.SetOf(p, p)); err != nil && name == "nist" {
			t.Errorf("%s cannot stand: %v", name, err)
		}
	}
}

func TestLengthsAsPeopleWriteThem(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]time.Duration{"24 h": 24 * time.Hour, "30 min": 30 * time.Minute, "1h30m": 90 * time.Minute, "7 days": 168 * time.Hour,
		"1 Std. 30 Min.": 90 * time.Minute, "٢٤ ساعة": 24 * time.Hour, "0": 0, "90s": 90 * time.Second, "2 jours": 48 * time.Hour} {
		if got, ok := rules.ParseLength(text); !ok || got != want {
			t.Errorf("%q: %v %v", text, got, ok)
		}
	}
	for _, text := range []string{"", "h", "5", "-1h", "1 fortnight", "1m1h", "99999999999999h", "5000d", "1.5h", "1h 1h"} {
		if got, ok := rules.ParseLength(text); ok {
			t.Errorf("%q is taken for %v", text, got)
		}
	}
	for _, d := range []time.Duration{0, time.Second, 90 * time.Second, time.Hour, 90 * time.Minute, 24 * time.Hour, 168 * time.Hour, 25 * time.Hour} {
		if got, ok := rules.ParseLength(rules.HumanLength(d)); !ok || got != d {
			t.Errorf("%v: %q came back as %v", d, rules.HumanLength(d), got)
		}
	}
}

func TestProposals(t *testing.T) {
	t.Parallel()
	p, _ := tenants.Preset("nist")
	for _, c := range []struct {
		set  rules.Set
		path string
		code string
	}{
		{rules.Set{"link.ttl": "25 h"}, "link.ttl", "length_range"},
		{rules.Set{"link.ttl": "soon"}, "link.ttl", "length"},
		{rules.Set{"password.min": "x"}, "password.min", "number"},
		{rules.Set{"password.min": "9"}, "password.min", "cannot.min_nist"},
		{rules.Set{"finish.auto_sign_in": "true"}, "finish.auto_sign_in", "fixed"},
		{rules.Set{"modules.kb": "true"}, "modules.kb", "later"},
		{rules.Set{"gates.required": "2"}, "gates.required", "cannot.too_few_kinds"},
		{rules.Set{"signin.layout": "round"}, "signin.layout", "choice"},
		{rules.Set{"no.such": "1"}, "no.such", "unknown"},
		{rules.Set{"throttle.networks": "192.0.2.0/24"}, "throttle.networks", "network"},
		{rules.Set{"throttle.networks": "192.0.2.0/24 0"}, "throttle.networks", "rule"},
	} {
		_, err := rules.Propose(p, c.set)
		var wrong *rules.FaultsError
		if !errors.As(err, &wrong) || wrong.Faults[0].Path != c.path || wrong.Faults[0].Code != c.code {
			t.Errorf("%v: %v %+v", c.set, err, wrong)
		}
	}
	after, err := rules.Propose(p, rules.Set{"link.ttl": "45 min", "lockout.threshold": "٨"})
	if err != nil || after.Link.TTL.Std() != 45*time.Minute || after.Lockout.Threshold != 8 {
		t.Errorf("%v %v", after.Link, err)
	}
	for _, name := range tenants.PresetNames() {
		if to, _, ok := rules.FromPreset(p, name); !ok || len(to.Validate()) > 0 || len(to.NotYet()) > len(p.NotYet()) {
			t.Errorf("preset %s cannot be taken over: %v %v", name, to.Validate(), to.NotYet())
		}
	}
}

func TestWeaker(t *testing.T) {
	t.Parallel()
	p, _ := tenants.Preset("two-gate")
	for _, c := range []struct {
		path, text string
		weaker     bool
	}{
		{"gates.required", "1", true}, {"link.ttl", "24h", true}, {"link.ttl", "10m", false}, {"mfa.signin", "required", false},
		{"throttle.mail_send.limit", "0", true}, {"throttle.mail_send.limit", "5", false}, {"password.mode", "nist", false}, {"password.min", "12", false},
		{"gates.admin.forbid", "", true}, {"gates.methods_use", "sms_mobile", false},
	} {
		after := p
		k, _ := rules.Named(c.path)
		if f := k.Read(&after, c.text); f != nil {
			t.Fatalf("%s: %+v", c.path, *f)
		}
		changes := rules.Diff(p, after)
		if len(changes) != 1 || changes[0].Weaker() != c.weaker {
			t.Errorf("%s %s: %+v", c.path, c.text, changes)
		}
	}
}
