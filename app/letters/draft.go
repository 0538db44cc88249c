package letters

import (
	"time"

	"github.com/google/uuid"

	"portico/themes"
)

// Lane is a queue of its own with workers of its own: a lane never waits for a later one.
type Lane string

// The lanes: codes and recovery first, then notices, then invitations and whatever goes to many.
const (
	Urgent Lane = "urgent"
	Notice Lane = "notice"
	Bulk   Lane = "bulk"
)

// Lanes lists all lanes, the most urgent first.
func Lanes() []Lane { return []Lane{Urgent, Notice, Bulk} }

func (l Lane) queue() string { return "letters_" + string(l) }

// State says where a letter stands.
type State string

// The states of a letter. Sent, Failed and Skipped are ends; the sealed values are gone by then.
const (
	Queued  State = "queued"
	Sending State = "sending"
	Sent    State = "sent"
	Failed  State = "failed"
	Skipped State = "skipped"
)

// Channel is how a letter travels.
type Channel string

// The channels. Texts and calls carry codes alone (themes.CodeLetter).
const (
	Email Channel = "email"
	SMS   Channel = "sms"
	Voice Channel = "voice"
)

// Draft is a letter before it is written down.
//
// To "" makes a decoy: what a stranger's request writes in place of a letter, so that it costs the
// same statements, the same bytes and the same job. Nothing in the insert differs; the worker ends it
// as skipped (reason "decoy") when it claims it. Ending it at insert would touch another index and
// spare the worker's two round trips, and both can be seen from outside in the time of this request
// or, under load, of the next one.
type Draft struct {
	Letter    themes.Letter
	Channel   Channel // "" is Email
	To        string  // the stored address, or the number (E.164) of a text or call; "" is a decoy
	Locale    string  // of the words; "" is the brand's own
	AccountID *uuid.UUID
	LinkID    *uuid.UUID    // the letter is skipped when this link has ended before it left
	ExpiresAt time.Time     // skipped from then on: the end of the code that it carries; zero is none
	Lane      Lane          // "" is Notice
	Delay     time.Duration // of real time before it may leave, so that many letters leave one after another; less than a day
	Event     string        // what it is about: of one (kind, event, recipient) only one letter is written
}
