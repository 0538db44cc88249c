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
		{"delivery", DeliveryPage{Everywhere: true, After: "/console/letters?before=x", Rows: []DeliveryRow{
			{ID: "0199c7a2-0000-7000-8000-00000000000d", Kind: "recovery", To: "ava@first.example", Account: ava.ID, Name: ava.Name, Channel: "email", Lane: "urgent", Stage: "bounced", At: noon, Dead: true},
			{ID: "0199c7a2-0000-7000-8000-00000000000e", Kind: "code", To: "+15550100201", Channel: "sms", Lane: "urgent", Stage: "failed", Why: "not_ours", At: noon.Add(-time.Hour)}}},
			inConsole("/console/letters")},
		{"letter_way", LetterWayPage{Row: DeliveryRow{ID: "0199c7a2-0000-7000-8000-00000000000d", Kind: "invitation", To: "ava@first.example", Account: ava.ID, Name: ava.Name,
			Channel: "email", Lane: "bulk", Stage: "bounced", At: noon, Dead: true}, MessageID: "x@first.example", Tries: 1, Sent: noon.Add(time.Second),
			Bounced: noon.Add(time.Minute), ForGood: true, Word: "NoEmail", Again: true, People: true}, inConsole("/console/letters/x")},
		{"dashboard", figuresExample(), inConsole("/console/dashboard")},
		{"dashboard_groups", DashboardPage{Span: "24h"}, inConsole("/console/dashboard")},
	}
}

// figuresExample is three days of a tenant whose recoveries go by a mailed link.
func figuresExample() DashboardPage {
	steps := []time.Time{noon.Add(-48 * time.Hour), noon.Add(-24 * time.Hour), noon}
	return DashboardPage{Span: "30d", Everywhere: true, Steps: steps, People: 120, Able: 90, Dead: 2,
		Charts: []Chart{{Name: "signed_in", Lines: []ChartLine{{Name: "signed_in", Counts: []int{3, 14, 9}, Total: 26}, {Name: "failed", Counts: []int{0, 2, 1}, Total: 3},
			{Name: "locked", Counts: []int{0, 1, 0}, Total: 1}}}},
		Funnel: []Figure{{"asked", 10}, {"written", 8}, {"handed", 8}, {"tried", 6}, {"set", 5}},
		Lost:   []Figure{{"limited", 1}, {"unknown", 1}}, Kinds: []Figure{{"email", 90}, {"totp", 12}}}
}
