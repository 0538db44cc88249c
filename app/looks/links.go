package looks

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"time"

	"github.com/google/uuid"

	"portico/app/audit"
	"portico/tenants"
)

// What a tenant may have of links that show a draft.
const (
	LinksMost = 20
	LinkLife  = 7 * 24 * time.Hour
)

// ErrManyLinks means that a tenant has as many links as it may have.
var ErrManyLinks = errors.New("there are as many links as there may be")

// Link is an address at which anybody who has it sees a draft as it was when the link was made. Its secret
// is kept nowhere: the row holds its SHA-256.
type Link struct {
	ID   uuid.UUID
	By   Person
	Made time.Time
	Ends time.Time
}

// MakeLink keeps the drafts of look and words as they are now for LinkLife, and answers the link's secret:
// 256 bits, 43 characters of base64url. ErrManyLinks when there are LinksMost already.
func (l *Looks) MakeLink(ctx context.Context, tenant tenants.ID) (secret string, ends time.Time, err error) {
	raw := make([]byte, 32)
	_, _ = rand.Read(raw) // never fails (crypto/rand since Go 1.24)
	secret = base64.RawURLEncoding.EncodeToString(raw)
	err = l.DB.In(ctx, tenant, func(s *tenants.Scope) error {
		// Two at once would both find room for the last one.
		if _, err := s.Exec(ctx, "SELECT pg_advisory_xact_lock(hashtextextended('look_previews:' || $1::uuid::text, 0))", tenant); err != nil {
			return err
		}
		var n int
		if err := s.Row(ctx, "SELECT count(*) FROM look_previews WHERE tenant_id = $1 AND ends_at > $2", []any{tenant, s.Now()}, &n); err != nil {
			return err
		}
		if n >= LinksMost {
			return ErrManyLinks
		}
		shown, err := drafted(ctx, s)
		if err != nil {
			return err
		}
		theme, words, err := shown.documents()
		if err != nil {
			return err
		}
		id, by := tenants.NewID(), audit.From(ctx).Actor
		ends = s.Now().Add(LinkLife)
		_, err = s.Exec(ctx, `INSERT INTO look_previews (tenant_id, id, hash, theme, words, made_by, created_at, ends_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`, tenant, id, linkHash(secret), theme, words, by, s.Now(), ends)
		if err != nil {
			return err
		}
		return audit.Write(ctx, s, audit.Event{Kind: audit.PreviewMade, Outcome: audit.Success, Details: map[string]any{"preview": id, "until": ends}})
	})
	return secret, ends, err
}

// documents are the two documents as a row keeps them; nothing is the default.
func (s Shown) documents() (theme, words json.RawMessage, err error) {
	theme = s.Theme
	if len(theme) == 0 {
		theme = json.RawMessage("{}")
	}
	if s.Words == nil {
		s.Words = tenants.Words{}
	}
	words, err = json.Marshal(s.Words)
	return theme, words, err
}

func linkHash(secret string) []byte {
	sum := sha256.Sum256([]byte(secret))
	return sum[:]
}

// Links lists the links that still work, the newest first.
func (l *Looks) Links(ctx context.Context, tenant tenants.ID) (all []Link, err error) {
	err = l.DB.In(ctx, tenant, func(s *tenants.Scope) error {
		var actors []string
		err := s.Each(ctx, `SELECT id, made_by, created_at, ends_at FROM look_previews WHERE tenant_id = $1 AND ends_at > $2
			ORDER BY created_at DESC, id DESC LIMIT $3`, []any{tenant, s.Now(), LinksMost}, func(scan func(...any) error) error {
			var x Link
			err := scan(&x.ID, &x.By.Actor, &x.Made, &x.Ends)
			all, actors = append(all, x), append(actors, x.By.Actor)
			return err
		})
		if err != nil {
			return err
		}
		names, err := namesOf(ctx, s, actors...)
		for i := range all {
			all[i].By.Name = names[all[i].By.Actor]
		}
		return err
	})
	return all, err
}

// EndLink ends a link before its time. tenants.ErrNotFound when there is none that works.
func (l *Looks) EndLink(ctx context.Context, tenant tenants.ID, id string) error {
	link := uuidOr(id)
	return l.DB.In(ctx, tenant, func(s *tenants.Scope) error {
		n, err := s.Exec(ctx, "DELETE FROM look_previews WHERE tenant_id = $1 AND id = $2 AND ends_at > $3", tenant, link, s.Now())
		if err != nil {
			return err
		}
		if n != 1 {
			return tenants.ErrNotFound
		}
		return audit.Write(ctx, s, audit.Event{Kind: audit.PreviewEnded, Outcome: audit.Success, Details: map[string]any{"preview": link}})
	})
}

// ByLink reads what a link shows, and until when. tenants.ErrNotFound for a secret that is none, of another
// tenant, or whose link has ended. Nothing is written, however often it is read.
func (l *Looks) ByLink(ctx context.Context, tenant tenants.ID, secret string) (Shown, time.Time, error) {
	if raw, err := base64.RawURLEncoding.Strict().DecodeString(secret); err != nil || len(raw) != 32 {
		return Shown{}, time.Time{}, tenants.ErrNotFound
	}
	shown, ends := Shown{Draft: true}, time.Time{}
	err := l.DB.In(ctx, tenant, func(s *tenants.Scope) error {
		return s.Row(ctx, "SELECT theme, words, ends_at FROM look_previews WHERE tenant_id = $1 AND hash = $2 AND ends_at > $3",
			[]any{tenant, linkHash(secret), s.Now()}, &shown.Theme, &shown.Words, &ends)
	})
	return shown, ends, err
}
