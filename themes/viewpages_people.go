package themes

import (
	"strings"
	"time"
)

// HeldText is a role with the group in which it holds.
func (v *view) HeldText(h HeldRole) string {
	role := v.RoleText(h.Role)
	if h.Within == "" {
		return role
	}
	return v.r.Text(v.B, v.Locale, "people.role_within", map[string]any{"role": role, "group": h.Within})
}

// HeldList is some roles in a row of words.
func (v *view) HeldList(held []HeldRole) string {
	names := make([]string, len(held))
	for i, h := range held {
		names[i] = v.HeldText(h)
	}
	return strings.Join(names, v.r.Text(v.B, v.Locale, "console.comma", nil))
}

// PersonState is the word of a state of people.
func (v *view) PersonState(state string) string {
	return v.r.Text(v.B, v.Locale, "people.state_"+state, nil)
}

// StateBadge is the colour of a state of people or invitations.
func (v *view) StateBadge(state string) string {
	return map[string]string{"active": "good", "accepted": "good", "disabled": "bad", "revoked": "bad", "locked": "warn", "expired": "warn"}[state]
}

// InvitationState is the word of a state of invitations.
func (v *view) InvitationState(state string) string {
	return v.r.Text(v.B, v.Locale, "people.invitation_"+state, nil)
}

// EndOf is the key of the sentence that says when an invitation ended or will.
func (v *view) EndOf(r InvitationRow) string {
	return map[string]string{"pending": "people.until", "accepted": "people.accepted_at", "expired": "people.expired_at", "revoked": "people.revoked_at"}[r.State]
}

func (v *view) anyOr(key, chosen string, rest []Option) []Option {
	return append([]Option{{Text: v.r.Text(v.B, v.Locale, key, nil), Chosen: chosen == ""}}, rest...)
}

// StateOptions are the states by which people can be narrowed.
func (v *view) StateOptions(chosen string) []Option {
	var all []Option
	for _, s := range []string{"active", "invited", "locked", "disabled", "bounced", "stuck"} {
		all = append(all, Option{Value: s, Text: v.PersonState(s), Chosen: s == chosen})
	}
	return v.anyOr("people.any_state", chosen, all)
}

// InvitationOptions are the states of invitations.
func (v *view) InvitationOptions(chosen string) []Option {
	var all []Option
	for _, s := range []string{"pending", "accepted", "expired", "revoked"} {
		all = append(all, Option{Value: s, Text: v.InvitationState(s), Chosen: s == chosen})
	}
	return v.anyOr("people.any_state", chosen, all)
}

// RolePicks are roles to choose from, below the word for none of them.
func (v *view) RolePicks(none string, roles []RoleName, chosen string) []Option {
	var all []Option
	for _, r := range roles {
		all = append(all, Option{Value: r.Name, Text: v.RoleText(r), Chosen: r.Name == chosen})
	}
	return v.anyOr(none, chosen, all)
}

// GroupPicks are groups to choose from, each below the one above; none "" offers no way without.
func (v *view) GroupPicks(none string, groups []GroupBox, chosen string) []Option {
	var all []Option
	for _, g := range groups {
		all = append(all, Option{Value: g.ID, Text: strings.Repeat("\u2003", min(g.Depth, 6)) + g.Name, Chosen: g.ID == chosen})
	}
	if none == "" {
		return all
	}
	return v.anyOr(none, chosen, all)
}

// OrderOptions are the orders of the list.
func (v *view) OrderOptions(chosen string) []Option {
	var all []Option
	for _, o := range []string{"name", "signed_in", "added"} {
		all = append(all, Option{Value: o, Text: v.r.Text(v.B, v.Locale, "people.order_"+o, nil), Chosen: o == chosen})
	}
	return all
}

// LinkLife is how long an invitation works.
func (v *view) LinkLife(d time.Duration) string { return v.r.duration(v.B, v.Locale, d) }

// InviteField is a further identifier on the form of an invitation.
func (v *view) InviteField(i InviteIdentifier, errs FieldErrors) field {
	key := map[string]string{"username": "signin.username", "user_id": "signin.user_id"}[i.Kind]
	return v.TextField(i.Kind, "text", key, "people.identifier_hint", i.Value, errs)
}

// ScopeOptions are where the role of an invitation may hold.
func (v *view) ScopeOptions(p InvitePage) []Option {
	if p.Everywhere {
		return v.GroupPicks("people.everywhere", p.Scopes, p.Scope)
	}
	return v.GroupPicks("", p.Scopes, p.Scope)
}

// NoGroup is the key of the way without a group, where there is one.
func (v *view) NoGroup(p InvitePage) string {
	if p.GroupNeeded {
		return ""
	}
	return "people.no_group"
}

// LinesHint is the key of what stands in a line.
func (v *view) LinesHint(p InvitePage) string {
	if len(p.Identifiers) > 0 {
		return "people.lines_hint_id"
	}
	return "people.lines_hint"
}
