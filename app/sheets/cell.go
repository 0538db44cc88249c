package sheets

import "strings"

// formula are the signs that make a spreadsheet compute a cell instead of showing it, in their wide forms
// too, with those that begin other commands of some programs (ASVS 1.2.10).
const formula = "=+-@\t\r\n|%＝＋－＠"

// Cell is a text as a cell that no spreadsheet takes for a formula: an apostrophe stands before it. What
// begins with spaces is looked at behind them, as some programs do.
func Cell(text string) string {
	if computed(text) {
		return "'" + text
	}
	return text
}

// Text is the inverse of Cell, for files that came from here.
func Text(cell string) string {
	if rest, quoted := strings.CutPrefix(cell, "'"); quoted && computed(rest) {
		return rest
	}
	return cell
}

// computed tells whether a text would be a formula, or Text would take it for a cell of one.
func computed(text string) bool {
	return strings.IndexAny(strings.TrimLeft(strings.TrimLeft(text, "'"), " \u00a0"), formula) == 0
}
