package imports

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/google/uuid"

	"portico/app/accounts"
	"portico/app/phones"
	"portico/app/proofs"
	"portico/rbac"
	"portico/themes"
)

// identifier is one as it is compared and as it is shown.
type identifier struct{ norm, value string }

// want is what a row asks for. What its cells leave empty is nil or "" and stays as it is.
type want struct {
	line     int
	external string
	name     string
	locale   string
	ids      map[string]identifier // by kind
	groups   []uuid.UUID           // nil: not said
	roles    []rbac.Holding        // nil: not said
	contacts map[string]string     // kind of proof → number or address
	disabled *bool
	hash     string
	unsure   bool // it may have swallowed a line that is somebody else's
}

// refusal is why a row is refused.
type refusal struct {
	why    string
	column int
	detail string
}

// read makes sense of a row's cells. Of a row that is refused the external_id is there only where nothing is
// wrong with how the file was read up to its end: a quotation mark too few swallows other people's lines.
func (g *ground) read(row Row) (w want, no *refusal) {
	w = want{line: row.Line, ids: map[string]identifier{}, contacts: map[string]string{}}
	w.unsure = swallows(row)
	if i := slices.Index(g.fields, ExternalID); row.Fault == "" && i < len(row.Cells) && plainID(row.Cells[i]) {
		w.external = row.Cells[i]
	}
	if row.Fault != "" {
		return w, &refusal{why: row.Fault, column: row.Column}
	}
	for i, f := range g.fields {
		cell := row.Cells[i]
		if f == Skip || cell == "" && f != ExternalID {
			continue
		}
		if why, detail := g.readCell(&w, f, cell); why != "" {
			return w, &refusal{why: why, column: i + 1, detail: detail}
		}
	}
	return w, nil
}

// swallows tells whether a cell of several lines may hold the beginning of another row: a line in it with as
// many separators as stand before the cell. An opening quotation mark in one row and a lone one in the next
// make such a cell, and nothing else about the row looks wrong.
func swallows(row Row) bool {
	for i, cell := range row.Cells {
		lines := strings.FieldsFunc(cell, func(r rune) bool { return r == '\n' || r == '\r' })
		for _, line := range lines[min(1, len(lines)):] {
			for _, sep := range []string{",", ";", "\t"} {
				if strings.Count(line, sep) >= max(1, i) {
					return true
				}
			}
		}
	}
	return false
}

func (g *ground) readCell(w *want, f Field, cell string) (why, detail string) {
	switch f {
	case ExternalID:
		if !plainID(cell) {
			w.external = ""
			return "id", ""
		}
	case Name:
		w.name = cell
		if !oneLine(cell, 120) {
			return "name", ""
		}
	case Email, Username, UserID:
		norm, value, err := accounts.Storable(string(f), cell)
		if err != nil || !oneLine(value, 254) {
			return "identifier", ""
		}
		w.ids[string(f)] = identifier{norm, value}
	case Locale:
		w.locale, _, _ = strings.Cut(strings.ReplaceAll(strings.ToLower(cell), "_", "-"), "-") // de-AT is de
		if !slices.Contains(themes.Locales(), w.locale) {
			return "locale", strings.Join(themes.Locales(), ", ")
		}
	case Groups:
		return g.readGroups(w, cell)
	case Roles:
		return g.readRoles(w, cell)
	case Mobile, Office, Alternate:
		return readContact(w, f, cell)
	case Disabled:
		yes, ok := truth(cell)
		if !ok {
			return "truth", ""
		}
		w.disabled = &yes
	case Hash:
		if accounts.CheckForeign(cell) != nil {
			return "hash", ""
		}
		w.hash = cell
	}
	return "", ""
}

func readContact(w *want, f Field, cell string) (why, detail string) {
	if f == Alternate {
		_, value, err := accounts.Storable(accounts.Email, cell)
		if err != nil || !oneLine(value, 254) {
			return "identifier", ""
		}
		w.contacts[proofs.AuthEmail] = value
		return "", ""
	}
	n, err := phones.Parse(cell, "")
	if err != nil {
		return "phone", ""
	}
	if f == Mobile && !n.TakesText() {
		return "landline", ""
	}
	w.contacts[map[Field]string{Mobile: proofs.AuthPhone, Office: proofs.OfficePhone}[f]] = n.E164
	return "", ""
}

func (g *ground) readGroups(w *want, cell string) (why, detail string) {
	w.groups = []uuid.UUID{}
	for _, name := range list(cell) {
		id, ok := g.groups[name]
		if !ok {
			return "group", cut(name, 128)
		}
		if !slices.Contains(w.groups, id) {
			w.groups = append(w.groups, id)
		}
	}
	return "", ""
}

func (g *ground) readRoles(w *want, cell string) (why, detail string) {
	w.roles = []rbac.Holding{}
	for _, text := range list(cell) {
		name, group, scoped := strings.Cut(text, "@")
		h := rbac.Holding{Role: name}
		if _, ok := rbac.RoleNamed(g.t, name); !ok {
			return "role", cut(name, 128)
		}
		if scoped {
			id, ok := g.groups[group]
			if !ok {
				return "group", cut(group, 128)
			}
			h.Group = id
		}
		if !slices.Contains(w.roles, h) {
			w.roles = append(w.roles, h)
		}
	}
	return "", ""
}

// list parts a cell at its bars; "-" is the empty list.
func list(cell string) []string {
	if cell == "-" {
		return nil
	}
	var all []string
	for part := range strings.SplitSeq(cell, "|") {
		if part = strings.TrimSpace(part); part != "" {
			all = append(all, part)
		}
	}
	return all
}

// truth reads what people and spreadsheets write for yes and no.
func truth(cell string) (yes, ok bool) {
	switch strings.ToLower(cell) {
	case "1", "true", "yes", "y", "x", "disabled", "inactive", "wahr", "ja", "vrai", "oui", "verdadero", "sí", "si", "نعم":
		return true, true
	case "0", "false", "no", "n", "active", "enabled", "falsch", "nein", "faux", "non", "falso", "لا":
		return false, true
	}
	return false, false
}

// plainID holds an external_id to the rule of tenant files: printable ASCII without spaces, 128 bytes at most.
func plainID(s string) bool {
	return s != "" && len(s) <= 128 && !strings.ContainsFunc(s, func(r rune) bool { return r < '!' || r > '~' })
}

// oneLine tells whether a text can be shown on one line, of some characters at most.
func oneLine(s string, most int) bool {
	return utf8.RuneCountInString(s) <= most && !strings.ContainsFunc(s, func(r rune) bool {
		return unicode.IsControl(r) || r == '\u2028' || r == '\u2029' || r >= '\u202a' && r <= '\u202e' || r >= '\u2066' && r <= '\u2069'
	})
}
