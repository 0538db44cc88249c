package themes

import (
	"cmp"
	"time"
)

// passSamples are the ways in with a one-time pass, and against one.
func passSamples(of SampleOf, h Help) []Sample {
	kind, at := of.Policy.SignIn.Identifier, sampleChrome("/recover/pass")
	return []Sample{
		{"pass", PassPage{Identifier: kind, Parts: Parts{Help: h}}, at},
		{"pass_error", PassPage{Identifier: kind, Typed: "ada", Parts: Parts{Help: h, Errors: FieldErrors{"form": {Key: "error.pass"}}}}, at},
		{"pass_stop", PassStopPage{Parts{Help: h}}, sampleChrome("/recover/stop")},
		{"pass_stopped", PassStoppedPage{Parts{Help: h}}, sampleChrome("/recover/stop")},
	}
}

// contactSamples ask the administrators for help.
func contactSamples(of SampleOf, h Help) []Sample {
	at := sampleChrome("/recover/contact")
	return []Sample{
		{"contact", ContactPage{Identifier: cmp.Or(of.Policy.Reset.Identifier, "email"), Ask: true, Note: "<b>",
			Parts: Parts{Help: h, Errors: FieldErrors{"note": {Key: "error.note_long"}}}}, at},
		{"contact_sent", ContactSentPage{Code: "7K2M-9QRT-X04B", Parts: Parts{Help: h}}, at},
	}
}

func unlockSamples(h Help) []Sample {
	return []Sample{
		{"unlock", UnlockPage{Action: "/unlock", Help: h}, sampleChrome("/unlock")},
		{"unlock_done", UnlockDonePage{Help: h}, sampleChrome("/unlock")},
	}
}

// invitationSamples are a first password in place of a new one, and a new address.
func invitationSamples(of SampleOf, h Help) []Sample {
	first := passwordPage(of, h)
	first.Title, first.Label, first.Confirm, first.Submit, first.Action = "invite.title", "invite.label", "invite.confirm", "invite.submit", "/invite/accept"
	first.Lead, first.Steps = Message{Key: "invite.lead", Args: map[string]any{"identifier": sampleAddress}}, Steps{}
	at := sampleChrome("/invite/accept")
	address := sampleChrome("/address/confirm")
	return []Sample{
		{"invite", first, at},
		{"invite_ended", LinkEndedPage{Reason: "expired", At: sampleTime, Purpose: "invite", Help: h}, at},
		{"person_address_confirm", AddressConfirmPage{}, address},
		{"person_address_done", AddressDonePage{}, address},
		{"person_address_taken", AddressDonePage{Taken: true}, address},
	}
}

// accountSamples are where people can go, and what they see of themselves.
func accountSamples(of SampleOf, h Help) []Sample {
	p := of.Policy
	denied, change := sampleSignedIn("/console"), passwordPage(of, h)
	change.Title, change.Label, change.Confirm, change.Submit, change.Old = "change.title", "change.new", "change.confirm", "change.submit", "change.old"
	change.Lead, change.Action, change.Ask, change.Steps = Message{Key: "change.lead"}, "/account/password", "/account/strength", Steps{}
	change.Errors = FieldErrors{"old": {Key: "error.old_wrong"}}
	return []Sample{
		{"home", HomePage{Help: h, Links: []Link{
			{Label: "Guest conversations", URL: "https://app.example.com/", Note: "Messages, requests and bookings"},
			{Label: "Reports", URL: "https://reports.example.com/"},
		}}, sampleSignedIn("/")},
		{"home_empty", HomePage{Help: h}, sampleSignedIn("/")},
		{"account", AccountPage{
			Name: sampleName, ChangeInside: p.Password.ChangeInside, Identifiers: []Identifier{{"email", sampleAddress}, {"username", "ada"}},
			Sessions: []SessionRow{
				{ID: "1", Browser: "Chrome on Windows", Address: sampleClient, SignedIn: sampleTime.Add(-time.Hour), Seen: sampleTime, Current: true},
				{ID: "2", Browser: "", Address: "2001:db8::1", SignedIn: sampleTime.Add(-26 * time.Hour), Seen: sampleTime.Add(-20 * time.Hour)},
			}, Help: h,
		}, sampleSignedIn("/account")},
		{"help", HelpPage{
			Identifier: p.SignIn.Identifier, ResetIdentifier: cmp.Or(p.Reset.Identifier, "email"), ResetEnabled: true, LinkTTL: p.Link.TTL.Std(),
			ChangeInside: p.Password.ChangeInside, DeliveryHint: p.Reset.DeliveryHint, ConfirmField: p.Password.ConfirmField,
			SSO: p.SignIn.External != "" && p.SignIn.External != "off", Rules: of.Rules, Help: h,
		}, sampleChrome("/help")},
		{"password_change", change, sampleSignedIn("/account/password")},
		{"change_outside", ChangeOutsidePage{Parts{Help: h}}, sampleSignedIn("/account/password")},
		{"denied_asked", DeniedPage{Permission: "people.disable", AskedAt: sampleTime, Would: []RoleName{{Name: "people_manager"}}}, denied},
	}
}

// failureSamples are all that can go wrong with a page itself.
func failureSamples(h Help) []Sample {
	all := []Sample{}
	for _, f := range []FailurePage{
		{Status: 404, Kind: "not_found"}, {Status: 503, Kind: "busy", RetryAt: sampleTime}, {Status: 429, Kind: "too_many", RetryAt: sampleTime},
		{Status: 403, Kind: "stale_form"}, {Status: 403, Kind: "forbidden"}, {Status: 405, Kind: "method"}, {Status: 413, Kind: "too_large"},
		{Status: 415, Kind: "unsupported"}, {Status: 503, Kind: "unavailable"}, {Status: 500, Kind: "internal"},
	} {
		at := sampleChrome("/nothing")
		at.RequestID = "01935c2e-7b1a"
		f.BackTo, f.Help = "/login", h
		name := "failure_" + f.Kind
		if f.Kind == "not_found" {
			name = "failure"
		}
		all = append(all, Sample{name, f, at})
	}
	return all
}

// platformSamples are the pages without a tenant.
func platformSamples() []Sample {
	return []Sample{
		{"find_portal", FindPortalPage{}, sampleChrome("/")},
		{"find_portal_error", FindPortalPage{Typed: "ada@", Errors: FieldErrors{"email": {Key: "error.email_form"}}}, sampleChrome("/find")},
		{"find_portal_sent", FindPortalSentPage{Echo: sampleAddress}, sampleChrome("/find")},
		{"nowhere", NowherePage{Reason: "unknown"}, sampleChrome("/")},
		{"nowhere_suspended", NowherePage{Reason: "suspended"}, sampleChrome("/")},
	}
}
