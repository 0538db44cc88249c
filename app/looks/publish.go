package looks

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"portico/app/audit"
	"portico/tenants"
	"portico/themes"
)

// Publish makes the draft with this stamp everybody's look or words: a new version of the setting, in one
// transaction with its audit row and the end of the draft. ErrChanged when the draft is another by now or
// something was published since it began; *RefusedError when the document has faults. The caller forgets the
// tenant in its own Resolver after it; other instances hear of it.
func (l *Looks) Publish(ctx context.Context, tenant tenants.ID, subject, stamp string) error {
	draft, err := l.Draft(ctx, tenant, subject)
	switch {
	case err != nil:
		return err
	case !draft.Exists:
		return ErrNoDraft
	case draft.Stamp != stamp || draft.Stale():
		return ErrChanged
	}
	err = l.DB.ChangeSetting(ctx, tenant, subject, draft.Base, audit.From(ctx).Actor, func(s *tenants.Scope, was json.RawMessage) (any, error) {
		if err := l.check(ctx, s, subject, draft.Document); err != nil {
			return nil, err
		}
		n, err := s.Exec(ctx, "DELETE FROM look_drafts WHERE tenant_id = $1 AND subject = $2 AND stamp = $3", s.Tenant(), subject, uuidOr(stamp))
		if err != nil {
			return nil, err
		}
		if n != 1 {
			return nil, ErrChanged
		}
		if was == nil {
			if was, err = l.first(ctx, s, subject); err != nil {
				return nil, err
			}
		}
		return draft.Document, published(ctx, s, subject, "", was, draft.Document)
	})
	return changed(err)
}

// first keeps what everybody saw before a tenant's first document, so that there is a version to go back to.
func (l *Looks) first(ctx context.Context, s *tenants.Scope, subject string) (json.RawMessage, error) {
	var document any = themes.DefaultTheme()
	if subject == tenants.SubjectWords {
		document = tenants.Words{}
	}
	doc, err := json.Marshal(document)
	if err != nil {
		return nil, err
	}
	return doc, tenants.SaveSetting(ctx, s, subject, json.RawMessage(doc), audit.From(ctx).Actor)
}

// Version is one published document.
type Version struct {
	Number   int64
	At       time.Time
	By       Person
	Document json.RawMessage
	Changes  []Change // since the version before
}

// History lists what was published, the newest first; most bounds how many.
func (l *Looks) History(ctx context.Context, tenant tenants.ID, subject string, most int) (all []Version, err error) {
	err = l.DB.In(ctx, tenant, func(s *tenants.Scope) error {
		var actors []string
		err := s.Each(ctx, `SELECT version, document, created_at, created_by FROM settings WHERE tenant_id = $1 AND subject = $2
			ORDER BY version DESC LIMIT $3`, []any{s.Tenant(), subject, most + 1}, func(scan func(...any) error) error {
			var v Version
			err := scan(&v.Number, &v.Document, &v.At, &v.By.Actor)
			all, actors = append(all, v), append(actors, v.By.Actor)
			return err
		})
		if err != nil {
			return err
		}
		names, err := namesOf(ctx, s, actors...)
		for i := range all {
			all[i].By.Name = names[all[i].By.Actor]
			var before json.RawMessage
			if i+1 < len(all) {
				before = all[i+1].Document
			}
			all[i].Changes = Changes(before, all[i].Document)
		}
		all = all[:min(len(all), most)]
		return err
	})
	return all, err
}

// RollBack publishes an earlier version once more, as a new one. newest is the version in force that the
// page showed: ErrChanged when it is another by now. tenants.ErrNotFound when there is no such version.
func (l *Looks) RollBack(ctx context.Context, tenant tenants.ID, subject string, number, newest int64) error {
	err := l.DB.ChangeSetting(ctx, tenant, subject, newest, audit.From(ctx).Actor, func(s *tenants.Scope, was json.RawMessage) (any, error) {
		var doc json.RawMessage
		if err := s.Row(ctx, "SELECT document FROM settings WHERE tenant_id = $1 AND subject = $2 AND version = $3",
			[]any{s.Tenant(), subject, number}, &doc); err != nil {
			return nil, err
		}
		if err := l.check(ctx, s, subject, doc); err != nil {
			return nil, err
		}
		return doc, published(ctx, s, subject, "rolled_back", was, doc)
	})
	return changed(err)
}

func changed(err error) error {
	if errors.Is(err, tenants.ErrChanged) {
		return ErrChanged
	}
	return err
}

func published(ctx context.Context, s *tenants.Scope, subject, reason string, was, now json.RawMessage) error {
	kind := audit.ThemeChanged
	if subject == tenants.SubjectWords {
		kind = audit.WordsChanged
	}
	return audit.Write(ctx, s, audit.Event{Kind: kind, Outcome: audit.Success, Reason: reason,
		Details: map[string]any{"changes": Changes(was, now)}}) // each with its value before and after
}

// RefusedError is ErrRefused with the faults as sentences.
type RefusedError struct{ Faults []string }

// Error names the first fault.
func (e *RefusedError) Error() string { return ErrRefused.Error() + ": " + e.Faults[0] }

// Unwrap makes it an ErrRefused.
func (e *RefusedError) Unwrap() error { return ErrRefused }

// check is the last gate before everybody sees a document: the rules may be stricter than when it was drawn.
func (l *Looks) check(ctx context.Context, s *tenants.Scope, subject string, doc json.RawMessage) error {
	var faults []string
	if subject == tenants.SubjectWords {
		var words tenants.Words
		if err := json.Unmarshal(doc, &words); err != nil {
			return err
		}
		faults = l.Renderer.CheckWords(words)
	} else {
		theme, err := themes.ParseTheme(doc)
		if err != nil {
			return &RefusedError{Faults: []string{err.Error()}}
		}
		faults = theme.Validate()
		missing, err := missingPictures(ctx, s, theme)
		if err != nil {
			return err
		}
		faults = append(faults, missing...)
	}
	if len(faults) > 0 {
		return &RefusedError{Faults: faults}
	}
	return nil
}
