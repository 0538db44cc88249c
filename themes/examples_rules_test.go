package themes

import "time"

// rulesExamples are the pages about the policy.
func rulesExamples() []example {
	hours := func(n int) RuleValue {
		return RuleValue{Kind: "length", Length: time.Duration(n) * time.Hour}
	}
	on := RuleValue{Kind: "flag", Words: []string{"rules.on"}}
	mark := RuleMark{Path: "link.ttl", Code: "link", Source: "ASVS 6.5.5"}
	link := RuleRow{Path: "link.ttl", Value: hours(24), Preset: hours(1), Differs: true, Marks: []RuleMark{mark}}
	newest := RuleRow{Path: "link.supersede_on_reissue", Value: on, Preset: on, Fixed: true}
	articles := RuleRow{Path: "help.article_feedback", Value: on, Preset: on, Later: true}
	methods := RuleRow{Path: "gates.methods_use", Value: RuleValue{Kind: "several", Words: []string{"rules.is.email_link", "rules.is.totp"}}}
	limit := RuleRow{Path: "throttle.mail_send.limit", Value: RuleValue{Kind: "number", Text: "10"}}
	change := RuleChange{Path: "link.ttl", Before: hours(1), After: hours(24), Weaker: true}
	return []example{
		{"rules", RulesPage{Preset: "two-gate", Total: 5, Differs: 1, Marked: 1, Edit: true, Groups: []RuleGroup{
			{Name: "link", Rows: []RuleRow{link, newest}}, {Name: "gates", Rows: []RuleRow{methods}}, {Name: "throttle", Rows: []RuleRow{limit}},
			{Name: "help", Rows: []RuleRow{articles}}}}, inConsole("/console/rules")},
		{"rules_edit", RulesEditPage{Parts: Parts{Errors: FieldErrors{"link.ttl": {Key: "rules.fault.length"}}}, Group: "link", Base: 3, Preset: "two-gate",
			Fields: []RuleField{{RuleRow: link, Typed: "soon"}, {RuleRow: newest, Typed: "true"}, {RuleRow: articles, Typed: "true"}, {RuleRow: limit, Typed: "10"},
				{RuleRow: methods, Options: []RuleOption{{Value: "email_link", Word: "rules.is.email_link", Chosen: true}, {Value: "passkey", Word: "rules.is.passkey", Later: true}}}}},
			inConsole("/console/rules/edit/link")},
		{"rules_impact", RulesImpactPage{Base: 3, Changes: []RuleChange{change}, Marks: []RuleMark{mark}, Looked: 812, Named: true, Back: "/console/rules/edit/link",
			Effects: []RuleEffect{{Name: "recover", Count: 2, People: []RulePerson{{ID: "1", Name: "Priya Raghunathan", Identifier: "B1002"}}}, {Name: "factor", Count: 40}},
			Carry:   []RuleHidden{{Name: "set:link.ttl", Value: "24h"}}}, inConsole("/console/rules/edit/link")},
		{"rules_conflict", RulesConflictPage{Base: 3, Now: 4, By: "Mateo Villanueva", At: noon, Carry: []RuleHidden{{Name: "set:link.ttl", Value: "24h"}},
			Rows: []RuleClash{{Path: "link.ttl", Base: hours(1), Now: hours(2), Mine: hours(24), Both: true}}}, inConsole("/console/rules/check")},
		{"rules_compare", RulesComparePage{Present: "two-gate", Other: "nist", Presets: []string{"email-link", "two-gate", "customer-portal", "nist"},
			Rows: []RuleChange{change}, Base: 3, Edit: true}, inConsole("/console/rules/compare")},
		{"rules_history", RulesHistoryPage{Now: 2, Versions: []RuleVersion{{Number: 2, At: noon, By: "Mateo Villanueva", Changes: 1}, {Number: 1, At: noon}}}, inConsole("/console/rules/history")},
		{"rules_version", RulesVersionPage{Version: RuleVersion{Number: 1, At: noon}, First: true, Now: 2, Since: []RuleChange{change}, Edit: true}, inConsole("/console/rules/history/1")},
	}
}
