// Command sizes prints how large files, functions and packages are beside the sizes that good rooms
// have. It is a mirror, not a law: it always exits 0 unless it cannot read.
package main

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/scanner"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

type measured struct {
	name string
	size int
}

type mirror struct {
	files, functions   []measured
	packages           map[string]int // files without tests
	code, tests        int            // lines
	comments, nonBlank int            // lines of code files
}

func main() {
	root := "."
	if len(os.Args) > 1 {
		root = os.Args[1]
	}
	m := mirror{packages: make(map[string]int)}
	if err := filepath.WalkDir(root, m.walk(root)); err != nil {
		fmt.Fprintln(os.Stderr, "sizes:", err)
		os.Exit(1)
	}
	m.print()
}

func (m *mirror) walk(root string) fs.WalkDirFunc {
	return func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			skip := name != root && (strings.HasPrefix(entry.Name(), ".") || entry.Name() == "tools" || entry.Name() == "testdata")
			if skip {
				return fs.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(name, ".go") {
			return nil
		}
		from, err := filepath.Rel(root, name)
		if err != nil {
			return err
		}
		return m.measure(name, from)
	}
}

func (m *mirror) measure(name, from string) error {
	text, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	lines := bytes.Count(text, []byte("\n"))
	if strings.HasSuffix(name, "_test.go") {
		m.tests += lines
		return nil
	}
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, name, text, 0)
	if err != nil {
		return err
	}
	m.code += lines
	m.files = append(m.files, measured{from, lines})
	m.packages[filepath.Dir(from)]++
	m.nonBlank += nonBlank(text)
	m.comments += comments(text)
	for _, d := range file.Decls {
		if f, ok := d.(*ast.FuncDecl); ok {
			size := set.Position(f.End()).Line - set.Position(f.Pos()).Line + 1
			m.functions = append(m.functions, measured{from + " " + f.Name.Name, size})
		}
	}
	return nil
}

func nonBlank(text []byte) (n int) {
	for line := range bytes.Lines(text) {
		if len(bytes.TrimSpace(line)) > 0 {
			n++
		}
	}
	return n
}

// comments counts the lines that hold a comment, whatever else they hold.
func comments(text []byte) int {
	set := token.NewFileSet()
	file := set.AddFile("", set.Base(), len(text))
	var s scanner.Scanner
	s.Init(file, text, nil, scanner.ScanComments)
	lines := make(map[int]bool)
	for {
		pos, kind, literal := s.Scan()
		if kind == token.EOF {
			return len(lines)
		}
		if kind == token.COMMENT {
			first := file.Line(pos)
			for i := range strings.Count(literal, "\n") + 1 {
				lines[first+i] = true
			}
		}
	}
}

func (m *mirror) print() {
	if len(m.files) == 0 {
		fmt.Println("no Go files")
		return
	}
	bySize := func(a, b measured) int { return a.size - b.size }
	slices.SortFunc(m.files, bySize)
	slices.SortFunc(m.functions, bySize)
	var packages []measured
	for name, n := range m.packages {
		packages = append(packages, measured{name, n})
	}
	slices.SortFunc(packages, bySize)
	over := func(list []measured, size int) (n int) {
		for _, x := range list {
			if x.size > size {
				n++
			}
		}
		return n
	}
	row := func(what, have, good string) { fmt.Printf("%-34s %-28s %s\n", what, have, good) }
	row("", "here", "good rooms")
	row("files, median lines", fmt.Sprint(quantile(m.files, 50)), "about 100")
	row("files over 300 / over 500", fmt.Sprintf("%d / %d of %d", over(m.files, 300), over(m.files, 500), len(m.files)), "few / none")
	row("functions, 90th percentile", fmt.Sprint(quantile(m.functions, 90)), "about 45")
	row("functions over 100", fmt.Sprintf("%d of %d", over(m.functions, 100), len(m.functions)), "none")
	row("packages over 15 files", fmt.Sprintf("%d of %d", over(packages, 15), len(packages)), "none")
	row("lines of tests to lines of code", fmt.Sprintf("%.2f (%d / %d)", float64(m.tests)/float64(m.code), m.tests, m.code), "about 1")
	row("lines with comments", fmt.Sprintf("%.1f %%", 100*float64(m.comments)/float64(m.nonBlank)), "10 to 14 %")
	largest("largest files", m.files)
	largest("longest functions", m.functions)
	largest("packages with most files", packages)
}

func quantile(sorted []measured, percent int) int {
	if len(sorted) == 0 {
		return 0
	}
	return sorted[(len(sorted)-1)*percent/100].size
}

func largest(title string, sorted []measured) {
	fmt.Printf("\n%s\n", title)
	for i := len(sorted) - 1; i >= max(0, len(sorted)-5); i-- {
		fmt.Printf("%6d  %s\n", sorted[i].size, sorted[i].name)
	}
}
