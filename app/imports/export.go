package imports

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"time"

	"github.com/google/uuid"

	"portico/app/audit"
	"portico/app/sheets"
	"portico/rbac"
	"portico/tenants"
)

// exportPage is how many people are read in one transaction.
const exportPage = 1_000

// exported is one person as a line of JSON; the fields are those that an import takes, without secrets and
// without what somebody registered to get back in.
type exported struct {
	id         uuid.UUID
	ExternalID string    `json:"external_id"`
	Name       string    `json:"display_name"`
	Email      string    `json:"email"`
	Username   string    `json:"username"`
	UserID     string    `json:"user_id"`
	Locale     string    `json:"locale"`
	Groups     []string  `json:"groups"`
	Roles      []string  `json:"roles"`
	Disabled   bool      `json:"disabled"`
	CreatedAt  time.Time `json:"created_at"`
}

// Exported writes down that somebody takes the list of people out.
func (m *Imports) Exported(ctx context.Context, tenant tenants.ID, format string) error {
	return m.DB.In(ctx, tenant, func(s *tenants.Scope) error {
		return audit.Write(ctx, s, audit.Event{Kind: audit.PeopleExported, Outcome: audit.Success, Details: map[string]any{"format": format}})
	})
}

// Export writes the people within a reach, in the order of their ids, as "csv" (no cell is a formula) or
// "jsonl", and flushes after each page. It reads a page a transaction, so that a slow reader holds nothing.
func (m *Imports) Export(ctx context.Context, tenant tenants.ID, reach rbac.Reach, format string, out io.Writer, flush func() error) error {
	write, end := csvWriter(out)
	if format == "jsonl" {
		encoder := json.NewEncoder(out)
		write, end = func(e exported) error { return encoder.Encode(e) }, func() error { return nil }
	}
	for after := (uuid.UUID{}); ; {
		page, err := m.exportPage(ctx, tenant, reach, after)
		if err != nil {
			return err
		}
		for _, e := range page {
			if err := write(e); err != nil {
				return err
			}
		}
		if err := errors.Join(end(), flush()); err != nil {
			return err
		}
		if len(page) < exportPage {
			return nil
		}
		after = page[len(page)-1].id
	}
}

func csvWriter(out io.Writer) (write func(exported) error, flush func() error) {
	w := csv.NewWriter(out)
	w.UseCRLF = true
	began := false
	head := func() error {
		if began {
			return nil
		}
		began = true
		return w.Write([]string{"external_id", "display_name", "email", "username", "user_id", "locale", "groups", "roles", "disabled", "created_at"})
	}
	write = func(e exported) error {
		if err := head(); err != nil {
			return err
		}
		disabled := "no"
		if e.Disabled {
			disabled = "yes"
		}
		row := []string{e.ExternalID, e.Name, e.Email, e.Username, e.UserID, e.Locale, strings.Join(e.Groups, "|"), strings.Join(e.Roles, "|"),
			disabled, e.CreatedAt.UTC().Format(time.RFC3339)}
		for i := range row {
			row[i] = sheets.Cell(row[i])
		}
		return w.Write(row)
	}
	flush = func() error {
		if err := head(); err != nil {
			return err
		}
		w.Flush()
		return w.Error()
	}
	return write, flush
}

func (m *Imports) exportPage(ctx context.Context, tenant tenants.ID, reach rbac.Reach, after uuid.UUID) (page []exported, err error) {
	err = m.DB.In(ctx, tenant, func(s *tenants.Scope) error {
		page = nil
		identifier := func(kind string) string {
			return `coalesce((SELECT i.value FROM account_identifiers i WHERE i.tenant_id = $1 AND i.account_id = a.id AND i.kind = '` + kind +
				`' ORDER BY i.created_at, i.norm LIMIT 1), '')`
		}
		return s.Each(ctx, `SELECT a.id, coalesce(a.external_id, ''), a.display_name, a.locale, a.status <> 'active', a.created_at,
				`+identifier("email")+`, `+identifier("username")+`, `+identifier("user_id")+`,
				ARRAY(SELECT g.external_id FROM account_groups m JOIN groups g ON g.tenant_id = m.tenant_id AND g.id = m.group_id
					WHERE m.tenant_id = $1 AND m.account_id = a.id AND g.external_id IS NOT NULL ORDER BY 1),
				ARRAY(SELECT r.role || coalesce('@' || g.external_id, '') FROM role_assignments r
					LEFT JOIN groups g ON g.tenant_id = r.tenant_id AND g.id = r.scope_id
					WHERE r.tenant_id = $1 AND r.account_id = a.id AND (r.ends_at IS NULL OR r.ends_at > $6)
						AND (r.scope_id IS NULL OR g.external_id IS NOT NULL) ORDER BY 1)
			FROM accounts a WHERE a.tenant_id = $1 AND a.id > $2 AND `+rbac.PeopleSQL("a.id", 3, 4)+` ORDER BY a.id LIMIT $5`,
			[]any{s.Tenant(), after, reach.Everywhere, reach.Groups, exportPage, s.Now()}, func(scan func(...any) error) error {
				var e exported
				err := scan(&e.id, &e.ExternalID, &e.Name, &e.Locale, &e.Disabled, &e.CreatedAt, &e.Email, &e.Username, &e.UserID, &e.Groups, &e.Roles)
				page = append(page, e)
				return err
			})
	})
	return page, err
}
