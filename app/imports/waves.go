package imports

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"

	"portico/app/accounts"
	"portico/tenants"
)

// Invitations leave a few at a time: 200 a minute, so that no relay and no mailbox provider meets a
// hundred thousand at once, and they stop when more than one in twenty of the last 200 failed. No tenant
// changes this pace: it protects the name that all of them send by, and no rule of theirs asks for another.
const (
	waveOf     = 10
	waveEvery  = 3 * time.Second
	waveLast   = 200 // letters that are looked at
	waveLeast  = 20  // of them ended, before they say anything
	waveFailed = 20  // one in so many may fail
)

// notArrived tells of a letter l that it did not arrive, by the transport or by what the carrier told later.
const notArrived = `(l.state = 'failed' OR EXISTS (SELECT 1 FROM letter_feedback f WHERE f.tenant_id = l.tenant_id AND f.letter_id = l.id
	AND f.kind IN ('bounced', 'complained')))`

// LetOff lets the waves of an import go on after they stopped, in the name of who lets them, or stops them.
// ErrState when there are none.
func (m *Imports) LetOff(ctx context.Context, tenant tenants.ID, id uuid.UUID, by By, on bool) error {
	return m.DB.In(ctx, tenant, func(s *tenants.Scope) error {
		from, to := "going", "stopped"
		if on {
			from, to = to, from
		}
		n, err := s.Exec(ctx, `UPDATE imports SET waves = $3, waves_since = $5, reason = '', updated_at = $5, holder = NULL,
				due_at = CASE WHEN $3 = 'going' THEN $5::timestamptz END,
				by_account = CASE WHEN $3 = 'going' THEN $6::uuid ELSE by_account END, by_name = CASE WHEN $3 = 'going' THEN $7 ELSE by_name END,
				by_key = CASE WHEN $3 = 'going' THEN $8::uuid ELSE by_key END
			WHERE tenant_id = $1 AND id = $2 AND state = 'done' AND waves = $4`, s.Tenant(), id, to, from, s.Now(), by.ref(), by.Name, by.keyRef())
		if err == nil && n == 0 {
			err = ErrState
		}
		return err
	})
}

// Way is how far the invitations of an import have come.
type Way struct {
	Waiting int // their turn is to come
	Written int
	Sent    int // handed over
	Failed  int // or bounced
	Left    int // nobody was invited: disabled meanwhile, or with a password by now
}

// WayOf counts the invitations of an import.
func (m *Imports) WayOf(ctx context.Context, tenant tenants.ID, id uuid.UUID) (w Way, err error) {
	err = m.DB.In(ctx, tenant, func(s *tenants.Scope) error {
		return s.Row(ctx, `SELECT count(*) FILTER (WHERE v.sent_at IS NULL), count(*) FILTER (WHERE v.link_id IS NOT NULL),
				count(*) FILTER (WHERE l.state = 'sent'), count(*) FILTER (WHERE `+notArrived+`),
				count(*) FILTER (WHERE v.reason <> '')
			FROM import_invites v LEFT JOIN letters l ON l.tenant_id = v.tenant_id AND l.account_id = v.account_id AND l.link_id = v.link_id
			WHERE v.tenant_id = $1 AND v.import_id = $2`, []any{s.Tenant(), id}, &w.Waiting, &w.Written, &w.Sent, &w.Failed, &w.Left)
	})
	return w, err
}

// wave writes the next few invitations, or ends the waves: errRights once whoever they leave in the name of may
// not invite any more.
func (h *hold) wave(ctx context.Context, s *tenants.Scope, i Import) error {
	g := &ground{m: h.m, t: h.t, all: i.By.Account == uuid.Nil, invite: true}
	if err := g.readImporter(ctx, s, i.By); err != nil {
		return err
	}
	stop, err := h.tooManyFailed(ctx, s)
	if err != nil {
		return err
	}
	next, err := h.nextInvited(ctx, s)
	if err != nil {
		return err
	}
	switch {
	case len(next) == 0:
		return h.setWaves(ctx, s, "done", "", nil)
	case stop:
		return h.setWaves(ctx, s, "stopped", "bounces", nil)
	}
	for _, one := range next {
		if err := h.invite(ctx, s, i, one); err != nil {
			return err
		}
	}
	due := s.Now().Add(waveEvery)
	return h.setWaves(ctx, s, "going", "", &due)
}

func (h *hold) setWaves(ctx context.Context, s *tenants.Scope, to, reason string, due *time.Time) error {
	_, err := s.Exec(ctx, "UPDATE imports SET waves = $3, reason = CASE WHEN $4 = '' THEN reason ELSE $4 END, holder = NULL, due_at = $5, updated_at = $6 WHERE tenant_id = $1 AND id = $2",
		s.Tenant(), h.id, to, reason, due, s.Now())
	return err
}

func (h *hold) tooManyFailed(ctx context.Context, s *tenants.Scope) (bool, error) {
	var ended, failed int
	err := s.Row(ctx, `SELECT count(*) FILTER (WHERE l.state NOT IN ('queued', 'sending')), count(*) FILTER (WHERE `+notArrived+`)
		FROM (SELECT v.account_id, v.link_id FROM import_invites v JOIN imports i ON i.tenant_id = v.tenant_id AND i.id = v.import_id
				WHERE v.tenant_id = $1 AND v.import_id = $2 AND v.sent_at >= i.waves_since AND v.link_id IS NOT NULL
				ORDER BY v.sent_at DESC LIMIT $3) w
		JOIN letters l ON l.tenant_id = $1 AND l.account_id = w.account_id AND l.link_id = w.link_id`,
		[]any{s.Tenant(), h.id, waveLast}, &ended, &failed)
	return ended >= waveLeast && failed*waveFailed > ended, err
}

// invited is somebody whose turn it is.
type invited struct {
	account uuid.UUID
	email   string // "": none any more
}

func (h *hold) nextInvited(ctx context.Context, s *tenants.Scope) (all []invited, err error) {
	err = s.Each(ctx, `SELECT v.account_id, coalesce((SELECT d.value FROM account_identifiers d WHERE d.tenant_id = v.tenant_id
				AND d.account_id = v.account_id AND d.kind = 'email' ORDER BY d.created_at, d.norm LIMIT 1), '')
		FROM import_invites v WHERE v.tenant_id = $1 AND v.import_id = $2 AND v.sent_at IS NULL ORDER BY v.account_id LIMIT $3`,
		[]any{s.Tenant(), h.id, waveOf}, func(scan func(...any) error) error {
			var one invited
			err := scan(&one.account, &one.email)
			all = append(all, one)
			return err
		})
	return all, err
}

// invite writes one invitation; somebody who cannot be invited any more is passed over with the reason.
func (h *hold) invite(ctx context.Context, s *tenants.Scope, i Import, one invited) error {
	var link *uuid.UUID
	reason := ""
	done, err := h.m.Accounts.Invite(ctx, s, h.t, accounts.Invitation{By: actor(i.By),
		New: accounts.New{Identifiers: map[string]string{accounts.Email: one.email}}})
	switch {
	case err == nil:
		link = &done.Link
	case errors.Is(err, accounts.ErrNotInvited), errors.Is(err, accounts.ErrBadIdentifier):
		reason = "not_invited"
	default:
		return err
	}
	_, err = s.Exec(ctx, "UPDATE import_invites SET sent_at = $4, link_id = $5, reason = $6 WHERE tenant_id = $1 AND import_id = $2 AND account_id = $3",
		s.Tenant(), h.id, one.account, s.Now(), link, reason)
	return err
}
