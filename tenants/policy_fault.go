package tenants

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
)

// Fault is one thing that is wrong with a policy or a tenant file, told as a plain sentence.
type Fault struct {
	Line    int    `json:"line,omitempty"` // in the tenant file; 0 where no line is to blame
	Field   string `json:"field"`          // dotted, as the tenant file writes it: policy.link.ttl
	Problem string `json:"problem"`

	// Template is the sentence before its values went in, Values the first three of them: pages tell a fault in
	// the language of who reads them.
	Template string    `json:"-"`
	Values   [3]string `json:"-"`
}

// String is "line 12: policy.link.ttl: …" without the parts that are not known.
func (f Fault) String() string {
	s := f.Problem
	if f.Field != "" {
		s = f.Field + ": " + s
	}
	if f.Line > 0 {
		s = fmt.Sprintf("line %d: %s", f.Line, s)
	}
	return s
}

// faults gathers all that is wrong, so that a person mends a file once.
type faults []Fault

func (f *faults) add(field, format string, args ...any) {
	x := Fault{Field: field, Problem: fmt.Sprintf(format, args...), Template: format}
	for i := range min(len(args), len(x.Values)) {
		x.Values[i] = fmt.Sprint(args[i])
	}
	*f = append(*f, x)
}

// refuse adds a fault when wrong holds.
func (f *faults) refuse(wrong bool, field, format string, args ...any) {
	if wrong {
		f.add(field, format, args...)
	}
}

func (f *faults) oneOf(field, v string, allowed ...string) {
	f.refuse(!slices.Contains(allowed, v), field, "%q is none of %s", v, strings.Join(allowed, ", "))
}

// eachOf checks a list of names: every one known, none twice.
func (f *faults) eachOf(field string, list []string, allowed ...string) {
	seen := map[string]bool{}
	for _, v := range list {
		f.oneOf(field, v, allowed...)
		f.refuse(seen[v], field, "%q stands twice", v)
		seen[v] = true
	}
}

func (f *faults) between(field string, v, low, high int) {
	f.refuse(v < low || v > high, field, "%d is not between %d and %d", v, low, high)
}

// lasting checks a length of time against both bounds; why names the source of the bounds.
func (f *faults) lasting(field string, d Duration, low, high time.Duration, why string) {
	switch {
	case d.Std() < low:
		f.add(field, "%s is shorter than the least of %s (%s)", d, Duration(low), why)
	case d.Std() > high:
		f.add(field, "%s is longer than the most of %s (%s)", d, Duration(high), why)
	}
}

// oneLine checks a text that people read: one line of at most most characters, without characters that
// show it in another order than it is written (a name that reads like somebody else's).
func (f *faults) oneLine(field, v string, most int) {
	f.refuse(strings.ContainsFunc(v, unicode.IsControl), field, "has a control character or a line break")
	f.refuse(strings.ContainsFunc(v, func(r rune) bool {
		return r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069 || r == 0x2028 || r == 0x2029
	}),
		field, "has an invisible character that turns the text around or breaks it")
	f.refuse(len([]rune(v)) > most, field, "is longer than %d characters", most)
}
