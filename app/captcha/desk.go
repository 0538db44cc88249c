package captcha

import (
	"context"
	"crypto/sha256"
	"fmt"
	"time"

	"portico/tenants"
)

// Desk poses challenges and takes their answers.
type Desk struct {
	DB    *tenants.DB
	Seals tenants.Keyring
	Kinds map[string]Kind // beside our own or in their place, by the name that a policy gives them
}

// Challenge is what a page shows.
type Challenge struct {
	ID     string // base64url, about 90 characters: a form's hidden value and a part of addresses
	Kind   string
	Ends   time.Time
	Puzzle *Puzzle // for the browser's script; nil where people alone answer
}

// New poses a challenge of a kind (Image, Work) to a browser, named by the secret value that its form
// tokens rest on. It stores nothing. A kind that nobody knows becomes a picture.
func (d *Desk) New(tenant tenants.ID, session, kind string) Challenge {
	k := d.kind(kind)
	if k == nil {
		kind, k = Image, picture{}
	}
	secret, ends := k.Pose(), d.DB.Clock().Now().Add(life).Truncate(time.Second)
	return Challenge{ID: d.seal(kind, ends, d.binding(tenant, session), secret), Kind: kind, Ends: ends, Puzzle: k.Puzzle(secret)}
}

// Again is the challenge of an id as New gave it to this browser, for a page that is shown a second
// time; false when it has expired or was never this browser's. It does not ask whether it was answered.
func (d *Desk) Again(tenant tenants.ID, session, id string) (Challenge, bool) {
	s, ok := d.given(tenant, session, id)
	if !ok {
		return Challenge{}, false
	}
	return Challenge{ID: id, Kind: s.name, Ends: s.ends, Puzzle: s.kind.Puzzle(s.secret)}, true
}

// Spend takes the one answer of a challenge: nil when it is right, ErrWrong for everything else,
// ErrDown when the kind's provider cannot tell. Of two answers at the same time one is looked at. What
// never could be right (an empty answer, an id of another browser) leaves no row.
func (d *Desk) Spend(ctx context.Context, tenant tenants.ID, session string, a Answer) error {
	if a.Empty() || a.tooLong() {
		return ErrWrong
	}
	s, ok := d.given(tenant, session, a.ID)
	if !ok {
		return ErrWrong
	}
	var first int64
	err := d.DB.In(ctx, tenant, func(scope *tenants.Scope) error {
		hash := sha256.Sum256(s.raw)
		b := &tenants.Batch{}
		// Waiting for the disk is worth nothing here: what a crash of PostgreSQL forgets ends in minutes.
		b.Exec("SET LOCAL synchronous_commit = off")
		b.ExecCount(&first, `INSERT INTO captchas_spent (tenant_id, id_hash, ends_at) VALUES ($1, $2, $3)
			ON CONFLICT DO NOTHING`, scope.Tenant(), hash[:], s.ends)
		return scope.SendAndCommit(ctx, b)
	})
	if err != nil {
		return fmt.Errorf("captcha: %w", err)
	}
	if first != 1 {
		return ErrWrong
	}
	return s.kind.Check(ctx, s.secret, a)
}

// Image is the picture of a challenge, a PNG of Width by Height; ErrWrong when it is not this browser's,
// has expired or has no picture.
func (d *Desk) Image(tenant tenants.ID, session, id string) ([]byte, error) {
	s, ok := d.given(tenant, session, id)
	if !ok || !d.pictured(s) {
		return nil, ErrWrong
	}
	digits, _ := shown(s.secret)
	return draw(id, digits)
}

// Audio speaks the characters of a challenge in the language that Spoken names: a WAV. ErrWrong as Image.
func (d *Desk) Audio(tenant tenants.ID, session, id, locale string) ([]byte, error) {
	s, ok := d.given(tenant, session, id)
	if !ok || !d.pictured(s) {
		return nil, ErrWrong
	}
	digits, _ := shown(s.secret)
	return speak(id, digits, locale)
}

// Reveal tells the characters of any challenge of this program, whoever's it is: for `portico dev`, which
// alone has a route to it. ErrWrong when the id is none.
func (d *Desk) Reveal(id string) (string, error) {
	s, ok := d.open(id)
	if !ok || !d.pictured(s) {
		return "", ErrWrong
	}
	digits, _ := shown(s.secret)
	return digits, nil
}

// pictured tells whether the secret begins with the digits of a picture.
func (d *Desk) pictured(s sealed) bool {
	_, ok := shown(s.secret)
	return ok && (s.name == Image || s.name == Work) && d.Kinds[s.name] == nil
}

// kind finds a kind by name; nil is none.
func (d *Desk) kind(name string) Kind {
	if k, ok := d.Kinds[name]; ok {
		return k
	}
	switch name {
	case Image:
		return picture{}
	case Work:
		return work{}
	}
	return nil
}

// byLetter finds a kind by what an id holds of its name.
func (d *Desk) byLetter(letter byte) (string, Kind) {
	for name, k := range d.Kinds {
		if name[0] == letter {
			return name, k
		}
	}
	for _, name := range []string{Image, Work} {
		if name[0] == letter {
			return name, d.kind(name)
		}
	}
	return "", nil
}
