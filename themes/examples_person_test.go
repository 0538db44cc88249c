package themes

import "time"

// personExamples are the pages of one person and of the groups.
func personExamples() []example {
	ada := PersonHead{ID: "018f0000-0000-7000-8000-000000000001", Name: "Ada Lovelace"}
	at := "/console/people/" + ada.ID
	facts := PersonFacts{CreatedAt: noon.Add(-90 * 24 * time.Hour), PasswordSetAt: noon.Add(-30 * 24 * time.Hour), External: "f-77",
		Identifiers: []IdentifierLine{{Kind: "email", Value: "ada@example.com", Confirmed: true}, {Kind: "username", Value: "ada"}},
		NewAddress:  "ada@analytical.example", NewUntil: noon.Add(24 * time.Hour), Groups: []string{"Front desk", "Lisbon"},
		Roles:    []HeldRole{{Role: RoleName{Name: "support_agent"}, Within: "Lisbon", EndsAt: noon.Add(240 * time.Hour)}, {Role: RoleName{Name: "auditor"}, EndsAt: noon.Add(-time.Hour), Ended: true}},
		Proofs:   []HeldProof{{Kind: "auth_phone", Contact: "+1 •••••• 34", By: "owner", Since: noon, Counts: true}, {Kind: "recovery_code", By: "owner", Since: noon, CodesLeft: 7}},
		Sessions: 2, Pass: &PassLine{State: "unapproved", By: "Omar Haddad", At: noon}, Blocks: []BlockLine{{From: "192.0.2.7", Until: noon.Add(time.Hour)}}}
	unlock := PersonAction{Path: at + "/unlock", Key: "person.do_unlock", Post: true}
	person := PersonPage{Person: ada, Facts: facts, CanRoles: true, Actions: []PersonAction{{Path: at + "/edit", Key: "person.do_edit"}, unlock,
		{Path: at + "/pass/approve", Key: "person.do_approve", Post: true, Pass: ada.ID}, {Path: at + "/erase", Key: "person.do_erase", Danger: true}},
		Why: []WhyLine{{Key: "person.why_locked", At: noon, Stop: true, Mend: &unlock}, {Key: "person.why_proofs_few", Hint: "person.hint_register"},
			{Key: "person.why_role_ended", At: noon, Role: RoleName{Name: "auditor"}}},
		Events: []EventLine{{Kind: "signin.failed", Failed: true, From: "192.0.2.7", At: noon}, {Kind: "account.disabled", By: "Omar Haddad", At: noon}, {Kind: "account.enabled", Gone: true, At: noon}}}
	well := PersonPage{Person: ada, Facts: PersonFacts{Disabled: true, CreatedAt: noon}, Higher: true, Problem: &Message{Key: "person.no_last_owner"}}
	boxes := []GroupBox{{ID: "018f0000-0000-7000-8000-00000000000a", Name: "Lisbon", In: true}, {ID: "018f0000-0000-7000-8000-00000000000b", Name: "Front desk", Depth: 1}}
	form := GroupForm{Name: "Front desk", Kind: "department", Above: boxes[0].ID, Places: boxes[:1], Top: true}
	return []example{
		{"person", person, inConsole(at)},
		{"person_well", well, inConsole(at)},
		{"person_ask", PersonAskPage{Person: ada, Act: "disable"}, inConsole(at)},
		{"person_erase", PersonAskPage{Person: ada, Act: "erase", Name: true, Typed: "Ada", Parts: Parts{Errors: FieldErrors{"name": {Key: "person.bad_confirm"}}}}, inConsole(at)},
		{"person_edit", PersonEditPage{Person: ada, Version: 7, Name: "Ada Lovelace", Username: "ada", Groups: boxes,
			Parts: Parts{Errors: FieldErrors{"username": {Key: "person.bad_taken"}}}}, inConsole(at)},
		{"person_address", PersonAddressPage{Person: ada, Now: "ada@example.com", New: "ada@analytical.example", Until: noon}, inConsole(at)},
		{"person_phone", PersonPhonePage{Person: ada, Has: "+1 •••••• 34"}, inConsole(at)},
		{"person_pass", PersonPassPage{Person: ada, Standing: facts.Pass, ID: ada.ID}, inConsole(at)},
		{"person_pass_shown", PersonPassPage{Person: ada, Plain: "ABCD-EFGH-JKMN-PQRS", Told: 1, Second: true, Where: "https://portal.example/recover/pass"}, inConsole(at)},
		{"groups", GroupsPage{Edit: true, New: GroupForm{Kind: "location", Places: boxes, Top: true}, Groups: []GroupLine{{ID: boxes[0].ID, Name: "Lisbon", Kind: "location", People: 3, Edit: true},
			{ID: boxes[1].ID, Name: "Front desk", Kind: "department", Depth: 1, People: 12, Edit: true}}}, inConsole("/console/groups")},
		{"groups_none", GroupsPage{New: GroupForm{Kind: "location"}}, inConsole("/console/groups")},
		{"group", GroupPage{ID: boxes[1].ID, Name: "Front desk", Path: []string{"Lisbon"}, Form: form, Delete: true, People: 2, Members: []string{"Ada Lovelace", "Omar Haddad"},
			Roles: []GroupRoleLine{{Name: "Omar Haddad", Role: RoleName{Name: "support_agent"}}}}, inConsole("/console/groups")},
		{"group_used", GroupPage{ID: boxes[0].ID, Name: "Lisbon", Form: form, Delete: true, Below: 1, Policy: true, Problem: &Message{Key: "groups.no_below"}}, inConsole("/console/groups")},
	}
}
