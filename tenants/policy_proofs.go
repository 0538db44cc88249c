package tenants

import "slices"

// ProofKind is one way to show that it is you, as policies name it.
type ProofKind struct {
	Name     string
	Family   string // two proofs of one family fall together: both reach the same phone
	Needs    string // what a person must have registered; "" is the account's own e-mail address
	SendCode bool   // a code travels, so otp_ttl and otp_digits matter
}

// proofKinds are the names of gates.methods_use with what they rest on.
var proofKinds = []ProofKind{
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
		names = append(names, k.Name)
	}
	return names
}

// registrable are the names of gates.methods_register.
func registrable() []string {
	var names []string
	for _, k := range proofKinds {
		if k.Needs != "" && !slices.Contains(names, k.Needs) {
			names = append(names, k.Needs)
		}
	}
	return names
}

// ProofOf finds a proof by its name in gates.methods_use.
func ProofOf(name string) (ProofKind, bool) {
	for _, k := range proofKinds {
		if k.Name == name {
			return k, true
		}
	}
	return ProofKind{}, false
}

// usable are the proofs that a recovery accepts and that somebody can have, without those in forbid.
func (g GatesPolicy) usable(forbid []string) []ProofKind {
	var out []ProofKind
	for _, name := range g.MethodsUse {
		k, ok := ProofOf(name)
		if !ok || slices.Contains(forbid, name) {
			continue
		}
		if k.Needs == "" || slices.Contains(g.MethodsRegister, k.Needs) {
			out = append(out, k)
		}
	}
	return out
}

// distinct counts what may stand as different gates: families, or single proofs by gates.distinct_by.
func (g GatesPolicy) distinct(kinds []ProofKind) int {
	seen := map[string]bool{}
	for _, k := range kinds {
		seen[g.DistinctKey(k)] = true
	}
	return len(seen)
}

// DistinctKey is what two gates may not share: the family, or the proof itself by gates.distinct_by.
func (g GatesPolicy) DistinctKey(k ProofKind) string {
	if g.DistinctBy == "method" {
		return k.Name
	}
	return k.Family
}

// uses tells whether a recovery accepts the proof.
func (g GatesPolicy) uses(name string) bool { return slices.Contains(g.MethodsUse, name) }
