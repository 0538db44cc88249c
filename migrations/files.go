package migrations

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
)

//go:embed 0*.sql
var files embed.FS

//go:embed roles.sql
var roles string

// RolesSQL is the script that makes the database roles, for operators whose provider does not let
// `portico migrate up` make them. It may be run any number of times.
func RolesSQL() string { return roles }

// Fingerprint names the schema that Up makes: the hex SHA-256 of every file and of River's latest
// version. Test templates are named by it.
func Fingerprint() (string, error) {
	sum := sha256.New()
	sum.Write([]byte(roles))
	names, err := fs.Glob(files, "*.sql")
	if err != nil {
		return "", err
	}
	for _, name := range names {
		text, err := files.ReadFile(name)
		if err != nil {
			return "", err
		}
		fmt.Fprintf(sum, "%s %d\n", name, len(text))
		sum.Write(text)
	}
	river, err := newestRiver()
	if err != nil {
		return "", err
	}
	fmt.Fprintf(sum, "river %d\n", river)
	return hex.EncodeToString(sum.Sum(nil)), nil
}
