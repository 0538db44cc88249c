package tenants

// DefaultPreset is what a new tenant starts from when its file names no other: NIST SP 800-63B-4.
const DefaultPreset = "nist"

// PresetNames lists the presets in the order in which a person would read about them.
func PresetNames() []string { return []string{"email-link", "two-gate", "customer-portal", "nist"} }

// Preset is a complete policy under a name: email-link, two-gate, customer-portal, nist. Every call
// makes its own slices, so a caller may change what it got.
//
// A preset is a column of the product's knob table. Where the system it follows is worse than this
// product's rules (a link that outlives a newer one, a lock that survives a reset, an answer that
// tells strangers about accounts), the preset has the rule.
func Preset(name string) (Policy, bool) {
	switch name {
	case "email-link":
		return emailLink(), true
	case "two-gate":
		return twoGate(), true
	case "customer-portal":
		return customerPortal(), true
	case "nist":
		return nist(), true
	}
	return Policy{}, false
}
