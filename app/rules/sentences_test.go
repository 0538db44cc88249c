package rules

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"portico/tenants"
)

// unsaid begin the faults that no form of the console can bring about: knobs that are fixed, not among those that
// people change, or whose values are read within bounds before.
var unsaid = []string{
	"must be true", "must be false", "must not be", "must be 0: an ended session", "%q would tell strangers", "is off while signin.external is off",
	"names a provider", "sso_jit needs", "%q is not one path segment", "%q has a meaning of its own", "%q is a page of its own here", "%q is not a language",
	"%q is not a short name", "has more than 5 choices", "has an empty choice", "has %d networks", "%s is an IPv4 range", "%d is less than 3",
	"%d is more than 100 failures", "%d is below the platform's floor", "%d is above the platform's ceiling", "%d is less than the %d characters",
	"%d is more than the %d that people",
}

// TestEveryFaultHasASentence reads the templates of the policy's faults in the sources.
func TestEveryFaultHasASentence(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob(filepath.Join("..", "..", "tenants", "policy_validate*.go"))
	if err != nil {
		t.Fatal(err)
	}
	seen := 0
	for _, path := range files {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			of, ok := call.Fun.(*ast.SelectorExpr)
			at := map[string]int{"refuse": 2, "add": 1}
			if !ok || at[of.Sel.Name] == 0 || len(call.Args) <= at[of.Sel.Name] {
				return true
			}
			text, ok := call.Args[at[of.Sel.Name]].(*ast.BasicLit)
			if !ok || text.Kind != token.STRING {
				return true
			}
			template, err := strconv.Unquote(text.Value)
			if err != nil {
				t.Fatal(err)
			}
			seen++
			if code, _ := told(tenants.Fault{Template: template}); code == "rule" && !begins(template, unsaid) {
				t.Errorf("%s: %q has no sentence", path, template)
			}
			return true
		})
	}
	if seen < 80 {
		t.Errorf("only %d faults were read", seen)
	}
}

func begins(text string, with []string) bool {
	for _, w := range with {
		if strings.HasPrefix(text, w) {
			return true
		}
	}
	return false
}
