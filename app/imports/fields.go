package imports

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
)

// Field is what a column can hold.
type Field string

// The fields of a person. An empty cell leaves what is there; "-" empties groups and roles.
const (
	Skip       Field = "" // the column is left out
	ExternalID Field = "external_id"
	Name       Field = "display_name"
	Email      Field = "email"
	Username   Field = "username"
	UserID     Field = "user_id"
	Locale     Field = "locale"
	Groups     Field = "groups" // external ids of groups, with | between them
	Roles      Field = "roles"  // role, or role@group, with | between them
	Mobile     Field = "auth_phone"
	Office     Field = "office_phone"
	Alternate  Field = "auth_email"
	Disabled   Field = "disabled"      // yes or no, and what spreadsheets write for them
	Hash       Field = "password_hash" // taken by people without a password alone
)

// Fields lists all fields in the order in which they are offered.
func Fields() []Field {
	return []Field{ExternalID, Name, Email, Username, UserID, Locale, Groups, Roles, Mobile, Office, Alternate, Disabled, Hash}
}

// MappingError says what is wrong with a mapping.
type MappingError struct {
	Reason string // no_id, twice, unknown
	Field  Field
}

// Error names the field.
func (e *MappingError) Error() string { return fmt.Sprintf("columns: %s %s", e.Reason, e.Field) }

// checkMapping holds a mapping to its file: known fields, each once, and the one that matches people.
func checkMapping(fields []Field, columns int) error {
	if len(fields) != columns {
		return &MappingError{Reason: "unknown"}
	}
	seen := map[Field]bool{}
	for _, f := range fields {
		switch {
		case f == Skip:
		case !slices.Contains(Fields(), f):
			return &MappingError{Reason: "unknown", Field: f}
		case seen[f]:
			return &MappingError{Reason: "twice", Field: f}
		}
		seen[f] = true
	}
	if !seen[ExternalID] {
		return &MappingError{Reason: "no_id", Field: ExternalID}
	}
	return nil
}

// spellings are headings that say a field in the words of other systems, letters and digits alone.
func spellings() map[string]Field {
	all := map[string]Field{}
	for field, words := range map[Field]string{
		ExternalID: "externalid id extid personid employeeid employeenumber objectid immutableid personalnummer identifiant legajo",
		Name:       "displayname name fullname commonname cn nom nomcomplet vollername anzeigename nombre nombrecompleto الاسم",
		Email:      "email mail emailaddress mailaddress primaryemail workemail correo correoelectronico courriel adressemail البريد",
		Username:   "username user login loginname samaccountname uid benutzername utilisateur usuario nomdutilisateur",
		UserID:     "userid userprincipalname upn benutzerid benutzerkennung kennung",
		Locale:     "locale language lang preferredlanguage sprache langue idioma",
		Groups:     "groups group departments department locations location gruppen gruppe abteilung groupes grupos",
		Roles:      "roles role rollen rolle rôles rôle rol",
		Mobile:     "authphone mobile mobilephone cell cellphone phone telephone handy mobil mobiltelefon portable movil móvil téléphone telefon telefono teléfono",
		Office:     "officephone workphone businessphone deskphone diensttelefon bürotelefon",
		Alternate:  "authemail alternateemail secondaryemail recoveryemail privateemail personalemail othermail otheremail",
		Disabled:   "disabled inactive locked accountdisabled deaktiviert gesperrt désactivé deshabilitado",
		Hash:       "passwordhash hash hashedpassword password_hash passworthash",
	} {
		for _, w := range strings.Fields(words) {
			all[w] = field
		}
	}
	return all
}

// plainHeading is a heading for comparing: lower case, letters and digits alone.
func plainHeading(h string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, h)
}

// guess says which field each heading means, by what the tenant said last time, else by its words. A field
// is guessed once.
func guess(headings []string, kept map[string]Field) []Field {
	known, used := spellings(), map[Field]bool{}
	fields := make([]Field, len(headings))
	take := func(i int, f Field) {
		if f != Skip && !used[f] && slices.Contains(Fields(), f) {
			fields[i], used[f] = f, true
		}
	}
	said := map[int]bool{}
	for i, h := range headings {
		if f, ok := kept[plainHeading(h)]; ok {
			said[i] = true
			take(i, f)
		}
	}
	for i, h := range headings {
		if !said[i] {
			take(i, known[plainHeading(h)])
		}
	}
	return fields
}
