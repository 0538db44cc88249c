package themes

// accessExamples are the pages about roles.
func accessExamples() []example {
	admin, manager, agent := RoleName{Name: "brand_admin"}, RoleName{Name: "people_manager"}, RoleName{Name: "support_agent"}
	own := RoleName{Name: "night_desk", Label: "Night desk"}
	people := ResourceChoice{Resource: "people", Permissions: []PermissionChoice{{Permission: "people.read", Held: true}, {Permission: "people.erase", Beyond: true}}}
	given := []GivenRole{{ID: "1", Role: manager, Since: noon, May: true}, {ID: "2", Role: own, Group: "Lisbon", Ends: noon, Since: noon}}
	return []example{
		{"roles", RolesPage{All: 25, Edit: true, Roles: []RoleRow{{Role: admin, Permissions: 25, Holders: 2},
			{Role: agent, Permissions: 6, Holders: 14}, {Role: RoleName{Name: "member"}}, {Role: own, Own: true, Permissions: 3}}}, inConsole("/console/roles")},
		{"role", RolePage{Role: agent, Holders: 14, Resources: []ResourceChoice{people}}, inConsole("/console/roles/support_agent")},
		{"role_empty", RolePage{Role: RoleName{Name: "member"}, Holders: 1}, inConsole("/console/roles/member")},
		{"role_edit", RolePage{Parts: Parts{Errors: FieldErrors{"label": {Key: "error.role_label"}}}, Role: own, Own: true, Edit: true, Base: 3, Label: "Night desk",
			Note: "From ten to six", Resources: []ResourceChoice{people}, Delete: true}, inConsole("/console/roles/night_desk")},
		{"person_roles", PersonRolesPage{ID: "7", Name: "Ada <i>Lovelace</i>", Given: given, Assign: true, Roles: []RoleName{agent, own},
			Groups: []GroupOption{{}, {ID: "8", Path: []string{"Lisbon", "Front desk"}}}, Group: "8", Parts: Parts{Errors: FieldErrors{"until": {Key: "error.role_until"}}}, Until: "soon"},
			inConsole("/console/people/7/roles")},
		{"person_roles_none", PersonRolesPage{ID: "7", Name: "Ada Lovelace"}, inConsole("/console/people/7/roles")},
		{"requests", RequestsPage{Open: []AccessRequest{{ID: "1", Who: "Ada Lovelace", WhoID: "7", Permission: "people.disable", Reason: "I <b>cover</b> for Sue.", At: noon,
			Ways: []RequestWay{{Value: "people_manager@8", Role: manager, Group: "Lisbon"}, {Value: "brand_admin", Role: admin}}}},
			Decided: []AccessRequest{{Who: "Per", Permission: "audit.read", Approved: true, Role: own, DecidedAt: noon}, {Who: "Per", Permission: "rules.edit", DecidedAt: noon}}}, inConsole("/console/requests")},
		{"requests_none", RequestsPage{}, inConsole("/console/requests")},
		{"may", MayPage{ID: "7", Name: "Ada Lovelace", Holds: []RoleName{own}, Answers: []MayAnswer{
			{Permission: "people.read", Allowed: true, Everywhere: true, By: []RoleName{own}},
			{Permission: "people.unlock", Allowed: true, Groups: []string{"Lisbon"}, By: []RoleName{agent}},
			{Permission: "people.erase", Would: []RoleName{admin}, Grantors: []RoleName{admin}}}}, inConsole("/console/people/7/may")},
		{"denied", DeniedPage{Permission: "people.disable", Holds: []RoleName{agent}, Would: []RoleName{manager, admin},
			Grantors: []RoleName{admin}, CanAsk: true}, inConsole("/console/people")},
		{"denied_higher", DeniedPage{Permission: "people.disable", Higher: true, Holds: []RoleName{agent}}, inConsole("/console/people")},
	}
}
