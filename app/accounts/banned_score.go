package accounts

// Lengths of banned terms, in characters, as tenant files have them.
const (
	shortestTerm = 4
	longestTerm  = 16
)

// reading is a text cut into as few parts as possible.
type reading struct {
	parts  []Part
	looked int // look-ups that it took: at most 13 a character, however many terms there are
}

// readTerms cuts a normalised text into banned terms and single characters so that the parts are as few
// as possible: its score. Of two ways with the same score the longer last term wins, and the tenant's
// own term over a global one.
func readTerms(text string, terms terms) reading {
	runes := []rune(text)
	var r reading
	least := make([]int, len(runes)+1) // the score of the first i characters
	last := make([]Part, len(runes)+1) // the part that ends there
	length := make([]int, len(runes)+1)
	for i := 1; i <= len(runes); i++ {
		least[i], length[i] = least[i-1]+1, 1
		for n := shortestTerm; n <= min(longestTerm, i); n++ {
			r.looked++
			term := string(runes[i-n : i])
			from := terms.find(term)
			if from != "" && least[i-n]+1 <= least[i] {
				least[i], length[i], last[i] = least[i-n]+1, n, Part{Term: term, From: from}
			}
		}
	}
	r.parts = make([]Part, least[len(runes)])
	for i, at := len(runes), len(r.parts)-1; i > 0; i, at = i-length[i], at-1 {
		r.parts[at] = last[i]
	}
	return r
}

// near finds a term that is the whole text but for one character added, left out or changed. Texts
// longer than any such are not compared at all; compared counts the comparisons.
func (t terms) near(text string) (from string, compared int) {
	runes := []rune(text)
	if len(runes) < shortestTerm-1 || len(runes) > longestTerm+1 {
		return "", 0
	}
	for _, list := range t {
		for _, term := range list.runes {
			if len(term) < len(runes)-1 || len(term) > len(runes)+1 {
				continue
			}
			compared++
			if oneEdit(runes, term) {
				return list.from, compared
			}
		}
	}
	return "", compared
}

// oneEdit tells whether two texts, whose lengths differ by one at most, are equal but for one character:
// one pass from each end.
func oneEdit(a, b []rune) bool {
	same := 0
	for same < min(len(a), len(b)) && a[same] == b[same] {
		same++
	}
	tail := 0
	for tail < min(len(a), len(b))-same && a[len(a)-1-tail] == b[len(b)-1-tail] {
		tail++
	}
	return max(len(a), len(b))-same-tail <= 1
}
