package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"portico/themes"
)

// demo is accounts.yaml: the people of the demo tenants with what testers must know of them.
type demo struct {
	Tenants map[string][]demoPerson `yaml:"tenants"`
	Staff   []demoStaff             `yaml:"staff"`
}

// demoStaff is one of the platform's own people.
type demoStaff struct {
	Email      string `yaml:"email" json:"email"`
	Name       string `yaml:"name" json:"name"`
	Role       string `yaml:"role" json:"role"`
	Password   string `yaml:"password" json:"password"`
	TOTPSecret string `yaml:"totp_secret" json:"totp_secret"`
}

type demoPerson struct {
	SignInID    string            `yaml:"sign_in_id" json:"sign_in_id"`
	Email       string            `yaml:"email" json:"email"`
	Password    string            `yaml:"password" json:"password"`
	Roles       []string          `yaml:"roles" json:"roles"`
	Note        string            `yaml:"note" json:"note"`
	Phone       string            `yaml:"phone" json:"phone"`
	OfficePhone string            `yaml:"office_phone" json:"office_phone"`
	Answers     map[string]string `yaml:"answers" json:"answers"`
	TOTPSecret  string            `yaml:"totp_secret" json:"totp_secret"`
	Env         string            `yaml:"env" json:"-"`
	ExternalID  string            `yaml:"external_id" json:"-"`
	Secrets     string            `yaml:"secrets" json:"-"` // env: references to answers and the app's secret begin with it
}

// demoPage is the body of /dev/demo.json.
type demoPage struct {
	Tenants []demoTenant `json:"tenants"`
	Staff   []demoStaff  `json:"staff"`
}

type demoTenant struct {
	Slug     string       `json:"slug"`
	Origin   string       `json:"origin"`
	Preset   string       `json:"preset"`
	Accounts []demoPerson `json:"accounts"`
}

func readDemo() (demo, error) {
	var d demo
	data, err := demoFiles.ReadFile("demo/accounts.yaml")
	if err != nil {
		return d, err
	}
	return d, yaml.Unmarshal(data, &d)
}

func (d demo) slugs() []string {
	var all []string
	for slug := range d.Tenants {
		all = append(all, slug)
	}
	slices.Sort(all)
	return all
}

// secret answers the tenant files' env: references.
func (d demo) secret(name string) (string, bool) {
	for _, people := range d.Tenants {
		for _, p := range people {
			if p.Env == name && name != "" {
				return p.Password, true
			}
			if rest, ok := strings.CutPrefix(name, p.Secrets+"_"); ok && p.Secrets != "" {
				if answer, ok := p.Answers[strings.ToLower(rest)]; ok {
					return answer, true
				}
				return p.TOTPSecret, rest == "TOTP" && p.TOTPSecret != ""
			}
		}
	}
	return "", false
}

func (p *portal) describeDemo(ctx context.Context, d demo) (demoPage, error) {
	page := demoPage{Tenants: []demoTenant{}, Staff: d.Staff}
	for _, slug := range d.slugs() {
		t, err := p.resolver.BySlug(ctx, slug)
		if err != nil {
			return page, err
		}
		brand, err := themes.NewBrand(t)
		if err != nil {
			return page, err
		}
		people := slices.Clone(d.Tenants[slug])
		for i := range people {
			if people[i].Roles == nil {
				people[i].Roles = []string{}
			}
			answers := map[string]string{} // by the question as people read it
			for id, answer := range people[i].Answers {
				answers[p.renderer.Text(brand, "en", "question."+id, nil)] = answer
			}
			people[i].Answers = answers
		}
		page.Tenants = append(page.Tenants, demoTenant{Slug: slug, Origin: t.Origin + t.BasePath, Preset: t.Policy.Preset, Accounts: people})
	}
	return page, nil
}

// announce prints the demo's addresses and people, and last the line that scripts wait for.
func announce(base string, what any) {
	page, ok := what.(demoPage)
	if !ok {
		return
	}
	fmt.Println()
	for _, t := range page.Tenants {
		fmt.Printf("  %s/login\n", t.Origin)
		for _, a := range t.Accounts {
			password := a.Password
			if password == "" {
				password = "(none)"
			}
			fmt.Printf("      %-36s %-26s %s\n", a.SignInID, password, a.Note)
		}
	}
	fmt.Printf("  %s/platform\n", base)
	for _, m := range page.Staff {
		fmt.Printf("      %-36s %-26s %s; code of the app: see /dev/demo.json\n", m.Email, m.Password, m.Role)
	}
	fmt.Printf("\n  %s/dev/inbox    every letter that was sent\n  %s    find your sign-in page\n\n", base, base)
	fmt.Println("portico: ready", base)
}
