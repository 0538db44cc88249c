package themes

import "time"

// insightExamples are what happened, how letters went, and the figures.
func insightExamples() []example {
	ava := AuditWho{Kind: "account", ID: "0199c7a2-0000-7000-8000-000000000001", Name: "Ava Lindqvist"}
	gone := AuditWho{Kind: "gone", Name: "00000000002a"}
	rows := []AuditRow{
		{ID: "0199c7a2-0000-7000-8000-00000000000a", At: noon, Kind: "role.changed", Outcome: "success", About: ava, By: gone},
		{ID: "0199c7a2-0000-7000-8000-00000000000b", At: noon.Add(-time.Minute), Kind: "signin.failed", Outcome: "failure", Reason: "wrong", About: ava, By: AuditWho{Kind: "anonymous"}},
		{ID: "0199c7a2-0000-7000-8000-00000000000c", At: noon.Add(-time.Hour), Kind: "brand.new", Outcome: "denied", Reason: "of later", By: AuditWho{Kind: "operator"}},
	}
	return []example{
		{"audit", AuditPage{Rows: rows, Days: 365, Export: true, Everywhere: true, After: "/console/audit?before=x"}, inConsole("/console/audit")},
		{"audit_none", AuditPage{Filter: AuditFilter{Person: "nobody@first.example", From: "yesterday"}, Filtered: true,
			Parts: Parts{Errors: FieldErrors{"person": {Key: "audit.nobody"}, "from": {Key: "audit.bad_day"}}}}, inConsole("/console/audit")},
		{"audit_event", AuditEventPage{Row: rows[0], From: "192.0.2.7", Request: "00ff", People: true,
			Changes: []AuditChange{{Field: "role", New: AuditValue{Text: "support_agent"}}, {Field: "until", Old: AuditValue{At: noon}}},
			Facts:   []AuditFact{{Key: "by", Value: AuditValue{Who: &ava}}, {Key: "method", Value: AuditValue{Text: "email_link"}}}}, inConsole("/console/audit/x")},
	}
}
