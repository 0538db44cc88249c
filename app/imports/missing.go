package imports

import (
	"context"
	"time"

	"github.com/google/uuid"

	"portico/app/access"
	"portico/app/accounts"
	"portico/rbac"
	"portico/tenants"
)

// absent is somebody with an external_id whom the file does not name.
type absent struct {
	id       uuid.UUID
	external string
	held     []rbac.Holding
}

// readIDs reads the external ids of the whole file, of refused rows too: who is named is not missing.
func (h *hold) readIDs(ctx context.Context, s *tenants.Scope, i Import) error {
	h.ids = map[string]bool{}
	for n := range i.Chunks {
		all, err := h.m.verdictsOf(ctx, s, h.id, n)
		if err != nil {
			return err
		}
		for _, v := range all {
			h.ids[v.ExternalID] = true
		}
	}
	return nil
}

// absentees finds the active people with an external_id that the file does not name, and how many active
// people have one.
func (h *hold) absentees(ctx context.Context, s *tenants.Scope, i Import) (all []absent, known int, err error) {
	if h.ids == nil {
		if err := h.readIDs(ctx, s, i); err != nil {
			return nil, 0, err
		}
	}
	err = s.Each(ctx, `SELECT id, external_id FROM accounts WHERE tenant_id = $1 AND external_id IS NOT NULL AND status = 'active'`,
		[]any{s.Tenant()}, func(scan func(...any) error) error {
			var a absent
			err := scan(&a.id, &a.external)
			if known++; !h.ids[a.external] {
				all = append(all, a)
			}
			return err
		})
	return all, known, err
}

// keeps tells which of the missing are never disabled by who imports: themselves, whoever holds more,
// and the last owner.
func (g *ground) keeps(ctx context.Context, s *tenants.Scope, all []absent) (kept []absent, gone []absent, err error) {
	ids := make([]uuid.UUID, len(all))
	at := map[uuid.UUID]int{}
	for n, a := range all {
		ids[n], at[a.id] = a.id, n
	}
	err = s.Each(ctx, `SELECT account_id, role || '/' || coalesce(scope_id::text, '') FROM role_assignments
		WHERE tenant_id = $1 AND account_id = ANY ($2) AND (ends_at IS NULL OR ends_at > $3)`, []any{s.Tenant(), ids, s.Now()},
		func(scan func(...any) error) error {
			var id uuid.UUID
			var text string
			if err := scan(&id, &text); err != nil {
				return err
			}
			held, err := rbac.ParseHoldings([]string{text})
			all[at[id]].held = append(all[at[id]].held, held...)
			return err
		})
	if err != nil {
		return nil, nil, err
	}
	for _, a := range all {
		last := g.owners[a.id] && len(g.owners) == 1
		if last || a.id == g.who.ID || !g.above(a.held) || !g.may(rbac.PeopleDisable) {
			kept = append(kept, a)
			continue
		}
		delete(g.owners, a.id)
		gone = append(gone, a)
	}
	return kept, gone, nil
}

// foresee ends a dry run: it counts who is missing.
func (h *hold) foresee(ctx context.Context, s *tenants.Scope, i Import) error {
	c := i.Counts
	var report []Verdict
	if i.Options.DisableMissing {
		all, known, err := h.absentees(ctx, s, i)
		if err != nil {
			return err
		}
		if h.ground == nil {
			if h.ground, err = h.m.readGround(ctx, s, h.t, i); err != nil {
				return err
			}
		}
		kept, gone, err := h.ground.keeps(ctx, s, all)
		if err != nil {
			return err
		}
		c.Known, c.Missing, c.Kept = known, len(all), len(kept)
		report = missingVerdicts(gone)
	}
	b := &tenants.Batch{}
	if err := h.keepMissing(b, s, i, report); err != nil {
		return err
	}
	b.Exec(`UPDATE imports SET state = 'judged', counts = $3, foreseen = $3, next_chunk = 0, holder = NULL, due_at = NULL, updated_at = $4
		WHERE tenant_id = $1 AND id = $2`, s.Tenant(), h.id, c, s.Now())
	return s.Send(ctx, b)
}

func missingVerdicts(gone []absent) []Verdict {
	all := make([]Verdict, len(gone))
	for n, a := range gone {
		all[n] = Verdict{Result: Missing, ExternalID: a.external}
	}
	return all
}

// keepMissing keeps who is missing for the report, as a chunk without rows behind the others.
func (h *hold) keepMissing(b *tenants.Batch, s *tenants.Scope, i Import, all []Verdict) error {
	b.Exec(`INSERT INTO import_chunks (tenant_id, import_id, n) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`, s.Tenant(), h.id, i.Chunks)
	return h.m.keepVerdicts(b, s, h.id, i.Chunks, all)
}

// addMissing keeps the list of those who were disabled, with some more.
func (h *hold) addMissing(ctx context.Context, s *tenants.Scope, i Import, before []Verdict, gone []absent) error {
	b := &tenants.Batch{}
	if err := h.keepMissing(b, s, i, append(before, missingVerdicts(gone)...)); err != nil {
		return err
	}
	return s.Send(ctx, b)
}

// disableBatch is how many people are disabled in one transaction.
const disableBatch = 200

// finish ends a run: it disables whoever is missing, some a transaction, then wipes the rows.
func (h *hold) finish(ctx context.Context, s *tenants.Scope, i Import) (more bool, err error) {
	reason := ""
	if i.Options.DisableMissing {
		if more, reason, err = h.disableSome(ctx, s, &i); err != nil || more {
			return more, err
		}
	}
	waves := ""
	var waiting int
	if err := s.Row(ctx, "SELECT count(*) FROM import_invites WHERE tenant_id = $1 AND import_id = $2 AND sent_at IS NULL",
		[]any{s.Tenant(), h.id}, &waiting); err != nil {
		return false, err
	}
	i.Counts.Invites = waiting
	if waiting > 0 {
		waves = "going"
	}
	due := s.Now()
	if left := time.Until(i.Told); left > 0 { // one pace for all that an import writes
		due = due.Add(left)
	}
	b := &tenants.Batch{}
	b.Exec("UPDATE import_chunks SET sealed = NULL WHERE tenant_id = $1 AND import_id = $2", s.Tenant(), h.id)
	b.Exec(`UPDATE imports SET state = 'done', reason = $3, counts = $4, waves = $5, waves_since = $6, holder = NULL,
			due_at = CASE WHEN $5 <> '' THEN $7::timestamptz END, updated_at = $6, ended_at = $6 WHERE tenant_id = $1 AND id = $2`,
		s.Tenant(), h.id, reason, i.Counts, waves, s.Now(), due)
	if err := s.Send(ctx, b); err != nil {
		return false, err
	}
	return false, auditEnd(ctx, s, i, Done, reason)
}

// disableSome disables one batch of the missing; the reason says why nobody was, or nobody more. The list of
// whoever is missing was foreseen until here; from now on it holds those who were disabled.
func (h *hold) disableSome(ctx context.Context, s *tenants.Scope, i *Import) (more bool, reason string, err error) {
	if i.Counts.Disabled == 0 {
		if err := h.addMissing(ctx, s, *i, nil, nil); err != nil {
			return false, "", err
		}
	}
	if i.Counts.Unread > 0 {
		return false, "unread", nil // one of those rows may be theirs
	}
	all, known, err := h.absentees(ctx, s, *i)
	if err != nil {
		return false, "", err
	}
	now := Counts{Missing: len(all) + i.Counts.Disabled, Known: known + i.Counts.Disabled}
	if now.Over(i.Options.Ceiling) {
		i.Counts.Missing, i.Counts.Known = now.Missing, now.Known
		return false, "ceiling", nil
	}
	g, err := h.m.readGround(ctx, s, h.t, *i)
	if err != nil {
		return false, "", err
	}
	kept, gone, err := g.keeps(ctx, s, all)
	if err != nil {
		return false, "", err
	}
	i.Counts.Missing, i.Counts.Known, i.Counts.Kept = now.Missing, now.Known, len(kept)
	if len(gone) == 0 {
		return false, "", nil
	}
	gone = gone[:min(len(gone), disableBatch)]
	err = access.KeepOwner(ctx, s, func() error {
		for _, a := range gone {
			if err := accounts.SetStatus(ctx, s, a.id, true); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return false, "", err
	}
	before, err := h.m.verdictsOf(ctx, s, h.id, i.Chunks)
	if err != nil {
		return false, "", err
	}
	if err := h.addMissing(ctx, s, *i, before, gone); err != nil {
		return false, "", err
	}
	i.Counts.Disabled += len(gone)
	_, err = s.Exec(ctx, "UPDATE imports SET counts = $3, due_at = $4, updated_at = $5 WHERE tenant_id = $1 AND id = $2",
		s.Tenant(), h.id, i.Counts, s.Now().Add(lease), s.Now())
	return true, "", err
}
