package themes

// keyExamples are the pages about the keys of the API.
func keyExamples() []example {
	people := ResourceChoice{Resource: "people", Permissions: []PermissionChoice{{Permission: "people.read", Held: true}, {Permission: "people.erase", Beyond: true}}}
	return []example{
		{"keys", KeysPage{Edit: true, Days: "90", Resources: []ResourceChoice{people}, Keys: []KeyRow{
			{ID: "1", Name: "HR <b>sync</b>", For: "Ada Lovelace", Permissions: []string{"people.read", "people.import"}, Ends: noon, Used: noon, State: "stands"},
			{ID: "2", Name: "Old", For: "Per", Permissions: []string{"audit.read"}, Ends: noon, State: "revoked"}}}, inConsole("/console/keys")},
		{"keys_faults", KeysPage{Parts: Parts{Errors: FieldErrors{"name": {Key: "keys.bad_name"}, "form": {Key: "keys.bad_nothing"}}}, Edit: true, Days: "7"}, inConsole("/console/keys")},
		{"keys_none", KeysPage{}, inConsole("/console/keys")},
		{"key_made", KeyMadePage{KeyName: "HR sync", Text: "portico_tenant_0198c0de000070008000000000000000_secret"}, inConsole("/console/keys")},
	}
}
