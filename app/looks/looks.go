package looks

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"portico/app/audit"
	"portico/app/letters"
	"portico/tenants"
	"portico/themes"
)

// Errors of drafts and of publishing.
var (
	// ErrChanged means that somebody else saved the draft, or published, since what the change was made from.
	ErrChanged = errors.New("it was changed meanwhile")
	// ErrNoDraft means that there is nothing to publish or to show.
	ErrNoDraft = errors.New("there is no draft")
	// ErrRefused means that a document has faults (Validate, CheckWords) or shows a picture that is not there.
	ErrRefused = errors.New("the draft has faults")
)

// Looks keeps drafts of themes and words.
type Looks struct {
	DB       *tenants.DB
	Renderer *themes.Renderer
	Outbox   *letters.Outbox
	Seals    tenants.Keyring
	Slots    chan struct{} // holds as many as pictures may be decoded at once
}

// Draft is a document that nobody sees yet.
type Draft struct {
	Exists   bool
	Document json.RawMessage // what is in force where there is no draft; nil where there is neither
	Base     int64           // version of the setting that it began from; of one that does not exist, the newest
	Stamp    string          // of its last save; "" where there is none
	By       Person
	At       time.Time
	Newest   int64           // version of the setting in force; 0: none
	Live     json.RawMessage // the setting in force
}

// Stale tells that something else was published since the draft began.
func (d Draft) Stale() bool { return d.Exists && d.Base != d.Newest }

// Is tells whether a draft is still the one that an editor saw: its stamp, and the version that it began from.
func (d Draft) Is(stamp string, base int64) bool { return d.Stamp == stamp && d.Base == base }

// Person is who changed something: by name where it is an account that is still there.
type Person struct {
	Actor string // audit.AccountActor, "operator", …
	Name  string
}

// Draft reads the draft of a subject (tenants.SubjectTheme, tenants.SubjectWords).
func (l *Looks) Draft(ctx context.Context, tenant tenants.ID, subject string) (d Draft, err error) {
	err = l.DB.In(ctx, tenant, func(s *tenants.Scope) error {
		d, err = read(ctx, s, subject)
		return err
	})
	return d, err
}

func read(ctx context.Context, s *tenants.Scope, subject string) (d Draft, err error) {
	if d.Newest, d.Live, err = tenants.Setting(ctx, s, subject); err != nil {
		return d, err
	}
	var stamp uuid.UUID
	err = s.Row(ctx, `SELECT document, base_version, stamp, edited_by, edited_at FROM look_drafts WHERE tenant_id = $1 AND subject = $2`,
		[]any{s.Tenant(), subject}, &d.Document, &d.Base, &stamp, &d.By.Actor, &d.At)
	if errors.Is(err, tenants.ErrNotFound) {
		d.Document, d.Base = d.Live, d.Newest
		return d, nil
	}
	if err != nil {
		return d, err
	}
	d.Exists, d.Stamp = true, stamp.String()
	names, err := namesOf(ctx, s, d.By.Actor)
	d.By.Name = names[d.By.Actor]
	return d, err
}

// Save writes a draft anew, with the pictures that it shows and that are new. stamp and base are those that its
// editor saw: when either is no longer so, ErrChanged, and nothing is written; ErrPictures when there is no room.
// It answers the new stamp.
func (l *Looks) Save(ctx context.Context, tenant tenants.ID, subject, stamp string, base int64, document any, pictures ...themes.Picture) (string, error) {
	doc, err := json.Marshal(document)
	if err != nil {
		return "", fmt.Errorf("draft of %s: %w", subject, err)
	}
	next := tenants.NewID().String()
	return next, l.DB.In(ctx, tenant, func(s *tenants.Scope) error {
		was, err := read(ctx, s, subject)
		if err != nil {
			return err
		}
		if !was.Is(stamp, base) {
			return ErrChanged
		}
		if err := write(ctx, s, subject, stamp, next, base, doc); err != nil {
			return err
		}
		for _, p := range pictures {
			if err := keep(ctx, s, p); err != nil {
				return err
			}
		}
		kind := audit.LookDrafted
		if subject == tenants.SubjectWords {
			kind = audit.WordsDrafted
		}
		return audit.Write(ctx, s, audit.Event{Kind: kind, Outcome: audit.Success,
			Details: map[string]any{"changes": Changes(was.Document, doc)}})
	})
}

// write is one statement that counts: of two at once the second finds another stamp, or a row where it
// expected none.
func write(ctx context.Context, s *tenants.Scope, subject, stamp, next string, base int64, doc json.RawMessage) error {
	by := audit.From(ctx).Actor
	var n int64
	var err error
	if stamp == "" {
		n, err = s.Exec(ctx, `INSERT INTO look_drafts (tenant_id, subject, document, base_version, stamp, edited_by, edited_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING`, s.Tenant(), subject, doc, base, next, by, s.Now())
	} else {
		n, err = s.Exec(ctx, `UPDATE look_drafts SET document = $3, base_version = $4, stamp = $5, edited_by = $6, edited_at = $7
			WHERE tenant_id = $1 AND subject = $2 AND stamp = $8`, s.Tenant(), subject, doc, base, next, by, s.Now(), stamp)
	}
	if err == nil && n != 1 {
		return ErrChanged
	}
	return err
}

// Discard throws a draft away, the one with this stamp alone.
func (l *Looks) Discard(ctx context.Context, tenant tenants.ID, subject, stamp string) error {
	return l.DB.In(ctx, tenant, func(s *tenants.Scope) error {
		was, err := read(ctx, s, subject)
		if err != nil {
			return err
		}
		n, err := s.Exec(ctx, "DELETE FROM look_drafts WHERE tenant_id = $1 AND subject = $2 AND stamp = $3", s.Tenant(), subject, uuidOr(stamp))
		if err != nil {
			return err
		}
		if n != 1 {
			return ErrChanged
		}
		return audit.Write(ctx, s, audit.Event{Kind: audit.DraftDiscarded, Outcome: audit.Success,
			Details: map[string]any{"subject": subject, "changes": Changes(was.Live, was.Document)}})
	})
}

// Rebase lets a draft begin from the version in force: its editor saw what was published meanwhile and
// keeps the draft as it is.
func (l *Looks) Rebase(ctx context.Context, tenant tenants.ID, subject, stamp string, newest int64) error {
	return l.DB.In(ctx, tenant, func(s *tenants.Scope) error {
		was, err := read(ctx, s, subject)
		if err != nil {
			return err
		}
		if !was.Exists || was.Stamp != stamp || was.Newest != newest {
			return ErrChanged
		}
		return write(ctx, s, subject, stamp, tenants.NewID().String(), newest, was.Document)
	})
}

// uuidOr reads an id that came with a form; what is none is nobody's.
func uuidOr(s string) uuid.UUID {
	id, err := uuid.Parse(s)
	if err != nil {
		return uuid.Nil
	}
	return id
}

// namesOf finds the names of the accounts behind actors. Whoever may read a look is told who changed it.
func namesOf(ctx context.Context, s *tenants.Scope, actors ...string) (map[string]string, error) {
	names := map[string]string{}
	var ids []uuid.UUID
	for _, a := range actors {
		if id, ok := audit.ActorID(a); ok {
			ids = append(ids, id)
		}
	}
	called, err := audit.Names(ctx, s, ids)
	for id, name := range called {
		names[audit.AccountActor(id)] = name
	}
	return names, err
}
