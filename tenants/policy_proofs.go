package tenants

import "slices"

// proofKind is one way to show in a recovery that it is you.
type proofKind struct {
	name     string
	family   string // two proofs of one family fall together: both reach the same phone
	needs    string // what a person must have registered; "" is the account's own e-mail address
	sendCode bool   // a code travels, so otp_ttl and otp_digits matter
}

// proofKinds are the names of gates.methods_use with what they rest on.
var proofKinds = []proofKind{
	{"email_link", "email", "", false},
	{"email_code", "email", "auth_email", true},
	{"sms_mobile", "mobile", "auth_phone", true},
	{"voice_mobile", "mobile", "auth_phone", true},
	{"voice_office", "office", "office_phone", true},
	{"security_questions", "questions", "security_questions", false},
	{"totp", "authenticator", "totp", false},
	{"recovery_code", "recovery_code", "recovery_code", false},
	{"passkey", "passkey", "passkey", false},
}

func proofNames() []string {
	var names []string
	for _, k := range proofKinds {
		names = append(names, k.name)
	}
	return names
}

// registrable are the names of gates.methods_register.
func registrable() []string {
	var names []string
	for _, k := range proofKinds {
		if k.needs != "" && !slices.Contains(names, k.needs) {
			names = append(names, k.needs)
		}
	}
	return names
}

func proofOf(name string) (proofKind, bool) {
	for _, k := range proofKinds {
		if k.name == name {
			return k, true
		}
	}
	return proofKind{}, false
}

// usable are the proofs that a recovery accepts and that somebody can have, without those in forbid.
func (g GatesPolicy) usable(forbid []string) []proofKind {
	var out []proofKind
	for _, name := range g.MethodsUse {
		k, ok := proofOf(name)
		if !ok || slices.Contains(forbid, name) {
			continue
		}
		if k.needs == "" || slices.Contains(g.MethodsRegister, k.needs) {
			out = append(out, k)
		}
	}
	return out
}

// distinct counts what may stand as different gates: families, or single proofs by gates.distinct_by.
func (g GatesPolicy) distinct(kinds []proofKind) int {
	seen := map[string]bool{}
	for _, k := range kinds {
		if g.DistinctBy == "method" {
			seen[k.name] = true
		} else {
			seen[k.family] = true
		}
	}
	return len(seen)
}

// uses tells whether a recovery accepts the proof.
func (g GatesPolicy) uses(name string) bool { return slices.Contains(g.MethodsUse, name) }
