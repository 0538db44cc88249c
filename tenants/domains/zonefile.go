package domains

import (
	"fmt"
	"strings"
)

// ZoneFile writes records as a snippet that BIND and those who read its files take (RFC 1035, 5): whole names
// with their dots, texts in quotes and in pieces of at most 255 bytes. What stands and is right is written
// too; what must be taken away first stands above as a comment.
func ZoneFile(records []Record) string {
	var out strings.Builder
	for _, r := range records {
		if r.Expected == "" {
			continue
		}
		if r.State == Wrong || r.State == Conflict {
			fmt.Fprintf(&out, "; %s %s: %s\n", comment(r.Name), r.Kind, r.Code)
			for line := range strings.SplitSeq(r.Found, "\n") {
				if line != "" {
					fmt.Fprintf(&out, ";   %s\n", comment(line))
				}
			}
		}
		for line := range strings.SplitSeq(r.Expected, "\n") {
			out.WriteString(zoneLine(r, line))
		}
	}
	return out.String()
}

func zoneLine(r Record, value string) string {
	kind := r.Kind
	switch r.Kind {
	case "A/AAAA":
		kind = "A"
		if strings.Contains(value, ":") {
			kind = "AAAA"
		}
	case "CNAME":
		value += "."
	case "MX":
		value += "."
	case "TXT":
		value = Quoted(value)
	}
	return fmt.Sprintf("%s. 300 IN %s %s\n", r.Name, kind, value)
}

// Quoted is a text as a zone file holds it: pieces of at most 255 bytes, each in quotes, with quotes,
// backslashes and whatever is not printable ASCII escaped.
func Quoted(text string) string {
	var pieces []string
	for rest := text; ; {
		n := min(len(rest), 255)
		pieces = append(pieces, `"`+escaped(rest[:n])+`"`)
		if rest = rest[n:]; rest == "" {
			return strings.Join(pieces, " ")
		}
	}
}

func escaped(piece string) string {
	var out strings.Builder
	for _, c := range []byte(piece) {
		switch {
		case c == '"' || c == '\\':
			out.WriteByte('\\')
			out.WriteByte(c)
		case c < ' ' || c > '~':
			fmt.Fprintf(&out, "\\%03d", c)
		default:
			out.WriteByte(c)
		}
	}
	return out.String()
}

// comment keeps a value of strangers on its line.
func comment(s string) string { return strings.NewReplacer("\n", " ", "\r", " ").Replace(s) }
