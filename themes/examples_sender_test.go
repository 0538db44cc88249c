package themes

import "time"

// senderExamples are the pages of a brand's sender: pending with its records, and at rest with addresses left out.
func senderExamples() []example {
	pending := Sender{Path: "/console/sender", Uses: "unverified", From: "no-reply@portico.example", Wanted: "no-reply@brand.example", ReplyTo: "help@brand.example",
		Edit: true, Lift: true, Domain: "brand.example", State: "pending", Since: noon, Checked: noon, Trouble: "throttled", TroubleAt: noon, Level: "ok", TestsTo: "ava@first.example",
		Records: []SenderRecord{{"own", "TXT", "_portico-verify.brand.example", "portico-verify=0123456789abcdef"}, {"dkim", "CNAME", "abc._domainkey.brand.example", "abc.dkim.amazonses.com"},
			{"mail_from", "MX", "mail.brand.example", "10 feedback-smtp.eu-west-1.amazonses.com"}, {"spf", "TXT", "mail.brand.example", "v=spf1 include:amazonses.com ~all"}}}
	rests := Sender{Path: "/console/sender", Uses: "own", From: "no-reply@brand.example", Edit: true, Lift: true, Domain: "brand.example", State: "verified", Since: noon,
		Level: "paused", Cause: "bounces", LevelSince: noon, Sent: 800, Bounced: 96, Complained: 2, More: "/console/sender?before=x", TestsTo: "ava@first.example",
		Tested: "sender", Said: "550 <b>no</b>", Rows: []SenderSuppressed{{Address: "gone@people.example", Cause: "bounced", Word: "NoEmail", Since: noon.Add(-time.Hour)},
			{Address: "angry@people.example", Cause: "complained", Since: noon.Add(-2 * time.Hour), Forced: true}}}
	return []example{
		{"sender", SenderPage{Sender: pending}, inConsole("/console/sender")},
		{"sender_rests", SenderPage{Sender: rests}, inConsole("/console/sender")},
	}
}
