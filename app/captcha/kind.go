package captcha

import (
	"context"
	"errors"
)

// ErrWrong is the one answer to everything that is no right answer: wrong, empty, too long, unknown,
// expired, already answered, of another browser or of another tenant.
var ErrWrong = errors.New("captcha: not a right answer")

// ErrDown means that a kind could not judge: its provider is away. Callers let people pass and tighten
// their limits instead.
var ErrDown = errors.New("captcha: the provider is down")

// The kinds that are always there, as a policy names them.
const (
	Image = "image" // characters in a picture, with spoken audio
	Work  = "work"  // proof of work, the picture for browsers without scripts
)

// Kind is one way to tell people from scripts. A hosted one poses nothing and asks its provider in Check.
// Names of kinds differ in their first letter, which is what a challenge's id holds of them.
type Kind interface {
	// Pose makes the secret of a new challenge, at most 64 bytes; it travels sealed in the id.
	Pose() []byte
	// Puzzle is what the browser's script works on; nil where people alone do.
	Puzzle(secret []byte) *Puzzle
	// Check judges an answer: nil, ErrWrong or ErrDown.
	Check(ctx context.Context, secret []byte, a Answer) error
}

// Answer is what a form brought back, as it came.
type Answer struct {
	ID   string // of the challenge
	Text string // what a person read or heard
	Work string // what a script found, or a hosted kind's own response
}

// Empty tells that nothing was answered yet, which spends nothing.
func (a Answer) Empty() bool { return a.Text == "" && a.Work == "" }

// The most that an answer may hold, in bytes; anything longer is ErrWrong before it is looked at.
const (
	longestID   = 200
	longestText = 64
	longestWork = 4 << 10 // a hosted kind's response is a signed document
)

func (a Answer) tooLong() bool {
	return len(a.ID) > longestID || len(a.Text) > longestText || len(a.Work) > longestWork
}
