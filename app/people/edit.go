package people

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/google/uuid"

	"portico/app/accounts"
	"portico/app/audit"
	"portico/rbac"
	"portico/tenants"
)

// Edit is what a form says of somebody. Groups are those among Shown that they are to be in; groups that
// were not shown stay as they are.
type Edit struct {
	Version  int64 // of the Person that the form was made from
	Name     string
	Username string
	UserID   string
	Shown    []uuid.UUID
	Groups   []uuid.UUID
}

// FieldError says what is wrong with a field of a form. Code is the end of a key, person.bad_<code>.
type FieldError struct{ Field, Code string }

// Error names both.
func (e *FieldError) Error() string { return e.Field + ": " + e.Code }

// ErrStale means that somebody else changed what a form was made from.
var ErrStale = errors.New("changed meanwhile")

// Save changes somebody's name, identifiers and groups. Nothing changed is no error and leaves no event.
// ErrStale, *FieldError; groups out of the operator's reach are tenants.ErrNotFound, and those whose roles give
// more over people than the operator has are ErrHigher.
func (p *People) Save(ctx context.Context, by By, account uuid.UUID, e Edit) error {
	name := strings.TrimSpace(e.Name)
	if !properName(name) {
		return &FieldError{"name", "name"}
	}
	return p.DB.In(ctx, by.Tenant.ID, func(s *tenants.Scope) error {
		t, err := p.hold(ctx, s, by, rbac.PeopleEdit, account)
		if err != nil {
			return err
		}
		if t.version != e.Version {
			return ErrStale
		}
		changed := map[string]any{}
		if name != t.Name {
			changed["name"] = beforeAfter(initial(t.Name), initial(name))
			if _, err := s.Exec(ctx, "UPDATE accounts SET display_name = $3 WHERE tenant_id = $1 AND id = $2", s.Tenant(), account, name); err != nil {
				return err
			}
		}
		for _, i := range []struct{ kind, typed string }{{accounts.Username, e.Username}, {accounts.UserID, e.UserID}} {
			if err := p.setIdentifier(ctx, s, by, t, i.kind, strings.TrimSpace(i.typed), changed); err != nil {
				return err
			}
		}
		if err := p.setGroups(ctx, s, by, t, e, changed); err != nil {
			return err
		}
		return edited(ctx, s, account, changed)
	})
}

// properName tells whether a name may be somebody's: what it shows is what it is, in lists and letters.
func properName(name string) bool {
	n := utf8.RuneCountInString(name)
	return utf8.ValidString(name) && n > 0 && n <= 120 && !strings.ContainsFunc(name, func(r rune) bool { return !unicode.IsPrint(r) })
}

// edited writes down what changed, without what names somebody: the audit outlives them.
func edited(ctx context.Context, s *tenants.Scope, account uuid.UUID, changed map[string]any) error {
	if len(changed) == 0 {
		return nil
	}
	if _, err := s.Exec(ctx, "UPDATE accounts SET updated_at = $3 WHERE tenant_id = $1 AND id = $2", s.Tenant(), account, s.Now()); err != nil {
		return err
	}
	return audit.Write(ctx, s, audit.Event{Kind: audit.AccountEdited, Outcome: audit.Success, AccountID: &account, Details: changed})
}

func beforeAfter(before, after any) map[string]any {
	return map[string]any{"before": before, "after": after}
}

// initial is the first letter of a text, as much as the audit keeps of what names somebody.
func initial(text string) string {
	for _, r := range text {
		return string(r) + "•••"
	}
	return ""
}

// setIdentifier gives somebody another name of a kind, or none, and tells them.
func (p *People) setIdentifier(ctx context.Context, s *tenants.Scope, by By, t target, kind, typed string, changed map[string]any) error {
	var had string
	err := s.Row(ctx, "SELECT value FROM account_identifiers WHERE tenant_id = $1 AND account_id = $2 AND kind = $3 ORDER BY created_at, norm LIMIT 1",
		[]any{s.Tenant(), t.ID, kind}, &had)
	if err != nil && !errors.Is(err, tenants.ErrNotFound) || typed == had {
		return orNil(err)
	}
	if typed == "" && by.Tenant.Policy.SignIn.Identifier == kind {
		return &FieldError{kind, "needed"}
	}
	if _, err := s.Exec(ctx, "DELETE FROM account_identifiers WHERE tenant_id = $1 AND account_id = $2 AND kind = $3", s.Tenant(), t.ID, kind); err != nil {
		return err
	}
	changed[kind] = beforeAfter(initial(had), initial(typed))
	value := ""
	if typed != "" {
		if value, err = addIdentifier(ctx, s, t.ID, kind, typed); err != nil {
			return err
		}
	}
	b := &tenants.Batch{}
	if err := p.Accounts.TellIdentifier(ctx, b, s, t.Person, kind, value); err != nil {
		return err
	}
	return s.Send(ctx, b)
}

// addIdentifier answers what was typed as it is shown.
func addIdentifier(ctx context.Context, s *tenants.Scope, account uuid.UUID, kind, typed string) (string, error) {
	norm, value, err := accounts.Storable(kind, typed)
	if err != nil {
		return "", &FieldError{kind, "identifier"}
	}
	n, err := s.Exec(ctx, `INSERT INTO account_identifiers (tenant_id, kind, norm, value, account_id, created_at)
		VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING`, s.Tenant(), kind, norm, value, account, s.Now())
	if err == nil && n == 0 {
		err = &FieldError{kind, "taken"}
	}
	return value, err
}

func orNil(err error) error {
	if errors.Is(err, tenants.ErrNotFound) {
		return nil
	}
	return err
}

func (p *People) setGroups(ctx context.Context, s *tenants.Scope, by By, t target, e Edit, changed map[string]any) error {
	d := p.Guard.Decide(by.Tenant, by.Who, rbac.PeopleEdit)
	var before, after []string
	for _, id := range e.Shown {
		if _, known := t.tree[id]; !known {
			continue // deleted meanwhile
		}
		if !within(d, t.tree, id) {
			return fmt.Errorf("group %s: %w", id, tenants.ErrNotFound)
		}
		had, has := slices.Contains(t.groups, id), slices.Contains(e.Groups, id)
		var err error
		switch {
		case had && !has:
			before = append(before, id.String())
			_, err = s.Exec(ctx, "DELETE FROM account_groups WHERE tenant_id = $1 AND account_id = $2 AND group_id = $3", s.Tenant(), t.ID, id)
		case !had && has:
			after = append(after, id.String())
			if err = p.mayJoin(ctx, s, by, t, id); err == nil { // a group that is deleted just now takes nobody
				_, err = s.Exec(ctx, `INSERT INTO account_groups (tenant_id, account_id, group_id)
					SELECT tenant_id, $2, id FROM groups WHERE tenant_id = $1 AND id = $3 FOR KEY SHARE ON CONFLICT DO NOTHING`, s.Tenant(), t.ID, id)
			}
		}
		if err != nil {
			return err
		}
	}
	if len(before)+len(after) > 0 {
		changed["groups"] = map[string]any{"left": before, "joined": after}
	}
	return nil
}

// peer tells whether somebody looks after others and may do all that who asks may: what opens such an account
// is never one equal's to change. A one-time pass, which takes two, is the way.
func (p *People) peer(by By, t target) bool {
	return t.Admin && t.ID != by.Who.ID && p.Guard.Covers(by.Tenant, t.tree, rbac.Subject{ID: t.ID, Holdings: t.holdings}, by.Who.Holdings)
}

// ChangeAddress begins to give somebody a new mail address, which counts once it was confirmed there. The
// addresses that were known hear of it. *RefusedError for a closed account, and an equal's. *FieldError for what is no address, is theirs already or belongs to
// somebody else here.
func (p *People) ChangeAddress(ctx context.Context, by By, account uuid.UUID, typed string) error {
	return p.DB.In(ctx, by.Tenant.ID, func(s *tenants.Scope) error {
		t, err := p.hold(ctx, s, by, rbac.PeopleEdit, account)
		if err != nil {
			return err
		}
		switch {
		case t.Status != "active":
			return refused("disabled")
		case p.peer(by, t):
			return refused("peer")
		}
		typed = strings.TrimSpace(typed)
		switch {
		case typed == "":
			return &FieldError{"address", "address"}
		case t.Checked && accounts.SameEmail(typed, t.Email):
			return &FieldError{"address", "same"}
		}
		// Both ends are written to: the address that was typed, and those that were known.
		for what, subject := range map[string]string{"new address": account.String(), "new address to": accounts.LookUpKey(accounts.Email, typed)} {
			if err := p.Accounts.TakeLetter(ctx, s, what, subject); err != nil {
				return often(err, &FieldError{"address", "again"})
			}
		}
		_, err = p.Accounts.ChangeAddress(ctx, s, by.Tenant, account, typed)
		switch {
		case errors.Is(err, accounts.ErrBadIdentifier):
			return &FieldError{"address", "address"}
		case errors.Is(err, accounts.ErrTaken):
			return &FieldError{"address", "taken"}
		}
		return err
	})
}

// CancelAddress takes a change of the address back before it was confirmed.
func (p *People) CancelAddress(ctx context.Context, by By, account uuid.UUID) error {
	return p.DB.In(ctx, by.Tenant.ID, func(s *tenants.Scope) error {
		if _, err := p.hold(ctx, s, by, rbac.PeopleEdit, account); err != nil {
			return err
		}
		return accounts.CancelAddress(ctx, s, account)
	})
}
