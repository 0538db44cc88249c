package browser

import (
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"

	"portico/app/apptest"
	"portico/app/letters"
)

// person is one of the demo tenants' people.
type person struct {
	SignIn   string            `yaml:"sign_in_id"`
	Email    string            `yaml:"email"`
	Password string            `yaml:"password"`
	Env      string            `yaml:"env"`
	Phone    string            `yaml:"phone"`
	Answers  map[string]string `yaml:"answers"` // by the question's id
	App      string            `yaml:"totp_secret"`
	Secrets  string            `yaml:"secrets"` // what env: references to answers and the app's secret begin with
}

const demoFolder = "../../cmd/portico/demo"

// people reads who lives at the demo tenants, by the tenant's slug.
var people = sync.OnceValue(func() map[string][]person {
	var all struct {
		Tenants map[string][]person `yaml:"tenants"`
	}
	data, err := os.ReadFile(filepath.Join(demoFolder, "accounts.yaml"))
	if err == nil {
		err = yaml.Unmarshal(data, &all)
	}
	if err != nil {
		panic(err)
	}
	return all.Tenants
})

// demo waits for the test's turn and starts a portal with some of the demo's brands, as `portico dev`
// has them.
func demo(t *testing.T, slugs ...string) *apptest.Portal {
	t.Helper()
	var files []string
	for _, slug := range slugs {
		files = append(files, brandFile(t, slug))
	}
	return stand(t, files...)
}

// brandFile is the demo's tenant file of a brand.
func brandFile(t *testing.T, slug string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(demoFolder, slug+".yaml"))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// stand waits for the test's turn and starts a portal with tenant files.
func stand(t *testing.T, files ...string) *apptest.Portal {
	t.Helper()
	chromium.turns <- struct{}{}
	t.Cleanup(func() { <-chromium.turns })
	return apptest.Start(t, apptest.Options{Tenants: files, Dev: true, Secret: secret})
}

func secret(name string) (string, bool) {
	for _, some := range people() {
		for _, p := range some {
			if p.Env == name && name != "" {
				return p.Password, true
			}
			rest, ok := strings.CutPrefix(name, p.Secrets+"_")
			switch answer := p.Answers[strings.ToLower(rest)]; {
			case p.Secrets == "" || !ok:
			case answer != "":
				return answer, true
			case rest == "TOTP" && p.App != "":
				return p.App, true
			}
		}
	}
	return "", false
}

// letter waits for the newest letter to an address since a moment.
func (b *tab) letter(to string, since time.Time) letters.InboxLetter {
	b.t.Helper()
	return b.portal.Letter(to, since)
}

// read opens a letter as its reader sees it.
func (b *tab) read(l letters.InboxLetter) *tab {
	b.t.Helper()
	return b.visit("http://localhost:"+b.portal.Port+"/dev/inbox/"+l.ID, 200)
}
