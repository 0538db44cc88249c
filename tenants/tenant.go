package tenants

import (
	"encoding/json"
	"time"

	"github.com/google/uuid"
)

// ID names a tenant: a UUIDv7 made in Go.
type ID = uuid.UUID

// NewID makes a UUIDv7, which sorts by the time of its making. Ids are never secrets.
func NewID() uuid.UUID { return uuid.Must(uuid.NewV7()) }

// State is where a tenant stands between the first draft and leaving.
type State string

// The states of a tenant. Only a live one serves its pages; the others answer with a neutral page.
const (
	Draft     State = "draft"
	Live      State = "live"
	Suspended State = "suspended"
	Leaving   State = "leaving"
)

// Tenant is one customer as requests see it: read once, kept in a bounded cache, never changed.
type Tenant struct {
	ID      ID
	Slug    string
	Name    string
	State   State
	Version int64 // of everything below; rises with every change

	Origin   string // canonical: scheme://host[:port], no slash at the end; links in letters begin with it
	BasePath string // "" or "/t/<slug>" when the canonical address is a path of the platform's host
	Hosts    []Host

	Policy Policy
	Portal Portal
	Sender Sender
	Words  Words
	Theme  json.RawMessage // the theme's document; package themes reads it

	LoadedAt time.Time

	canonicalHost string
}

// Host is an address that a tenant claims; it serves once verified.
type Host struct {
	Name       string // lower case, no port, no trailing dot
	VerifiedAt *time.Time
}

// Words are a tenant's own texts: locale → key → text. They stand before the catalogue's.
type Words map[string]map[string]string

// Portal says where people go once they are in.
type Portal struct {
	Links         []AppLink `yaml:"links" json:"links"`
	ReturnTargets []string  `yaml:"return_targets" json:"return_targets"` // allowed prefixes: https://app.example.com/
}

// AppLink is a place that the tenant's people can go to.
type AppLink struct {
	Label string `yaml:"label" json:"label"`
	URL   string `yaml:"url" json:"url"` // https, or http on loopback
	Note  string `yaml:"note" json:"note"`
}

// Sender is the identity that a tenant's mail comes from.
type Sender struct {
	Transport string      `yaml:"transport" json:"transport"` // platform, ses, smtp
	From      string      `yaml:"from" json:"from"`
	FromName  string      `yaml:"from_name" json:"from_name"`
	ReplyTo   string      `yaml:"reply_to" json:"reply_to"`
	SMTP      *SMTPSender `yaml:"smtp,omitempty" json:"smtp,omitempty"`
}

// SMTPSender is a tenant's own relay. The password is sealed in the database; Password names where
// the operator keeps it (env:PORTICO_TENANT_… or file:PATH) and is all that an export shows.
type SMTPSender struct {
	Host           string `yaml:"host" json:"host"`
	Port           int    `yaml:"port" json:"port"`
	TLS            string `yaml:"tls" json:"tls"` // starttls, implicit, none (loopback alone)
	Username       string `yaml:"username" json:"username"`
	Password       string `yaml:"password" json:"password"`
	SealedPassword []byte `yaml:"-" json:"sealed_password,omitempty"`
}
