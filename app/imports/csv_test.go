package imports_test

import (
	"errors"
	"io"
	"slices"
	"strings"
	"testing"

	"portico/app/imports"
)

// read reads a whole file.
func read(text string) (headings []string, rows []imports.Row, err error) {
	r, err := imports.NewReader(strings.NewReader(text))
	if err != nil {
		return nil, nil, err
	}
	for {
		row, err := r.Next()
		if errors.Is(err, io.EOF) {
			return r.Headings(), rows, nil
		}
		if err != nil {
			return r.Headings(), rows, err
		}
		rows = append(rows, row)
	}
}

func TestFilesAreReadAsSpreadsheetsWriteThem(t *testing.T) {
	t.Parallel()
	want := []string{"1", "Ann, \"the\nfirst\"", "=1+1"}
	for name, text := range map[string]string{
		"plain":            "id,name,x\n1,\"Ann, \"\"the\nfirst\"\"\",=1+1\n",
		"mark and CRLF":    "\xef\xbb\xbfid,name,x\r\n1,\"Ann, \"\"the\nfirst\"\"\",=1+1\r\n",
		"semicolons":       "id;name;x\n1;\"Ann, \"\"the\nfirst\"\"\";=1+1",
		"tabs":             "id\tname\tx\n1\t\"Ann, \"\"the\nfirst\"\"\"\t=1+1\n\n\n",
		"lines of old":     "id,name,x\r1,\"Ann, \"\"the\nfirst\"\"\",=1+1\r",
		"empty ones":       "id,name,x,,\n,,,,\n1,\"Ann, \"\"the\nfirst\"\"\",=1+1,,\n , ,\n",
		"as we export":     "id,name,x\n1,\"Ann, \"\"the\nfirst\"\"\",'=1+1\n",
		"spaces around it": "id , name,x\n 1 ,\"Ann, \"\"the\nfirst\"\"\",  =1+1\n",
	} {
		headings, rows, err := read(text)
		if err != nil || !slices.Equal(headings, []string{"id", "name", "x"}) || len(rows) != 1 || !slices.Equal(rows[0].Cells, want) || rows[0].Line < 2 {
			t.Errorf("%s: %q %+v %v", name, headings, rows, err)
		}
	}
}

func TestFilesThatAreNoneAreNamedByLineAndColumn(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		text         string
		reason       string
		line, column int
	}{
		"nothing":           {"", "empty", 1, 1},
		"UTF-16":            {"\xff\xfei\x00d\x00", "utf16", 1, 1},
		"UTF-16, big":       {"\xfe\xff\x00i\x00d", "utf16", 1, 1},
		"UTF-16, no mark":   {"i\x00d\x00,\x00", "utf16", 1, 1},
		"Latin-1":           {"id,name\n1,Anna\n2,J\xf6rg\n", "utf8", 3, 2},
		"Latin-1, last":     {"id,name\n1,Anna\n2,J\xf6rg", "utf8", 3, 2},
		"NUL":               {"id,name\n1,A\x00na\n", "nul", 2, 2},
		"open quote":        {"id,name\n1,Anna\n2,\"Berta\n3,Carla\n", "quote", 3, 2},
		"open in heading":   {"id,\"name\n1,Anna\n", "quote", 1, 2},
		"200 columns":       {strings.Repeat("c,", 199) + "c\n", "columns", 1, 101},
		"too many rows":     {"id\n" + strings.Repeat("1\n", 200_001), "rows", 200_002, 1},
		"text behind quote": {"\"id\"x,name\n", "quote", 1, 1},
	} {
		_, _, err := read(c.text)
		var bad *imports.FileError
		if !errors.As(err, &bad) || bad.Reason != c.reason || name != "Latin-1, last" && (bad.Line != c.line || bad.Column != c.column) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestABadRowSpoilsNoOther(t *testing.T) {
	t.Parallel()
	_, rows, err := read("id,name\n1,Anna\n2\n3,\"Carla\" X\n4," + strings.Repeat("x", 1<<20) + "\n5,Eva,too,many\n6,\"" + strings.Repeat("ö", 1<<19) + "\"\n7,Gül\n")
	if err != nil || len(rows) != 7 {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	for i, want := range []string{"", "cells", "quote", "long", "cells", "long", ""} {
		if rows[i].Fault != want || rows[i].Line != i+2 {
			t.Errorf("row %d: %q in line %d, want %q", i+1, rows[i].Fault, rows[i].Line, want)
		}
		for _, cell := range rows[i].Cells {
			if len(cell) > 20<<10 {
				t.Errorf("row %d keeps a cell of %d bytes", i+1, len(cell))
			}
		}
	}
	if rows[6].Cells[1] != "Gül" {
		t.Errorf("%q", rows[6].Cells)
	}
}

// FuzzReader: whatever the bytes, reading ends, and rows are as wide as the headings or carry a fault.
func FuzzReader(f *testing.F) {
	for _, seed := range []string{"id,name\n1,Anna\n", "\xef\xbb\xbfa;b\r\n\"x\"\"y\";2", "\"", "a\tb\n\"1\n", "\xff\xfe", "a\n\x00"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		headings, rows, err := read(text)
		var bad *imports.FileError
		if err != nil && !errors.As(err, &bad) {
			t.Fatal(err)
		}
		for _, r := range rows {
			if r.Fault == "" && len(r.Cells) != len(headings) {
				t.Errorf("%d cells below %d headings", len(r.Cells), len(headings))
			}
		}
	})
}
