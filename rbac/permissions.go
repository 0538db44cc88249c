package rbac

import (
	"slices"
	"strings"
)

// Permission is a resource and an action, "people.read"; the empty one is held by nobody. The sentence that
// says what it allows is the catalogue word "perm.<permission>".
type Permission string

// The permissions of the console.
const (
	DashboardRead Permission = "dashboard.read" // figures of the tenant, without names

	PeopleRead     Permission = "people.read"     // the list, a person's page, their events
	PeopleInvite   Permission = "people.invite"   // invitations: send, resend, revoke
	PeopleEdit     Permission = "people.edit"     // name, identifiers, address, groups, office phone
	PeopleDisable  Permission = "people.disable"  // disable and enable
	PeopleUnlock   Permission = "people.unlock"   // lift locks and blocks of a recovery
	PeopleRecover  Permission = "people.recover"  // recovery letter, new registration, one-time pass
	PeopleSessions Permission = "people.sessions" // sign somebody out
	PeopleErase    Permission = "people.erase"    // erase somebody, hand over their data
	PeopleImport   Permission = "people.import"   // bring many people in from a file
	PeopleExport   Permission = "people.export"   // take the list out as a file

	GroupsEdit Permission = "groups.edit" // locations and departments

	RolesRead   Permission = "roles.read"   // roles, who holds them, why somebody may do what
	RolesAssign Permission = "roles.assign" // give and take roles, decide requests for access
	RolesEdit   Permission = "roles.edit"   // make roles of one's own

	LookRead    Permission = "look.read"    // theme, pictures, texts, their drafts
	LookEdit    Permission = "look.edit"    // drafts of them
	LookPublish Permission = "look.publish" // make a draft everybody's look, roll back

	RulesRead Permission = "rules.read" // the policy
	RulesEdit Permission = "rules.edit" // change it

	LettersRead   Permission = "letters.read"   // each letter's way
	LettersResend Permission = "letters.resend" // send one again
	LettersEdit   Permission = "letters.edit"   // subjects and texts, test letters to oneself

	AuditRead   Permission = "audit.read"
	AuditExport Permission = "audit.export"

	KeysRead Permission = "keys.read" // keys that let programs in at the API
	KeysEdit Permission = "keys.edit" // make and revoke them
)

// Permissions is the catalogue in the order in which people are shown it.
func Permissions() []Permission {
	return []Permission{
		DashboardRead,
		PeopleRead, PeopleInvite, PeopleEdit, PeopleDisable, PeopleUnlock, PeopleRecover, PeopleSessions, PeopleErase, PeopleImport, PeopleExport,
		GroupsEdit,
		RolesRead, RolesAssign, RolesEdit,
		LookRead, LookEdit, LookPublish,
		RulesRead, RulesEdit,
		LettersRead, LettersResend, LettersEdit,
		AuditRead, AuditExport,
		KeysRead, KeysEdit,
	}
}

// Known tells whether a permission is of the catalogue.
func (p Permission) Known() bool { return slices.Contains(Permissions(), p) }

// Resource is what stands before the dot; "" of what is no permission.
func (p Permission) Resource() string {
	resource, action, _ := strings.Cut(string(p), ".")
	if action == "" {
		return ""
	}
	return resource
}

// Action is what stands behind the dot.
func (p Permission) Action() string {
	_, action, _ := strings.Cut(string(p), ".")
	return action
}

// reads are the permissions that change nothing and take nothing out: holding only such makes nobody an
// administrator.
func (p Permission) reads() bool { return p.Action() == "read" }

// Needs is the permission that shows the pages on which this one acts; "" of one that is enough by itself.
func (p Permission) Needs() Permission {
	switch {
	case p.reads():
		return ""
	case p.Resource() == "groups":
		return PeopleRead
	case p == LettersEdit:
		return LookRead // letters are texts
	}
	return Permission(p.Resource() + ".read")
}

// wide are the permissions that mean something in the whole tenant alone: a look, rules, keys and roles of a
// tenant's own belong to no group.
func (p Permission) wide() bool {
	switch p.Resource() {
	case "look", "rules", "keys":
		return true
	}
	return p == RolesEdit || p == LettersEdit || p == PeopleImport
}
