package imports

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"portico/app/sheets"
)

// MaxBytes is the largest file.
const MaxBytes = 32 << 20

// Bounds of a file's shape.
const (
	mostColumns = 100
	mostRows    = 200_000
	mostCell    = 16 << 10 // bytes; a longer cell spoils its row alone
	mostHeading = 200      // bytes that are kept
)

// FileError says why a file cannot be read at all, and where.
type FileError struct {
	Reason string // utf16, utf8, nul, quote, empty, columns, rows
	Line   int    // from 1
	Column int    // of the cell, from 1
}

// Error names the place.
func (e *FileError) Error() string {
	return fmt.Sprintf("the file cannot be read: %s in line %d, column %d", e.Reason, e.Line, e.Column)
}

// Row is one row of a file. A row with a Fault is refused and spoils no other.
type Row struct {
	Line   int      `json:"l"` // where it begins, from 1
	Cells  []string `json:"c"`
	Fault  string   `json:"f,omitempty"` // cells: too many or too few; quote: text behind a closing quote; long: a cell over 16 KiB
	Column int      `json:"o,omitempty"` // of the fault, from 1
}

// Reader reads a file of separated values (RFC 4180, and what spreadsheets make of it): UTF-8 with or
// without a mark at its beginning, separated by comma, semicolon or tab, lines ended in any of three ways.
// It holds one row at a time.
type Reader struct {
	in       *bufio.Reader
	sep      byte
	line     int
	rows     int
	cell     []byte
	headings []string
}

// NewReader reads the headings. *FileError for a file that is none; the source's own errors pass.
func NewReader(source io.Reader) (*Reader, error) {
	r := &Reader{in: bufio.NewReaderSize(source, 64<<10), line: 1}
	if err := r.begin(); err != nil {
		return nil, err
	}
	first, err := r.record()
	switch {
	case errors.Is(err, io.EOF):
		return nil, &FileError{Reason: "empty", Line: 1, Column: 1}
	case err != nil:
		return nil, err
	case first.Fault != "":
		return nil, &FileError{Reason: "quote", Line: 1, Column: first.Column}
	}
	for len(first.Cells) > 1 && first.Cells[len(first.Cells)-1] == "" {
		first.Cells = first.Cells[:len(first.Cells)-1]
	}
	if len(first.Cells) > mostColumns {
		return nil, &FileError{Reason: "columns", Line: 1, Column: mostColumns + 1}
	}
	for _, h := range first.Cells {
		r.headings = append(r.headings, cut(h, mostHeading))
	}
	return r, nil
}

// Headings are the cells of the first row.
func (r *Reader) Headings() []string { return r.headings }

// Next is the next row that holds anything, as wide as the headings; io.EOF after the last.
func (r *Reader) Next() (Row, error) {
	for {
		row, err := r.record()
		if err != nil {
			return row, err
		}
		for len(row.Cells) > len(r.headings) && row.Cells[len(row.Cells)-1] == "" {
			row.Cells = row.Cells[:len(row.Cells)-1]
		}
		if strings.Join(row.Cells, "") == "" && row.Fault == "" {
			continue // an empty line
		}
		if r.rows++; r.rows > mostRows {
			return row, &FileError{Reason: "rows", Line: row.Line, Column: 1}
		}
		if n := len(row.Cells); n != len(r.headings) && row.Fault == "" {
			row.Fault, row.Column = "cells", min(n, len(r.headings))+1
		}
		row.Cells = row.Cells[:min(len(row.Cells), len(r.headings))]
		return row, nil
	}
}

// begin looks at the first bytes: the mark of UTF-8 is skipped, other encodings are refused, and the sign
// that separates most headings separates all cells.
func (r *Reader) begin() error {
	head, err := r.in.Peek(64 << 10)
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	if len(head) > 1 && (head[0] == 0xff && head[1] == 0xfe || head[0] == 0xfe && head[1] == 0xff || (head[0] == 0) != (head[1] == 0)) {
		return &FileError{Reason: "utf16", Line: 1, Column: 1}
	}
	if mark := []byte("\xef\xbb\xbf"); bytes.HasPrefix(head, mark) {
		_, _ = r.in.Discard(len(mark)) // peeked just now
		head = head[len(mark):]
	}
	r.sep = separator(head)
	return nil
}

func separator(head []byte) byte {
	count, quoted := map[byte]int{}, false
	for _, b := range head {
		switch {
		case b == '"':
			quoted = !quoted
		case quoted:
		case b == '\n' || b == '\r':
			head = nil
		default:
			count[b]++
		}
		if head == nil {
			break
		}
	}
	best := byte(',')
	for _, sep := range []byte{';', '\t'} {
		if count[sep] > count[best] {
			best = sep
		}
	}
	return best
}

// record reads cells up to the end of a line outside of quotes.
func (r *Reader) record() (Row, error) {
	row := Row{Line: r.line}
	for {
		last, err := r.next(&row)
		if errors.Is(err, io.EOF) && (len(row.Cells) > 0 || len(r.cell) > 0) {
			last, err = true, nil // a last line without an end
		}
		if err != nil {
			return row, err
		}
		text := cut(string(r.cell), mostCell-utf8.UTFMax) // a letter may be broken there
		if !utf8.ValidString(text) {
			return row, &FileError{Reason: "utf8", Line: r.line - lineEnd(last), Column: len(row.Cells) + 1}
		}
		if len(row.Cells) <= mostColumns { // more are counted as one too many
			row.Cells = append(row.Cells, sheets.Text(strings.TrimSpace(text)))
		}
		if last {
			return row, nil
		}
	}
}

func lineEnd(last bool) int {
	if last {
		return 1
	}
	return 0
}

// next reads one cell and what ends it; last tells that it was the line's end.
func (r *Reader) next(row *Row) (last bool, err error) {
	r.cell = r.cell[:0]
	at := len(row.Cells) + 1
	b, err := r.in.ReadByte()
	if err == nil && b == '"' {
		if err := r.quoted(row, at); err != nil {
			return false, err
		}
		b, err = r.in.ReadByte()
		if err == nil && b != r.sep && b != '\n' && b != '\r' {
			row.spoil("quote", at)
		}
	}
	for ; err == nil; b, err = r.in.ReadByte() {
		switch b {
		case r.sep:
			return false, nil
		case '\n':
			r.line++
			return true, nil
		case '\r':
			r.line++
			return true, r.skip('\n')
		}
		if err := r.take(row, at, b); err != nil {
			return false, err
		}
	}
	return false, err
}

// quoted reads up to the closing quote; two quotes are one.
func (r *Reader) quoted(row *Row, at int) error {
	line := r.line
	for {
		b, err := r.in.ReadByte()
		if errors.Is(err, io.EOF) {
			return &FileError{Reason: "quote", Line: line, Column: at}
		}
		if err != nil {
			return err
		}
		if b == '"' {
			next, _ := r.in.Peek(1) // what goes wrong here is told by the next read
			if len(next) == 0 || next[0] != '"' {
				return nil
			}
			_, _ = r.in.Discard(1) // peeked just now
		}
		if b == '\n' {
			r.line++
		}
		if err := r.take(row, at, b); err != nil {
			return err
		}
	}
}

func (r *Reader) take(row *Row, at int, b byte) error {
	switch {
	case b == 0:
		return &FileError{Reason: "nul", Line: r.line, Column: at}
	case len(r.cell) < mostCell:
		r.cell = append(r.cell, b)
	default: // the rest of it is not kept
		row.spoil("long", at)
	}
	return nil
}

func (r *Reader) skip(b byte) error {
	next, err := r.in.Peek(1)
	if err == nil && next[0] == b {
		_, err = r.in.Discard(1)
	}
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}

func (row *Row) spoil(why string, at int) {
	if row.Fault == "" {
		row.Fault, row.Column = why, at
	}
}

// cut shortens a text to some bytes without breaking a letter.
func cut(s string, most int) string {
	if len(s) <= most {
		return s
	}
	for most > 0 && !utf8.RuneStart(s[most]) {
		most--
	}
	return s[:most]
}
