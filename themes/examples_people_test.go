package themes

import "time"

// peopleExamples are the list of people and invitations.
func peopleExamples() []example {
	held := []HeldRole{{Role: RoleName{Name: "brand_admin"}}, {Role: RoleName{Name: "support_agent"}, Within: "Harbour Desk"}}
	groups := []GroupBox{{ID: "0193b0c0-0000-7000-8000-000000000001", Name: "Harbour"}, {ID: "0193b0c0-0000-7000-8000-000000000002", Name: "Desk", Depth: 1}}
	roles := []RoleName{{Name: "brand_admin"}, {Name: "member"}}
	rows := []PersonRow{
		{ID: "0193b0c0-0000-7000-8000-00000000000a", Name: "Ava Lindqvist", SignsInWith: "ava", Address: "ava.lindqvist@harbour.example", State: "active", Roles: held, Groups: []string{"Harbour", "Desk"}, SignedInAt: noon},
		{ID: "0193b0c0-0000-7000-8000-00000000000b", Name: "Tariq Mensah", Address: "tariq@harbour.example", State: "locked", LockedUntil: noon.Add(time.Hour)},
		{ID: "0193b0c0-0000-7000-8000-00000000000c", Address: "ines@harbour.example", State: "locked", ForGood: true},
		{ID: "0193b0c0-0000-7000-8000-00000000000d", Name: "<b>Kofi</b>", SignsInWith: "kofi", State: "disabled", Elsewhere: true},
		{ID: "0193b0c0-0000-7000-8000-00000000000e", Name: "Nora Newcomer", Address: "nora@harbour.example", State: "invited", NoPassword: true},
	}
	return []example{
		{"people", PeoplePage{Anybody: true, Invite: true, SignsIn: "email", Rows: rows, Roles: roles, Groups: groups, Count: 5, After: "/console/people?at=x"}, inConsole("/console/people")},
		{"people_found", PeoplePage{Anybody: true, SignsIn: "username", Rows: rows[:1], Filter: PeopleFilter{Typed: "ava", State: "active"}, Count: 200, More: true, Before: "/console/people?q=ava"}, inConsole("/console/people")},
		{"people_none", PeoplePage{Anybody: true, SignsIn: "email", Filter: PeopleFilter{Typed: "zz"}}, inConsole("/console/people")},
		{"people_first", PeoplePage{Invite: true, SignsIn: "email"}, inConsole("/console/people")},
		{"people_out_of_reach", PeoplePage{SignsIn: "email"}, inConsole("/console/people")},
		{"people_invite", InvitePage{Roles: roles, Everywhere: true, Scopes: groups, Groups: groups, Life: 168 * time.Hour}, inConsole("/console/people/invite")},
		{"people_invite_faults", InvitePage{Parts: Parts{Errors: FieldErrors{"address": {Key: "people.bad_address"}, "username": {Key: "people.taken"}}}, Name: "Nora", Address: "nora",
			Identifiers: []InviteIdentifier{{"username", "nora"}}, Roles: roles[1:], Role: "member", Scopes: groups, Groups: groups, GroupNeeded: true, Life: 168 * time.Hour}, inConsole("/console/people/invite")},
		{"people_invite_closed", InvitePage{TakesNone: true}, inConsole("/console/people/invite")},
		{"people_invited", InviteDonePage{Sent: 2, Bad: []BadLine{{Number: 3, Text: "nobody at all", Why: Message{Key: "people.bad_address"}}}}, inConsole("/console/people/invite")},
		{"people_invitations", InvitationsPage{Invite: true, Rows: []InvitationRow{
			{Link: "l1", Account: rows[4].ID, Name: "Nora Newcomer", Address: "nora@harbour.example", State: "pending", SentAt: noon, EndedAt: noon.Add(168 * time.Hour), Roles: held[:1], Again: true, Revoke: true},
			{Link: "l2", Account: rows[0].ID, Name: "Ava Lindqvist", Address: "ava@harbour.example", State: "accepted", SentAt: noon, EndedAt: noon},
			{Link: "l3", Account: rows[1].ID, Address: "t@harbour.example", State: "expired", SentAt: noon, EndedAt: noon, Again: true},
			{Link: "l4", Account: rows[2].ID, Name: "Ines", State: "revoked", SentAt: noon, EndedAt: noon, Again: true},
		}}, inConsole("/console/people/invitations")},
		{"people_no_invitations", InvitationsPage{Invite: true}, inConsole("/console/people/invitations")},
	}
}
