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
	Roles  []OwnRole
	Theme  json.RawMessage // the theme's document; package themes reads it
	Staff  []StaffAccess   // of the platform's staff to the console: asked for, or open; those that ran out since stand here, too

	LoadedAt time.Time
	ClosedAt time.Time // when it last stopped being live; zero: never. No session from before counts

	canonicalHost string
	slugMoved     bool // the slug's own addresses send people on
}

// Moved tells whether an address of the tenant (a normalised host; the platform's for its path) sends people on
// to the canonical one: it was canonical itself before.
func (t *Tenant) Moved(host string) bool {
	for _, h := range t.Hosts {
		if h.Name == host {
			return h.Moved
		}
	}
	return t.slugMoved
}

// Host is an address that a tenant claims; it serves once verified.
type Host struct {
	Name       string // lower case, no port, no trailing dot
	VerifiedAt *time.Time
	Moved      bool // sends people on to the canonical address
}

// Words are a tenant's own texts: locale → key → text. They stand before the catalogue's.
type Words map[string]map[string]string

// OwnRole is a role that the tenant made from the catalogue of permissions (package rbac knows those).
type OwnRole struct {
	Name        string   `json:"name"`  // ^[a-z][a-z0-9_]{1,39}$, never changed: assignments hold it
	Label       string   `json:"label"` // what people read, as the tenant wrote it
	Note        string   `json:"note"`
	Permissions []string `json:"permissions"`
}

// Portal says where people go once they are in.
type Portal struct {
	Links         []AppLink `yaml:"links" json:"links"`
	ReturnTargets []string  `yaml:"return_targets" json:"return_targets"` // allowed prefixes: https://app.example.com/

	StaffApproval bool `yaml:"staff_approval" json:"staff_approval"` // the platform's staff enter the console only once somebody here let them
}

// StaffAsks is how long a request of staff for access waits for an answer.
const StaffAsks = 7 * 24 * time.Hour

// StaffAccess is what the tenant's people see of somebody of the platform's staff who may enter their console, or
// asks to.
type StaffAccess struct {
	ID     uuid.UUID
	Name   string
	Level  string // read, help, manage
	Reason string
	EndsAt time.Time // zero: it waits for the tenant's approval
}

// Open tells whether the access holds at a moment.
func (a StaffAccess) Open(now time.Time) bool { return now.Before(a.EndsAt) }

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

	Phone *PhoneSender `yaml:"phone,omitempty" json:"phone,omitempty"` // texts and calls; nil is none
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

// PhoneSender is how a tenant's texts and calls leave and what they may cost. The secret is sealed in the
// database; Secret names where the operator keeps it, as SMTPSender.Password does.
type PhoneSender struct {
	Provider     string   `yaml:"provider" json:"provider"`         // platform, twilio, aws, off
	Account      string   `yaml:"account" json:"account"`           // Twilio's account SID, or an access key id of AWS
	Secret       string   `yaml:"secret" json:"secret"`             // Twilio's auth token, or the AWS secret access key: a reference
	From         string   `yaml:"from" json:"from"`                 // a number (E.164), a sender id of 1 to 11 letters and digits, or an id of the provider
	Region       string   `yaml:"region" json:"region"`             // of AWS: eu-west-1
	Countries    []string `yaml:"countries" json:"countries"`       // alpha-2; the first is the default of numbers without a country code
	Voice        bool     `yaml:"voice" json:"voice"`               // calls too
	DailyBudget  int      `yaml:"daily_budget" json:"daily_budget"` // texts and calls a day
	SealedSecret []byte   `yaml:"-" json:"sealed_secret,omitempty"`
}

// DefaultDailyBudget is how many texts and calls a tenant may buy a day where its file says nothing.
const DefaultDailyBudget = 500

// Texts tells whether the tenant's codes may leave as texts.
func (p *PhoneSender) Texts() bool { return p != nil && p.Provider != "off" && p.Provider != "" }

// Calls tells whether the tenant's codes may leave as calls.
func (p *PhoneSender) Calls() bool { return p.Texts() && p.Voice }
