package people

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/google/uuid"

	"portico/app/audit"
	"portico/app/proofs"
	"portico/rbac"
	"portico/tenants"
)

// handed are the rows about somebody, table by table, as JSON objects: the tenant is $1, the account $2.
// Columns are listed one by one, so that no secret or hash of a later version slips in.
var handed = []struct{ name, rows string }{
	{"account", `SELECT id, external_id, display_name AS name, locale, status, sign_in, password IS NOT NULL AS has_password, password_set_at,
		register_asked_at, created_at, updated_at FROM accounts WHERE tenant_id = $1 AND id = $2`},
	{"identifiers", `SELECT kind, value, verified_at, created_at FROM account_identifiers WHERE tenant_id = $1 AND account_id = $2`},
	{"groups", `SELECT g.name, g.kind FROM account_groups m JOIN groups g ON g.tenant_id = m.tenant_id AND g.id = m.group_id
		WHERE m.tenant_id = $1 AND m.account_id = $2`},
	{"roles", `SELECT r.role, g.name AS within, r.ends_at, r.granted_by, r.created_at FROM role_assignments r
		LEFT JOIN groups g ON g.tenant_id = r.tenant_id AND g.id = r.scope_id WHERE r.tenant_id = $1 AND r.account_id = $2`},
	{"access_requests", `SELECT permission, reason, state, role, note, decided_at, created_at FROM access_requests WHERE tenant_id = $1 AND account_id = $2`},
	{"sessions", `SELECT user_agent, client_address, amr AS methods, authenticated_at, seen_at, ends_at, ended_at, ended_reason
		FROM sessions WHERE tenant_id = $1 AND account_id = $2 ORDER BY authenticated_at`},
	{"known_devices", `SELECT created_at, seen_at, ends_at, trusted_until FROM known_devices WHERE tenant_id = $1 AND account_id = $2`},
	{"locks", `SELECT failures, locks, last_failed_at, locked_until FROM account_locks WHERE tenant_id = $1 AND account_id = $2`},
	{"recovery_blocks", `SELECT counter, client_address, count, started_at, blocked_until FROM recovery_blocks WHERE tenant_id = $1 AND account_id = $2`},
	{"recoveries", `SELECT started_at, expires_at, ended_at, outcome FROM recovery_flows WHERE tenant_id = $1 AND account_id = $2 ORDER BY started_at`},
	{"links", `SELECT purpose, address, issued_at, expires_at, used_at, replaced_at, revoked_at FROM links WHERE tenant_id = $1 AND account_id = $2 ORDER BY issued_at`},
	{"passes", `SELECT proofing, approval, issued_by, approved_by, issued_at, ready_at, expires_at, used_at, revoked_at
		FROM passes WHERE tenant_id = $1 AND account_id = $2 ORDER BY issued_at`},
	{"requests_for_help", `SELECT note, client_address, state, created_at, closed_at FROM support_requests WHERE tenant_id = $1 AND account_id = $2 ORDER BY created_at`},
	{"letters", `SELECT kind, channel, recipient, state, created_at, sent_at FROM letters WHERE tenant_id = $1 AND account_id = $2 ORDER BY created_at`},
	{"events", `SELECT at, kind, outcome, reason, actor, client_address, details FROM audit_events WHERE tenant_id = $1 AND account_id = $2 ORDER BY id DESC LIMIT 20000`},
	{"events_caused", `SELECT at, kind, outcome, reason, client_address FROM audit_events WHERE tenant_id = $1 AND actor = 'account:' || $2::uuid::text
		AND account_id IS DISTINCT FROM $2 ORDER BY id DESC LIMIT 20000`},
}

// HandOver is everything that is kept about somebody as one JSON document, without secrets and hashes, for
// who may erase them.
func (p *People) HandOver(ctx context.Context, by By, account uuid.UUID) ([]byte, error) {
	doc := map[string]any{}
	err := p.DB.In(ctx, by.Tenant.ID, func(s *tenants.Scope) error {
		if _, err := p.hold(ctx, s, by, rbac.PeopleErase, account); err != nil {
			return err
		}
		for _, h := range handed {
			var rows json.RawMessage
			err := s.Row(ctx, "SELECT coalesce(json_agg(r), '[]') FROM ("+h.rows+") r", []any{s.Tenant(), account}, &rows)
			if err != nil {
				return fmt.Errorf("%s: %w", h.name, err)
			}
			doc[h.name] = rows
		}
		var held proofs.Held
		b := &tenants.Batch{}
		p.proofs().Read(b, s, &account, &held)
		if err := s.Send(ctx, b); err != nil {
			return err
		}
		doc["proofs"] = handedProofs(held)
		doc["portal"], doc["made_at"] = by.Tenant.Name, s.Now().UTC()
		return audit.Write(ctx, s, audit.Event{Kind: audit.AccountHandedOver, Outcome: audit.Success, AccountID: &account})
	})
	if err != nil {
		return nil, err
	}
	return json.MarshalIndent(doc, "", "  ")
}

// handedProof is a proof without what would let anybody pass it: numbers and addresses are the person's own.
type handedProof struct {
	Kind       string   `json:"kind"`
	Contact    string   `json:"contact,omitempty"`
	SetBy      string   `json:"set_by"`
	UpdatedAt  string   `json:"updated_at"`
	VerifiedAt string   `json:"verified_at,omitempty"`
	Questions  []string `json:"questions,omitempty"`
	CodesLeft  int      `json:"codes_left,omitempty"`
}

func handedProofs(held proofs.Held) []handedProof {
	all := []handedProof{}
	for _, r := range held {
		h := handedProof{Kind: r.Kind, SetBy: r.SetBy, UpdatedAt: r.UpdatedAt.UTC().Format("2006-01-02T15:04:05Z"), Questions: r.Asked, CodesLeft: r.CodesLeft}
		if r.Kind == proofs.AuthPhone || r.Kind == proofs.OfficePhone || r.Kind == proofs.AuthEmail {
			h.Contact = r.Contact
		}
		if !r.VerifiedAt.IsZero() {
			h.VerifiedAt = r.VerifiedAt.UTC().Format("2006-01-02T15:04:05Z")
		}
		all = append(all, h)
	}
	return all
}
