package app_test

import (
	"go/ast"
	"go/token"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// TestEveryReasonOfTheAuditHasWords finds the reasons that events are written with in the sources, and those
// that flows hand over as values, and holds each to a sentence of the catalogue.
func TestEveryReasonOfTheAuditHasWords(t *testing.T) {
	t.Parallel()
	reasons := map[string]string{}
	for _, handed := range strings.Fields(`rolled_back bounced complained added replaced removed pass needed approved declined owner operator
		proof day mail:hour mail:day send reset locked disabled sso unknown limited gates permission higher
		ceiling unread rights gone last_owner raced internal`) {
		reasons[handed] = "a value"
	}
	for _, s := range sources(t) {
		if s.test {
			continue
		}
		ast.Inspect(s.file, func(n ast.Node) bool {
			lit, ok := n.(*ast.CompositeLit)
			if !ok {
				return true
			}
			if of, ok := lit.Type.(*ast.SelectorExpr); !ok || of.Sel.Name != "Event" {
				return true
			}
			for _, e := range lit.Elts {
				kv, ok := e.(*ast.KeyValueExpr)
				if !ok || kv.Key.(*ast.Ident).Name != "Reason" {
					continue
				}
				if text, ok := kv.Value.(*ast.BasicLit); ok && text.Kind == token.STRING {
					if reason, err := strconv.Unquote(text.Value); err == nil {
						reasons[reason] = s.path
					}
				}
			}
			return true
		})
	}
	if len(reasons) < 40 {
		t.Fatalf("only %d reasons were found", len(reasons))
	}
	var words strings.Builder
	files, err := filepath.Glob(filepath.Join("..", "themes", "words", "en", "audit*.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		words.Write(text)
	}
	for reason, from := range reasons {
		key := "audit.reason." + strings.NewReplacer(" ", "_", "-", "_", ":", "_").Replace(strings.ToLower(reason)) + ":"
		if !strings.Contains(words.String(), "\n"+key) && !strings.HasPrefix(words.String(), key) {
			t.Errorf("%s: the reason %q has no words", from, reason)
		}
	}
}
