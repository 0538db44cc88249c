package letters

import "strings"

// Why sorts the reasons that rows hold into the few that people need to tell apart; a page has a sentence for
// each: busy, broken, sender, account, address, refused, not_ours, closed, late, code_expired, erased,
// suppressed, unwanted, paused, decoy, and link_ with gone, used, replaced, revoked, expired. "" is no reason, "other" one that is not known here.
func Why(reason string) string {
	if reason == "" {
		return ""
	}
	for _, w := range whys {
		if strings.HasPrefix(reason, w.begins) {
			return w.code
		}
	}
	return "other"
}

var whys = []struct{ begins, code string }{
	{"decoy", "decoy"},
	{"code expired", "code_expired"},
	{"too old", "late"},
	{"could not be handed over in a day", "late"},
	{"link gone", "link_gone"},
	{"link used", "link_used"},
	{"link replaced", "link_replaced"},
	{"link revoked", "link_revoked"},
	{"link expired", "link_expired"},
	{"the tenant is not live", "closed"},
	{"the account was erased", "erased"},
	{"suppressed: bounced", "suppressed"},
	{"suppressed: complained", "unwanted"},
	{"the sender is paused", "paused"},
	{"the sender is stopped", "paused"},

	{"bad recipient address", "address"},
	{"bad telephone number", "address"},
	{"SES does not take this address", "address"},
	{"AWS does not take this number", "address"},
	{"the carrier does not take this number", "address"},
	{"AWS will not send to this number", "refused"},
	{"SES rejected the message", "refused"},
	{"the relay does not take this recipient", "address"},
	{"the relay does not take this sender", "sender"},
	{"the relay does not take the message", "refused"},
	{"refused", "refused"},
	{"the tenant sends no such letters", "not_ours"},
	{"no account for texts and calls", "not_ours"},

	{"the sender's", "sender"},
	{"the sender is not verified", "sender"},
	{"an address is not verified", "sender"},
	{"SES has paused", "account"},
	{"SES does not know", "account"},
	{"AWS does not take our account", "account"},
	{"the carrier does not take our account", "account"},
	{"the carrier's address is wrong", "account"},
	{"the account's secret", "account"},
	{"the relay's", "account"},

	{"SES throttles", "busy"},
	{"SES does not answer", "busy"},
	{"AWS throttles", "busy"},
	{"AWS does not answer", "busy"},
	{"the carrier", "busy"},
	{"the connection to the relay", "busy"},
	{"the relay", "busy"},
	{"the connection broke", "busy"},
	{"no answer in time", "busy"},
	{"interrupted", "busy"},
	{"not accepted yet", "busy"},
	{"the tenant's settings", "busy"},

	{"could not be", "broken"},
	{"control characters", "broken"},
	{"has no short form", "broken"},
	{"the tenant's look", "broken"},
}
