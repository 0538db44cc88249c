package tenants

import "slices"

// RecoveryWays are the proofs that a recovery accepts of a person, without those that are forbidden to
// administrators and those whose sender is off.
func (t *Tenant) RecoveryWays(admin bool) []ProofKind {
	var out []ProofKind
	for _, name := range t.Policy.Gates.MethodsUse {
		kind, ok := ProofOf(name)
		if !ok || admin && slices.Contains(t.Policy.Gates.Admin.Forbid, name) || !t.Sends(kind) {
			continue
		}
		out = append(out, kind)
	}
	return out
}

// Sends tells whether the tenant has what carries a proof's codes.
func (t *Tenant) Sends(kind ProofKind) bool {
	switch kind.Name {
	case "sms_mobile":
		return t.Sender.Phone.Texts()
	case "voice_mobile", "voice_office":
		return t.Sender.Phone.Calls()
	}
	return true
}

// GatesBefore is how many gates stand before a person's account.
func (t *Tenant) GatesBefore(admin bool) int {
	if admin {
		return max(t.Policy.Gates.Required, t.Policy.Gates.Admin.Required)
	}
	return t.Policy.Gates.Required
}

// Registers tells whether people register a kind of proof themselves.
func (g GatesPolicy) Registers(kind string) bool {
	return slices.Contains(g.MethodsRegister, kind) && !slices.Contains(g.AdminOnly, kind)
}

// ThroughGates tells whether a tenant's recoveries go through gates (app/gates): all but those whose one
// proof is the mailed link, which app/accounts has whole.
func (p Policy) ThroughGates() bool {
	return len(p.Gates.MethodsUse) != 1 || p.Gates.MethodsUse[0] != "email_link" || p.Gates.Required != 1
}
