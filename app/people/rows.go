package people

import (
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"

	"portico/rbac"
	"portico/tenants"
)

// rowColumns is what a list shows of the people whom `page` names: %d is the parameter with the kind of
// identifier that signs in; now is parameter 2. Groups' names are asked for one by one: joined, all groups of the
// tenant would be read for each person.
const rowColumns = `WITH page AS MATERIALIZED (%s)
	SELECT a.id, a.display_name, a.name_key, a.status, a.sign_in = 'sso', a.password IS NULL, a.created_at, nullif(a.signed_in_at, '-infinity'),
		coalesce((SELECT i.value FROM account_identifiers i WHERE i.tenant_id = $1 AND i.account_id = a.id AND i.kind = 'email'
			ORDER BY i.created_at, i.norm LIMIT 1), ''),
		coalesce((SELECT i.value FROM account_identifiers i WHERE i.tenant_id = $1 AND i.account_id = a.id AND i.kind = $%d
			ORDER BY i.created_at, i.norm LIMIT 1), ''),
		(SELECT max(l.locked_until) FROM account_locks l WHERE l.tenant_id = $1 AND l.account_id = a.id AND l.locked_until > $2),
		EXISTS (SELECT FROM links l WHERE l.tenant_id = $1 AND l.account_id = a.id AND l.purpose = 'invite' AND l.used_at IS NULL
			AND l.replaced_at IS NULL AND l.revoked_at IS NULL AND l.expires_at > $2),
		` + heldSQL + `,
		ARRAY(SELECT (SELECT g.name FROM groups g WHERE g.tenant_id = $1 AND g.id = m.group_id) FROM account_groups m
			WHERE m.tenant_id = $1 AND m.account_id = a.id ORDER BY 1 LIMIT 20),
		coalesce((SELECT i.bounced_as FROM account_identifiers i WHERE i.tenant_id = $1 AND i.account_id = a.id AND i.bounced_at IS NOT NULL
			ORDER BY i.created_at, i.norm LIMIT 1), '')
	FROM page JOIN accounts a ON a.tenant_id = $1 AND a.id = page.id ORDER BY page.place`

// heldSQL is what heldRoles reads, of account a at $2.
const heldSQL = `ARRAY(SELECT r.role || '/' || coalesce(r.scope_id::text, '') || '/'
		|| coalesce((SELECT g.name FROM groups g WHERE g.tenant_id = $1 AND g.id = r.scope_id), '') FROM role_assignments r
	WHERE r.tenant_id = $1 AND r.account_id = a.id AND (r.ends_at IS NULL OR r.ends_at > $2) ORDER BY 1 LIMIT 20)`

// rows adds the reading of a page to a batch: pageSQL answers ids with their places.
func rows(b *tenants.Batch, s *tenants.Scope, by By, pageSQL string, args []any, into *[]Row) {
	args = append(args[:len(args):len(args)], by.Tenant.Policy.SignIn.Identifier)
	b.Rows(fmt.Sprintf(rowColumns, pageSQL, len(args)), args, func(scan func(...any) error) error {
		r, err := readRow(scan)
		*into = append(*into, r)
		return err
	})
}

func readRow(scan func(...any) error) (Row, error) {
	var r Row
	var status string
	var signedIn, locked *time.Time
	var invited bool
	var roles []string
	err := scan(&r.ID, &r.Name, &r.key, &status, &r.Elsewhere, &r.NoPassword, &r.CreatedAt, &signedIn, &r.Address, &r.SignsInWith,
		&locked, &invited, &roles, &r.Groups, &r.Bounced)
	if err != nil {
		return r, err
	}
	if signedIn != nil {
		r.SignedInAt = *signedIn
	}
	r.NoPassword = r.NoPassword && !r.Elsewhere
	switch {
	case status == Disabled:
		r.State = Disabled
	case locked != nil:
		r.State, r.LockedUntil = Locked, *locked
	case invited && r.NoPassword:
		r.State = Invited
	default:
		r.State = Active
	}
	r.Roles, err = heldRoles(roles)
	return r, err
}

// heldRoles reads roles as the lists' statements answer them: role/group/name.
func heldRoles(texts []string) ([]Role, error) {
	var all []Role
	for _, text := range texts {
		part := strings.SplitN(text, "/", 3)
		held := Role{Holding: rbac.Holding{Role: part[0]}, GroupName: part[2]}
		if part[1] != "" {
			var err error
			if held.Group, err = uuid.Parse(part[1]); err != nil {
				return nil, fmt.Errorf("people: role %q: %w", text, err)
			}
		}
		all = append(all, held)
	}
	return all, nil
}
