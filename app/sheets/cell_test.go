package sheets_test

import (
	"testing"

	"portico/app/sheets"
)

func TestNoCellIsAFormula(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"": "", "Ava": "Ava", "a=b": "a=b", "5": "5", "'s-Gravenhage": "'s-Gravenhage", `{"a":1}`: `{"a":1}`, "2026-11-22T00:00:00Z": "2026-11-22T00:00:00Z",
		"=1+1": "'=1+1", "+49 30 1": "'+49 30 1", "-1": "'-1", "@SUM(A1)": "'@SUM(A1)", "\t=1": "'\t=1", "\r=1": "'\r=1", "\n=1": "'\n=1",
		"  =1": "'  =1", "\u00a0=1": "'\u00a0=1", "＝1": "'＝1", "|cmd": "'|cmd", "%0A": "'%0A", "'=1": "''=1", "''=1": "'''=1",
	} {
		if got := sheets.Cell(text); got != want {
			t.Errorf("%q becomes %q, want %q", text, got, want)
		}
	}
}

// FuzzCell: whatever the text, its cell is no formula and reads back as it was.
func FuzzCell(f *testing.F) {
	for _, seed := range []string{"Ava", "=1", "'=1", "''=1", "'''-1", " \u00a0+1"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if got := sheets.Text(sheets.Cell(text)); got != text {
			t.Errorf("%q comes back as %q", text, got)
		}
	})
}
