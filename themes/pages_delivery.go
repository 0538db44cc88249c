package themes

import "time"

// DeliveryPage is /console/letters: each letter's way, newest first.
type DeliveryPage struct {
	Parts
	Filter        DeliveryFilter
	Filtered      bool
	Rows          []DeliveryRow
	Before, After string // addresses of the pages around; "" is none
	Everywhere    bool   // the whole tenant, not only some groups
	Silent        bool   // no carrier reports what became of letters
}

// DeliveryFilter is what the list is narrowed to, as it was typed and chosen.
type DeliveryFilter struct {
	To          string // an address, a number, a name to sign in with, or an account's id
	Kind        string
	Stage       string
	From, Until string // days as 2006-01-02, in UTC, both meant
}

// DeliveryRow is one letter.
type DeliveryRow struct {
	ID            string
	Kind          string // of the letter: recovery, invitation
	To            string
	Account, Name string // "" of nobody's, and of who is gone
	Channel       string // email, sms, voice
	Lane          string // urgent, notice, bulk
	Stage         string // queued, sending, sent, delivered, bounced, complained, failed, skipped
	Why           string // a code of letters.Why; "" is none
	At            time.Time
	Dead          bool // nothing arrives at this address any more
}

// LetterWayPage is /console/letters/:id: one letter's way. A step that was not taken is zero.
type LetterWayPage struct {
	Parts
	Row                                         DeliveryRow
	MessageID                                   string
	From, As                                    string // the sender that it left with, and which that is (letters.SentAs); "" before
	Tries                                       int
	Sent, Delivered, Bounced, Complained, Ended time.Time
	ForGood                                     bool   // of a bounce
	Word                                        string // the carrier's for a bounce
	Again                                       bool   // it can be written anew, by who looks
	People                                      bool   // the name leads to the person's page
}

// Template names the file.
func (DeliveryPage) Template() string { return "delivery" }

// Template names the file.
func (LetterWayPage) Template() string { return "letter_way" }
