package themes

import "time"

// AuditPage is /console/audit: what happened, newest first.
type AuditPage struct {
	Parts
	Filter        AuditFilter
	Filtered      bool
	Rows          []AuditRow
	Before, After string // addresses of the pages around; "" is none
	Days          int    // how long the tenant's policy keeps events; 0 is for ever
	Export        bool
	Everywhere    bool // the whole tenant, not only some groups
}

// AuditFilter is what the list is narrowed to, as it was typed and chosen.
type AuditFilter struct {
	Person   string // an address, a name to sign in with, or an id
	Side     string // "" or about, by
	Kind     string
	Outcome  string // success, failure, denied
	From, To string // days as 2006-01-02, in UTC, both meant
}

// AuditRow is one event.
type AuditRow struct {
	ID        string
	At        time.Time
	Kind      string // of app/audit/kinds.go
	Outcome   string
	Reason    string
	About, By AuditWho
}

// AuditWho is somebody in the audit: account, gone (erased since), anonymous, operator or system; "" is nobody.
type AuditWho struct{ Kind, ID, Name string }

// AuditEventPage is /console/audit/:id.
type AuditEventPage struct {
	Parts
	Row           AuditRow
	From, Request string // client address and request id; "" is none
	Changes       []AuditChange
	Facts         []AuditFact
	People        bool // names lead to people's pages
}

// AuditChange is one thing before and after; an empty Field is the whole.
type AuditChange struct {
	Field    string
	Old, New AuditValue
	Weaker   bool // of a rule: it protects less than before
}

// AuditFact is something else that is known of an event.
type AuditFact struct {
	Key   string
	Value AuditValue
}

// AuditValue is somebody, a moment, or else text.
type AuditValue struct {
	Who  *AuditWho
	At   time.Time
	Text string
}

// Empty tells that there is nothing to show.
func (v AuditValue) Empty() bool { return v.Who == nil && v.At.IsZero() && v.Text == "" }

// Template names the file.
func (AuditPage) Template() string { return "audit" }

// Template names the file.
func (AuditEventPage) Template() string { return "audit_event" }
