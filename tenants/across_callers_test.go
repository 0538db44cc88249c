package tenants_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// whoLooksAcross lists every function outside of tests that calls AcrossAll, with its reason. A new line
// here is a decision to let that function see beyond one tenant.
var whoLooksAcross = []string{
	"app read: ForMaintenance",
	"app/accounts FindPortals: ForFindPortal",
	"app/feedback whose: ForSenderWorker",
	"app/imports due: ForImportWorker",
	"app/letters countHours: ForMaintenance",
	"app/letters remove: ForMaintenance",
	"app/letters run: ForLetterWorker",
	"app/letters tidyAudit: ForMaintenance",
	"app/senders Figures: ForSenderWorker",
	"app/senders OwnsByHost: ForSenderWorker",
	"app/senders due: ForSenderWorker",
	"app/senders followChanged: ForSenderWorker",
	"app/senders leave: ForSenderWorker",
	"app/senders lookAll: ForSenderWorker",
	"app/senders take: ForSenderWorker",
	"app/senders turn: ForSenderWorker",
	"app/tenantfile Apply: ForTenantFile",
	"app/tenantfile stateOf: ForTenantFile",
	"cmd/portico Run: ForOperator",
	"cmd/portico forgetLimits: ForMaintenance",
	"cmd/portico setState: ForOperator",
	"cmd/portico withDomains: ForOperator",
	"tenants ChangeSetting: ForSettings",
	"tenants heal: ForHostLookUp",
	"tenants load: ForHostLookUp",
	"tenants lookUp: ForHostLookUp",
}

func TestWhoLooksAcrossTenants(t *testing.T) {
	t.Parallel()
	found := map[string]bool{}
	root := ".."
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && path != root && (strings.HasPrefix(d.Name(), ".") || d.Name() == "testdata" || d.Name() == "node_modules") {
			return filepath.SkipDir
		}
		if d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, path)
		for _, decl := range file.Decls {
			if fn, ok := decl.(*ast.FuncDecl); ok {
				for _, reason := range acrossCalls(fn) {
					found[fmt.Sprintf("%s %s: %s", filepath.ToSlash(filepath.Dir(rel)), fn.Name.Name, reason)] = true
				}
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	got := slices.Sorted(maps.Keys(found))
	for _, line := range got {
		if !slices.Contains(whoLooksAcross, line) {
			t.Errorf("not listed: %q", line)
		}
	}
	for _, line := range whoLooksAcross {
		if !found[line] {
			t.Errorf("listed, but gone: %q", line)
		}
	}
}

// acrossCalls finds the reasons that a function gives, also where it hands AcrossAll on as a value.
func acrossCalls(fn *ast.FuncDecl) (reasons []string) {
	called := map[*ast.SelectorExpr]bool{}
	ast.Inspect(fn, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CallExpr:
			if sel, ok := n.Fun.(*ast.SelectorExpr); ok && sel.Sel.Name == "AcrossAll" && len(n.Args) == 3 {
				called[sel] = true
				reasons = append(reasons, reasonOf(n.Args[1]))
			}
		case *ast.SelectorExpr:
			if n.Sel.Name == "AcrossAll" && !called[n] {
				reasons = append(reasons, "handed on")
			}
		}
		return true
	})
	return reasons
}

// reasonOf accepts a named reason alone: a reason in a variable could be anything.
func reasonOf(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.SelectorExpr:
		return e.Sel.Name
	}
	return "unnamed"
}
