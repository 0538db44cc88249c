package app_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// These tests hold the arrows between packages (ARCHITECTURE.md) by reading every file's imports.

const (
	fiber  = "github.com/gofiber/fiber"
	gorm   = "gorm.io/"
	casbin = "github.com/casbin/"
	aws    = "github.com/aws/"

	awsService = aws + "aws-sdk-go-v2/service/"
)

// source is one Go file of the repository.
type source struct {
	path    string // from the repository's root, with slashes
	pkg     string // its folder: "tenants", "app/recovery", "cmd/portico"
	test    bool
	imports []string
	file    *ast.File
}

func (s source) sees(prefix string) bool {
	return slices.ContainsFunc(s.imports, func(i string) bool { return strings.HasPrefix(i, prefix) })
}

// rooms says which of our packages a package may import, by the first pattern that names it. A
// pattern ending in /… names everything below. Flows, named last, never import flows; app/visit is
// what a flow knows of one request.
var rooms = []struct{ pkg, may string }{
	{"tenants/tenantstest", "migrations migrations/localpg"},
	{"tenants/domains/domainstest", ""},
	{"tenants/domains", "tenants"},
	{"tenants/certs", "tenants"},
	{"tenants", ""},
	{"themes", "tenants"},
	{"rbac", "tenants"},
	{"migrations/localpg/…", "migrations migrations/localpg"},
	{"migrations/localpg", "migrations"},
	{"migrations", ""},
	{"app/audit", "tenants"},
	{"app/letters", "app/audit themes tenants"},
	{"app/feedback", "app/letters tenants"},
	{"app/senders", "app/letters app/audit rbac themes tenants"},
	{"app/phones", "app/audit tenants"},
	{"app/captcha", "app/audit tenants"},
	{"app/accounts", "app/letters app/audit rbac themes tenants"},
	{"app/proofs", "app/accounts app/captcha app/phones app/letters app/audit rbac themes tenants"},
	{"app/apikeys", "app/audit rbac tenants"},
	{"app/access", "app/accounts app/letters app/audit rbac themes tenants"},
	{"app/people", "app/access app/accounts app/proofs app/phones app/letters app/audit rbac themes tenants"},
	{"app/sheets", ""},
	{"app/imports", "app/apikeys app/sheets app/people app/access app/accounts app/proofs app/phones app/letters app/audit rbac themes tenants"},
	{"app/looks", "app/letters app/audit rbac themes tenants"},
	{"app/rules", "app/access app/accounts app/proofs app/letters app/audit rbac themes tenants"},
	{"app/insight", "app/sheets app/accounts app/proofs app/letters app/audit rbac themes tenants"},
	{"app/gates", "app/proofs app/accounts app/phones app/letters app/audit rbac themes tenants"},
	{"app/tenantfile", "app/accounts app/proofs app/phones app/letters app/audit rbac themes tenants"},
	{"app/apptest", "app app/… rbac themes tenants tenants/domains tenants/tenantstest migrations migrations/localpg"},
	{"app/staff", "app/accounts app/proofs app/letters app/audit rbac themes tenants"},
	{"app/directory", "app/tenantfile app/people app/accounts app/proofs app/letters app/audit app/staff rbac themes tenants"},
	{"app/platform", "app/visit app/senders app/directory app/staff app/tenantfile app/accounts app/proofs app/letters app/audit rbac themes tenants"},
	{"app/platform/addresses", "app/visit app/directory app/staff app/audit rbac themes tenants tenants/domains"},
	{"app/platform/…", "app/platform app/senders app/visit app/directory app/staff app/tenantfile app/accounts app/proofs app/letters app/audit rbac themes tenants"},
	{"app/console/…", "app/apikeys app/senders app/visit app/staff app/sheets app/people app/imports app/looks app/rules app/insight app/access app/accounts app/proofs app/phones app/letters app/audit rbac themes tenants"},
	{"app/visit", "app/staff app/accounts app/captcha app/gates app/proofs app/phones app/letters app/audit rbac themes tenants"},
	{"app/api", "app/apikeys app/people app/imports app/looks app/rules app/insight app/access app/tenantfile app/directory app/visit app/accounts app/letters app/audit rbac themes tenants"},
	{"app/…", "app/visit app/tenantfile app/accounts app/captcha app/gates app/proofs app/phones app/letters app/audit rbac themes tenants"},
	{"app", "app/… rbac themes tenants tenants/domains tenants/certs"},
	{"cmd/…", "app app/… rbac themes tenants tenants/domains tenants/certs migrations migrations/localpg cmd/…"},
}

// testSupport may be imported by tests, and by each other, alone.
var testSupport = []string{"tenants/tenantstest", "tenants/domains/domainstest", "app/apptest"}

// rows are the packages where GORM may be seen; domain are those of app where Fiber may not.
var (
	rows   = strings.Fields("tenants rbac themes app/accounts app/gates app/proofs app/phones app/captcha app/letters app/audit app/tenantfile app/support app/access app/people app/imports app/looks app/rules app/insight")
	domain = strings.Fields("app/accounts app/gates app/proofs app/phones app/captcha app/letters app/audit app/tenantfile app/access app/people app/imports app/looks app/rules app/insight app/feedback app/staff app/directory app/apikeys app/senders")
)

func matches(pattern, pkg string) bool {
	if below, ok := strings.CutSuffix(pattern, "…"); ok {
		return strings.HasPrefix(pkg, below)
	}
	return pattern == pkg
}

func TestArrowsPointDown(t *testing.T) {
	t.Parallel()
	for _, s := range sources(t) {
		if s.test {
			continue
		}
		may, known := allowed(s.pkg)
		if !known {
			t.Errorf("%s: no room for package %s; the top-level folders are fixed", s.path, s.pkg)
			continue
		}
		for _, i := range s.imports {
			ours, ok := strings.CutPrefix(i, "portico/")
			if !ok {
				continue
			}
			if !slices.ContainsFunc(may, func(pattern string) bool { return matches(pattern, ours) }) {
				t.Errorf("%s imports %s; %s may import only %v", s.path, ours, s.pkg, may)
			}
			if slices.Contains(testSupport, ours) && !slices.Contains(testSupport, s.pkg) {
				t.Errorf("%s imports %s, which is for tests", s.path, ours)
			}
		}
	}
}

func allowed(pkg string) ([]string, bool) {
	for _, room := range rooms {
		if matches(room.pkg, pkg) {
			return strings.Fields(room.may), true
		}
	}
	return nil, false
}

func TestLibrariesStayInTheirRooms(t *testing.T) {
	t.Parallel()
	awsFiles := make(map[string][]string)
	for _, s := range sources(t) {
		if s.test {
			continue
		}
		inApp := s.pkg == "app" || strings.HasPrefix(s.pkg, "app/")
		if s.sees(fiber) && (!inApp || slices.Contains(domain, s.pkg)) && !strings.HasPrefix(s.pkg, "cmd/bench") {
			t.Errorf("%s sees Fiber; only app and its flows may", s.path)
		}
		if s.sees(gorm) && !slices.Contains(rows, s.pkg) {
			t.Errorf("%s sees GORM; only the packages whose rows they are may: %v", s.path, rows)
		}
		if s.sees(gorm) && s.sees(fiber) {
			t.Errorf("%s sees GORM and Fiber: a handler calls its domain package", s.path)
		}
		if s.sees(casbin) && s.pkg != "rbac" {
			t.Errorf("%s sees Casbin; only rbac may", s.path)
		}
		for _, i := range s.imports {
			if strings.HasPrefix(i, aws) {
				awsFiles[i] = append(awsFiles[i], s.path)
			}
		}
	}
	var carriers []string // the files that speak to one service of AWS each, with the core that all services share
	for i, files := range awsFiles {
		if strings.HasPrefix(i, awsService) {
			carriers = append(carriers, files...)
			if len(files) > 1 {
				t.Errorf("%s is imported by %v; only the file that implements its interface may", i, files)
			}
		}
	}
	for i, files := range awsFiles {
		for _, file := range files {
			if !slices.Contains(carriers, file) {
				t.Errorf("%s is imported by %s, which implements nothing by a service of AWS", i, file)
			}
		}
	}
}

func TestEveryPackageSaysWhatItIs(t *testing.T) {
	t.Parallel()
	documented := make(map[string]bool)
	for _, s := range sources(t) {
		if !s.test || path.Base(s.path) == "doc.go" {
			said := path.Base(s.path) == "doc.go" && s.file.Doc != nil
			documented[s.pkg] = documented[s.pkg] || said
		}
	}
	for _, pkg := range slices.Sorted(maps.Keys(documented)) {
		if !documented[pkg] {
			t.Errorf("%s has no doc.go with a package comment", pkg)
		}
	}
}

func TestNoFolderForEverythingElse(t *testing.T) {
	t.Parallel()
	empty := regexp.MustCompile(`^(utils?|commons?|helpers?|models?|services?|types|misc|shared|base|lib|pkg|internal)$`)
	for _, s := range sources(t) {
		for _, folder := range strings.Split(s.pkg, "/") {
			if empty.MatchString(folder) {
				t.Errorf("%s: a folder is a noun that a customer would understand, not %q", s.path, folder)
			}
		}
	}
}

func TestNothingRunsBeforeMain(t *testing.T) {
	t.Parallel()
	for _, s := range sources(t) {
		for _, d := range s.file.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && f.Recv == nil && f.Name.Name == "init" {
				t.Errorf("%s has an init function", s.path)
			}
		}
	}
}

// Time is the program's clock, handed to SQL as a parameter: a statement with the server's time
// would not move with `/dev/clock` and could disagree between two machines.
func TestStatementsTakeTimeAsAParameter(t *testing.T) {
	t.Parallel()
	own := regexp.MustCompile(`(?i)\b(now|clock_timestamp|statement_timestamp|transaction_timestamp)\s*\(\s*\)|\bcurrent_(timestamp|date|time)\b`)
	for _, s := range sources(t) {
		if s.test || strings.HasPrefix(s.pkg, "migrations") || strings.HasPrefix(s.pkg, "cmd/") { // `doctor` compares the clocks
			continue
		}
		ast.Inspect(s.file, func(n ast.Node) bool {
			if text, ok := n.(*ast.BasicLit); ok && text.Kind == token.STRING && own.MatchString(text.Value) {
				t.Errorf("%s: the text %.60s asks the database for the time", s.path, text.Value)
			}
			return true
		})
	}
}

// The versions are chosen: newer ones of some modules cannot be built, older ones have known holes
// (fasthttp before 1.74 accepts requests that can be read in two ways).
func TestVersionsArePinned(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../go.mod")
	if err != nil {
		t.Fatal(err)
	}
	for module, want := range map[string]string{
		"github.com/gofiber/fiber/v2":                        "v2.52.15",
		"gorm.io/gorm":                                       "v1.31.2",
		"gorm.io/driver/postgres":                            "v1.6.3",
		"github.com/aws/aws-sdk-go-v2/service/ses":           "v1.42.8",
		"github.com/riverqueue/river":                        "v0.51.1",
		"github.com/riverqueue/river/riverdriver/riverpgxv5": "v0.51.1",
		"github.com/jackc/pgx/v5":                            "v5.12.0",
		"github.com/pressly/goose/v3":                        "v3.29.0",
	} {
		if got := required(string(text), module); got != want {
			t.Errorf("%s is %q, pinned is %s", module, got, want)
		}
	}
	// Comes in with rbac's decisions; then it is the last of its line that fits.
	if got := required(string(text), "github.com/casbin/casbin/v2"); got != "" && got != "v2.135.0" {
		t.Errorf("casbin is %q, pinned is v2.135.0", got)
	}
	for module, least := range map[string]string{
		"github.com/valyala/fasthttp": "v1.74.0", // request smuggling, response splitting, GO-2026-4950
		"github.com/wneessen/go-mail": "v0.7.1",  // CVE-2025-59937, address smuggling
		"golang.org/x/image":          "v0.47.0", // CVE-2026-46601, WebP
	} {
		if got := required(string(text), module); !atLeast(got, least) {
			t.Errorf("%s is %q, at least %s is needed", module, got, least)
		}
	}
	if strings.Contains(string(text), "\nreplace ") {
		t.Error("go.mod replaces a module")
	}
}

func required(mod, module string) string {
	match := regexp.MustCompile(`(?m)^\s*(?:require )?` + regexp.QuoteMeta(module) + ` (v\S+)`).FindStringSubmatch(mod)
	if match == nil {
		return ""
	}
	return match[1]
}

func atLeast(version, least string) bool {
	have, want := numbers(version), numbers(least)
	return len(have) == 3 && slices.Compare(have, want) >= 0
}

func numbers(version string) (parts []int) {
	plain, _, _ := strings.Cut(strings.TrimPrefix(version, "v"), "-")
	for _, part := range strings.Split(plain, ".") {
		n, err := strconv.Atoi(part)
		if err != nil {
			return nil
		}
		parts = append(parts, n)
	}
	return parts
}

// sources reads every Go file of the module (tools is another).
func sources(t *testing.T) []source {
	t.Helper()
	var all []source
	err := filepath.WalkDir("..", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			base := entry.Name()
			if base != ".." && strings.HasPrefix(base, ".") || base == "testdata" || base == "tools" || base == "node_modules" {
				return fs.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(name, ".go") {
			return nil
		}
		s, err := read(name)
		all = append(all, s)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(all) < 20 {
		t.Fatalf("found only %d files", len(all))
	}
	return all
}

func read(name string) (source, error) {
	file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ParseComments)
	if err != nil {
		return source{}, fmt.Errorf("read %s: %w", name, err)
	}
	from := filepath.ToSlash(strings.TrimPrefix(name, ".."+string(filepath.Separator)))
	s := source{path: from, pkg: path.Dir(from), test: strings.HasSuffix(from, "_test.go"), file: file}
	for _, i := range file.Imports {
		target, err := strconv.Unquote(i.Path.Value)
		if err != nil {
			return source{}, err
		}
		s.imports = append(s.imports, target)
	}
	return s, nil
}
