package rbac

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
)

// Holding is a role that somebody has, in the whole tenant or in one group and what is below it.
type Holding struct {
	Role  string
	Group uuid.UUID // the zero UUID is the whole tenant
}

// Everywhere tells whether it holds in the whole tenant.
func (h Holding) Everywhere() bool { return h.Group == uuid.UUID{} }

// Subject is somebody with what they hold now; assignments that have ended are not among it.
type Subject struct {
	ID       uuid.UUID
	Holdings []Holding
	Only     []Permission // of a key that acts for somebody: what it was given of theirs; nil is everything that they hold
}

// Limited is the same somebody with the permissions of a key of theirs, which may be none.
func (s Subject) Limited(only []Permission) Subject {
	s.Only = append([]Permission{}, only...)
	return s
}

// HoldingsSQL is an array of texts that ParseHoldings reads: the holdings of the account in account_id of
// the alias, at the time in the parameter. It stands in the query that reads a session.
func HoldingsSQL(tenant, account, now string) string {
	return fmt.Sprintf(`ARRAY(SELECT h.role || '/' || coalesce(h.scope_id::text, '') FROM role_assignments h
		WHERE h.tenant_id = %s AND h.account_id = %s AND (h.ends_at IS NULL OR h.ends_at > %s) ORDER BY 1)`, tenant, account, now)
}

var errHolding = errors.New("no holding")

// ParseHoldings reads what HoldingsSQL answered.
func ParseHoldings(texts []string) ([]Holding, error) {
	var all []Holding
	for _, text := range texts {
		role, group, ok := strings.Cut(text, "/")
		h := Holding{Role: role}
		if group != "" {
			id, err := uuid.Parse(group)
			if err != nil {
				return nil, fmt.Errorf("%w: %q", errHolding, text)
			}
			h.Group = id
		}
		if !ok || role == "" {
			return nil, fmt.Errorf("%w: %q", errHolding, text)
		}
		all = append(all, h)
	}
	return all, nil
}

// Assignment is a holding as it is kept, with its end and who gave it.
type Assignment struct {
	ID        uuid.UUID
	AccountID uuid.UUID
	Holding
	EndsAt    *time.Time
	GrantedBy string
	CreatedAt time.Time
}
