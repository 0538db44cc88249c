package imports

import "strings"

// formula are the signs that make a spreadsheet compute a cell instead of showing it, in their wide forms
// too (ASVS 1.2.10).
const formula = "=+-@\t\r＝＋－＠"

// Neutral is a text as a cell that no spreadsheet takes for a formula: a single quote stands before it.
func Neutral(cell string) string {
	if strings.IndexAny(cell, formula) == 0 || strings.HasPrefix(cell, "'") && strings.IndexAny(cell[1:], formula) == 0 {
		return "'" + cell
	}
	return cell
}

// unquoted is the inverse of Neutral, for files that came from here.
func unquoted(cell string) string {
	if rest, ok := strings.CutPrefix(cell, "'"); ok && Neutral(rest) != rest {
		return rest
	}
	return cell
}
