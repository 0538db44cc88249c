package tenantfile

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/google/uuid"

	"portico/app/audit"
	"portico/tenants"
)

// write makes the plan true. The order matters to the wall alone: the directory as the platform's
// role, then everything with a tenant_id inside the tenant's scope.
func (w *work) write(ctx context.Context) error {
	if w.plan.Empty() && w.was.found {
		return nil
	}
	if err := w.writeDirectory(ctx); err != nil {
		return err
	}
	err := w.a.In(ctx, w.was.id, func(s *tenants.Scope) error {
		for _, step := range []func(context.Context, *tenants.Scope) error{w.writePictures, w.writeSettings, w.writeGroups, w.writePeople, w.writeAudit} {
			if err := step(ctx, s); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return tenants.Touch(ctx, w.a, w.was.id)
}

func (w *work) writeDirectory(ctx context.Context) error {
	b := &tenants.Batch{}
	b.Exec("UPDATE tenants SET name = $2, state = $3, canonical_host = $4, updated_at = $5, "+tenants.StateColumns("$3", "$5", "$6")+" WHERE id = $1",
		w.was.id, w.want.name, string(w.want.state), w.want.canonical, w.a.Now(), w.a.Now().Add(tenants.Notice))
	if w.file.Hosts != nil {
		var names []string
		for _, h := range w.want.hosts {
			names = append(names, h.Name)
		}
		b.Exec("DELETE FROM hosts WHERE tenant_id = $1 AND host <> ALL($2)", w.was.id, append([]string{}, names...))
	}
	w.writeWord(b)
	for _, h := range w.want.hosts {
		b.Exec(`INSERT INTO hosts (tenant_id, host, verified_at, created_at) VALUES ($1, $2, $3, $4)
			ON CONFLICT (tenant_id, host) DO UPDATE SET verified_at = excluded.verified_at`,
			w.was.id, h.Name, h.VerifiedAt, w.a.Now())
	}
	w.writeMoves(b)
	return w.a.Send(ctx, b)
}

// writeWord lets the operator's word stand for itself: with the proof of before, and its loss, the next look at
// DNS would take the host down again.
func (w *work) writeWord(b *tenants.Batch) {
	if !w.o.TrustHosts || w.file.Hosts == nil {
		return
	}
	names := []string{}
	for _, h := range w.file.Hosts {
		names = append(names, h.Host)
	}
	b.Exec(`UPDATE hosts SET proved_at = NULL, missing_since = NULL, lost_at = NULL, tries = 0
		WHERE tenant_id = $1 AND host = ANY($2) AND (verified_at IS NULL OR missing_since IS NOT NULL)`, w.was.id, names)
}

// writeMoves has the address that was canonical send people on, and what becomes canonical stop doing so, as
// domains.SetCanonical does.
func (w *work) writeMoves(b *tenants.Batch) {
	was, now := w.was.canonical, w.want.canonical
	if was == now {
		return
	}
	b.Exec("UPDATE tenants SET moved_at = CASE WHEN $2::text = '' THEN NULL WHEN $3::text = '' THEN $4::timestamptz ELSE moved_at END WHERE id = $1",
		w.was.id, now, was, w.a.Now())
	b.Exec("UPDATE hosts SET moved_at = CASE WHEN host = $2 THEN NULL ELSE $4::timestamptz END WHERE tenant_id = $1 AND host IN ($2, $3)",
		w.was.id, now, was, w.a.Now())
}

// writeSettings saves a next version of each document that changed, and of no other.
func (w *work) writeSettings(ctx context.Context, s *tenants.Scope) error {
	for _, x := range w.docs {
		fresh := x.subject == tenants.SubjectSender && (w.sealed != nil || w.sealedPhone != nil)
		if x.new == nil || !x.changed && !fresh && x.old != nil {
			continue
		}
		doc := x.new
		if x.subject == tenants.SubjectSender {
			doc = w.want.sender // with the sealed secrets
		}
		if err := tenants.SaveSetting(ctx, s, x.subject, doc, w.o.By); err != nil {
			return err
		}
	}
	return nil
}

// writeGroups adds what is missing and changes what differs; parents stand before their children.
func (w *work) writeGroups(ctx context.Context, s *tenants.Scope) error {
	ids := map[string]uuid.UUID{}
	for _, g := range w.was.groups {
		ids[g.external] = g.id
	}
	for _, g := range w.file.Groups {
		var up *uuid.UUID
		if id, ok := ids[g.Parent]; ok && g.Parent != "" {
			up = &id
		}
		if _, there := ids[g.ExternalID]; !there {
			ids[g.ExternalID] = tenants.NewID()
		}
		if old, there := w.was.group(g.ExternalID); there && old.kind == g.Kind && old.name == g.Name && old.up == g.Parent {
			continue
		}
		_, err := s.Exec(ctx, `INSERT INTO groups (tenant_id, id, parent_id, kind, name, external_id, created_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7)
			ON CONFLICT (tenant_id, id) DO UPDATE SET parent_id = excluded.parent_id, kind = excluded.kind, name = excluded.name`,
			s.Tenant(), ids[g.ExternalID], up, g.Kind, g.Name, g.ExternalID, s.Now())
		if err != nil {
			return fmt.Errorf("group %s: %w", g.ExternalID, err)
		}
	}
	return nil
}

// writePeople adds those who are not there yet, with their groups and roles.
func (w *work) writePeople(ctx context.Context, s *tenants.Scope) error {
	for _, p := range w.newPeople {
		if err := w.files.CreateAccount(ctx, s, p.FileAccount, p.password); err != nil {
			return fmt.Errorf("account %s: %w", p.ExternalID, err)
		}
		b := &tenants.Batch{}
		for _, g := range p.Groups {
			b.Exec(`INSERT INTO account_groups (tenant_id, account_id, group_id)
				SELECT a.tenant_id, a.id, g.id FROM accounts a JOIN groups g ON g.tenant_id = a.tenant_id
				WHERE a.tenant_id = $1 AND a.external_id = $2 AND g.external_id = $3`, s.Tenant(), p.ExternalID, g)
		}
		for _, r := range p.Roles {
			b.Exec(`INSERT INTO role_assignments (tenant_id, id, account_id, role, scope_id, granted_by, created_at)
				SELECT a.tenant_id, $3, a.id, $4, (SELECT g.id FROM groups g WHERE g.tenant_id = a.tenant_id AND g.external_id = nullif($5, '')), $6, $7
				FROM accounts a WHERE a.tenant_id = $1 AND a.external_id = $2`,
				s.Tenant(), p.ExternalID, tenants.NewID(), r.Role, r.Scope, w.o.By, s.Now())
		}
		if err := s.Send(ctx, b); err != nil {
			return fmt.Errorf("groups and roles of account %s: %w", p.ExternalID, err)
		}
	}
	return nil
}

// writeAudit says what changed, field by field, as the plan did.
func (w *work) writeAudit(ctx context.Context, s *tenants.Scope) error {
	var changes []Change
	for _, c := range w.plan.Changes {
		if c.Action != "keep" {
			changes = append(changes, c)
		}
	}
	people, err := idsOfNew(ctx, s, changes)
	if err != nil {
		return err
	}
	b := &tenants.Batch{}
	err = audit.Add(ctx, b, s, audit.Event{Kind: audit.TenantApplied, Outcome: audit.Success, Actor: audit.Operator,
		Details: map[string]any{"by": w.o.By, "create": w.plan.Create, "changes": nameless(changes, people)}})
	for section, kind := range map[string]audit.Kind{"policy": audit.PolicyChanged, "theme": audit.ThemeChanged,
		"words": audit.WordsChanged, "sender": audit.SenderChanged} {
		of := slices.DeleteFunc(slices.Clone(changes), func(c Change) bool { return c.Field != section && !strings.HasPrefix(c.Field, section+".") })
		if len(of) == 0 || w.plan.Create {
			continue
		}
		err = errors.Join(err, audit.Add(ctx, b, s, audit.Event{Kind: kind, Outcome: audit.Success, Actor: audit.Operator,
			Details: map[string]any{"by": w.o.By, "changes": of}})) // each with its value before and after
	}
	if err != nil {
		return err
	}
	return s.Send(ctx, b)
}
