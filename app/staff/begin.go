package staff

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"

	"portico/app/accounts"
	"portico/app/audit"
	"portico/app/proofs"
	"portico/tenants"
)

// Beginning is a link that holds: whose it is, and the secret that their app is to keep.
type Beginning struct {
	Name, Email string
	Secret      string // base32
	EndsAt      time.Time
	id          uuid.UUID
	norm        string
}

// Opened reads a link; *accounts.LinkError says why it does not hold (any more).
func (f *Staff) Opened(ctx context.Context, token string) (out Beginning, err error) {
	if !accounts.WellFormedSecret(token) {
		return out, &accounts.LinkError{Reason: "unknown"}
	}
	err = f.DB.AcrossAll(ctx, tenants.ForStaff, func(a *tenants.Across) (err error) {
		out, err = f.opened(ctx, a, token, "")
		return err
	})
	return out, err
}

// opened reads a link within a transaction; lock is "" or FOR UPDATE.
func (f *Staff) opened(ctx context.Context, a *tenants.Across, token, lock string) (out Beginning, err error) {
	var sealed []byte
	var ended *time.Time
	var as, status string
	var tries int
	err = a.Row(ctx, `SELECT s.id, s.norm, s.name, s.email, s.status, l.totp, l.expires_at, l.ended_at, l.ended_as, l.tries
		FROM platform.staff_links l JOIN platform.staff s ON s.id = l.staff_id WHERE l.token_hash = $1 `+lock,
		[]any{accounts.SecretHash(token)}, &out.id, &out.norm, &out.Name, &out.Email, &status, &sealed, &out.EndsAt, &ended, &as, &tries)
	switch {
	case errors.Is(err, tenants.ErrNotFound):
		return out, &accounts.LinkError{Reason: "unknown"}
	case err != nil:
		return out, err
	case ended != nil:
		return out, &accounts.LinkError{Reason: as, At: *ended}
	case !a.Now().Before(out.EndsAt):
		return out, &accounts.LinkError{Reason: "expired", At: out.EndsAt}
	case status != "active" || tries >= 4*mostTries:
		return out, &accounts.LinkError{Reason: "revoked"}
	}
	plain, err := f.Seals.Open("staff totp", tenants.ID{}, out.id.String(), sealed)
	if err != nil {
		return out, &accounts.LinkError{Reason: "unknown"} // sealed with a key that is gone: a new link helps
	}
	out.Secret = string(plain)
	return out, nil
}

// Begin sets a password and the app of a link's secret, which a code of it shows to be kept, spends the link
// and signs in. *accounts.LinkError, *accounts.PasswordError, ErrCode; whatever they had before holds until then.
func (f *Staff) Begin(ctx context.Context, token, password, code string, client accounts.Client) (accounts.Cookie, error) {
	link, err := f.Opened(ctx, token)
	if err != nil {
		return accounts.Cookie{}, err
	}
	about := accounts.Personal{Brand: "Portico", Name: link.Name, Words: []string{link.Email}}
	if broken := accounts.CheckPassword(policy(), password, about); len(broken) > 0 {
		return accounts.Cookie{}, &accounts.PasswordError{Broken: broken}
	}
	step, right := proofs.AppStep(link.Secret, code, f.DB.Clock().Now())
	if !right {
		err := f.DB.AcrossAll(ctx, tenants.ForStaff, func(a *tenants.Across) error {
			_, err := a.Exec(ctx, "UPDATE platform.staff_links SET tries = tries + 1 WHERE token_hash = $1", accounts.SecretHash(token))
			return err
		})
		return accounts.Cookie{}, errors.Join(ErrCode, err)
	}
	sealed, err := f.Accounts.SealedPassword(ctx, tenants.ID{}, link.id, password)
	if err != nil {
		return accounts.Cookie{}, err
	}
	cookie := accounts.Cookie{Value: accounts.NewSecret()}
	err = f.DB.AcrossAll(ctx, tenants.ForStaff, func(a *tenants.Across) error {
		again, err := f.opened(ctx, a, token, "FOR UPDATE")
		if err != nil {
			return err // of two at once, one began
		}
		w := who{id: again.id}
		secret := f.Seals.Seal("staff totp", tenants.ID{}, again.id.String(), []byte(again.Secret))
		err = a.Row(ctx, `UPDATE platform.staff SET password = $2, totp = $3, last_step = $4, stamp = stamp + 1, signed_in_at = $5
			WHERE id = $1 RETURNING stamp`, []any{again.id, sealed, secret, step, a.Now()}, &w.stamp)
		if err != nil {
			return err
		}
		b := &tenants.Batch{}
		b.Exec("UPDATE platform.staff_links SET ended_at = $2, ended_as = 'used' WHERE token_hash = $1", accounts.SecretHash(token), a.Now())
		f.forget(b, append(ownCounters(again.norm, client), codeCounter(w)...))
		f.startSession(b, a, w, cookie.Value, "in", client)
		err = audit.AddPlatform(ctx, b, a, nil, audit.Event{Kind: audit.StaffSignedIn, Outcome: audit.Success, Reason: "began", Actor: Actor(again.id)})
		if err != nil {
			return err
		}
		return a.Send(ctx, b)
	})
	return cookie, err
}
