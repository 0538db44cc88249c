package themes

import "time"

// LetterSamples is every letter, in the states that differ: those of a brand first, by the story that writes
// them. The last one is the platform's own.
func LetterSamples() []LetterSample {
	day, link := sampleTime.Add(24*time.Hour), "ZXhhbXBsZQ"
	proofs := ProofsNotice{Name: sampleName, Kind: "auth_phone", Contact: "+1 •••••••01", At: sampleTime, From: sampleClient}
	added, replaced, removed := proofs, proofs, proofs
	added.Change, replaced.Change, removed.Change = "added", "replaced", "removed"
	masked := "a•••@analytical.example"
	return []LetterSample{
		{"recovery", RecoveryLetter{
			Name: sampleName, Link: "/recover/ZXhhbXBsZS10b2tlbi1vZi00My1jaGFyYWN0ZXJzLWhlcmU", ExpiresAt: day, TTL: 24 * time.Hour, NewTab: true,
		}},
		{"sso", SSOLetter{Name: sampleName, Mode: "message"}},
		{"sso_admin", SSOLetter{Mode: "contact_admin"}},
		{"reset_notice", ResetNotice{Name: sampleName, At: sampleTime, From: sampleClient}},
		{"gate", GateLetter{Name: sampleName, Link: "/recover/gate/" + link, TTL: 15 * time.Minute, ExpiresAt: sampleTime.Add(15 * time.Minute)}},
		{"code_recovery", sampleCode("recovery")},
		{"code_register", sampleCode("register")},
		{"code_signin", sampleCode("signin")},
		{"code_unlock", sampleCode("unlock")},
		{"code_used", CodeUsedNotice{Name: sampleName, At: sampleTime, From: sampleClient, Left: 9}},
		{"unlock_until", UnlockLetter{Name: sampleName, Link: "/unlock/" + link, ExpiresAt: sampleTime.Add(time.Hour), LockedUntil: sampleTime.Add(15 * time.Minute), FailedFrom: sampleClient}},
		{"unlock_forever", UnlockLetter{Link: "/unlock/" + link, ExpiresAt: sampleTime.Add(time.Hour), FailedFrom: sampleClient}},
		{"unlock_notice", UnlockNotice{Name: sampleName, At: sampleTime, From: sampleClient}},
		{"invitation", InvitationLetter{Name: sampleName, Link: "/invite/" + link, Identifier: sampleAddress, ExpiresAt: sampleTime.Add(168 * time.Hour)}},
		{"address", AddressLetter{Name: sampleName, Link: "/address/" + link, ExpiresAt: day}},
		{"address_begun", AddressNotice{Name: sampleName, Address: masked, At: sampleTime}},
		{"address_done", AddressNotice{Name: sampleName, Address: masked, At: sampleTime, Done: true}},
		{"identifier_notice", IdentifierNotice{Name: sampleName, Kind: "username", Value: "ada.lovelace", At: sampleTime}},
		{"identifier_gone", IdentifierNotice{Name: sampleName, Kind: "user_id", At: sampleTime}},
		{"proofs_notice_added", added},
		{"proofs_notice_replaced", replaced},
		{"proofs_notice_removed", removed},
		{"pass_issued", PassIssuedNotice{Name: sampleName, At: sampleTime, Stop: "/recover/stop/" + link}},
		{"pass_delayed", PassIssuedNotice{Name: sampleName, At: sampleTime, Stop: "/recover/stop/" + link, WorksFrom: day}},
		{"pass_used", PassUsedNotice{Name: sampleName, At: sampleTime, From: sampleClient}},
		{"contact_admin", ContactAdminLetter{Name: sampleName, Identifier: sampleAddress, At: sampleTime, From: sampleClient, Code: "7K2M-9QRT-X04B", Note: "My phone is <b>gone</b>."}},
		{"admin_reset", AdminResetNotice{Name: sampleName, Identifier: sampleAddress, At: sampleTime, From: sampleClient}},
		{"access_asked", AccessAskedLetter{Who: sampleName, Permission: "people.disable", Reason: "I <b>cover</b> for Sue.", Link: "/console/requests"}},
		{"access_approved", AccessDecidedLetter{Name: sampleName, Permission: "people.disable", Approved: true, Note: "Until May.", Link: "/console"}},
		{"access_declined", AccessDecidedLetter{Name: sampleName, Permission: "people.disable", Link: "/console"}},
		{"sender_notice_verified", SenderNotice{What: "verified", Domain: "brand.example", From: "no-reply@brand.example", Link: "/console/sender"}},
		{"sender_notice_lost", SenderNotice{What: "lost", Domain: "brand.example", From: "no-reply@brand.example", Link: "/console/sender"}},
		{"sender_notice_paused", SenderNotice{What: "paused", Cause: "bounces", Sent: 800, Bounced: 96, Complained: 2, Link: "/console/sender"}},
		{"staff", StaffLetter{Name: sampleName, Path: "/platform/start/" + link, EndsAt: day}},
		{"portals", PortalsLetter{Portals: []Link{{Label: "Alliants AXP", URL: "http://alliants.localhost:8080/login"}}}},
	}
}

// sampleCode is a letter with a code for one purpose.
func sampleCode(purpose string) CodeLetter {
	return CodeLetter{Name: sampleName, Code: "480913", TTL: 5 * time.Minute, ExpiresAt: sampleTime.Add(5 * time.Minute), For: purpose}
}

// LetterSampleNamed finds a letter by its name; false where there is none.
func LetterSampleNamed(name string) (LetterSample, bool) {
	for _, s := range LetterSamples() {
		if s.Name == name {
			return s, true
		}
	}
	return LetterSample{}, false
}

// Platform tells whether a letter is the platform's own, which no brand sends or changes.
func (s LetterSample) Platform() bool {
	switch s.Letter.(type) {
	case PortalsLetter, StaffLetter:
		return true
	}
	return false
}

// Parts are the ways in which a letter is sent: html and text as a mail; a code also as sms and voice.
func (s LetterSample) Parts() []string {
	if _, is := s.Letter.(CodeLetter); is {
		return []string{"html", "text", "sms", "voice"}
	}
	return []string{"html", "text"}
}
