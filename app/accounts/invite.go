package accounts

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"portico/app/audit"
	"portico/app/letters"
	"portico/tenants"
	"portico/themes"
)

// ErrNotInvited says why somebody cannot be invited; the sentence is for the operator.
var ErrNotInvited = errors.New("cannot be invited")

// ErrInvitedLately is an ErrNotInvited: the account was sent as many invitations lately as one person may get,
// whoever asked for them.
var ErrInvitedLately = fmt.Errorf("%w: as many invitations went to this account lately as may; try again later", ErrNotInvited)

// Grant is a role in the whole tenant, or in one group and what is below it.
type Grant struct {
	Role  string
	Scope string // external_id of a group; "" is the whole tenant
}

// Invitation is who is invited. Somebody whose address is known already, with an account that has no
// password yet, is invited as they are: roles and groups belong to new people alone, so that an
// invitation never changes what an account may do.
type Invitation struct {
	New    New
	Roles  []Grant
	Groups []string // external ids
	By     string   // who invites, for the audit and the assignments
}

// Invited is what came of an invitation. The link itself is in the letter alone.
type Invited struct {
	AccountID uuid.UUID
	Link      uuid.UUID
	To        string // where the letter goes
	Created   bool   // the account is new
	ExpiresAt time.Time
}

// Invite writes somebody a letter with a link to a first password. A link that stood before is replaced.
// ErrNotInvited with the reason: disabled, signs in elsewhere, has a password, has no address, cannot
// sign in, ErrInvitedLately; ErrBadIdentifier for what is no identifier.
func (a *Accounts) Invite(ctx context.Context, s *tenants.Scope, t *tenants.Tenant, inv Invitation) (Invited, error) {
	id, err := findByEmail(ctx, s, inv.New.Identifiers[Email])
	created := errors.Is(err, tenants.ErrNotFound)
	switch {
	case created:
		id, err = a.invitee(ctx, s, t, inv)
	case err == nil && inv.more():
		err = fmt.Errorf("%w: there is an account with this address; it keeps its name, identifiers, roles and groups, so give the address alone", ErrNotInvited)
	}
	if err != nil {
		return Invited{}, err
	}
	who, err := readInvitee(ctx, s, t, id)
	if err != nil {
		return Invited{}, err
	}
	out, err := a.sendInvitation(ctx, s, t, who, inv.By)
	out.Created = created
	return out, err
}

// InviteAgain writes an account that is there a new invitation, to the address that it has now; the one before
// ends. ErrNotInvited with the reason, as of Invite.
func (a *Accounts) InviteAgain(ctx context.Context, s *tenants.Scope, t *tenants.Tenant, account uuid.UUID, by string) (Invited, error) {
	who, err := readInvitee(ctx, s, t, account)
	if err != nil {
		return Invited{}, err
	}
	return a.sendInvitation(ctx, s, t, who, by)
}

// findByEmail looks an account up by its mail address alone: a username that reads like one is another
// matter.
func findByEmail(ctx context.Context, s *tenants.Scope, typed string) (uuid.UUID, error) {
	var id uuid.UUID
	norm, _, err := Storable(Email, typed)
	if err != nil {
		return id, fmt.Errorf("email %q: %w", typed, err)
	}
	err = s.Row(ctx, "SELECT account_id FROM account_identifiers WHERE tenant_id = $1 AND kind = 'email' AND norm = $2",
		[]any{s.Tenant(), norm}, &id)
	return id, err
}

// more tells whether an invitation says more than whom it goes to.
func (inv Invitation) more() bool {
	n := inv.New
	return n.DisplayName != "" || n.ExternalID != "" || n.Locale != "" || n.Identifiers[Username] != "" || n.Identifiers[UserID] != "" ||
		len(inv.Roles) > 0 || len(inv.Groups) > 0
}

// invitee makes the account of somebody new, with roles and groups.
func (a *Accounts) invitee(ctx context.Context, s *tenants.Scope, t *tenants.Tenant, inv Invitation) (uuid.UUID, error) {
	switch {
	case !slices.Contains(t.Policy.Users.Mode, "invite"):
		return uuid.UUID{}, fmt.Errorf("%w: users.registration_mode of %s takes no new people by invitation", ErrNotInvited, t.Slug)
	case inv.New.DisplayName == "":
		return uuid.UUID{}, fmt.Errorf("%w: somebody new needs a name", ErrNotInvited)
	}
	inv.New.Password, inv.New.PasswordHash, inv.New.Confirmed, inv.New.Disabled, inv.New.SignIn = "", "", false, false, "local"
	id, err := a.Create(ctx, s, inv.New)
	if err != nil {
		return id, err
	}
	for _, g := range inv.Groups {
		if err := joinGroup(ctx, s, id, g); err != nil {
			return id, err
		}
	}
	for _, r := range inv.Roles {
		if err := grant(ctx, s, id, r, inv.By); err != nil {
			return id, err
		}
	}
	return id, nil
}

func joinGroup(ctx context.Context, s *tenants.Scope, account uuid.UUID, group string) error {
	n, err := s.Exec(ctx, `INSERT INTO account_groups (tenant_id, account_id, group_id)
		SELECT tenant_id, $2, id FROM groups WHERE tenant_id = $1 AND external_id = $3`, s.Tenant(), account, group)
	if err == nil && n == 0 {
		err = fmt.Errorf("%w: there is no group %q", ErrNotInvited, group)
	}
	return err
}

func grant(ctx context.Context, s *tenants.Scope, account uuid.UUID, g Grant, by string) error {
	n, err := s.Exec(ctx, `INSERT INTO role_assignments (tenant_id, id, account_id, role, scope_id, granted_by, created_at)
		SELECT $1, $2, $3, $4, g.id, $6, $7 FROM (SELECT 1) one
		LEFT JOIN groups g ON g.tenant_id = $1 AND g.external_id = $5
		WHERE $5 = '' OR g.id IS NOT NULL`, s.Tenant(), tenants.NewID(), account, g.Role, g.Scope, by, s.Now())
	if err == nil && n == 0 {
		err = fmt.Errorf("%w: there is no group %q", ErrNotInvited, g.Scope)
	}
	return err
}

// readInvitee reads and holds an account, and says why it cannot be invited.
func readInvitee(ctx context.Context, s *tenants.Scope, t *tenants.Tenant, id uuid.UUID) (Person, error) {
	var who Person
	var hasPassword bool
	var sent sentLetters
	b := &tenants.Batch{}
	Hold(b, s, &id) // and with it the count: of two at once the second sees the first
	PersonOf(b, s, t, &id, Client{}, &who)
	b.Row(nil, `SELECT count(*) FILTER (WHERE issued_at > $4), count(*) FILTER (WHERE issued_at > $5), count(*), max(issued_at)
		FROM links WHERE tenant_id = $1 AND account_id = $2 AND purpose = 'invite' AND issued_at > $3`,
		[]any{s.Tenant(), id, s.Now().Add(-24 * time.Hour), s.Now().Add(-10 * time.Minute), s.Now().Add(-time.Hour)},
		&sent.tenMinutes, &sent.hour, &sent.day, &sent.last)
	b.Row(nil, "SELECT password IS NOT NULL FROM accounts WHERE tenant_id = $1 AND id = $2", []any{s.Tenant(), id}, &hasPassword)
	if err := s.Send(ctx, b); err != nil {
		return who, err
	}
	why := ""
	switch {
	case who.Status != "active":
		why = "the account is disabled"
	case who.SignIn != "local":
		why = "the account signs in elsewhere and has no password here"
	case hasPassword:
		why = "the account has a password already; its owner can reset it"
	case who.Email == "":
		why = "the account has no mail address; issue a one-time pass instead"
	case who.Username == "":
		why = fmt.Sprintf("the account has no %s, which %s signs in with", t.Policy.SignIn.Identifier, t.Slug)
	}
	if why != "" {
		return who, fmt.Errorf("%w: %s", ErrNotInvited, why)
	}
	if !sent.mayWrite(t.Policy.Throttle, s.Now()) {
		return who, ErrInvitedLately
	}
	return who, nil
}

func (a *Accounts) sendInvitation(ctx context.Context, s *tenants.Scope, t *tenants.Tenant, who Person, by string) (Invited, error) {
	link, token := tenants.NewID(), newSecret()
	out := Invited{AccountID: who.ID, Link: link, To: who.Email, ExpiresAt: s.Now().Add(t.Policy.Users.InviteTTL.Std())}
	b := &tenants.Batch{}
	b.Exec(`UPDATE links SET replaced_at = $3 WHERE tenant_id = $1 AND account_id = $2 AND purpose = 'invite'
		AND used_at IS NULL AND replaced_at IS NULL AND revoked_at IS NULL`, s.Tenant(), who.ID, s.Now())
	b.Exec(`INSERT INTO links (tenant_id, id, hash, purpose, account_id, stamp, known, issued_at, expires_at)
		VALUES ($1, $2, $3, 'invite', $4, $5, false, $6, $7)`,
		s.Tenant(), link, secretHash(token), who.ID, who.Stamp, s.Now(), out.ExpiresAt)
	_, err := a.Outbox.Add(b, s, letters.Draft{Lane: letters.Bulk, To: who.Email, AccountID: &who.ID, LinkID: &link,
		Locale: who.Locale, Event: link.String(), Letter: themes.InvitationLetter{Name: who.Name, Link: "/invite/" + token,
			Identifier: who.Username, ExpiresAt: out.ExpiresAt}})
	if err != nil {
		return out, err
	}
	err = audit.Add(ctx, b, s, audit.Event{Kind: audit.InviteSent, Outcome: audit.Success, AccountID: &who.ID,
		Details: map[string]any{"by": by, "expires": out.ExpiresAt}})
	if err != nil {
		return out, err
	}
	return out, s.Send(ctx, b)
}

// RevokeInvitation ends the invitation that stands for an account; tenants.ErrNotFound when none does.
func (a *Accounts) RevokeInvitation(ctx context.Context, s *tenants.Scope, account uuid.UUID, by string) error {
	n, err := s.Exec(ctx, `UPDATE links SET revoked_at = $3 WHERE tenant_id = $1 AND account_id = $2 AND purpose = 'invite'
		AND used_at IS NULL AND replaced_at IS NULL AND revoked_at IS NULL AND expires_at > $3`, s.Tenant(), account, s.Now())
	if err != nil {
		return err
	}
	if n == 0 {
		return tenants.ErrNotFound
	}
	return audit.Write(ctx, s, audit.Event{Kind: audit.InviteRevoked, Outcome: audit.Success, AccountID: &account,
		Details: map[string]any{"by": by}})
}
