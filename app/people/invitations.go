package people

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"portico/rbac"
	"portico/tenants"
)

// States of an invitation.
const (
	Pending  = "pending"
	Accepted = "accepted"
	Expired  = "expired"
	Revoked  = "revoked"
)

// InvitationStates are those by which invitations can be narrowed.
func InvitationStates() []string { return []string{Pending, Accepted, Expired, Revoked} }

// InvitationRow is the newest invitation to somebody: a resent one stands for those before it.
type InvitationRow struct {
	Link, Account uuid.UUID
	Name, Address string
	State         string
	SentAt        time.Time
	EndedAt       time.Time // accepted, expired or revoked then; of a pending one, when it will expire; zero: not known
	Roles         []Role
	Open          bool // the account still waits for a first password
}

// InvitationList is one page of invitations, the newest first.
type InvitationList struct {
	Rows          []InvitationRow
	Before, After string
}

// invitationState is what became of a link l of the account a. A link dies with whatever else changes the account.
const invitationState = `CASE WHEN l.used_at IS NOT NULL THEN 'accepted'
	WHEN l.revoked_at IS NOT NULL OR l.stamp <> a.stamp OR a.status <> 'active' OR a.password IS NOT NULL OR a.sign_in <> 'local' THEN 'revoked'
	WHEN l.expires_at <= $2 THEN 'expired' ELSE 'pending' END`

// Invitations reads one page of the invitations within reach of people.invite; state "" is all.
func (p *People) Invitations(ctx context.Context, by By, state, place string) (InvitationList, error) {
	if !slices.Contains(InvitationStates(), state) {
		state = ""
	}
	list := "invitations " + state
	at, err := p.open(by.Tenant.ID, list, place)
	if err != nil {
		return InvitationList{}, err
	}
	var out InvitationList
	err = p.DB.In(ctx, by.Tenant.ID, func(s *tenants.Scope) error {
		reach, err := rbac.ReachOf(ctx, s, p.Guard.Decide(by.Tenant, by.Who, rbac.PeopleInvite))
		if err != nil {
			return err
		}
		c := Query{}.narrow(s, by.Tenant, reach, nil)
		c.add("$%d IN ('', "+invitationState+")", state)
		sign, way := "<", "DESC"
		if at.Back {
			sign, way = ">", "ASC"
		}
		if at.ID != (uuid.UUID{}) {
			c.args = append(c.args, at.At, at.ID)
			c.where = append(c.where, fmt.Sprintf("(l.issued_at, l.id) %s ($%d::timestamptz, $%d::uuid)", sign, len(c.args)-1, len(c.args)))
		}
		b := &tenants.Batch{}
		planned(b)
		readInvitations(b, c, way, &out.Rows)
		return s.Send(ctx, b)
	})
	if err != nil {
		return out, err
	}
	more := len(out.Rows) > pageSize
	if more {
		out.Rows = out.Rows[:pageSize]
	}
	if at.Back {
		slices.Reverse(out.Rows)
	}
	if n := len(out.Rows); n > 0 {
		if at.Back || more {
			out.After = p.seal(by.Tenant.ID, cursor{List: list, At: out.Rows[n-1].SentAt, ID: out.Rows[n-1].Link})
		}
		if at.Back && more || !at.Back && at.ID != (uuid.UUID{}) {
			out.Before = p.seal(by.Tenant.ID, cursor{List: list, Back: true, At: out.Rows[0].SentAt, ID: out.Rows[0].Link})
		}
	}
	return out, nil
}

func readInvitations(b *tenants.Batch, c *conditions, way string, into *[]InvitationRow) {
	stmt := fmt.Sprintf(`SELECT l.id, a.id, a.display_name, coalesce((SELECT i.value FROM account_identifiers i WHERE i.tenant_id = $1
			AND i.account_id = a.id AND i.kind = 'email' ORDER BY i.created_at, i.norm LIMIT 1), ''),
		%s, l.issued_at, coalesce(l.used_at, l.revoked_at, l.expires_at), a.password IS NULL AND a.sign_in = 'local' AND a.status = 'active',
		%s
		FROM links l JOIN accounts a ON a.tenant_id = l.tenant_id AND a.id = l.account_id
		WHERE l.tenant_id = $1 AND l.purpose = 'invite' AND l.replaced_at IS NULL AND %s
		ORDER BY l.issued_at %s, l.id %[4]s LIMIT %d`, invitationState, heldSQL, c.all(), way, pageSize+1)
	b.Rows(stmt, c.args, func(scan func(...any) error) error {
		var r InvitationRow
		var roles []string
		err := scan(&r.Link, &r.Account, &r.Name, &r.Address, &r.State, &r.SentAt, &r.EndedAt, &r.Open, &roles)
		if err != nil {
			return err
		}
		r.Roles, err = heldRoles(roles)
		*into = append(*into, r)
		return err
	})
}

// ResendInvitation replaces the link of an invitation with a new one, mailed to the same address.
// tenants.ErrNotFound out of reach and when the invitation is no longer the newest of an account that waits.
func (p *People) ResendInvitation(ctx context.Context, by By, link uuid.UUID) error {
	return p.withInvitation(ctx, by, link, func(s *tenants.Scope, account uuid.UUID) error {
		return p.inviteAgain(ctx, s, by, account)
	})
}

// RevokeInvitation ends a pending invitation; tenants.ErrNotFound when it is none within reach.
func (p *People) RevokeInvitation(ctx context.Context, by By, link uuid.UUID) error {
	return p.withInvitation(ctx, by, link, func(s *tenants.Scope, account uuid.UUID) error {
		return p.Accounts.RevokeInvitation(ctx, s, account, inviter(ctx, by))
	})
}

// withInvitation does something about the newest invitation to somebody, who is held: of two clicks on a row
// that two people see, the second finds that it is no longer the newest. tenants.ErrNotFound then.
func (p *People) withInvitation(ctx context.Context, by By, link uuid.UUID, do func(*tenants.Scope, uuid.UUID) error) error {
	const newest = "SELECT account_id FROM links WHERE tenant_id = $1 AND id = $2 AND purpose = 'invite' AND replaced_at IS NULL AND used_at IS NULL"
	return p.DB.In(ctx, by.Tenant.ID, func(s *tenants.Scope) error {
		var account uuid.UUID
		if err := s.Row(ctx, newest, []any{s.Tenant(), link}, &account); err != nil {
			return err
		}
		if _, err := p.hold(ctx, s, by, rbac.PeopleInvite, account); err != nil {
			return err
		}
		if err := s.Row(ctx, newest, []any{s.Tenant(), link}, &account); err != nil {
			return err
		}
		return do(s, account)
	})
}
