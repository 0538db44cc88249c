package staff

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/google/uuid"

	"portico/app/accounts"
	"portico/app/audit"
	"portico/app/proofs"
	"portico/tenants"
)

// who is somebody as sign-in sees them; the zero value is nobody.
type who struct {
	found    bool
	id       uuid.UUID
	name     string
	role     string
	status   string
	norm     string
	stamp    int64
	password []byte
	totp     []byte
	lastStep int64
}

const readWho = "SELECT id, name, role, status, norm, stamp, coalesce(password, ''), coalesce(totp, ''), last_step FROM platform.staff "

func (w *who) dest() []any {
	return []any{&w.id, &w.name, &w.role, &w.status, &w.norm, &w.stamp, &w.password, &w.totp, &w.lastStep}
}

// SignIn tries a password. Right, it begins a session that waits for a code of the app (Prove) and opens
// nothing before. ErrWrong whatever is wrong, after one hash and the same statements; *accounts.LimitError
// and accounts.ErrBusy say "later".
func (f *Staff) SignIn(ctx context.Context, email, password string, client accounts.Client) (accounts.Cookie, error) {
	norm, _, err := accounts.Storable(accounts.Email, strings.TrimSpace(email))
	if err != nil {
		norm = ""
	}
	var w who
	var known bool
	allowed, retryAt := true, (*time.Time)(nil)
	err = f.DB.AcrossAll(ctx, tenants.ForStaff, func(a *tenants.Across) error {
		b := &tenants.Batch{}
		b.Row(&w.found, readWho+"WHERE norm = $1", []any{norm}, w.dest()...)
		b.Row(nil, `SELECT EXISTS (SELECT 1 FROM platform.staff_sessions x JOIN platform.staff s ON s.id = x.staff_id
			WHERE s.norm = $1 AND x.client_address = $2 AND x.step = 'in' AND x.authenticated_at > $3)`,
			[]any{norm, client.Address.Unmap().String(), a.Now().Add(-30 * 24 * time.Hour)}, &known)
		if err := a.Send(ctx, b); err != nil {
			return err
		}
		b = &tenants.Batch{}
		f.take(b, a, signInCounters(norm, client, known), &allowed, &retryAt)
		return a.Send(ctx, b)
	})
	if err != nil {
		return accounts.Cookie{}, err
	}
	if !allowed {
		return accounts.Cookie{}, limited(retryAt)
	}
	fits, upgraded, err := f.Accounts.PasswordFits(ctx, tenants.ID{}, w.id, w.password, password)
	if err != nil {
		return accounts.Cookie{}, err
	}
	if !fits || !w.found || w.status != "active" {
		return accounts.Cookie{}, f.refused(ctx, w, "password")
	}
	cookie := accounts.Cookie{Value: accounts.NewSecret()}
	err = f.DB.AcrossAll(ctx, tenants.ForStaff, func(a *tenants.Across) error {
		b := &tenants.Batch{}
		if upgraded != nil {
			b.Exec("UPDATE platform.staff SET password = $2 WHERE id = $1 AND stamp = $3", w.id, upgraded, w.stamp)
		}
		f.startSession(b, a, w, cookie.Value, "factor", client)
		return a.Send(ctx, b)
	})
	return cookie, err
}

func limited(retryAt *time.Time) error {
	e := &accounts.LimitError{}
	if retryAt != nil {
		e.RetryAt = *retryAt
	}
	return e
}

// refused writes down that a sign-in failed; the audit alone knows why.
func (f *Staff) refused(ctx context.Context, w who, part string) error {
	reason := "wrong " + part
	switch {
	case !w.found:
		reason = "unknown"
	case w.status != "active":
		reason = "disabled"
	case len(w.password) == 0:
		reason = "not begun"
	}
	details := map[string]any{}
	if w.found {
		details["staff"] = w.id
	}
	err := f.DB.AcrossAll(ctx, tenants.ForStaff, func(a *tenants.Across) error {
		return audit.WritePlatform(ctx, a, nil, audit.Event{Kind: audit.StaffSignedIn, Outcome: audit.Failure, Reason: reason,
			Actor: audit.Anonymous, Details: details})
	})
	return errors.Join(ErrWrong, err)
}

func (f *Staff) startSession(b *tenants.Batch, a *tenants.Across, w who, secret, step string, client accounts.Client) {
	rests, ends := a.Now().Add(idle), a.Now().Add(absolute)
	if step == "factor" {
		rests, ends = a.Now().Add(onTheWay), a.Now().Add(onTheWay)
	}
	b.Exec(`INSERT INTO platform.staff_sessions (id_hash, public_id, staff_id, stamp, step, user_agent, client_address,
			authenticated_at, proved_at, seen_at, idle_ends_at, ends_at)
		SELECT $1, $2, s.id, s.stamp, $5, $6, $7, $8, $8, $8, $9, $10 FROM platform.staff s WHERE s.id = $3 AND s.stamp = $4 AND s.status = 'active'`,
		accounts.SecretHash(secret), tenants.NewID(), w.id, w.stamp, step, accounts.Printable(client.UserAgent, 300),
		client.Address.Unmap().String(), a.Now(), rests, ends)
}

// Prove takes the code of the app. Of a session on its way it makes one that is in, under a new secret; of one
// that is in already it notes that its person showed who they are just now, and the cookie stays. ErrNoSession
// when the session ended, or five codes of it were wrong; ErrCode for a wrong or used one. Each try is counted
// in a transaction of its own before the code is compared.
func (f *Staff) Prove(ctx context.Context, cookie, code string, client accounts.Client) (accounts.Cookie, error) {
	w, step, err := f.charge(ctx, cookie)
	if err != nil {
		return accounts.Cookie{}, err
	}
	secret := ""
	if plain, err := f.Seals.Open("staff totp", tenants.ID{}, w.id.String(), w.totp); err == nil {
		secret = string(plain)
	}
	at, right := proofs.AppStep(secret, code, f.DB.Clock().Now())
	if !right || at <= w.lastStep {
		if err := f.refused(ctx, w, "code"); !errors.Is(err, ErrWrong) {
			return accounts.Cookie{}, err
		}
		return accounts.Cookie{}, ErrCode
	}
	out := accounts.Cookie{Value: cookie}
	err = f.DB.AcrossAll(ctx, tenants.ForStaff, func(a *tenants.Across) error {
		n, err := a.Exec(ctx, "UPDATE platform.staff SET last_step = $2, signed_in_at = CASE WHEN $4 THEN $5 ELSE signed_in_at END WHERE id = $1 AND last_step < $2 AND stamp = $3",
			w.id, at, w.stamp, step == "factor", a.Now())
		if err != nil {
			return err
		}
		if n != 1 {
			return ErrCode // of two at once with one code, one is in
		}
		b := &tenants.Batch{}
		f.forget(b, append(ownCounters(w.norm, client), codeCounter(w)...))
		if step == "in" {
			b.Exec("UPDATE platform.staff_sessions SET proved_at = $2, tries = 0 WHERE id_hash = $1", accounts.SecretHash(cookie), a.Now())
			return a.Send(ctx, b)
		}
		out.Value = accounts.NewSecret()
		b.Exec("UPDATE platform.staff_sessions SET ended_at = $2 WHERE id_hash = $1", accounts.SecretHash(cookie), a.Now())
		f.startSession(b, a, w, out.Value, "in", client)
		if err := audit.AddPlatform(ctx, b, a, nil, audit.Event{Kind: audit.StaffSignedIn, Outcome: audit.Success, Actor: Actor(w.id)}); err != nil {
			return err
		}
		return a.Send(ctx, b)
	})
	return out, err
}

// charge counts one try of a session's code and reads whose it is.
func (f *Staff) charge(ctx context.Context, cookie string) (w who, step string, err error) {
	if !accounts.WellFormedSecret(cookie) {
		return w, "", ErrNoSession
	}
	allowed, retryAt := true, (*time.Time)(nil)
	err = f.DB.AcrossAll(ctx, tenants.ForStaff, func(a *tenants.Across) error {
		err := a.Row(ctx, `UPDATE platform.staff_sessions SET tries = tries + 1
			WHERE id_hash = $1 AND ended_at IS NULL AND idle_ends_at > $2 AND ends_at > $2 AND tries < $3 RETURNING step`,
			[]any{accounts.SecretHash(cookie), a.Now(), mostTries}, &step)
		if errors.Is(err, tenants.ErrNotFound) {
			return ErrNoSession
		}
		if err != nil {
			return err
		}
		b := &tenants.Batch{}
		b.Row(&w.found, readWho+`WHERE id = (SELECT staff_id FROM platform.staff_sessions WHERE id_hash = $1)
			AND stamp = (SELECT stamp FROM platform.staff_sessions WHERE id_hash = $1) AND status = 'active'`,
			[]any{accounts.SecretHash(cookie)}, w.dest()...)
		if err := a.Send(ctx, b); err != nil {
			return err
		}
		if !w.found {
			return ErrNoSession
		}
		b = &tenants.Batch{}
		f.take(b, a, codeCounter(w), &allowed, &retryAt)
		return a.Send(ctx, b)
	})
	if err == nil && !allowed {
		err = limited(retryAt)
	}
	return w, step, err
}
