package tenants

import "encoding/json"

// FileFormat is the version of the tenant file that this program reads and writes (`portico: 1`).
const FileFormat = 1

// FileMost is the largest tenant file in bytes.
const FileMost = 1 << 20

// File is a tenant in one document: what `portico tenant apply` makes true and `portico tenant export`
// writes. A section that is absent (nil) is left as it is, and has its default in a new tenant; one
// that is present is the whole truth about its subject, except for groups and accounts, which are
// never removed, and accounts, which are never changed.
type File struct {
	Portico  int             // format; FileFormat
	Slug     string          // names the tenant for ever
	Name     string          // as people read it
	State    State           // "" keeps it; live in a new tenant
	Hosts    []FileHost      // addresses of the tenant's own, beside the slug's
	Policy   *Policy         // complete: preset with the file's differences
	Theme    json.RawMessage // package themes reads it
	Images   []FileImage     // pictures of the theme, beside the file
	Words    Words
	Sender   *Sender
	Portal   *Portal
	Groups   []FileGroup
	Accounts []FileAccount

	lines map[string]int // field → line, for faults
}

// FileHost is an address that the tenant claims. It serves once verified.
type FileHost struct {
	Host      string `yaml:"host"`
	Canonical bool   `yaml:"canonical,omitempty"` // links in letters begin with it; at most one
}

// FileImage is a picture beside the file. The theme names it by its SHA-256; the file is read only
// when the tenant does not have the picture yet.
type FileImage struct {
	File   string `yaml:"file"`   // inside the tenant file's folder
	SHA256 string `yaml:"sha256"` // of its bytes, 64 hexadecimal digits
}

// FileGroup is one node of the tree below the tenant.
type FileGroup struct {
	ExternalID string `yaml:"external_id"`
	Kind       string `yaml:"kind"` // location, department, group
	Name       string `yaml:"name"`
	Parent     string `yaml:"parent,omitempty"` // external_id; "" stands directly below the tenant
}

// FileAccount is a person to begin with. It is added when no account has its external_id, and never
// changed by a file afterwards.
type FileAccount struct {
	ExternalID   string     `yaml:"external_id"`
	Email        string     `yaml:"email,omitempty"`
	Username     string     `yaml:"username,omitempty"`
	UserID       string     `yaml:"user_id,omitempty"`
	Name         string     `yaml:"name"`
	Locale       string     `yaml:"locale,omitempty"`
	Password     string     `yaml:"password,omitempty"`      // where it is: env:PORTICO_TENANT_… or file:PATH; never the password
	PasswordHash string     `yaml:"password_hash,omitempty"` // imported, in PHC or crypt form
	SignIn       string     `yaml:"sign_in,omitempty"`       // local (default), sso
	Status       string     `yaml:"status,omitempty"`        // active (default), disabled
	Roles        []FileRole `yaml:"roles,omitempty"`
	Groups       []string   `yaml:"groups,omitempty"` // external ids

	Proofs *FileProofs `yaml:"proofs,omitempty"` // beside the password
}

// FileRole is a role in the whole tenant, or in one group and what is below it.
type FileRole struct {
	Role  string `yaml:"role"`
	Scope string `yaml:"scope,omitempty"` // external_id of a group; "" is the whole tenant
}

// Line is the line of a field in the document, or of the nearest part around it; 0 when unknown.
func (f *File) Line(field string) int { return lineOf(f.lines, field) }
