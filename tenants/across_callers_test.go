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
	"app/apikeys ListPlatform: ForAPIKeys",
	"app/apikeys MakePlatform: ForAPIKeys",
	"app/apikeys OpenPlatform: ForAPIKeys",
	"app/apikeys RevokePlatform: ForAPIKeys",
	"app/apikeys within: ForAPIKeys",
	"app/directory AddAdmin: ForStaff",
	"app/directory BeginTrial: ForStaff",
	"app/directory Checklist: ForStaff",
	"app/directory Depart: ForMaintenance",
	"app/directory Depart: ForStaff",
	"app/directory Events: ForStaff",
	"app/directory Get: ForStaff",
	"app/directory List: ForStaff",
	"app/directory Look: ForMaintenance",
	"app/directory SetState: ForStaff",
	"app/directory TrialOf: ForStaff",
	"app/directory apply: ForStaff",
	"app/directory choose: ForStaff",
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
	"app/staff Add: ForStaff",
	"app/staff All: ForStaff",
	"app/staff Begin: ForStaff",
	"app/staff Change: ForStaff",
	"app/staff Decide: ForStaff",
	"app/staff Named: ForStaff",
	"app/staff Opened: ForStaff",
	"app/staff Prove: ForStaff",
	"app/staff Renew: ForStaff",
	"app/staff Seed: ForStaff",
	"app/staff SignIn: ForStaff",
	"app/staff SignOut: ForStaff",
	"app/staff Sweep: ForMaintenance",
	"app/staff charge: ForStaff",
	"app/staff refused: ForStaff",
	"app/staff session: ForStaff",
	"app/staff within: ForStaff",
	"app/tenantfile Apply: ForTenantFile",
	"app/tenantfile stateOf: ForTenantFile",
	"cmd/portico Run: ForOperator",
	"cmd/portico forgetLimits: ForMaintenance",
	"cmd/portico slugsWithHosts: ForOperator",
	"cmd/portico withDomains: ForOperator",
	"tenants ChangeSetting: ForSettings",
	"tenants heal: ForHostLookUp",
	"tenants load: ForHostLookUp",
	"tenants lookUp: ForHostLookUp",
	"tenants/certs Delete: ForCertificates",
	"tenants/certs Exists: ForCertificates",
	"tenants/certs List: ForCertificates",
	"tenants/certs Load: ForCertificates",
	"tenants/certs Stat: ForCertificates",
	"tenants/certs Store: ForCertificates",
	"tenants/certs Unlock: ForCertificates",
	"tenants/certs forget: ForCertificates",
	"tenants/certs forgetCounts: ForCertificates",
	"tenants/certs note: ForCertificates",
	"tenants/certs order: ForCertificates",
	"tenants/certs prolong: ForCertificates",
	"tenants/certs take: ForCertificates",
	"tenants/domains Check: ForAddresses",
	"tenants/domains Claim: ForAddresses",
	"tenants/domains Count: ForAddresses",
	"tenants/domains EndShare: ForAddresses",
	"tenants/domains Host: ForAddresses",
	"tenants/domains Hosts: ForAddresses",
	"tenants/domains NewShare: ForAddresses",
	"tenants/domains OpenShare: ForAddresses",
	"tenants/domains Release: ForAddresses",
	"tenants/domains SetCanonical: ForAddresses",
	"tenants/domains Shares: ForAddresses",
	"tenants/domains Tenant: ForAddresses",
	"tenants/domains record: ForAddresses",
	"tenants/domains removeShares: ForAddresses",
	"tenants/domains take: ForAddresses",
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
