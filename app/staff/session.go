package staff

import (
	"context"
	"errors"
	"time"

	"portico/app/accounts"
	"portico/app/audit"
	"portico/rbac"
	"portico/tenants"
)

// seenEvery is how stale seen_at may be: a session in use costs one write a minute.
const seenEvery = time.Minute

// Session reads who is behind a cookie. Ended, idle, on its way or stale (the role changed, the person was
// disabled) is ErrNoSession: a change of staff counts with the next request, on every instance.
func (f *Staff) Session(ctx context.Context, cookie string) (Session, error) {
	return f.session(ctx, cookie, "in")
}

// OnTheWay tells whether a cookie is of somebody whose password was right and whose code is awaited.
func (f *Staff) OnTheWay(ctx context.Context, cookie string) (bool, error) {
	_, err := f.session(ctx, cookie, "factor")
	if errors.Is(err, ErrNoSession) {
		return false, nil
	}
	return err == nil, err
}

func (f *Staff) session(ctx context.Context, cookie, step string) (s Session, err error) {
	if !accounts.WellFormedSecret(cookie) {
		return s, ErrNoSession
	}
	err = f.DB.AcrossAll(ctx, tenants.ForStaff, func(a *tenants.Across) error {
		var role string
		err := a.Row(ctx, `SELECT x.public_id, s.id, s.name, s.email, s.role, x.proved_at, x.seen_at, x.ends_at
			FROM platform.staff_sessions x JOIN platform.staff s ON s.id = x.staff_id AND s.stamp = x.stamp AND s.status = 'active'
			WHERE x.id_hash = $1 AND x.step = $3 AND x.ended_at IS NULL AND x.idle_ends_at > $2 AND x.ends_at > $2`,
			[]any{accounts.SecretHash(cookie), a.Now(), step},
			&s.PublicID, &s.StaffID, &s.Name, &s.Email, &role, &s.ProvedAt, &s.SeenAt, &s.EndsAt)
		if errors.Is(err, tenants.ErrNotFound) {
			return ErrNoSession
		}
		if err != nil {
			return err
		}
		s.Role = rbac.StaffRole(role)
		if step != "in" || a.Now().Sub(s.SeenAt) < seenEvery {
			return nil
		}
		_, err = a.Exec(ctx, "UPDATE platform.staff_sessions SET seen_at = $2, idle_ends_at = least(ends_at, $3) WHERE id_hash = $1 AND ended_at IS NULL",
			accounts.SecretHash(cookie), a.Now(), a.Now().Add(idle))
		return err
	})
	return s, err
}

// SignOut ends the session of a cookie; one that has ended already is no error.
func (f *Staff) SignOut(ctx context.Context, cookie string) error {
	if !accounts.WellFormedSecret(cookie) {
		return nil
	}
	return f.DB.AcrossAll(ctx, tenants.ForStaff, func(a *tenants.Across) error {
		n, err := a.Exec(ctx, "UPDATE platform.staff_sessions SET ended_at = $2 WHERE id_hash = $1 AND ended_at IS NULL", accounts.SecretHash(cookie), a.Now())
		if err != nil || n == 0 {
			return err
		}
		return audit.WritePlatform(ctx, a, nil, audit.Event{Kind: audit.StaffSignedOut, Outcome: audit.Success})
	})
}
