package themes

// accessExamples are the pages about roles.
func accessExamples() []example {
	agent := RoleName{Name: "support_agent"}
	own := RoleName{Name: "night_desk", Label: "Night desk"}
	return []example{
		{"roles", RolesPage{All: 25, Edit: true, Roles: []RoleRow{{Role: RoleName{Name: "brand_admin"}, Permissions: 25, Holders: 2},
			{Role: agent, Permissions: 6, Holders: 14}, {Role: RoleName{Name: "member"}}, {Role: own, Own: true, Permissions: 3}}}, inConsole("/console/roles")},
		{"denied", DeniedPage{Permission: "people.disable", Holds: []RoleName{agent}, Would: []RoleName{{Name: "people_manager"}, {Name: "brand_admin"}},
			Grantors: []RoleName{{Name: "brand_admin"}}, CanAsk: true}, inConsole("/console/people")},
		{"denied_asked", DeniedPage{Permission: "people.disable", AskedAt: noon, Would: []RoleName{{Name: "people_manager"}}}, signedIn("/console")},
		{"denied_higher", DeniedPage{Permission: "people.disable", Higher: true, Holds: []RoleName{agent}}, inConsole("/console/people")},
	}
}
