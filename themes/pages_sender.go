package themes

import "time"

// SenderPage is /console/sender: from whom the brand's letters are, and how that stands.
type SenderPage struct {
	Parts
	Sender Sender
}

// CustomerSenderPage is /platform/customers/:slug/sender: the same for the platform's staff.
type CustomerSenderPage struct {
	Parts
	Customer CustomerRow
	Sender   Sender
}

// Sender is what both pages show. Zero times and "" are none.
type Sender struct {
	Path    string // of the page; its forms lead below it
	Uses    string // a code of letters.SentAs: with which sender the next letter leaves
	From    string // its address
	Wanted  string // the address that the brand's file names
	ReplyTo string
	Edit    bool // may ask, test, pause and resume
	Lift    bool // may lift suppressions

	Domain, State string // of the wanted address, where letters leave by SES
	Since         time.Time
	Checked       time.Time
	Trouble       string // a code
	TroubleAt     time.Time
	Records       []SenderRecord

	Level, Cause              string // ok, warned, paused, stopped; bounces, complaints
	LevelSince                time.Time
	Sent, Bounced, Complained int

	Address string // what the list of addresses was narrowed to
	Rows    []SenderSuppressed
	More    string // address of what follows

	Tested  string // what came of a test: taken, or a code of letters.Why
	ByWhom  string // from whom it left
	Said    string // the server's answer
	TestsTo string // where it goes; "" is nowhere
}

// SenderRecord is a record that must stand in DNS.
type SenderRecord struct{ Use, Type, Name, Value string } // Use: own, dkim, mail_from, spf, dmarc

// SenderSuppressed is an address that gets no letters.
type SenderSuppressed struct {
	Address, Cause, Word string // Cause: bounced, complained
	Since                time.Time
	Forced               bool // an administrator let one letter go already
}

// Template names the file.
func (SenderPage) Template() string { return "sender" }

// Template names the file.
func (CustomerSenderPage) Template() string { return "customer_sender" }

// SenderText is a word of one of the families of the senders' pages: state, trouble, rest, record, ses.
func (v *view) SenderText(family, code string) string { return v.worded("sender."+family+"_", code) }

// SenderBadge is the colour of where a domain or a whole sender stands.
func (v *view) SenderBadge(state string) string {
	return map[string]string{"verified": "good", "ok": "good", "failed": "bad", "lost": "bad", "paused": "bad", "stopped": "bad", "warned": "warn", "claimed": "warn"}[state]
}
