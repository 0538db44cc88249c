package tenantfile

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"portico/app/accounts"
	"portico/tenants"
	"portico/themes"
)

const demoFolder = "../../cmd/portico/demo"

// demoPerson is one account of accounts.yaml, in the shape of GET /dev/demo.json.
type demoPerson struct {
	ExternalID  string            `yaml:"external_id"`
	SignInID    string            `yaml:"sign_in_id"`
	Email       string            `yaml:"email"`
	Password    string            `yaml:"password"`
	Env         string            `yaml:"env"`
	Roles       []string          `yaml:"roles"`
	Note        string            `yaml:"note"`
	Phone       string            `yaml:"phone"`
	OfficePhone string            `yaml:"office_phone"`
	Answers     map[string]string `yaml:"answers"`
	TOTPSecret  string            `yaml:"totp_secret"`
	Secrets     string            `yaml:"secrets"`
}

func demoFile(t testing.TB, slug string) tenants.File {
	t.Helper()
	file, _, faults, err := tenants.ReadFile(filepath.Join(demoFolder, slug+".yaml"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range faults {
		t.Errorf("%s.yaml: %s", slug, f)
	}
	return file
}

func demoPeople(t testing.TB) map[string][]demoPerson {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(demoFolder, "accounts.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	var doc struct {
		Tenants map[string][]demoPerson `yaml:"tenants"`
	}
	if err := yaml.Unmarshal(data, &doc); err != nil {
		t.Fatal(err)
	}
	return doc.Tenants
}

// demoSecrets answers env: references as `portico dev` does.
func demoSecrets(t testing.TB) tenants.Secrets {
	values := map[string]string{}
	for _, people := range demoPeople(t) {
		for _, p := range people {
			if p.Env != "" {
				values[p.Env] = p.Password
			}
			for id, answer := range p.Answers {
				values[p.Secrets+"_"+strings.ToUpper(id)] = answer
			}
			values[p.Secrets+"_TOTP"] = p.TOTPSecret
		}
	}
	return tenants.Secrets{Env: func(name string) (string, bool) { v, ok := values[name]; return v, ok }}
}

func TestDemoFilesAreSound(t *testing.T) {
	t.Parallel()
	words, err := themes.NewRenderer()
	if err != nil {
		t.Fatal(err)
	}
	layouts := map[string]string{"alliants": themes.LayoutCard, "university": themes.LayoutStepper, "power": themes.LayoutPortal}
	for slug, layout := range layouts {
		file := demoFile(t, slug)
		for _, f := range (&Files{Words: words}).judge(file) {
			t.Errorf("%s: %s", slug, f)
		}
		theme, err := themes.ParseTheme(file.Theme)
		if err != nil || theme.Layout != layout {
			t.Errorf("%s: layout %q (%v), want %q", slug, theme.Layout, err, layout)
		}
	}
}

// The accounts of the files and those shown to whoever tries the demo are the same people, and their
// passwords are ones that they could have chosen.
func TestDemoPeopleFitTheirFiles(t *testing.T) {
	t.Parallel()
	people := demoPeople(t)
	for _, slug := range []string{"alliants", "university", "power"} {
		file := demoFile(t, slug)
		if len(people[slug]) != len(file.Accounts) {
			t.Fatalf("%s: %d people shown, %d in the file", slug, len(people[slug]), len(file.Accounts))
		}
		for i, p := range people[slug] {
			a := file.Accounts[i]
			id := map[string]string{"email": a.Email, "username": a.Username, "user_id": a.UserID}[file.Policy.SignIn.Identifier]
			if p.ExternalID != a.ExternalID || p.SignInID != id || p.Email != a.Email {
				t.Errorf("%s: %+v is not %+v", slug, p, a)
			}
			if (p.Env == "") != (a.Password == "") || p.Env != "" && a.Password != "env:"+p.Env {
				t.Errorf("%s: %s: password of %q is not in %q", slug, a.ExternalID, a.Password, p.Env)
			}
			if a.SignIn == "sso" {
				continue
			}
			about := accounts.Personal{Brand: file.Name, Words: []string{a.Name, a.Email, a.Username, a.UserID}}
			for _, r := range accounts.CheckPassword(file.Policy.Password, p.Password, about) {
				t.Errorf("%s: the password of %s breaks %+v", slug, a.ExternalID, r)
			}
		}
	}
}
