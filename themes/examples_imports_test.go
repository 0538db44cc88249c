package themes

// importExamples are the pages about imports.
func importExamples() []example {
	at := "/console/imports"
	one := ImportPage{ID: "018f0000-0000-7000-8000-000000000001", File: "people.csv", Rows: 1200, Ceiling: "10"}
	columns, judged, running := one, one, one
	columns.State, columns.Edit = "mapping", true
	columns.Columns = []ImportColumn{{Number: 1, Heading: "Personalnummer", Samples: []string{"1001", "1002"}, Field: "external_id"}, {Number: 2, Heading: "Room", Samples: []string{"4.2"}}}
	judged.State, judged.Missing, judged.Over = "judged", true, true
	judged.Counts = ImportCounts{New: 1100, Changed: 60, Same: 38, Refused: 2, Known: 900, Missing: 412, Kept: 1}
	judged.First = []ImportLines{{Result: "refused", Lines: []ImportLine{{Line: 7, ExternalID: "1006", Column: "Roles",
		Why: Message{Key: "imports.why_grant", Args: map[string]any{"detail": "brand_admin"}}}}}}
	running.State, running.Percent = "running", 40
	return []example{
		{"imports", ImportsPage{Export: true, Imports: []ImportRow{{ID: one.ID, File: "people.csv", By: "Tariq Mensah", State: "done", Rows: 1200, At: noon}}}, inConsole(at)},
		{"import_columns", columns, inConsole(at + "/" + one.ID)},
		{"import_judged", judged, inConsole(at + "/" + one.ID)},
		{"import_running", running, inConsole(at + "/" + one.ID)},
	}
}
